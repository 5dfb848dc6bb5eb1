//! The steps of a run: what happens next, drawn according to the profile.

use wristband_spa_auth::session::{Input, SessionKey};

use super::device::Trouble;
use super::provider::{APP, CALLBACK, Code, DOMAINS, Poison, REFUSALS};
use super::tabs::Place;
use super::tally::Kind;
use super::text;
use super::world::World;

/// A kind of step. The order is that of the weights of a mood.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// The next scheduled event.
    Next,
    Tab,
    Wake,
    Call,
    Login,
    Logout,
    Person,
    Clock,
    Connection,
    Storage,
    Provider,
    Hostile,
    Storm,
}

impl Action {
    pub const ALL: [Self; 13] = [
        Self::Next,
        Self::Tab,
        Self::Wake,
        Self::Call,
        Self::Login,
        Self::Logout,
        Self::Person,
        Self::Clock,
        Self::Connection,
        Self::Storage,
        Self::Provider,
        Self::Hostile,
        Self::Storm,
    ];
}

impl World<'_> {
    pub fn take_a_step(&mut self) {
        let before = self.step;
        let action = Action::ALL[self.chance.weighted(&self.mood.weights)];
        match action {
            Action::Next => {
                let idle = if self.chance.one_in(40) { 7_200_000 } else { 2_400_000 };
                self.pass_to_next(self.time + idle);
            }
            Action::Tab => self.something_with_tabs(),
            Action::Wake => {
                if let Some(vault) = self.a_page().and_then(|tab| self.tabs[tab].vault()) {
                    self.input(vault, Input::Tick);
                }
            }
            Action::Call | Action::Login | Action::Logout | Action::Storm => match self.a_page() {
                Some(tab) => match action {
                    Action::Call => {
                        let what = self.chance.below(8);
                        self.call(tab, what);
                    }
                    Action::Login => self.log_in(tab),
                    Action::Logout => self.log_out(tab),
                    _ => self.storm(tab),
                },
                None => self.open_tab(APP.to_owned() + "/"),
            },
            Action::Person => {
                let away = (0..self.tabs.len()).filter(|tab| matches!(self.tabs[*tab].place, Place::Away(..))).collect::<Vec<_>>();
                match away.first() {
                    Some(_) => {
                        let tab = self.chance.pick(&away);
                        self.person_signs_in(tab, 100);
                    }
                    // No tab is at the provider: a login has to come first.
                    None => match self.a_page() {
                        Some(tab) => self.log_in(tab),
                        None => self.open_tab(APP.to_owned() + "/"),
                    },
                }
            }
            Action::Clock => self.something_with_clocks(),
            Action::Connection => self.something_with_the_connection(),
            Action::Storage => self.something_with_storage(),
            Action::Provider => self.something_at_the_provider(),
            Action::Hostile => self.something_hostile(),
        }
        // What happened to a session has been counted already.
        self.step = self.step.max(before + 1);
    }

    /// A tab that shows a page of the app, signed in if there is one.
    fn a_page(&mut self) -> Option<usize> {
        let signed_in = |tab: usize| self.tabs[tab].vault().is_some_and(|vault| self.vaults[vault].is_signed_in());
        let pages: Vec<usize> = (0..self.tabs.len()).filter(|tab| self.tabs[*tab].page().is_some()).collect();
        let preferred: Vec<usize> = pages.iter().copied().filter(|tab| signed_in(*tab)).collect();
        let from = if preferred.is_empty() || self.chance.one_in(4) { pages } else { preferred };
        (!from.is_empty()).then(|| self.chance.pick(&from))
    }

    fn something_with_tabs(&mut self) {
        let tabs = self.tabs.iter().filter(|tab| !matches!(tab.place, Place::Closed)).count();
        let tab = self.chance.below(u32::try_from(self.tabs.len()).unwrap()) as usize;
        match self.chance.below(10) {
            0..=2 if tabs < 5 => self.open_tab(APP.to_owned() + "/"),
            3 if tabs > 1 => self.close(tab),
            4 if tabs < 5 => {
                if let Some(address) = self.tabs[tab].address().map(str::to_owned) {
                    self.tally.count(Kind::TabDuplicated);
                    self.open_tab(address);
                }
            }
            5 | 6 => self.go_back(tab),
            7 if self.chance.one_in(3) => self.lose_vault(tab),
            _ => self.reload(tab),
        }
    }

    fn something_with_clocks(&mut self) {
        match self.chance.below(8) {
            0 => {
                self.tally.count(Kind::Stalled);
                self.time += self.chance.millis(600_000);
            }
            1..=3 => {
                self.tally.count(Kind::Slept);
                let long = self.chance.millis(40_000_000);
                self.time += long;
                self.device.asleep += long;
            }
            4 => {
                self.tally.count(Kind::WallDrifts);
                let drift = self.chance.millis(4000) - 1000;
                self.device.guard_is_weak |= drift < 0;
                self.device.wall_skew += drift;
            }
            kind => {
                self.device.guard_is_weak = true;
                let jump = self.chance.pick(&[7_200_000, 120_000, 86_400_000, 40_000_000_000, 400_000_000_000]);
                self.tally.count(if kind < 6 { Kind::WallJumpedForward } else { Kind::WallJumpedBack });
                self.device.wall_skew += if kind < 6 { jump } else { -jump };
            }
        }
        let skew = self.device.wall_skew;
        self.say(|| format!("the clocks: the wall clock is {skew} ms ahead"));
    }

    fn something_with_the_connection(&mut self) {
        self.device.offline = !self.device.offline;
        let online = !self.device.offline;
        self.tally.count(if online { Kind::WentOnline } else { Kind::WentOffline });
        self.say(|| format!("online: {online}"));
        self.tell_connection();
    }

    /// Every session is notified whether there is a connection.
    pub fn tell_connection(&mut self) {
        for vault in 0..self.vaults.len() {
            if self.is_awake(vault) {
                self.input(vault, Input::Online(!self.device.offline));
            }
        }
    }

    fn something_with_storage(&mut self) {
        self.device.storage.trouble = match self.chance.below(4) {
            2 => {
                self.tally.count(Kind::StorageBlocked);
                Trouble::Blocked
            }
            3 => {
                self.tally.count(Kind::StorageFull);
                Trouble::Full
            }
            _ => Trouble::None,
        };
        let trouble = self.device.storage.trouble;
        self.say(|| format!("storage: {trouble:?}"));
    }

    fn something_at_the_provider(&mut self) {
        let what = self.chance.below(12);
        self.say(|| format!("at the provider: {what}"));
        match what {
            0 => self.provider_is_down = false,
            1 => self.provider_is_down = true,
            2 | 3 => {
                self.tally.count(Kind::KeysRotated);
                self.provider.rotate_keys();
                self.change_nonce();
            }
            4 => {
                self.tally.count(Kind::CookieLost);
                self.provider.cookies = [None; 2];
            }
            5 => {
                self.tally.count(Kind::FamilyRevoked);
                if let Some(family) = self.provider.families.last_mut() {
                    family.ended = true;
                }
            }
            6 => self.provider.rotates = !self.provider.rotates,
            9 => self.provider.refuses = Some(self.chance.pick(&REFUSALS)),
            10 => self.provider.refuses = None,
            11 => self.provider.moves_auth_time = !self.provider.moves_auth_time,
            7 => self.provider.lifetime = self.chance.pick(&[1800, 60, 5, 86_400]),
            _ => self.provider.id_token_on_renewal = !self.provider.id_token_on_renewal,
        }
        self.provider.count_habits(&mut self.tally);
    }

    /// Made-up, old or foreign callbacks, and messages of the same kinds.
    fn something_hostile(&mut self) {
        let seen = self.callbacks.len().checked_sub(1).map(|last| self.chance.below(u32::try_from(last + 1).unwrap()) as usize);
        let forged = self.provider.forge_code();
        let forged = text::secret(text::CODE, forged);
        let address = match (self.chance.below(6), seen) {
            (0 | 1, Some(seen)) => {
                self.tally.count(Kind::CallbackReplayed);
                self.callbacks[seen].clone()
            }
            (2, Some(seen)) => {
                self.tally.count(Kind::CallbackMixedUp);
                let mixed = self.mixed_up(seen);
                mixed.unwrap_or_else(|| format!("{CALLBACK}?code={forged}&state=again&state=again"))
            }
            (3, _) => {
                self.tally.count(Kind::ForeignAnnouncement);
                if let Some(vault) = self.a_page().and_then(|tab| self.tabs[tab].vault()) {
                    let session = SessionKey::from_message("of-another-app".to_owned());
                    let before = self.vaults[vault].seen.clone();
                    let is_due = self.is_due(vault);
                    self.input(vault, Input::SignedOutElsewhere { session });
                    if before.renewable && !is_due && self.vaults[vault].seen.phase != before.phase {
                        self.breaks(super::laws::PROOF, || "a foreign message ended a session".to_owned());
                    }
                }
                return;
            }
            (4, _) => format!("{APP}/login?tenant_custom_domain=evil.example&return_url=https%3A%2F%2Fevil.example%2F"),
            (5, _) => format!("{APP}/login?tenant_name=globex&tenant_custom_domain={}&return_url=%2Finvoices", DOMAINS[1]),
            _ => {
                self.tally.count(Kind::CallbackForged);
                if self.chance.one_in(2) {
                    // The attacker's magic link has left the attacker's session at the provider.
                    self.tally.count(Kind::SessionPlanted);
                    self.provider.cookies = [Some(super::provider::ATTACKER); 2];
                }
                let state = self.chance.pick(&[super::calls::FORGED[0], "", super::calls::FORGED[1]]);
                // Without a `state` it is no callback, and its parameters are the app's own.
                let code = if state.is_empty() { "WELCOME10" } else { &forged };
                format!("{CALLBACK}?code={code}&state={state}&tenant_name=acme")
            }
        };
        match self.a_page() {
            Some(tab) if self.chance.one_in(2) => {
                self.leave(tab, true);
                self.load(tab, address);
            }
            _ => self.open_tab(address),
        }
    }

    /// The callback of one login with the code of another one, which PKCE has to detect.
    fn mixed_up(&mut self, seen: usize) -> Option<String> {
        let code = self.provider.codes.iter().position(|code: &Code| code.poison.is_none() && !code.used)?;
        let code = text::secret(text::CODE, u32::try_from(code).unwrap());
        let query = text::query(&self.callbacks[seen]);
        let state = text::parameter(query, "state")?;
        let own = text::parameter(query, "code").and_then(|code| text::secret_number(text::CODE, code))?;
        let lies = self.provider.codes[own as usize].poison == Some(Poison::Forged);
        (!lies).then(|| format!("{CALLBACK}?code={code}&state={state}"))
    }
}
