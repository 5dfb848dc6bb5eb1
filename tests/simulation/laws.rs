//! The laws, as checked on every output of a session.

use wristband_spa_auth::protocol::http::Request;
use wristband_spa_auth::protocol::user_info::UserInfo;
use wristband_spa_auth::session::{Answer, Effect, MAX_PENDING, SessionNumber};

use super::device::Trouble;
use super::provider::{AccessToken, DOMAINS, TENANTS};
use super::serving;
use super::tally::Kind;
use super::text::{self, ACCESS, JWT, MARK, parameter};
use super::vault::{Asked, Purpose, Question, Vault};
use super::world::World;

/// The provider's own logout.
const END_SESSION: (&str, &str) = ("id.example", "/realm/logout");

pub const TOKENS: &str = "1: no token leaves";
pub const RENEWAL: &str = "2: one renewal at a time, no refresh token twice";
pub const PROOF: &str = "3: only proof ends a session";
pub const CALLBACK: &str = "4: a callback is used at most once";
pub const PLANTED: &str = "4: nobody is signed in as another user by a planted or foreign link";
pub const TRUTH: &str = "5: no session before the ID token passed everything";
pub const BOUND: &str = "5: a bound token is used with its own key only";
pub const TARGET: &str = "6: the token of one API goes to no other";
pub const ADDRESSES: &str = "7: only known hosts, only own paths";
pub const STORAGE: &str = "8: everything stored has an end";
pub const STORM: &str = "9: no storms";
pub const REDIRECT: &str = "9: no redirect loops, none while offline, none for strangers";
pub const ANSWERS: &str = "10: every ask is answered once";
pub const LOGOUT: &str = "a logout is final, everywhere";
pub const TENANT: &str = "nothing leaks from one tenant to another";
pub const HANDS: &str = "11: no page is sent away under the user's hands";
pub const SESSION: &str = "13: a call belongs to the session it was made in";
pub const HOUR_OF_REFUSALS: &str = "3: never signed in for an hour while no call can succeed";
pub const API: &str = "9: an API that refuses every token is not renewed for again and again";
pub const LIVENESS: &str = "everything settles when faults stop";
pub const PANIC: &str = "10: never a panic";

/// How many requests of a kind may be sent within a minute.
fn budget(purpose: &Purpose) -> Option<(usize, usize)> {
    match purpose {
        Purpose::Confirmation { .. } => Some((0, 10)),
        Purpose::Exchange { .. } => Some((1, 20)),
        Purpose::Keys | Purpose::Metadata => Some((2, 30)),
        Purpose::Renewal { .. } => Some((3, 60)),
        Purpose::UserInfo => Some((4, 60)),
        Purpose::Revocation { .. } => None,
    }
}

const HOUR: i64 = 3_600_000;
/// How long a token is new.
pub const NEW: i64 = 600_000;

impl World<'_> {
    /// Law 1, for everything that a session shows. Effects that may carry a secret are left out: requests,
    /// signatures to check, the stored login, the token that the app asked for.
    pub fn check_for_leaks(&mut self, effects: &[Effect]) {
        if effects.is_empty() || !self.step.is_multiple_of(64) {
            return;
        }
        let mut shown = String::new();
        for effect in effects {
            shown.push_str(&format!("{effect:?}"));
            match effect {
                Effect::Answer { answer: Err(error), .. } => shown.push_str(&error.to_string()),
                Effect::Answer { answer: Ok(Answer::UserInfo(user_info)), .. } => shown.push_str(&user_info.claims().to_text()),
                Effect::WriteHint(hint) => shown.push_str(&hint.to_json().to_text()),
                Effect::AnnounceLogout(session) => shown.push_str(session.as_str()),
                Effect::StorePending { pending, .. } => {
                    // A pending login is stored to keep the code verifier; a token is never stored.
                    shown.push_str(&pending.to_json().to_text().replace("SekritV_", ""));
                }
                _ => {}
            }
        }
        for vault in self.vaults.iter().filter(|vault| vault.alive) {
            shown.push_str(&format!("{:?}{:?}", vault.session, vault.session.state()));
        }
        if shown.contains(MARK) || shown.contains(JWT) {
            self.breaks(TOKENS, || format!("a secret is shown: {shown}"));
        }
    }

    /// A request is sent.
    pub fn judge_request(&mut self, vault: usize, what: &Request, purpose: &Purpose) {
        let monotonic = self.device.monotonic(self.time);
        let wall = self.device.wall(self.time);
        let bearer_belongs = *purpose == Purpose::UserInfo;
        if what.bearer.is_some() != bearer_belongs || what.url.contains(MARK) || what.url.contains(JWT) {
            self.breaks(TOKENS, || format!("a token went to {}", what.url));
        }
        let is_proven = matches!(purpose, Purpose::Exchange { .. } | Purpose::Renewal { .. } | Purpose::UserInfo);
        if what.proof.is_some() != (is_proven && self.provider.binds) {
            self.breaks(BOUND, || format!("a request with a proof, or none: {}", what.url));
        }
        // A request with a proof may be sent twice more: with the server's nonce, and with its time.
        let times = if what.proof.is_some() { 3 } else { 1 };
        let record = &mut self.vaults[vault];
        if let Some((budget, most)) = budget(purpose)
            && Vault::count_in_window(&mut record.requests[budget], monotonic, 60_000) > most * times
        {
            return self.breaks(STORM, || format!("session {vault} sent more than {most} requests within a minute: {purpose:?}"));
        }
        match *purpose {
            Purpose::Renewal { token, family, .. } => {
                let twice = |purpose: &Purpose| matches!(purpose, Purpose::Renewal { family: other, .. } if *other == family);
                if record.flights.iter().any(|flight| twice(&flight.purpose)) {
                    return self.breaks(RENEWAL, || format!("session {vault} renews twice at once"));
                }
                if record.spent.contains(&token) {
                    return self.breaks(RENEWAL, || format!("session {vault} sent refresh token {token} after its answer came"));
                }
                // A call by the user gets a try: the device can be wrong about being offline.
                let is_asked = record.asks.iter().any(|asked| asked.what == Question::Renew);
                if record.quiet.is_some_and(|(asked, by, wall_by)| asked == family && monotonic < by && wall < wall_by) {
                    self.breaks(STORM, || format!("session {vault} did not leave the provider alone"));
                }
                if !self.vaults[vault].online && !is_asked {
                    self.breaks(STORM, || format!("session {vault} renews while offline"));
                }
            }
            Purpose::UserInfo => {
                self.judge_api_of_token(None, what.bearer.as_ref().map_or("", |token| token.expose()));
                let record = &self.vaults[vault];
                let sessions = [record.number_before, record.session.number()];
                let is_asked = |asked: &&Asked| asked.what == Question::UserInfo && sessions.contains(&asked.session);
                if !record.asks.iter().any(|asked| is_asked(&asked)) {
                    self.breaks(SESSION, || format!("session {vault} asks for user info for a call of another session"));
                }
            }
            Purpose::Revocation { family } => record.revoked.push(family),
            Purpose::Exchange { code, login } => self.judge_exchange(vault, code, login),
            _ => {}
        }
    }

    /// Law 4: a code is sent to the token endpoint.
    fn judge_exchange(&mut self, vault: usize, code: u32, login: Option<u32>) {
        let poison = self.provider.codes.get(code as usize).and_then(|code| code.poison);
        if let Some(poison) = poison {
            self.breaks(CALLBACK, || format!("a code was exchanged in spite of {poison:?}"));
        }
        let wall = self.device.wall(self.time);
        let Some(record) = login.and_then(|login| self.logins.get_mut(login as usize)) else {
            return self.breaks(CALLBACK, || "a code was exchanged for a login that was never started".to_owned());
        };
        record.exchanges += 1;
        let again = core::mem::replace(&mut record.may_repeat, false);
        let is_under_way = self.vaults[vault].flights.iter().any(|flight| flight.purpose == Purpose::Exchange { code, login });
        let (exchanges, age) = (record.exchanges, wall - record.stored_at.unwrap_or(i64::MIN / 2));
        if exchanges > 1 && (!again || is_under_way) {
            self.breaks(CALLBACK, || format!("login {login:?} reached the token endpoint {exchanges} times"));
        }
        if !(-HOUR / 6..=HOUR).contains(&age) && exchanges == 1 && self.provider.is_wristband {
            // If metadata has to be fetched first, the clock may have moved since the age was checked.
            self.breaks(CALLBACK, || format!("login {login:?} was finished when it was {age} ms old"));
        }
        let code = text::secret(text::CODE, code);
        if self.tabs.iter().any(|tab| tab.vault() == Some(vault) && tab.address().is_some_and(|address| address.contains(&code))) {
            self.breaks(CALLBACK, || "a code was sent while it stood in the address bar".to_owned());
        }
    }

    /// Laws 7 and 9: the browser is redirected.
    pub fn judge_navigation(&mut self, vault: usize, asked: &Asked, url: &str) {
        let record = &self.vaults[vault];
        if !record.online {
            return self.breaks(REDIRECT, || format!("session {vault} redirects while offline"));
        }
        let Some((host, path)) = text::host_and_path(url) else {
            return self.breaks(ADDRESSES, || format!("the browser was sent to {url}"));
        };
        let default = self.config == 5 && host == DOMAINS[0];
        let confirmed = default || self.confirmed.iter().any(|domain| domain == host);
        let own = host == "app.example" && matches!(path, "/bye" | "/login" | "/after");
        if !(serving::is_of_the_provider(host, self.provider.is_wristband) || confirmed || own) || !serving::is_client(url) {
            return self.breaks(ADDRESSES, || format!("the browser was sent to {url}"));
        }
        // The law has one exception: a logout names the session that ends, to the provider's own logout.
        let hint = parameter(url, "id_token_hint").filter(|_| asked.what == Question::Logout && (host, path) == END_SESSION);
        let rest = hint.map_or_else(|| url.to_owned(), |hint| url.replace(hint, ""));
        if rest.contains(MARK) || rest.contains(JWT) || rest.contains("evil.example") {
            return self.breaks(TOKENS, || format!("the browser was sent to {url}"));
        }
        match asked.what {
            Question::Opened => self.judge_restoring(asked, url),
            Question::Resumed => self.breaks(HANDS, || format!("session {vault} sent away a page that had lost its vault")),
            Question::AutomaticLogin => self.judge_automatic_login(asked.at),
            _ => {}
        }
    }

    /// A page redirects to a login without a user action.
    fn judge_automatic_login(&mut self, at: i64) {
        self.tally.count(Kind::AutomaticLoginLeft);
        self.automatic.retain(|before| (at - before).abs() < 60_000);
        self.automatic.push(at);
        let logins = self.automatic.len();
        // Five, plus as many as several tabs had started before the others were stored.
        if logins > 14 && !self.device.guard_is_weak {
            self.breaks(REDIRECT, || format!("{logins} automatic logins within a minute"));
        }
    }

    /// A page that was only opened redirects automatically.
    fn judge_restoring(&mut self, asked: &Asked, url: &str) {
        let prompt = parameter(text::query(url), "prompt");
        if prompt != Some("none") && asked.returning {
            return self.judge_recovery(asked, url);
        }
        self.tally.count(Kind::RestoreRedirect);
        if prompt != Some("none") || !asked.hinted {
            return self.breaks(REDIRECT, || format!("a page of a stranger was redirected to {url}"));
        }
        let login = parameter(text::query(url), "state").and_then(text::login_number);
        if let Some(login) = login.and_then(|login| self.logins.get_mut(login as usize)) {
            login.restoring = true;
        }
        // A page that came back with a forgotten login had read the count before others wrote it.
        if asked.call_id.0 <= self.asks_before || asked.returning {
            return;
        }
        // The start time counts: storage and sleep can delay several logins.
        self.restores.retain(|at| (asked.at - at).abs() < 60_000);
        self.restores.push(asked.at);
        let attempts = self.restores.len();
        // Five, and as many more as several tabs had started before the others wrote the count.
        if attempts > 14 && !self.device.guard_is_weak {
            self.breaks(REDIRECT, || format!("{attempts} attempts to restore within a minute"));
        }
    }

    /// A login starts again after a callback that finished none.
    fn judge_recovery(&mut self, asked: &Asked, url: &str) {
        self.tally.count(Kind::RecoveryRedirect);
        let login = parameter(text::query(url), "state").and_then(text::login_number);
        if let Some(login) = login.and_then(|login| self.logins.get_mut(login as usize)).filter(|_| asked.forged) {
            login.restoring = true;
        }
        self.recoveries.retain(|at| (asked.at - at).abs() < 600_000);
        self.recoveries.push(asked.at);
        let recoveries = self.recoveries.len();
        // One, and as many more as several tabs had started before the first was stored.
        if recoveries > 9 && !self.device.guard_is_weak {
            self.breaks(REDIRECT, || format!("{recoveries} logins started again within ten minutes"));
        }
    }

    /// Law 8.
    pub fn judge_storage(&mut self) {
        if self.device.storage.trouble != Trouble::None {
            return;
        }
        let wall = self.device.wall(self.time);
        let pending = &self.device.storage.pending;
        let too_old = pending.iter().any(|(_, pending)| wall - pending.created_at().as_millis() > HOUR);
        if pending.len() > 5 || MAX_PENDING > 5 || too_old {
            let count = pending.len();
            self.breaks(STORAGE, || format!("{count} logins are pending, too old: {too_old}"));
        }
    }

    /// The app received an access token: it has to belong to the user who is signed in.
    pub fn judge_access_token(&mut self, vault: usize, token: &str) {
        let access = text::secret_number(ACCESS, token).and_then(|token| self.provider.access.get(token as usize));
        let Some(AccessToken { family, .. }) = access.copied() else {
            return self.breaks(TENANT, || format!("an access token that was never issued: {token}"));
        };
        let owner = &self.provider.families[family];
        let (person, tenant) = (format!("user-{}", owner.person), self.tenant_id(owner.tenant));
        self.judge_owner(vault, &person, tenant.as_deref());
    }

    /// Law 13: a token was handed out for a call.
    pub fn judge_session_of_token(&mut self, vault: usize, asked: &Asked, session: SessionNumber, token: &str) {
        if asked.session != Some(session) {
            return self.breaks(SESSION, || format!("{asked:?} was given a token of {session:?}"));
        }
        let family = text::secret_number(ACCESS, token).and_then(|token| self.provider.access.get(token as usize));
        let of_session = self.vaults[vault].families.iter().find(|(number, _)| *number == session).map(|(_, family)| *family);
        if family.map(|access| access.family) != of_session {
            self.breaks(SESSION, || format!("{asked:?} was given a token of another session, as one of its own"));
        }
    }

    /// Law 13: a call was answered with data of the current session.
    pub fn judge_session_of_answer(&mut self, vault: usize, asked: &Asked) {
        let record = &self.vaults[vault];
        if ![record.number_before, record.session.number()].contains(&asked.session) || asked.session.is_none() {
            self.breaks(SESSION, || format!("{asked:?} was answered in another session"));
        }
    }

    /// The app received user info: it has to be about the user who is signed in.
    pub fn judge_user_info(&mut self, vault: usize, user_info: &UserInfo) {
        self.judge_owner(vault, user_info.user_id(), user_info.tenant_id());
    }

    fn judge_owner(&mut self, vault: usize, person: &str, tenant: Option<&str>) {
        let state = self.vaults[vault].session.state();
        let same = state.signed_in().map(|session| session.user_id == person && session.tenant_id.as_deref() == tenant);
        // A session can end right after it answered.
        let seen = &self.vaults[vault].seen;
        let same = same.unwrap_or_else(|| seen.person == person && seen.tenant.as_deref() == tenant);
        if !same {
            self.breaks(TENANT, || format!("something of {person} in {tenant:?} was answered in {state:?}"));
        }
    }

    pub fn tenant_id(&self, tenant: u8) -> Option<String> {
        self.provider.is_wristband.then(|| format!("tenant-{}", TENANTS[usize::from(tenant)]))
    }
}
