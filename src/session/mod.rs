//! The lifecycle, as a value.
//!
//! [`Session::handle`] takes what happened and returns what is to be done. It never waits, knows
//! no clock and draws no randomness: time and entropy come with the input, so a whole history
//! runs in a test within microseconds. Whoever drives it performs the effects and brings back
//! what came of them; an [`Ask`] is the ticket with which an answer finds its caller.
//!
//! Nothing here is tied to a page. Two effects belong to one, [`Effect::Navigate`] and
//! [`Effect::ReplaceAddress`]; all others can be performed anywhere.

mod confirmed_domains;
mod effect;
mod grant;
mod hint;
mod input;
mod login;
mod logout;
mod options;
mod pace;
mod pending;
mod renewal;
mod sign_in;
mod state;
mod user_info;
mod verification;

use core::time::Duration;
use std::sync::Arc;

pub use effect::{Answer, Effect, PendingKey, SignatureCheck};
pub use grant::SessionKey;
pub use hint::Hint;
pub use input::{Ask, Input, RequestId, SessionNumber, Transport};
pub use options::{Login, Logout};
pub use pending::{MOST_PENDING, Pending};
pub use state::{Reason, SignedIn, State};

use crate::protocol::config::{Config, Provider};
use crate::protocol::error::{Code, Error};
use crate::protocol::http::{Request, Response};
use crate::protocol::jwks::JwkSet;
use crate::protocol::metadata::ProviderMetadata;
use crate::protocol::secret::{RefreshToken, Secret};
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Deadline, Instant, Now, Timestamp};
use crate::protocol::url::Origin;
use confirmed_domains::ConfirmedDomains;
use grant::Grant;
use login::Departure;
use pace::{Budget, Jitter, RateLimiter};
use sign_in::{CallbackLookup, Exchange, Retry};
use verification::Verification;

/// Every request ends after this long.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// A person at the provider's page comes back within this time, or finds nothing that was kept for them.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(300);

/// A page that left to restore a session is back within this time, or does not come back.
const RESTORE_TIMEOUT: Duration = Duration::from_secs(10);

/// One person's session in one app, from the first page to the logout.
#[derive(Debug)]
pub struct Session {
    config: Config,
    /// The digest of all settings. Pending logins belong to it.
    owner: String,
    /// Known from the start for Wristband, after discovery for others.
    metadata: Option<ProviderMetadata>,
    keys: Option<JwkSet>,
    phase: Phase,
    /// What the answer to each request in flight is for.
    in_flight: Vec<InFlight>,
    /// Logins and sign-ins that wait for the provider's metadata.
    awaiting_metadata: Vec<AwaitingMetadata>,
    /// ID tokens that wait for the provider's keys.
    #[expect(clippy::vec_box, reason = "they come in boxes and go on in them")]
    awaiting_keys: Vec<Box<Verification>>,
    /// Sign-ins that met trouble, and are tried again.
    retrying: Vec<Retry>,
    /// Pages that were opened with a callback of no login of ours, and what they will be told.
    foreign_callbacks: Vec<(Ask, Error)>,
    /// Pages that wait for a sign-in that another page brought back.
    opening: Vec<Ask>,
    /// Refresh tokens that could not be revoked yet, because the device is offline.
    unrevoked: Vec<RefreshToken>,
    /// Requests that were not sent, because there were too many.
    held_back: Vec<RequestId>,
    /// How far the world's clock is ahead of this device's, in milliseconds, as far as it was learned.
    clock_offset: i64,
    /// The number of the next access token, counted over all sign-ins.
    generation: u32,
    /// Counts the beginnings and ends of sessions, so that an answer for another one is recognised.
    epoch: u32,
    /// Where the numbers of this vault's sessions start.
    first_number: u64,
    /// Counts logouts: what began before one brings nobody back.
    logouts: u32,
    /// Whether a page left to restore the session. Others wait for it.
    away: bool,
    /// Whether a session was lost under pages that are still open: the user is asked before one of them
    /// is sent away.
    interrupted: bool,
    /// When a page that left to restore a session should be back.
    restored_by: Option<Deadline>,
    last_request: u32,
    /// When a page that left for a login need not be expected any more.
    login_until: Option<Deadline>,
    /// Whether there is a network, as far as is known.
    online: bool,
    /// What the device said last about that. It can be wrong: a request that succeeds proves it.
    device_is_online: bool,
    outlives_pages: bool,
    /// The origin of the app's pages.
    page: Option<Origin>,
    /// The tenant that somebody was last signed in to.
    last_tenant: Tenant,
    confirmed_domains: ConfirmedDomains,
    rate_limiter: RateLimiter,
    jitter: Jitter,
    now: Now,
    effects: Vec<Effect>,
}

#[derive(Debug)]
enum Phase {
    Failed(Error),
    Loading,
    SignedIn(Box<Grant>),
    SignedOut(Reason),
}

/// A request whose answer is still to come.
#[derive(Debug)]
struct InFlight {
    request: RequestId,
    expect: Expect,
    /// Whether the device said that it is offline when the request was sent.
    is_probe: bool,
}

/// What came of a request.
type Outcome<'a> = Result<&'a Response, Error>;

/// What an answer is for. The rest of the work travels with it.
#[derive(Debug)]
enum Expect {
    Confirmation(Box<Departure>),
    Exchange(Box<Exchange>),
    Farewell(Box<logout::Farewell>),
    Keys,
    Metadata,
    Pending(Box<CallbackLookup>),
    Probe(Box<Departure>),
    Renewal { epoch: u32 },
    Revocation(Option<Box<logout::Farewell>>),
    Signature(Box<Verification>),
    Stored(Box<Departure>, Secret),
    Time(Box<Verification>),
    UserInfo(user_info::Call),
}

#[derive(Debug)]
enum AwaitingMetadata {
    Departure(Box<Departure>),
    Exchange(Box<Exchange>),
}

impl Session {
    /// A session that has not been opened. `seed` varies the pauses between retries and the numbers
    /// of the sessions; it is no secret.
    pub fn new(config: Config, seed: u64) -> Self {
        let metadata = match config.provider() {
            Provider::Wristband(application) => Some(ProviderMetadata::wristband(application)),
            Provider::OpenId(_) => None,
        };
        Self {
            owner: config.digest(),
            config,
            metadata,
            keys: None,
            phase: Phase::Loading,
            in_flight: Vec::new(),
            awaiting_metadata: Vec::new(),
            awaiting_keys: Vec::new(),
            retrying: Vec::new(),
            foreign_callbacks: Vec::new(),
            opening: Vec::new(),
            unrevoked: Vec::new(),
            held_back: Vec::new(),
            clock_offset: 0,
            generation: 0,
            epoch: 0,
            first_number: Jitter::new(seed).next(),
            logouts: 0,
            away: false,
            interrupted: false,
            restored_by: None,
            last_request: 0,
            login_until: None,
            online: true,
            device_is_online: true,
            outlives_pages: false,
            page: None,
            last_tenant: Tenant::default(),
            confirmed_domains: ConfirmedDomains::default(),
            rate_limiter: RateLimiter::default(),
            jitter: Jitter::new(seed),
            now: Now { monotonic: Instant::from_millis(0), wall: Timestamp::from_millis(0) },
            effects: Vec::new(),
        }
    }

    /// Whether it is still there when its page has gone to the provider. It then asks for the keys
    /// while the person is away.
    #[must_use]
    pub fn outliving_pages(mut self, does: bool) -> Self {
        self.outlives_pages = does;
        self
    }

    /// Takes what happened, and says what is to be done, in this order.
    #[must_use = "the effects have to be performed"]
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        self.now = now;
        // A deadline that has passed meanwhile comes before whatever happens now.
        while self.expire() {}
        match input {
            Input::Fetched { request, outcome } => self.fetched(request, outcome),
            Input::Login { ask, login, entropy } => self.login(ask, login, entropy),
            Input::LoginFromUrl { ask, address, entropy } => self.login_from_url(ask, &address, entropy),
            Input::Logout { ask, logout } => self.logout(ask, &logout),
            Input::Online(online) => self.device_says(online),
            Input::Opened { ask, address, hint, online, resumed, entropy } => {
                self.device_says(online);
                self.opened(ask, &address, hint, resumed, entropy);
            }
            Input::PendingClaimed { request, pending } => self.pending_claimed(request, pending),
            Input::PendingStored { request, stored } => self.pending_stored(request, stored),
            Input::Renew { ask, session } => self.renew(ask, session),
            Input::Returned { online } => {
                self.device_says(online);
                self.returned();
            }
            Input::SignatureChecked { request, signature } => self.signature_checked(request, signature),
            Input::SignedOutElsewhere { session } => self.signed_out_elsewhere(&session),
            Input::TimeTold { request, time } => self.time_told(request, time),
            Input::Token { ask, session } => self.token(ask, session),
            Input::TokenRefused { ask, session, generation, api } => self.token_refused(ask, session, generation, api),
            Input::UserInfo { ask, session } => self.user_info(ask, session),
            Input::Woke => {}
        }
        // What is due can make something else due, and so can a request that is not sent.
        loop {
            while let Some(request) = self.held_back.pop() {
                self.concluded(request, Err(Code::TooManyRequests.into()));
            }
            if !self.run_due_work() {
                break;
            }
        }
        core::mem::take(&mut self.effects)
    }

    /// How long from now until [`Input::Woke`] is wanted, if nothing else happens before.
    pub fn wakes_in(&self, now: Now) -> Option<Duration> {
        let wakes_in = match &self.phase {
            Phase::Loading => self.restored_by.map(|deadline| deadline.left(now)),
            Phase::SignedIn(grant) => grant.wakes_in(now, self.online),
            Phase::Failed(_) | Phase::SignedOut(_) => None,
        };
        let retries = self.retrying.iter().map(|retry| retry.wakes_in(now, self.online));
        retries.chain(wakes_in).min()
    }

    /// What is shown to the app. It holds no token.
    pub fn state(&self) -> State {
        match &self.phase {
            Phase::Failed(error) => State::Failed(error.clone()),
            Phase::Loading => State::Loading,
            Phase::SignedIn(grant) => {
                let clock_skew = self.clock_offset / 1000;
                State::SignedIn(Arc::new(SignedIn { clock_skew, offline: !self.online, ..grant.show() }))
            }
            Phase::SignedOut(reason) => State::SignedOut(*reason),
        }
    }

    /// The number of the current session, if a user is signed in.
    pub fn number(&self) -> Option<SessionNumber> {
        let number = || SessionNumber::from_u64(self.first_number.wrapping_add(self.epoch.into()));
        matches!(self.phase, Phase::SignedIn(_)).then(number)
    }

    /// Whether a call that was made in this session may go on: the session is still the current one.
    pub fn is_current(&self, session: Option<SessionNumber>) -> bool {
        self.number().is_some_and(|number| session.is_none_or(|session| session == number))
    }

    /// Whether [`Input::Opened`] with this address would look at the hint. It takes time to read, and
    /// neither a session that lives nor one that is coming needs it.
    pub fn wants_hint(&self, address: &str) -> bool {
        match self.phase {
            Phase::Failed(_) | Phase::Loading => true,
            Phase::SignedIn(_) => false,
            // Whether a session can be restored was found out before.
            Phase::SignedOut(_) => !self.is_callback(address),
        }
    }

    /// How much longer somebody who left for a login may need this, with nothing in it that has to be
    /// forgotten sooner. Zero when nobody does.
    pub fn expects_somebody(&self, now: Now) -> Duration {
        let holds_tokens = matches!(self.phase, Phase::SignedIn(_)) || self.is_signing_in() || !self.unrevoked.is_empty();
        let deadline = self.login_until.filter(|_| !holds_tokens);
        deadline.map_or(Duration::ZERO, |deadline| deadline.left(now))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    fn fetched(&mut self, request: RequestId, outcome: Result<Response, Transport>) {
        match &outcome {
            Ok(response) => self.concluded(request, Ok(response)),
            Err(transport) => self.concluded(request, Err(self.transport_error(*transport))),
        }
    }

    /// A request came to its end, sent or not.
    fn concluded(&mut self, request: RequestId, outcome: Outcome<'_>) {
        let Some(InFlight { expect, is_probe, .. }) = self.take_in_flight(request) else { return };
        if is_probe && outcome.is_ok() {
            // The device is wrong about being offline.
            self.set_online(true);
        }
        match expect {
            Expect::Confirmation(departure) => self.domain_confirmed(departure, outcome),
            Expect::Exchange(exchange) => self.code_exchanged(exchange, outcome),
            Expect::Farewell(farewell) => self.farewell_confirmed(farewell, outcome),
            Expect::Keys => self.keys_fetched(outcome),
            Expect::Metadata => self.metadata_fetched(outcome),
            Expect::Probe(departure) => self.probed(departure, outcome),
            Expect::Renewal { epoch } => self.renewed(epoch, outcome),
            Expect::Revocation(farewell) => self.revoked(farewell),
            Expect::UserInfo(call) => self.user_info_fetched(call, outcome),
            Expect::Pending(_) | Expect::Signature(_) | Expect::Stored(..) | Expect::Time(_) => {}
        }
    }

    fn metadata_fetched(&mut self, outcome: Outcome<'_>) {
        let Provider::OpenId(issuer) = self.config.provider() else { return };
        let error = match outcome.and_then(|response| ProviderMetadata::parse(response, issuer, &self.config)) {
            Ok(metadata) => {
                self.metadata = Some(metadata);
                None
            }
            Err(error) => Some(error),
        };
        for waiting in core::mem::take(&mut self.awaiting_metadata) {
            match (waiting, &error) {
                (AwaitingMetadata::Departure(departure), None) => self.depart(departure.reached()),
                (AwaitingMetadata::Departure(departure), Some(error)) => self.departure_failed(&departure, error.clone()),
                (AwaitingMetadata::Exchange(exchange), None) => self.judge(exchange),
                (AwaitingMetadata::Exchange(exchange), Some(error)) => self.exchange_met_trouble(exchange, error.clone(), None),
            }
        }
    }

    /// Lets the work wait for the metadata, which is asked for once.
    fn await_metadata(&mut self, waiting: AwaitingMetadata) {
        if let (true, Provider::OpenId(issuer)) = (self.awaiting_metadata.is_empty(), self.config.provider()) {
            self.fetch(ProviderMetadata::request(issuer), Expect::Metadata);
        }
        self.awaiting_metadata.push(waiting);
    }

    /// The device says whether it has a network. What it said before was heard, and may have been
    /// found to be wrong since.
    fn device_says(&mut self, online: bool) {
        let before = core::mem::replace(&mut self.device_is_online, online);
        if online || before {
            self.set_online(online);
        }
    }

    fn set_online(&mut self, online: bool) {
        let back = online && !self.online;
        self.online = online;
        if !back {
            return;
        }
        for token in core::mem::take(&mut self.unrevoked) {
            self.revoke(&token, None);
        }
        self.hurry_retries();
        if let Phase::SignedIn(grant) = &mut self.phase {
            grant.forgive_network();
        }
    }

    /// A page was left for the provider and came back as it was, from the browser's cache. Nothing
    /// that it waited for will come.
    fn returned(&mut self) {
        if matches!(self.phase, Phase::Loading) && !self.is_signing_in() && !self.is_leaving_to_restore() {
            self.phase = Phase::SignedOut(Reason::Expired);
        }
    }

    /// Whether a page is about to leave, to restore a session.
    fn is_leaving_to_restore(&self) -> bool {
        let in_flight = self.in_flight.iter().any(|in_flight| match &in_flight.expect {
            Expect::Confirmation(departure) | Expect::Probe(departure) | Expect::Stored(departure, _) => departure.is_restoring(),
            _ => false,
        });
        let awaiting = |waiting: &AwaitingMetadata| matches!(waiting, AwaitingMetadata::Departure(it) if it.is_restoring());
        in_flight || self.awaiting_metadata.iter().any(awaiting)
    }

    /// The number of the next access token.
    fn next_generation(&mut self) -> u32 {
        let generation = self.generation;
        self.generation = generation.wrapping_add(1);
        generation
    }

    /// The time of the world, as well as it is known.
    fn world_time(&self) -> Timestamp {
        Timestamp::from_millis(self.now.wall.as_millis().saturating_add(self.clock_offset))
    }

    /// Ends what a passed deadline ends. Says whether there was anything.
    fn expire(&mut self) -> bool {
        if self.restored_by.is_some_and(|deadline| deadline.reached(self.now)) {
            self.restored_by = None;
            self.away = false;
            self.returned();
            return true;
        }
        if matches!(&self.phase, Phase::SignedIn(grant) if grant.has_ended(self.now)) {
            self.end(Reason::Expired, &Code::InvalidGrant.into());
            return true;
        }
        false
    }

    /// Does one thing that is due without anybody asking. Says whether there was anything.
    fn run_due_work(&mut self) -> bool {
        if self.expire() || self.retry_sign_in() {
            return true;
        }
        let is_settled = match self.phase {
            Phase::Loading => false,
            Phase::SignedIn(_) => true,
            // A sign-in that another page brought back may change this at any moment.
            Phase::Failed(_) | Phase::SignedOut(_) => !self.is_signing_in(),
        };
        if is_settled && (self.away || self.restored_by.is_some() || !self.opening.is_empty()) {
            self.away = false;
            self.restored_by = None;
            for ask in core::mem::take(&mut self.opening) {
                self.done(ask);
            }
            return true;
        }
        if self.loads_for_nothing() {
            self.phase = Phase::SignedOut(Reason::Expired);
            return true;
        }
        let Phase::SignedIn(grant) = &self.phase else { return false };
        if self.online && grant.is_refused(self.now) {
            self.renewal_refused();
            return true;
        }
        let is_due = self.online && grant.renewal_is_due(self.now);
        is_due && self.start_renewal()
    }

    /// Whether pages were opened, and nothing that they wait for will come: the sign-in that they waited
    /// for came to nothing because a user logged out meanwhile.
    fn loads_for_nothing(&self) -> bool {
        let waits = self.page.is_none() || self.restored_by.is_some() || self.away;
        matches!(self.phase, Phase::Loading) && !waits && !self.is_signing_in() && !self.is_leaving_to_restore()
    }

    fn fetch(&mut self, request: Request, expect: Expect) {
        self.fetch_within(request, REQUEST_TIMEOUT, expect);
    }

    fn fetch_within(&mut self, request: Request, timeout: Duration, expect: Expect) {
        let budget = match expect {
            Expect::Confirmation(_) | Expect::Farewell(_) => Some(Budget::Confirmation),
            Expect::Exchange(_) => Some(Budget::Exchange),
            Expect::Keys | Expect::Metadata | Expect::Probe(_) => Some(Budget::Provider),
            Expect::Renewal { .. } => Some(Budget::Renewal),
            Expect::UserInfo(_) => Some(Budget::UserInfo),
            // There is one revocation to a session, and it must not be missing. The others are no requests.
            Expect::Revocation(_) | Expect::Pending(_) | Expect::Signature(_) | Expect::Stored(..) | Expect::Time(_) => None,
        };
        let admitted = budget.is_none_or(|budget| self.rate_limiter.admit(budget, self.now.monotonic));
        let id = self.expect(expect);
        if admitted {
            self.effects.push(Effect::Fetch { request: id, what: request, timeout });
        } else {
            self.held_back.push(id);
        }
    }

    /// Notes what the answer to the next request will be for.
    fn expect(&mut self, expect: Expect) -> RequestId {
        self.last_request = self.last_request.wrapping_add(1);
        let request = RequestId(self.last_request);
        self.in_flight.push(InFlight { request, expect, is_probe: !self.online });
        request
    }

    fn take_expected(&mut self, request: RequestId) -> Option<Expect> {
        self.take_in_flight(request).map(|in_flight| in_flight.expect)
    }

    fn take_in_flight(&mut self, request: RequestId) -> Option<InFlight> {
        let index = self.in_flight.iter().position(|in_flight| in_flight.request == request)?;
        Some(self.in_flight.swap_remove(index))
    }

    fn done(&mut self, ask: Ask) {
        let foreign = self.foreign_callbacks.iter().position(|(other, _)| *other == ask);
        match foreign.map(|index| self.foreign_callbacks.swap_remove(index)) {
            Some((_, error)) => self.fail(ask, error),
            None => self.answer(ask, Ok(Answer::Done)),
        }
    }

    fn fail(&mut self, ask: Ask, error: Error) {
        self.answer(ask, Err(error));
    }

    fn answer(&mut self, ask: Ask, answer: Result<Answer, Error>) {
        self.effects.push(Effect::Answer { ask, answer });
    }

    fn transport_error(&self, transport: Transport) -> Error {
        Error::new(match transport {
            _ if !self.online => Code::Offline,
            Transport::Failed => Code::Network,
            Transport::TimedOut => Code::Timeout,
        })
    }
}
