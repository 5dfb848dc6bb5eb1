//! The one thing that outlives a session: that somebody was signed in, and to which tenant.

use super::pending::MOST_PENDING;
use crate::protocol::config::Config;
use crate::protocol::json::Value;
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Now, Timestamp};

/// That somebody was signed in. It holds no secret, and nothing about the person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hint {
    pub(super) attempted_at: Option<Timestamp>,
    pub(super) attempts: i64,
    pub(super) tenant: Tenant,
}

/// So many redirects are made to restore a session, and then none until [`ATTEMPT_WINDOW`] is over. As
/// many logins can be pending: tabs that are restored together each have one. A session that is
/// restored starts the count anew.
const MAX_ATTEMPTS: i64 = MOST_PENDING as i64;
const ATTEMPT_WINDOW: u64 = 60 * 1000;

impl Hint {
    /// Of a session that has begun; `restored` by a redirect, or by a login.
    pub(super) fn of(tenant: Tenant, restored: Option<Now>) -> Self {
        Self { attempted_at: restored.map(|now| now.wall), attempts: 0, tenant }
    }

    /// Whether a session was restored a moment ago, or that was tried.
    pub(super) fn was_attempted(&self, now: Now) -> bool {
        // A time in the future comes from a clock that was set back. Only far back is the window over.
        let apart = |at: Timestamp| now.wall.millis_since(at).max(at.millis_since(now.wall));
        self.attempted_at.is_some_and(|at| apart(at) < ATTEMPT_WINDOW)
    }

    /// This hint with one more attempt noted; `None` when there were so many that it must be a loop.
    pub(super) fn attempt(&self, now: Now) -> Option<Self> {
        let attempts = if self.was_attempted(now) { self.attempts } else { 0 };
        (attempts < MAX_ATTEMPTS).then(|| Self {
            attempted_at: Some(now.wall),
            attempts: attempts.saturating_add(1),
            tenant: self.tenant.clone(),
        })
    }

    /// The record to store.
    pub fn to_json(&self) -> Value {
        let mut record = Value::object([]);
        record.put("attemptedAt", self.attempted_at.map(Timestamp::as_millis).into());
        record.put("attempts", self.attempts.into());
        self.tenant.write_to(&mut record);
        record
    }

    /// Reads a stored record. Whatever is not right in it is left out.
    pub fn from_json(record: &Value, config: &Config) -> Self {
        Self {
            attempted_at: record.get("attemptedAt").and_then(Value::as_integer).map(Timestamp::from_millis),
            attempts: record.get("attempts").and_then(Value::as_integer).unwrap_or(0),
            tenant: Tenant::read_from(record, config).unwrap_or_default(),
        }
    }
}
