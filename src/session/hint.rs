//! The only thing that outlives a session: that a user was signed in, and to which tenant.

use super::pending::MAX_PENDING;
use crate::protocol::config::Config;
use crate::protocol::json::Value;
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Now, Timestamp};

/// A record that a user was signed in. It contains no secret, and nothing about the user that the page could read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionHint {
    pub(super) attempted_at: Option<Timestamp>,
    pub(super) attempts: i64,
    /// Whether the user has logged out, but the provider's session may live on: nothing is restored, and the next login
    /// asks for the password.
    pub(super) is_over: bool,
    /// The provider's own opaque name for the user, without which some providers cannot restore a session.
    pub(super) login_hint: Option<String>,
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
    pub(super) fn of(tenant: Tenant, restored: Option<Now>, user: String, login_hint: Option<String>) -> Self {
        let attempted_at = restored.map(|now| now.wall);
        Self { attempted_at, attempts: 0, is_over: false, login_hint, tenant, user: Some(user) }
    }

    /// What is left of a session that ended here, but perhaps not at the provider.
    pub(super) fn over() -> Self {
        Self { is_over: true, ..Self::default() }
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
        (attempts < MAX_ATTEMPTS && !self.is_over).then(|| Self {
            attempted_at: Some(now.wall),
            attempts: attempts.saturating_add(1),
            ..self.clone()
        })
    }

    /// The record to store.
    pub fn to_json(&self) -> Value {
        let mut record = Value::object([]);
        record.insert("attemptedAt", self.attempted_at.map(Timestamp::as_millis).into());
        record.insert("attempts", self.attempts.into());
        record.insert_str("loginHint", self.login_hint.as_deref());
        record.insert("over", self.is_over.into());
        self.tenant.write_to(&mut record);
        record.insert_str("user", self.user.as_deref());
        record
    }

    /// Reads a stored record. Invalid members are ignored.
    pub fn from_json(record: &Value, config: &Config) -> Self {
        Self {
            attempted_at: record.get("attemptedAt").and_then(Value::as_integer).map(Timestamp::from_millis),
            attempts: record.get("attempts").and_then(Value::as_integer).unwrap_or(0),
            is_over: record.get("over").and_then(Value::as_bool).unwrap_or(false),
            login_hint: record.get_str("loginHint").map(str::to_owned),
            tenant: Tenant::read_from(record, config).unwrap_or_default(),
            user: record.get_str("user").map(str::to_owned),
        }
    }
}
