//! The end of a run: the faults stop, time passes, and everything has to come to rest.

use wristband_spa_auth::session::Input;

use super::device::Trouble;
use super::laws;
use super::tally::Kind;
use super::vault::{Phase, Question};
use super::world::World;

/// Longer than any pause that the provider asks for.
const REST: i64 = 400_000;
/// More than this many events at rest are a storm.
const MOST_EVENTS: u32 = 3_000;

impl World<'_> {
    pub fn settle(&mut self) {
        self.say(|| "all faults stop".to_owned());
        self.chance.calm_down();
        self.provider_is_down = false;
        self.provider.lifetime = 1800;
        self.provider.denies = None;
        self.device.storage.trouble = Trouble::None;
        if self.device.offline {
            self.device.offline = false;
            self.tell_connection();
        }
        if self.provider.refuses.take().is_some_and(|error| self.refuses_for_long(error)) {
            return;
        }
        self.rest(REST);
        for vault in 0..self.vaults.len() {
            if self.is_awake(vault) && self.broken.is_none() {
                self.judge_rest(vault);
                self.renewal_works(vault);
                self.nothing_is_left_alive(vault);
            }
        }
    }

    /// Refuses every renewal for so long that no session can still be signed in. Returns whether that
    /// broke a law.
    fn refuses_for_long(&mut self, error: &'static str) -> bool {
        self.provider.refuses = Some(error);
        self.rest(6_000_000);
        self.provider.refuses = None;
        self.broken.is_some()
    }

    fn rest(&mut self, length: i64) {
        let end = self.time + length;
        for _ in 0..MOST_EVENTS {
            if self.broken.is_some() || !self.pass_to_next(end) {
                return;
            }
        }
        self.breaks(laws::STORM, || format!("more than {MOST_EVENTS} events within {length} ms of rest"));
    }

    /// No state stays `loading` forever, and no call stays pending forever.
    fn judge_rest(&mut self, vault: usize) {
        let has_page = self.tabs.iter().any(|tab| tab.vault() == Some(vault));
        let record = &self.vaults[vault];
        if has_page && record.seen.phase == Phase::Loading {
            return self.breaks(laws::LIVENESS, || format!("session {vault} loads for ever"));
        }
        let waits = |page: u32| self.tabs.iter().any(|tab| tab.page() == Some(page));
        if let Some(asked) = record.asks.iter().find(|asked| waits(asked.page)).copied() {
            return self.breaks(laws::ANSWERS, || format!("{asked:?} waits for ever in session {vault}"));
        }
        self.tally.count(if record.is_signed_in() { Kind::SettledSignedIn } else { Kind::SettledSignedOut });
    }

    /// A session that is still signed in can renew.
    fn renewal_works(&mut self, vault: usize) {
        let Some(tab) = self.tabs.iter().position(|tab| tab.vault() == Some(vault)) else { return };
        let before = self.vaults[vault].seen.clone();
        // No ID token of a provider with a wrong clock is ever valid.
        if !before.renewable || self.provider.skew != 0 {
            return;
        }
        self.ask(tab, Question::Renew, false, |call_id| Input::Renew { call_id, session: None });
        self.rest(30_000);
        let after = &self.vaults[vault].seen;
        let same = after.renewals == before.renewals && after.id_token == before.id_token;
        if after.phase == Phase::SignedIn && same && self.is_awake(vault) {
            let state = self.vaults[vault].session.state();
            self.breaks(laws::LIVENESS, || format!("session {vault} cannot renew: {state:?}"));
        }
    }

    /// Every refresh token that reached a session is in use, dead, or was sent to the revocation endpoint.
    fn nothing_is_left_alive(&mut self, vault: usize) {
        let record = &self.vaults[vault];
        let held =
            record.is_signed_in().then(|| self.provider.issued.get(record.seen.id_token).map(|issued| issued.family)).flatten();
        let left = record.received.iter().find(|token| {
            let family = self.provider.family_of(**token).unwrap_or(usize::MAX);
            let dealt_with = record.revoked.contains(&family) || record.written_off.contains(&family);
            self.provider.is_alive(**token) && held != Some(family) && !dealt_with
        });
        if let Some(token) = left.copied() {
            self.breaks(laws::LOGOUT, || format!("refresh token {token} lives on, and session {vault} does not use it"));
        }
    }
}
