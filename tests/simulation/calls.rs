//! The app's calls to a session.

use wristband_spa_auth::protocol::authorize::Prompt;
use wristband_spa_auth::session::{CallId, Input, Login, Logout, SessionNumber, TokenGeneration};

use super::provider::{DOMAINS, TENANTS};
use super::tally::Kind;
use super::vault::{Asked, Question, Refused};
use super::world::World;

/// Addresses to which no user may be redirected.
const EVIL: [&str; 6] = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/../..//evil.example",
    "javascript:evil.example",
    "/%2e%2e//evil.example",
];
/// The `state` of callbacks that somebody made up.
pub const FORGED: [&str; 2] = ["nobody-began-this", "State___ffffffffAAAAAAAAAAAAAAAAAAAAAAAAAAA"];
const EVIL_TENANTS: [&str; 4] = ["evil.example/x?", "a.b", "evil.example#", "x@evil.example"];

impl World<'_> {
    /// Makes a call to the session of a tab.
    pub fn ask(&mut self, tab: usize, what: Question, hinted: bool, input: impl FnOnce(CallId) -> Input) {
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
        input: impl FnOnce(CallId) -> Input,
    ) {
        let (Some(vault), Some(page)) = (self.tabs[tab].vault(), self.tabs[tab].page()) else { return };
        self.last_call_id += 1;
        let call_id = CallId(self.last_call_id);
        let at = self.device.wall(self.time);
        let returning = self.tabs[tab].address().is_some_and(|address| address.contains("state="));
        let forged = self.tabs[tab].address().is_some_and(|address| FORGED.iter().any(|state| address.contains(state)));
        self.vaults[vault].asks.push(Asked { call_id, tab, page, what, at, hinted, returning, forged, session });
        self.input(vault, input(call_id));
    }

    /// Makes a call in the session that the page believes to be current. Some pages do not name it.
    fn call_as_believed(&mut self, tab: usize, what: Question, input: impl FnOnce(CallId, Option<SessionNumber>) -> Input) {
        let Some(vault) = self.tabs[tab].vault() else { return };
        let current = self.vaults[vault].session.number();
        let said = if self.chance.one_in(4) { None } else { self.tabs[tab].believes() };
        if said.is_some() && said != current {
            self.tally.count(Kind::CallOfAnEarlierSession);
        }
        self.ask_in(said.or(current), tab, what, false, |call_id| input(call_id, said));
    }

    /// An API answers 401 to a call of a page that is still open.
    pub fn api_refuses(&mut self, tab: usize, page: u32, refused: Refused) {
        self.step += 1;
        if self.tabs[tab].page() != Some(page) || !self.tabs[tab].vault().is_some_and(|vault| self.is_awake(vault)) {
            return;
        }
        self.tally.count(Kind::ApiRefused);
        let Refused { session, generation, api } = refused;
        let input = |call_id| Input::TokenRefused { call_id, session, generation, api: Some(api) };
        self.ask_in(Some(session), tab, Question::Token { api: Some(api), tried: true }, false, input);
    }

    /// One of the app's calls, by number.
    pub fn call(&mut self, tab: usize, what: u32) {
        match what {
            0..=2 => {
                self.tally.count(Kind::CallToken);
                let api = self.some_api();
                let question = Question::Token { api, tried: false };
                self.call_as_believed(tab, question, |call_id, session| Input::Token { call_id, session, api });
            }
            3 | 4 => {
                self.tally.count(Kind::CallUserInfo);
                self.call_as_believed(tab, Question::UserInfo, |call_id, session| Input::UserInfo { call_id, session });
            }
            5 | 6 => {
                self.tally.count(Kind::CallRenew);
                self.call_as_believed(tab, Question::Renew, |call_id, session| Input::Renew { call_id, session });
            }
            _ => {
                self.tally.count(Kind::CallTokenRefused);
                let current = self.tabs[tab].vault().and_then(|vault| self.vaults[vault].session.number());
                let generation = TokenGeneration(self.chance.below(5));
                let api = self.some_api();
                let question = Question::Token { api, tried: false };
                self.call_as_believed(tab, question, |call_id, session| Input::TokenRefused {
                    call_id,
                    session: session.or(current).unwrap_or_else(|| SessionNumber::from_u64(0)),
                    generation,
                    api,
                });
            }
        }
    }

    /// Many concurrent calls, of the same kind or of different kinds.
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
        self.ask(tab, Question::Login, false, |call_id| Input::Login { call_id, login, entropy });
    }

    /// A page's guard starts a login without a user action.
    pub fn logs_in_by_itself(&mut self, tab: usize, page: u32) {
        self.step += 1;
        if self.tabs[tab].page() != Some(page) || !self.tabs[tab].vault().is_some_and(|vault| self.is_awake(vault)) {
            return;
        }
        self.tally.count(Kind::CallAutomaticLogin);
        let login = if self.provider.is_wristband { Login::to(TENANTS[0]) } else { Login::new() };
        let (login, entropy) = (login.automatic(true), self.entropy());
        self.ask(tab, Question::AutomaticLogin, false, |call_id| Input::Login { call_id, login, entropy });
    }

    /// The app's login route starts a login from its URL.
    pub fn log_in_from_url(&mut self, tab: usize) {
        self.tally.count(Kind::CallLoginFromUrl);
        let Some(address) = self.tabs[tab].address().map(str::to_owned) else { return };
        let entropy = self.entropy();
        self.ask(tab, Question::Login, false, |call_id| Input::LoginFromUrl { call_id, address, entropy });
    }

    pub fn log_out(&mut self, tab: usize) {
        self.tally.count(Kind::CallLogout);
        let logout = match self.chance.below(4) {
            1 => Logout::new().return_to("/after"),
            2 => Logout::new().return_to(self.chance.pick(&EVIL)).state("x"),
            _ => Logout::new(),
        };
        self.ask(tab, Question::Logout, false, |call_id| Input::Logout { call_id, logout });
    }
}
