//! The only thing that outlives a session: that a user was signed in, and to which tenant.

use super::pending::MAX_PENDING;
use crate::protocol::config::Config;
use crate::protocol::json::Value;
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Now, Timestamp};

/// A record that a user was signed in. It contains no secret, and nothing about the user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionHint {
    pub(super) attempted_at: Option<Timestamp>,
    pub(super) attempts: i64,
    pub(super) tenant: Tenant,
    /// A digest of the user, without which another user's session could be restored.
    pub(super) user: Option<String>,
}

/// After this many redirects to restore a session, there are none until [`ATTEMPT_WINDOW`] is over. As
/// many logins can be pending: tabs that are restored together each have one. A restored session
/// resets the count.
const MAX_ATTEMPTS: i64 = MAX_PENDING as i64;
const ATTEMPT_WINDOW: u64 = 60 * 1000;

impl SessionHint {
    /// The hint of a new session. `restored` is the time if a redirect restored it, and `None` after a login.
    pub(super) fn of(tenant: Tenant, restored: Option<Now>, user: String) -> Self {
        Self { attempted_at: restored.map(|now| now.wall), attempts: 0, tenant, user: Some(user) }
    }

    /// Whether a session was restored, or an attempt was made, a moment ago.
    pub(super) fn was_attempted(&self, now: Now) -> bool {
        // A time in the future comes from a clock that was set back. It is compared like one in the past.
        let apart = |at: Timestamp| now.wall.millis_since(at).max(at.millis_since(now.wall));
        self.attempted_at.is_some_and(|at| apart(at) < ATTEMPT_WINDOW)
    }

    /// This hint with one more attempt counted. `None` after so many that it must be a loop.
    pub(super) fn attempt(&self, now: Now) -> Option<Self> {
        let attempts = if self.was_attempted(now) { self.attempts } else { 0 };
        (attempts < MAX_ATTEMPTS).then(|| Self {
            attempted_at: Some(now.wall),
            attempts: attempts.saturating_add(1),
            tenant: self.tenant.clone(),
            user: self.user.clone(),
        })
    }

    /// The record to store.
    pub fn to_json(&self) -> Value {
        let mut record = Value::object([]);
        record.insert("attemptedAt", self.attempted_at.map(Timestamp::as_millis).into());
        record.insert("attempts", self.attempts.into());
        self.tenant.write_to(&mut record);
        record.insert_str("user", self.user.as_deref());
        record
    }

    /// Reads a stored record. Invalid members are ignored.
    pub fn from_json(record: &Value, config: &Config) -> Self {
        Self {
            attempted_at: record.get("attemptedAt").and_then(Value::as_integer).map(Timestamp::from_millis),
            attempts: record.get("attempts").and_then(Value::as_integer).unwrap_or(0),
            tenant: Tenant::read_from(record, config).unwrap_or_default(),
            user: record.get_str("user").map(str::to_owned),
        }
    }
}
