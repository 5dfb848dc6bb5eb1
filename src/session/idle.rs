//! Idle logout: a session that nobody uses ends, counted over all tabs.

use core::time::Duration;

use super::active_session::SessionKey;
use super::effect::Effect;
use super::hint::SessionHint;
use super::input::{CallId, SessionNumber};
use super::state::Reason;
use super::{Phase, Session};
use crate::protocol::config::IdleLogout;
use crate::protocol::error::Code;
use crate::protocol::time::{Deadline, Now, Timestamp};

/// How a user shows that the session is still wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presence {
    /// The user moves the pointer, types or scrolls. Once the warning has begun, this is not enough.
    Active,
    /// The user has answered the warning, or the app knows otherwise that the user is there.
    Stays,
}

/// The countdown of a session.
#[derive(Debug)]
pub(super) struct Idle {
    ends: Deadline,
    /// The hint of this session, which says when the user was last active.
    hint: SessionHint,
    setting: IdleLogout,
}

/// The stored time is at most this old. A restored session continues from there.
const MAX_NOTE_INTERVAL: Duration = Duration::from_secs(60);

impl Idle {
    /// Starts the countdown of a session, with the hint that was stored for it.
    pub(super) fn start(setting: IdleLogout, hint: SessionHint, now: Now) -> Self {
        let idle = hint.active_at.map_or(Duration::ZERO, |at| now.wall.since(at));
        Self { ends: Deadline::after(now, setting.after.saturating_sub(idle)), hint, setting }
    }

    fn is_warning(&self, now: Now) -> bool {
        !self.setting.warn.is_zero() && self.ends.left(now) <= self.setting.warn
    }

    /// Starts the countdown again. Returns the hint if it has to be stored anew.
    fn restart(&mut self, now: Now) -> Option<SessionHint> {
        self.ends = Deadline::after(now, self.setting.after);
        let interval = MAX_NOTE_INTERVAL.min(self.setting.after / 10);
        let is_noted = self.hint.active_at.is_some_and(|at| now.wall >= at && now.wall.since(at) < interval);
        (!is_noted).then(|| {
            self.hint.active_at = Some(now.wall);
            self.hint.clone()
        })
    }

    pub(super) fn is_over(&self, now: Now) -> bool {
        self.ends.reached_on_either_clock(now)
    }

    /// When the session ends, once the warning has begun.
    pub(super) fn announced_end(&self, now: Now) -> Option<Timestamp> {
        self.is_warning(now).then(|| self.ends.wall_time())
    }

    /// How long until the warning begins or the session ends.
    pub(super) fn wakes_in(&self, now: Now) -> Duration {
        let left = self.ends.left(now);
        if self.is_warning(now) { left } else { left.saturating_sub(self.setting.warn) }
    }
}

impl Session {
    /// The user was seen in one of this vault's pages.
    pub(super) fn user_is_present(&mut self, presence: Presence) {
        let Phase::SignedIn(active) = &mut self.phase else { return };
        let key = active.key();
        let Some(idle) = active.idle.as_mut().filter(|idle| presence == Presence::Stays || !idle.is_warning(self.now)) else {
            return;
        };
        let hint = idle.restart(self.now);
        self.last_active = Some(self.now.wall);
        self.effects.push(Effect::AnnouncePresence(key, presence));
        self.effects.extend(hint.map(Effect::WriteHint));
    }

    /// The user was seen in a tab with another vault, which stores that itself.
    pub(super) fn user_is_present_elsewhere(&mut self, session: &SessionKey, presence: Presence) {
        let now = self.now;
        if let Phase::SignedIn(active) = &mut self.phase
            && active.key() == *session
            && let Some(idle) = &mut active.idle
            && (presence == Presence::Stays || !idle.is_warning(now))
        {
            // That vault has stored it.
            let _stored = idle.restart(now);
        }
    }

    /// The app says that the user stays.
    pub(super) fn stay(&mut self, call_id: CallId, session: Option<SessionNumber>) {
        if !self.is_current(session) {
            return self.fail(call_id, Code::NotSignedIn.into());
        }
        self.user_is_present(Presence::Stays);
        self.done(call_id);
    }

    /// Nobody has used the session for too long. It ends in place: whatever the user has written in the page stays there,
    /// and the next login asks for the password, because the provider's session may live on.
    pub(super) fn end_idle_session(&mut self) {
        self.end_session(Reason::Idle, &Code::NotSignedIn.into());
        self.end_as_idle();
    }

    /// From now on, only a user who authenticates is signed in.
    pub(super) fn end_as_idle(&mut self) {
        self.must_ask = true;
        self.has_ended_idle = true;
        self.effects.push(Effect::WriteHint(SessionHint { active_at: self.last_active, ..SessionHint::over(Reason::Idle) }));
    }
}
