//! The session's lifecycle, as a state machine.
//!
//! [`Session::handle`] takes an input and returns the effects to perform. It never waits, reads no
//! clock and generates no random numbers: time and entropy come with the input, so a whole history
//! runs in a test within microseconds. The driver performs the effects and returns their results
//! as inputs. A [`CallId`] matches an answer to its call.
//!
//! Nothing here depends on a page. Two effects need one, [`Effect::Navigate`] and
//! [`Effect::ReplaceAddress`]; all others can be performed anywhere.

mod active_session;
mod backoff;
mod confirmed_domains;
mod counters;
mod dpop;
mod effect;
mod hint;
mod idle;
mod input;
mod login;
mod logout;
mod options;
mod pending;
mod recovery;
#[cfg(feature = "native")]
mod remember;
mod renewal;
mod sign_in;
mod state;
#[cfg(feature = "native")]
mod stored;
mod user_info;
mod verification;

use core::time::Duration;
use std::sync::Arc;

pub use active_session::SessionKey;
pub use counters::TokenGeneration;
pub use effect::{Answer, Effect, PendingKey, SignatureCheck};
pub use hint::SessionHint;
pub use idle::Presence;
pub use input::{CallId, Input, RequestId, SessionNumber, Transport};
pub use options::{Login, Logout};
pub use pending::{MAX_PENDING, PendingLogin};
pub use state::{Reason, State, UserSession};
#[cfg(feature = "native")]
pub use stored::{StoredKey, StoredSession};

use crate::protocol::config::{Config, Provider, TokenIndex};
use crate::protocol::error::{Code, Error};
use crate::protocol::http::{Request, Response};
use crate::protocol::jwks::JwkSet;
use crate::protocol::metadata::ProviderMetadata;
use crate::protocol::secret::RefreshToken;
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Deadline, Instant, Now, Timestamp};
use crate::protocol::url::Origin;
use active_session::ActiveSession;
use backoff::{Budget, Jitter, RateLimiter};
use confirmed_domains::ConfirmedDomains;
use counters::{Epoch, Logouts};
use dpop::{AwaitingKey, AwaitingTime, Proofs, Proven};
use login::{LoginAttempt, Redirect};
use logout::LogoutFlow;
use sign_in::{CallbackLookup, CodeExchange, Retry};
use verification::Verification;

/// The timeout of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// How long the vault is kept alive for a user who left to log in.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(300);

/// How long to wait for a page that restores a session.
const RESTORE_TIMEOUT: Duration = Duration::from_secs(10);

/// One user's session in one app, from the first page to the logout.
#[derive(Debug)]
pub struct Session {
    config: Config,
    /// The digest of all settings, to which pending logins belong.
    client_fingerprint: String,
    /// Known from the start for Wristband, after discovery for others.
    metadata: Option<ProviderMetadata>,
    keys: Option<JwkSet>,
    phase: Phase,
    /// The requests in flight, and what their responses are for.
    in_flight: Vec<InFlight>,
    /// Logins and sign-ins that wait for the provider's metadata.
    awaiting_metadata: Vec<AwaitingMetadata>,
    /// ID tokens that wait for the provider's keys.
    #[expect(clippy::vec_box, reason = "they come in boxes and go on in them")]
    awaiting_keys: Vec<Box<Verification>>,
    /// Sign-ins that failed temporarily and will be retried.
    retrying: Vec<Retry>,
    /// Pages that were opened with a callback of an unknown login, and the errors that they will get.
    foreign_callbacks: Vec<(CallId, Error)>,
    /// Pages that wait for a sign-in or a restore in another page.
    waiting_for_state: Vec<CallId>,
    /// Refresh tokens that could not be revoked yet, because the device is offline.
    unrevoked: Vec<RefreshToken>,
    /// Requests that the rate limit rejected.
    rate_limited: Vec<RequestId>,
    /// How far the real time is ahead of this device's clock, in milliseconds, as far as known.
    clock_offset: i64,
    /// The number of the next access token, counted over all sign-ins.
    generation: TokenGeneration,
    /// Counts the starts and ends of sessions, so that a response for another one is recognized.
    epoch: Epoch,
    /// The number from which this vault's sessions are counted.
    first_number: u64,
    /// Counts logouts: a sign-in that started before one does not sign the user in again.
    logouts: Logouts,
    restoring: Restoring,
    /// Whether the next login has to ask for the password: the user has logged out, and the provider's session may live on.
    must_ask: bool,
    /// Whether that is so because nobody used the session. Then the app cannot choose another prompt instead.
    has_ended_idle: bool,
    /// Whether a session was lost while its pages stayed open: the user is asked before one of them is
    /// redirected.
    interrupted: bool,
    last_request: RequestId,
    /// The deadline for a pending login's callback.
    login_until: Option<Deadline>,
    /// Whether there is a network, as far as known.
    online: bool,
    /// What the device last reported. It can be wrong about being offline: a request that succeeds proves it.
    device_is_online: bool,
    survives_navigation: bool,
    /// Whether the vault keeps running while its only page is at the provider.
    keeps_keys: bool,
    proofs: Proofs,
    /// The origin of the app's pages.
    page: Option<Origin>,
    /// When the user was last active, if idle sessions end.
    last_active: Option<Timestamp>,
    /// The tenant that a user was last signed in to.
    last_tenant: Tenant,
    confirmed_domains: ConfirmedDomains,
    #[cfg(feature = "native")]
    remembering: remember::Remembering,
    rate_limiter: RateLimiter,
    jitter: Jitter,
    now: Now,
    effects: Vec<Effect>,
}

#[derive(Debug)]
enum Phase {
    Failed(Error),
    Loading,
    SignedIn(Box<ActiveSession>),
    SignedOut(Reason),
}

/// How far the redirect that restores a session has come.
#[derive(Clone, Copy, Debug)]
enum Restoring {
    /// No session is being restored.
    No,
    /// A page was asked to start the redirect, and does so before the deadline or not at all.
    Requested(Deadline),
    /// A page was redirected, and comes back before the deadline or not at all. Other pages wait for it.
    Redirected(Deadline),
}

impl Restoring {
    fn deadline(self) -> Option<Deadline> {
        match self {
            Self::No => None,
            Self::Requested(deadline) | Self::Redirected(deadline) => Some(deadline),
        }
    }
}

/// A request that has no response yet.
#[derive(Debug)]
struct InFlight {
    request: RequestId,
    expect: Expect,
    /// Whether the device counted as offline when the request was sent.
    is_probe: bool,
    /// If it has a proof.
    proven: Option<Box<Proven>>,
}

/// The result of a request.
type Outcome<'a> = Result<&'a Response, Error>;

/// What a response is for, with what is needed to continue.
#[derive(Debug)]
enum Expect {
    Confirmation(Box<LoginAttempt>),
    CodeExchange(Box<CodeExchange>),
    LogoutDomain(Box<LogoutFlow>),
    Key(AwaitingKey),
    Keys,
    Metadata,
    Pushed(Box<LoginAttempt>, String),
    CallbackLookup(Box<CallbackLookup>),
    Probe(Box<LoginAttempt>),
    ProofTime(Box<AwaitingTime>),
    Renewal {
        epoch: Epoch,
        token: TokenIndex,
    },
    Revocation(Option<Box<LogoutFlow>>),
    Signature(Box<Verification>),
    Stored(Box<LoginAttempt>, Box<Redirect>),
    #[cfg(feature = "native")]
    StoredSession {
        epoch: Epoch,
        token: TokenIndex,
    },
    Time(Box<Verification>),
    UserInfo(user_info::Call),
}

#[derive(Debug)]
enum AwaitingMetadata {
    Login(Box<LoginAttempt>),
    #[cfg(feature = "native")]
    Restore(Epoch),
    CodeExchange(Box<CodeExchange>),
}

impl Session {
    /// A session that has not been opened. `seed` varies the delays between retries and the numbers
    /// of the sessions; it is not a secret.
    pub fn new(config: Config, seed: u64) -> Self {
        let metadata = match config.provider() {
            Provider::Wristband(application) => Some(ProviderMetadata::wristband(application)),
            Provider::OpenId(provider) => ProviderMetadata::written(provider, config.allow_insecure_loopback()),
        };
        Self {
            client_fingerprint: config.digest(),
            config,
            metadata,
            keys: None,
            phase: Phase::Loading,
            in_flight: Vec::new(),
            awaiting_metadata: Vec::new(),
            awaiting_keys: Vec::new(),
            retrying: Vec::new(),
            foreign_callbacks: Vec::new(),
            waiting_for_state: Vec::new(),
            unrevoked: Vec::new(),
            rate_limited: Vec::new(),
            clock_offset: 0,
            generation: TokenGeneration::default(),
            epoch: Epoch::default(),
            first_number: Jitter::new(seed).next(),
            logouts: Logouts::default(),
            restoring: Restoring::No,
            has_ended_idle: false,
            must_ask: false,
            interrupted: false,
            last_request: RequestId::default(),
            login_until: None,
            online: true,
            device_is_online: true,
            survives_navigation: false,
            keeps_keys: false,
            proofs: Proofs::new(seed),
            page: None,
            last_active: None,
            last_tenant: Tenant::default(),
            confirmed_domains: ConfirmedDomains::default(),
            #[cfg(feature = "native")]
            remembering: remember::Remembering::default(),
            rate_limiter: RateLimiter::default(),
            jitter: Jitter::new(seed),
            now: Now { monotonic: Instant::from_millis(0), wall: Timestamp::from_millis(0) },
            effects: Vec::new(),
        }
    }

    /// Whether the session keeps running while its page is at the provider. It then requests the
    /// provider's keys in the meantime.
    #[must_use]
    pub fn surviving_navigation(mut self, does: bool) -> Self {
        self.survives_navigation = does;
        self
    }

    /// Notes whether the vault keeps running, with its keys, while its only page is at the provider.
    pub fn keeps_keys(&mut self, keeps: bool) {
        self.keeps_keys = keeps;
    }

    /// Processes an input. Returns the effects to perform, in order.
    #[must_use = "the effects have to be performed"]
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        self.now = now;
        // A deadline that has passed meanwhile comes before the input.
        while self.expire() {}
        match input {
            Input::Fetched { request, outcome } => self.fetched(request, outcome),
            Input::Login { call_id, login, entropy } => self.login(call_id, login, entropy),
            Input::LoginFromUrl { call_id, address, entropy } => self.login_from_url(call_id, &address, entropy),
            Input::Logout { call_id, logout } => self.logout(call_id, &logout),
            Input::Online(online) => self.device_says(online),
            Input::Opened { call_id, address, hint, online, resumed, entropy } => {
                self.device_says(online);
                self.opened(call_id, &address, hint, resumed, entropy);
            }
            Input::KeyMade { request, thumbprint } => self.key_made(request, thumbprint),
            Input::PendingClaimed { request, pending } => self.pending_claimed(request, pending),
            Input::PendingStored { request, stored } => self.pending_stored(request, stored),
            Input::Renew { call_id, session } => self.renew(call_id, session),
            Input::PageRestoredFromCache { online } => {
                self.device_says(online);
                self.page_restored_from_cache();
            }
            Input::Present(presence) => self.user_is_present(presence),
            Input::PresentElsewhere { session, presence } => self.user_is_present_elsewhere(&session, presence),
            #[cfg(feature = "native")]
            Input::Restored { call_id, address, stored } => self.restored(call_id, &address, stored),
            #[cfg(feature = "native")]
            Input::SessionForgotten { stored } => self.session_forgotten(&stored),
            Input::SignatureChecked { request, signature } => self.signature_checked(request, signature),
            Input::SignedOutElsewhere { session } => self.signed_out_elsewhere(&session),
            #[cfg(feature = "native")]
            Input::StoredLocked { request, stored } => self.stored_locked(request, stored),
            Input::ServerTime { request, time } => self.server_time_received(request, time),
            Input::Stay { call_id, session } => self.stay(call_id, session),
            Input::Token { call_id, session, api } => self.token(call_id, session, api),
            Input::TokenRefused { call_id, session, generation, api } => self.token_refused(call_id, session, generation, api),
            Input::UserInfo { call_id, session } => self.user_info(call_id, session),
            Input::Tick => {}
        }
        // Due work can make other work due, and so can a request that is not sent.
        loop {
            while let Some(request) = self.rate_limited.pop() {
                self.request_finished(request, Err(Code::TooManyRequests.into()));
            }
            if !self.run_due_work() {
                break;
            }
        }
        #[cfg(feature = "native")]
        self.update_stored();
        core::mem::take(&mut self.effects)
    }

    /// How long from now until [`Input::Tick`] is needed, if no other input comes first.
    pub fn wakes_in(&self, now: Now) -> Option<Duration> {
        let wakes_in = match &self.phase {
            Phase::Loading => self.restoring.deadline().map(|deadline| deadline.left(now)),
            Phase::SignedIn(active) => active.wakes_in(now, self.online),
            Phase::Failed(_) | Phase::SignedOut(_) => None,
        };
        let retries = self.retrying.iter().map(|retry| retry.wakes_in(now, self.online));
        retries.chain(wakes_in).min()
    }

    /// The state that the app sees. It contains no token.
    pub fn state(&self) -> State {
        match &self.phase {
            #[cfg(feature = "native")]
            Phase::SignedIn(_) if self.is_restoring_stored() => State::Loading,
            Phase::Failed(error) => State::Failed(error.clone()),
            Phase::Loading => State::Loading,
            Phase::SignedIn(active) => {
                let clock_skew = self.clock_offset / 1000;
                State::SignedIn(Arc::new(UserSession { clock_skew, offline: !self.online, ..active.show(self.now) }))
            }
            Phase::SignedOut(reason) => State::SignedOut(*reason),
        }
    }

    /// The number of the current session, if a user is signed in.
    pub fn number(&self) -> Option<SessionNumber> {
        let number = || SessionNumber::from_u64(self.first_number.wrapping_add(self.epoch.count()));
        matches!(self.phase, Phase::SignedIn(_)).then(number)
    }

    /// Whether a call that was made in this session may continue: the session is still the current one.
    pub fn is_current(&self, session: Option<SessionNumber>) -> bool {
        self.number().is_some_and(|number| session.is_none_or(|session| session == number))
    }

    /// Whether [`Input::Opened`] with this URL needs the hint. It takes time to read, and neither a live
    /// session nor one that is about to start needs it.
    pub fn wants_hint(&self, address: &str) -> bool {
        match self.phase {
            Phase::Failed(_) | Phase::Loading => true,
            Phase::SignedIn(_) => false,
            // Whether to restore a session was decided before the callback.
            Phase::SignedOut(_) => !self.is_callback(address),
        }
    }

    /// How much longer to keep this session for a user who left to log in. Zero if no login is pending,
    /// or if it holds tokens, which must be forgotten sooner.
    pub fn login_grace_period(&self, now: Now) -> Duration {
        let holds_tokens = matches!(self.phase, Phase::SignedIn(_)) || self.is_signing_in() || !self.unrevoked.is_empty();
        let deadline = self.login_until.filter(|_| !holds_tokens);
        deadline.map_or(Duration::ZERO, |deadline| deadline.left(now))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    fn fetched(&mut self, request: RequestId, outcome: Result<Response, Transport>) {
        if outcome.is_ok() && self.in_flight.iter().any(|in_flight| in_flight.request == request && in_flight.is_probe) {
            // The device is wrong about being offline, so what follows from this response can be sent.
            self.set_online(true);
        }
        match &outcome {
            Ok(response) if self.is_sent_again(request, response) => {}
            Ok(response) => self.request_finished(request, Ok(response)),
            Err(transport) => self.request_finished(request, Err(self.transport_error(*transport))),
        }
    }

    /// A request has finished, or was not sent.
    fn request_finished(&mut self, request: RequestId, outcome: Outcome<'_>) {
        let Some(InFlight { expect, .. }) = self.take_in_flight(request) else { return };
        match expect {
            Expect::Confirmation(attempt) => self.domain_confirmed(attempt, outcome),
            Expect::CodeExchange(exchange) => self.code_exchanged(exchange, outcome),
            Expect::LogoutDomain(flow) => self.logout_domain_checked(flow, outcome),
            Expect::Keys => self.keys_fetched(outcome),
            Expect::Metadata => self.metadata_fetched(outcome),
            Expect::Probe(attempt) => self.probed(attempt, outcome),
            Expect::Renewal { epoch, token } => self.renewed(epoch, token, outcome),
            Expect::Revocation(flow) => self.revoked(flow),
            Expect::UserInfo(call) => self.user_info_fetched(call, outcome),
            #[cfg(feature = "native")]
            Expect::StoredSession { .. } => {}
            Expect::Pushed(attempt, endpoint) => self.pushed(&attempt, &endpoint, outcome),
            Expect::CallbackLookup(_)
            | Expect::Key(_)
            | Expect::ProofTime(_)
            | Expect::Signature(_)
            | Expect::Stored(..)
            | Expect::Time(_) => {}
        }
    }

    fn metadata_fetched(&mut self, outcome: Outcome<'_>) {
        let Provider::OpenId(provider) = self.config.provider() else { return };
        let error = match outcome.and_then(|response| ProviderMetadata::parse(response, &self.config)) {
            Ok(metadata) => {
                self.metadata = Some(metadata);
                None
            }
            Err(error) => Some(error.at(&ProviderMetadata::request(provider).url)),
        };
        for waiting in core::mem::take(&mut self.awaiting_metadata) {
            match (waiting, &error) {
                #[cfg(feature = "native")]
                (AwaitingMetadata::Restore(epoch), error) => self.metadata_of_restored(epoch, error.as_ref()),
                (AwaitingMetadata::Login(attempt), None) => self.continue_login(attempt.reached()),
                (AwaitingMetadata::Login(attempt), Some(error)) => self.login_failed(&attempt, error.clone()),
                (AwaitingMetadata::CodeExchange(exchange), None) => self.validate_callback(exchange),
                (AwaitingMetadata::CodeExchange(exchange), Some(error)) => {
                    self.retry_exchange_or_fail(exchange, error.clone(), None)
                }
            }
        }
    }

    /// Queues work until the metadata arrives, which is requested once.
    fn await_metadata(&mut self, waiting: AwaitingMetadata) {
        if let (true, Provider::OpenId(provider)) = (self.awaiting_metadata.is_empty(), self.config.provider()) {
            self.fetch(ProviderMetadata::request(provider), Expect::Metadata);
        }
        self.awaiting_metadata.push(waiting);
    }

    /// The device reports whether it has a network. If it only repeats that it is offline, the report is
    /// ignored: it may have been proven wrong since.
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
        if let Phase::SignedIn(active) = &mut self.phase {
            active.clear_network_backoff();
        }
    }

    /// A page that left for the provider came back from the browser's back/forward cache. What it waited
    /// for will not arrive.
    fn page_restored_from_cache(&mut self) {
        if matches!(self.phase, Phase::Loading) && !self.is_signing_in() && !self.is_leaving_to_restore() {
            self.phase = Phase::SignedOut(Reason::Expired);
        }
    }

    /// Whether a page is about to be redirected to restore a session.
    fn is_leaving_to_restore(&self) -> bool {
        let in_flight = self.in_flight.iter().any(|in_flight| match &in_flight.expect {
            Expect::Confirmation(attempt) | Expect::Probe(attempt) | Expect::Stored(attempt, _) | Expect::Pushed(attempt, _) => {
                attempt.is_started_by_library()
            }
            Expect::Key(awaiting) => awaiting.attempt.is_started_by_library(),
            _ => false,
        });
        let awaiting = |waiting: &AwaitingMetadata| matches!(waiting, AwaitingMetadata::Login(it) if it.is_started_by_library());
        in_flight || self.awaiting_metadata.iter().any(awaiting)
    }

    /// The number of the next access token.
    fn next_generation(&mut self) -> TokenGeneration {
        let generation = self.generation;
        self.generation = generation.next();
        generation
    }

    /// The device's time, corrected by the known offset.
    fn corrected_now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.wall.as_millis().saturating_add(self.clock_offset))
    }

    /// Processes a deadline that has passed. Returns whether there was one.
    fn expire(&mut self) -> bool {
        if self.restoring.deadline().is_some_and(|deadline| deadline.reached_on_either_clock(self.now)) {
            self.restoring = Restoring::No;
            self.page_restored_from_cache();
            return true;
        }
        if matches!(&self.phase, Phase::SignedIn(active) if active.has_ended(self.now)) {
            self.end_session(Reason::Expired, &Code::InvalidGrant.into());
            return true;
        }
        if matches!(&self.phase, Phase::SignedIn(active) if active.is_idle(self.now)) {
            self.end_idle_session();
            return true;
        }
        false
    }

    /// Does one piece of work that is due. Returns whether there was any.
    fn run_due_work(&mut self) -> bool {
        if self.expire() || self.retry_sign_in() {
            return true;
        }
        let is_settled = match self.phase {
            Phase::Loading => false,
            #[cfg(feature = "native")]
            Phase::SignedIn(_) => !self.is_restoring_stored(),
            #[cfg(not(feature = "native"))]
            Phase::SignedIn(_) => true,
            // Another page's sign-in may change this at any moment.
            Phase::Failed(_) | Phase::SignedOut(_) => !self.is_signing_in(),
        };
        if is_settled && (self.restoring.deadline().is_some() || !self.waiting_for_state.is_empty()) {
            self.restoring = Restoring::No;
            for call_id in core::mem::take(&mut self.waiting_for_state) {
                self.done(call_id);
            }
            return true;
        }
        if self.loads_for_nothing() {
            self.phase = Phase::SignedOut(Reason::Expired);
            return true;
        }
        let Phase::SignedIn(active) = &self.phase else { return false };
        if self.online && active.is_refused(self.now) {
            self.renewal_refused();
            return true;
        }
        if active.has_waiting_calls() {
            return self.continue_waiting_calls();
        }
        let is_due = self.online && active.renewal_is_due(self.now);
        is_due && self.start_renewal(TokenIndex::FIRST)
    }

    /// Whether pages were opened, but what they wait for will not arrive: the sign-in that they waited for
    /// failed because the user logged out meanwhile.
    fn loads_for_nothing(&self) -> bool {
        let waits = self.page.is_none() || self.restoring.deadline().is_some();
        matches!(self.phase, Phase::Loading) && !waits && !self.is_signing_in() && !self.is_leaving_to_restore()
    }

    fn fetch(&mut self, request: Request, expect: Expect) {
        self.fetch_within(request, REQUEST_TIMEOUT, expect);
    }

    fn fetch_within(&mut self, request: Request, timeout: Duration, expect: Expect) {
        let budget = match expect {
            Expect::Confirmation(_) | Expect::LogoutDomain(_) => Some(Budget::Confirmation),
            Expect::CodeExchange(_) => Some(Budget::CodeExchange),
            Expect::Keys | Expect::Metadata | Expect::Probe(_) => Some(Budget::Provider),
            Expect::Pushed(..) => Some(Budget::Push),
            Expect::Renewal { .. } => Some(Budget::Renewal),
            Expect::UserInfo(_) => Some(Budget::UserInfo),
            // A session has one revocation, which must not be dropped. The others are not requests.
            #[cfg(feature = "native")]
            Expect::StoredSession { .. } => None,
            Expect::Revocation(_)
            | Expect::CallbackLookup(_)
            | Expect::Key(_)
            | Expect::ProofTime(_)
            | Expect::Signature(_)
            | Expect::Stored(..)
            | Expect::Time(_) => None,
        };
        let admitted = budget.is_none_or(|budget| self.rate_limiter.admit(budget, self.now.monotonic));
        let id = self.expect(expect);
        if admitted {
            if let (Some(in_flight), proven @ Some(_)) = (self.in_flight.last_mut(), Self::proven_request(&request, timeout)) {
                in_flight.proven = proven;
            }
            self.effects.push(Effect::Fetch { request: id, what: request, timeout });
        } else {
            self.rate_limited.push(id);
        }
    }

    /// Notes what the response to the next request will be for.
    fn expect(&mut self, expect: Expect) -> RequestId {
        let request = self.last_request.next();
        self.last_request = request;
        self.in_flight.push(InFlight { request, expect, is_probe: !self.online, proven: None });
        request
    }

    fn take_expected(&mut self, request: RequestId) -> Option<Expect> {
        self.take_in_flight(request).map(|in_flight| in_flight.expect)
    }

    fn take_in_flight(&mut self, request: RequestId) -> Option<InFlight> {
        let index = self.in_flight.iter().position(|in_flight| in_flight.request == request)?;
        Some(self.in_flight.swap_remove(index))
    }

    fn done(&mut self, call_id: CallId) {
        let foreign = self.foreign_callbacks.iter().position(|(other, _)| *other == call_id);
        match foreign.map(|index| self.foreign_callbacks.swap_remove(index)) {
            Some((_, error)) => self.fail(call_id, error),
            None => self.answer(call_id, Ok(Answer::Done)),
        }
    }

    fn fail(&mut self, call_id: CallId, error: Error) {
        self.answer(call_id, Err(error));
    }

    fn answer(&mut self, call_id: CallId, answer: Result<Answer, Error>) {
        self.effects.push(Effect::Answer { call_id, answer });
    }

    fn transport_error(&self, transport: Transport) -> Error {
        Error::new(match transport {
            _ if !self.online => Code::Offline,
            Transport::Failed => Code::Network,
            Transport::TimedOut => Code::Timeout,
        })
    }
}
