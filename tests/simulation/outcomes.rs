//! What happened to a session: whether it was allowed to start, continue or end like this.

use wristband_spa_auth::session::Input;

use super::apis::APIS;
use super::laws;
use super::tally::Kind;
use super::tally::Told;
use super::vault::{Phase, Seen};
use super::view::View;
use super::world::World;

/// What happened to a session, as far as it can change its state.
#[derive(Debug, PartialEq, Eq)]
pub enum Cause {
    Announcement,
    Logout,
    Refused,
    Other,
}

/// Rounding between the clocks of a device and a provider that writes whole seconds.
const ROUNDING: i64 = 2;

impl World<'_> {
    /// Records what an input is about, before the session takes it.
    pub fn cause(&mut self, vault: usize, input: &Input) -> Cause {
        let record = &mut self.vaults[vault];
        match input {
            Input::Logout { .. } => {
                record.logged_out_at = self.step;
                Cause::Logout
            }
            Input::Online(online) => {
                record.online = *online;
                record.stuck_since = None;
                Cause::Other
            }
            Input::SignedOutElsewhere { .. } => Cause::Announcement,
            Input::TokenRefused { .. } => Cause::Refused,
            _ => Cause::Other,
        }
    }

    /// Compares the state with the one before.
    pub fn judge_state(&mut self, vault: usize, cause: &Cause, told: Told) {
        let (monotonic, wall) = (self.device.monotonic(self.time), self.device.wall(self.time));
        let state = self.vaults[vault].session.state();
        let record = &mut self.vaults[vault];
        let view = View::of(&state);
        self.tally.count_change(core::mem::replace(&mut record.view, view), told, view);
        let seen = Seen::of(&state, &record.seen, monotonic, wall);
        let before = core::mem::replace(&mut record.seen, seen.clone());
        self.judge_hour_of_refusals(vault, monotonic);
        if before == seen {
            return;
        }
        let code = if let wristband_spa_auth::State::Failed(error) = &state { error.code().as_str() } else { "" };
        self.say(|| format!("session {vault} is {:?} {code} {} {:?}", seen.phase, seen.person, seen.tenant));
        match (before.phase == Phase::SignedIn, seen.phase == Phase::SignedIn) {
            (true, true) if before.id_token != seen.id_token => self.judge_id_token(vault, Some(&before), &seen),
            (true, true) => self.judge_same(vault, &before, &seen),
            (false, true) => self.judge_id_token(vault, None, &seen),
            (true, false) => self.judge_end(vault, &before, &seen, cause),
            (false, false) => {
                if *cause == Cause::Logout && seen.phase != Phase::SignedOut {
                    self.breaks(laws::LOGOUT, || format!("session {vault} is {:?} after a logout", seen.phase));
                }
            }
        }
    }

    /// Renewed without an ID token, or only shown differently.
    fn judge_same(&mut self, vault: usize, before: &Seen, seen: &Seen) {
        if before.renewals != seen.renewals {
            self.tally.count(Kind::Renewed);
        }
        if before.clock_skew != seen.clock_skew {
            self.tally.count(Kind::ClockSkewLearned);
        }
        if before.person != seen.person || before.tenant != seen.tenant {
            self.breaks(laws::TENANT, || format!("session {vault} changed hands: {before:?}, {seen:?}"));
        }
    }

    /// Law 5: an ID token was accepted.
    fn judge_id_token(&mut self, vault: usize, before: Option<&Seen>, seen: &Seen) {
        let Some(issued) = self.provider.issued.get(seen.id_token) else {
            return self.breaks(laws::TRUTH, || format!("session {vault} has an ID token that was never issued: {seen:?}"));
        };
        let (family, renewal) = (issued.family, issued.renewal);
        let tolerance = i64::try_from(self.config().clock_tolerance().as_secs()).unwrap() + ROUNDING;
        let previous = before.and_then(|before| self.provider.issued.get(before.id_token));
        let older = previous.is_some_and(|previous| issued.issued_at + tolerance < previous.issued_at);
        // Whether a wrong time is accepted depends on the time.
        let lie = issued.lie.filter(|lie| match lie {
            Kind::LieExpired | Kind::LieFuture => false,
            Kind::LieOld => older,
            _ => true,
        });
        if let Some(lie) = lie {
            return self.breaks(laws::TRUTH, || format!("session {vault} accepted {lie:?}"));
        }
        // A device whose clock is right, or was found to be wrong, validates against the right time.
        let believed = self.device.wall(self.time) / 1000 + seen.clock_skew;
        let (issued_at, expires) = (issued.issued_at, issued.expires);
        if issued_at > believed + tolerance || expires < believed - tolerance {
            return self.breaks(laws::TRUTH, || format!("issued at {issued_at}, ends at {expires}, accepted at {believed}"));
        }
        let owner = &self.provider.families[family];
        let (person, tenant, code) = (format!("user-{}", owner.person), self.tenant_id(owner.tenant), owner.code);
        let (login, owner_person) = (owner.login, owner.person);
        let restored = self.logins.get(owner.login as usize).is_some_and(|login| login.restoring);
        if seen.person != person || seen.tenant != tenant {
            return self.breaks(laws::TENANT, || format!("session {vault} shows {seen:?} for {person} in {tenant:?}"));
        }
        if seen.clock_skew != before.map_or(0, |before| before.clock_skew) {
            self.tally.count(Kind::ClockSkewLearned);
        }
        if renewal {
            self.tally.count(Kind::Renewed);
            let of_before = before.and_then(|before| self.provider.issued.get(before.id_token)).map(|issued| issued.family);
            if of_before != Some(family) {
                self.breaks(laws::LOGOUT, || format!("session {vault} was brought back by a renewal"));
            }
            return;
        }
        self.tally.count(if before.is_some() { Kind::SignedInWhileSignedIn } else { Kind::SignedIn });
        if owner_person == super::provider::ATTACKER && !restored {
            self.chose_attacker = true;
        }
        if owner_person == super::provider::ATTACKER && !self.chose_attacker {
            return self.breaks(laws::PLANTED, || format!("session {vault} was restored as the attacker's"));
        }
        if restored {
            self.tally.count(Kind::Restored);
        }
        let record = &mut self.vaults[vault];
        record.refused = false;
        record.unexplained_since = None;
        record.stuck_since = None;
        record.renewed_for.clear();
        record.own_tokens = [None; APIS];
        if let Some(number) = record.session.number() {
            record.families.push((number, family));
        }
        let record = &self.vaults[vault];
        let opened = record.opened.iter().find(|(of, with, _)| (*of, *with) == (login, code)).map(|(_, _, step)| *step);
        if opened.is_none_or(|step| step < record.logged_out_at) {
            self.breaks(laws::LOGOUT, || format!("session {vault} was brought back after a logout"));
        }
        self.restores.clear();
        self.asks_before = self.last_call_id;
    }

    /// Law 3: a session whose every renewal is refused ends.
    fn judge_hour_of_refusals(&mut self, vault: usize, monotonic: i64) {
        let record = &self.vaults[vault];
        let Some((since, ends)) = record.stuck_since.zip(record.seen.ends).filter(|_| record.is_signed_in()) else { return };
        let stuck = monotonic - since.max(ends);
        if stuck > 3_600_000 {
            self.breaks(laws::HOUR_OF_REFUSALS, || format!("session {vault} is refused, and signed in, for {stuck} ms"));
        }
    }

    /// Law 3: a session ended.
    fn judge_end(&mut self, vault: usize, before: &Seen, seen: &Seen, cause: &Cause) {
        let family = self.provider.issued.get(before.id_token).map_or(usize::MAX, |issued| issued.family);
        let record = &self.vaults[vault];
        let (monotonic, wall) = (self.device.monotonic(self.time), self.device.wall(self.time));
        let expired = before.ends.is_some_and(|end| monotonic >= end)
            || (*cause == Cause::Refused && before.ends_on_the_wall.is_some_and(|end| wall >= end));
        // A refusal counts if one of the clocks says that the access token has expired. For a token without
        // an expiry, an API has to refuse it.
        let has_ended = expired
            || before.ends_on_the_wall.is_some_and(|end| wall >= end)
            || (before.ends.is_none() && !matches!(cause, Cause::Logout | Cause::Announcement));
        let lasts = |since: i64| monotonic - since >= 600_000 || self.device.asleep > 0 || self.device.guard_is_weak;
        let is_refused = record.refused || record.unexplained_since.is_some_and(lasts);
        let kind = match cause {
            Cause::Logout => Kind::EndedByLogout,
            Cause::Announcement => Kind::EndedByAnnouncement,
            _ if record.written_off.contains(&family) => Kind::EndedByInvalidGrant,
            _ if record.changed.contains(&family) => Kind::EndedBySubject,
            _ if !before.renewable && expired => Kind::EndedByExpiry,
            _ if is_refused && has_ended => Kind::EndedByRefusal,
            _ => return self.breaks(laws::PROOF, || format!("session {vault} ended without proof: {before:?}, {seen:?}")),
        };
        self.tally.count(kind);
        if kind == Kind::EndedByLogout && !record.online {
            self.tally.count(Kind::LoggedOutOffline);
        }
        if *cause == Cause::Announcement {
            self.vaults[vault].logged_out_at = self.step;
        }
    }
}
