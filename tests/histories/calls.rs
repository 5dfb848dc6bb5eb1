//! What the app asks of a session.

use wristband_spa_auth::protocol::authorize::Prompt;
use wristband_spa_auth::session::{Ask, Input, Login, Logout, SessionNumber};

use super::provider::{DOMAINS, TENANTS};
use super::tally::Kind;
use super::vault::{Asked, Question, Refused};
use super::world::World;

/// Addresses to which nobody must be sent.
const EVIL: [&str; 6] = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/../..//evil.example",
    "javascript:evil.example",
    "/%2e%2e//evil.example",
];
const EVIL_TENANTS: [&str; 4] = ["evil.example/x?", "a.b", "evil.example#", "x@evil.example"];

impl World<'_> {
    /// Puts something to the session of a tab.
    pub fn ask(&mut self, tab: usize, what: Question, hinted: bool, input: impl FnOnce(Ask) -> Input) {
        let Some(vault) = self.tabs[tab].vault() else { return };
        let session = self.vaults[vault].session.number();
        self.ask_in(session, tab, what, hinted, input);
    }

    /// The same, for a call that belongs to this session.
    fn ask_in(
        &mut self,
        session: Option<SessionNumber>,
        tab: usize,
        what: Question,
        hinted: bool,
        input: impl FnOnce(Ask) -> Input,
    ) {
        let (Some(vault), Some(page)) = (self.tabs[tab].vault(), self.tabs[tab].page()) else { return };
        self.last_ask += 1;
        let ask = Ask(self.last_ask);
        let at = self.device.wall(self.time);
        let returning = self.tabs[tab].address().is_some_and(|address| address.contains("state="));
        self.vaults[vault].asks.push(Asked { ask, tab, page, what, at, hinted, returning, session });
        self.input(vault, input(ask));
    }

    /// Asks for something of the session that the page believes in. Some pages do not say which.
    fn call_as_believed(&mut self, tab: usize, what: Question, input: impl FnOnce(Ask, Option<SessionNumber>) -> Input) {
        let Some(vault) = self.tabs[tab].vault() else { return };
        let current = self.vaults[vault].session.number();
        let said = if self.chance.one_in(4) { None } else { self.tabs[tab].believes() };
        if said.is_some() && said != current {
            self.tally.count(Kind::CallOfAnEarlierSession);
        }
        self.ask_in(said.or(current), tab, what, false, |ask| input(ask, said));
    }

    /// An API answers 401 to a call of a page that is still there.
    pub fn api_refuses(&mut self, tab: usize, page: u32, refused: Refused) {
        self.step += 1;
        if self.tabs[tab].page() != Some(page) || !self.tabs[tab].vault().is_some_and(|vault| self.is_awake(vault)) {
            return;
        }
        self.tally.count(Kind::ApiRefused);
        let Refused { session, generation, api } = refused;
        // The vault knows the session of the token that it sent. Something else may only know the token.
        let said = if self.chance.one_in(3) { None } else { Some(session) };
        let input = |ask| Input::TokenRefused { ask, session: said, generation, api: Some(api) };
        self.ask_in(Some(session), tab, Question::Token { tried: Some(api) }, false, input);
    }

    /// One of the app's calls, by number.
    pub fn call(&mut self, tab: usize, what: u32) {
        match what {
            0..=2 => {
                self.tally.count(Kind::CallToken);
                self.call_as_believed(tab, Question::Token { tried: None }, |ask, session| Input::Token { ask, session });
            }
            3 | 4 => {
                self.tally.count(Kind::CallUserInfo);
                self.call_as_believed(tab, Question::UserInfo, |ask, session| Input::UserInfo { ask, session });
            }
            5 | 6 => {
                self.tally.count(Kind::CallRenew);
                self.call_as_believed(tab, Question::Renew, |ask, session| Input::Renew { ask, session });
            }
            _ => {
                self.tally.count(Kind::CallTokenRefused);
                let generation = self.chance.below(5);
                self.call_as_believed(tab, Question::Token { tried: None }, |ask, session| Input::TokenRefused {
                    ask,
                    session,
                    generation,
                    api: None,
                });
            }
        }
    }

    /// Many callers at once, who want the same or not.
    pub fn storm(&mut self, tab: usize) {
        self.tally.count(Kind::CallStorm);
        let calls = 5 + self.chance.below(100);
        let all = self.chance.below(16);
        for _ in 0..calls {
            if self.broken.is_none() {
                let what = if all < 8 { self.chance.below(8) } else { all - 8 };
                self.call(tab, what);
            }
        }
    }

    pub fn log_in(&mut self, tab: usize) {
        self.tally.count(Kind::CallLogin);
        let tenant = self.chance.below(2) as usize;
        let mut login = match self.chance.below(8) {
            0..=4 if self.provider.is_wristband => Login::to(TENANTS[tenant]),
            5 if self.provider.is_wristband => {
                self.tally.count(Kind::CallLoginToDomain);
                Login::new().tenant_custom_domain(DOMAINS[tenant])
            }
            6 if self.provider.is_wristband => {
                self.tally.count(Kind::CallLoginToEvil);
                if self.chance.one_in(2) {
                    Login::to(self.chance.pick(&EVIL_TENANTS))
                } else {
                    let login = if self.chance.one_in(2) { Login::to(TENANTS[tenant]) } else { Login::new() };
                    login.tenant_custom_domain("evil.example")
                }
            }
            _ => Login::new(),
        };
        match self.chance.below(6) {
            1 => login = login.return_to("/invoices?id=1#top"),
            2 => {
                self.tally.count(Kind::CallLoginEvilReturn);
                login = login.return_to(self.chance.pick(&EVIL));
            }
            3 => login = login.login_hint("a@b.example").idp_hint("okta"),
            4 => login = login.prompt(if self.chance.one_in(2) { Prompt::None } else { Prompt::Login }),
            5 => login = login.max_age(self.chance.pick(&[3600, 60, 0])),
            _ => {}
        }
        let entropy = self.entropy();
        self.ask(tab, Question::Login, false, |ask| Input::Login { ask, login, entropy });
    }

    /// The guard of a page starts a login without anybody's doing.
    pub fn logs_in_by_itself(&mut self, tab: usize, page: u32) {
        self.step += 1;
        if self.tabs[tab].page() != Some(page) || !self.tabs[tab].vault().is_some_and(|vault| self.is_awake(vault)) {
            return;
        }
        self.tally.count(Kind::CallAutomaticLogin);
        let login = if self.provider.is_wristband { Login::to(TENANTS[0]) } else { Login::new() };
        let (login, entropy) = (login.automatic(true), self.entropy());
        self.ask(tab, Question::AutomaticLogin, false, |ask| Input::Login { ask, login, entropy });
    }

    /// The app's login route does what it is there for.
    pub fn log_in_from_url(&mut self, tab: usize) {
        self.tally.count(Kind::CallLoginFromUrl);
        let Some(address) = self.tabs[tab].address().map(str::to_owned) else { return };
        let entropy = self.entropy();
        self.ask(tab, Question::Login, false, |ask| Input::LoginFromUrl { ask, address, entropy });
    }

    pub fn log_out(&mut self, tab: usize) {
        self.tally.count(Kind::CallLogout);
        let logout = match self.chance.below(4) {
            1 => Logout::new().return_to("/after"),
            2 => Logout::new().return_to(self.chance.pick(&EVIL)).state("x"),
            _ => Logout::new(),
        };
        self.ask(tab, Question::Logout, false, |ask| Input::Logout { ask, logout });
    }
}
