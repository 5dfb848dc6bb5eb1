//! The only thing that outlives a session: that a user was signed in, and to which tenant.

use core::time::Duration;

use super::pending::MAX_PENDING;
use super::state::Reason;
use crate::protocol::config::{Config, IdleLogout};
use crate::protocol::json::Value;
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Now, Timestamp};

/// A record that a user was signed in. It contains no secret, and nothing about the user that the page could read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionHint {
    /// When the user was last active, if idle sessions end.
    pub(super) active_at: Option<Timestamp>,
    pub(super) attempted_at: Option<Timestamp>,
    pub(super) attempts: i64,
    /// The provider's own opaque name for the user, without which some providers cannot restore a session.
    pub(super) login_hint: Option<String>,
    /// Why the session has ended here, if the provider's may live on: nothing is restored, and the next login asks for the
    /// password.
    pub(super) over: Option<Reason>,
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
        Self { active_at: None, attempted_at, attempts: 0, login_hint, over: None, tenant, user: Some(user) }
    }

    /// What is left of a session that ended here, but perhaps not at the provider.
    pub(super) fn over(reason: Reason) -> Self {
        Self { over: Some(reason), ..Self::default() }
    }

    /// Whether the session has ended here, and the provider's may live on.
    #[cfg(feature = "native")]
    pub fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// This hint, unless nobody has used the session for so long that it would have ended by now.
    pub(super) fn unless_idle(self, setting: Option<IdleLogout>, now: Now) -> Self {
        let idle = self.active_at.map_or(Duration::ZERO, |at| now.wall.since(at));
        let is_over = setting.is_some_and(|setting| idle >= setting.after);
        if is_over { Self { active_at: self.active_at, ..Self::over(Reason::Idle) } } else { self }
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
        (attempts < MAX_ATTEMPTS && self.over.is_none()).then(|| Self {
            attempted_at: Some(now.wall),
            attempts: attempts.saturating_add(1),
            ..self.clone()
        })
    }

    /// The record to store.
    pub fn to_json(&self) -> Value {
        let mut record = Value::object([]);
        record.insert("activeAt", self.active_at.map(Timestamp::as_millis).into());
        record.insert("attemptedAt", self.attempted_at.map(Timestamp::as_millis).into());
        record.insert("attempts", self.attempts.into());
        record.insert_str("loginHint", self.login_hint.as_deref());
        record.insert("over", self.over.map(Reason::as_str).into());
        self.tenant.write_to(&mut record);
        record.insert_str("user", self.user.as_deref());
        record
    }

    /// Reads a stored record. Invalid members are ignored.
    pub fn from_json(record: &Value, config: &Config) -> Self {
        let time = |name| record.get(name).and_then(Value::as_integer).map(Timestamp::from_millis);
        Self {
            active_at: time("activeAt"),
            attempted_at: time("attemptedAt"),
            attempts: record.get("attempts").and_then(Value::as_integer).unwrap_or(0),
            login_hint: record.get_str("loginHint").map(str::to_owned),
            over: record.get_str("over").map(|word| if word == Reason::Idle.as_str() { Reason::Idle } else { Reason::SignedOut }),
            tenant: Tenant::read_from(record, config).unwrap_or_default(),
            user: record.get_str("user").map(str::to_owned),
        }
    }
}
