//! A device with a page and a vault, driven by a test.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use wristband_spa_auth::protocol::config::{Config, ConfigBuilder, Provider as ProviderConfig};
use wristband_spa_auth::protocol::dpop::KeyId;
use wristband_spa_auth::protocol::error::Error;
use wristband_spa_auth::protocol::http::Response;
use wristband_spa_auth::protocol::id_token::Signature;
use wristband_spa_auth::protocol::secret::{Entropy, Secret};
use wristband_spa_auth::protocol::time::Now;
use wristband_spa_auth::session::{
    Answer, CallId, Effect, Input, Login, Logout, RequestId, Session, SessionNumber, State, TokenGeneration, Transport, UserSession,
};

use super::clock::Clock;
use super::provider::Kind;
use super::storage::Storage;
use super::vault_keys::VaultKeys;
use super::view::{self, View};
use super::{APP, Endpoint, Event, Provider, Sent, keys, open_id, wristband};

/// More steps than this are a loop.
const MOST_STEPS: usize = 5_000;

pub struct World {
    pub provider: Provider,
    pub storage: Storage,
    pub events: Vec<Event>,
    /// How the shown state changed: from, cause, to.
    pub changes: Vec<(View, &'static str, View)>,
    /// How many times the timer woke the session.
    pub wakes: usize,
    /// Whether the app's own server answers a request for the time.
    pub somebody_tells_the_time: bool,
    /// Whether the storage is slow: its results wait for [`World::release_storage`].
    pub storage_is_slow: bool,
    /// How the session receives an input. A test can intercept it.
    pub handle: fn(&mut Session, Now, Input) -> Vec<Effect>,
    /// The vault's own keys.
    pub keys: VaultKeys,
    /// What outlives the process of a native app.
    #[cfg(feature = "native")]
    pub record: super::record::Record,
    clock: Clock,
    config: Config,
    pub session: Session,
    online: bool,
    device_says_online: bool,
    pub(super) answers: BTreeMap<u32, Result<Answer, Error>>,
    inputs: VecDeque<Input>,
    stored: VecDeque<Input>,
    slow: Vec<Endpoint>,
    held: Vec<Held>,
    next_call_id: u32,
    /// How many vaults there were. It seeds the next one.
    vaults: u64,
    logins: u8,
    transcript: Option<String>,
}

/// A response that is still in transit.
struct Held {
    request: RequestId,
    endpoint: Endpoint,
    deadline: Duration,
    outcome: Result<Response, Transport>,
}

impl World {
    /// An ordinary app on Wristband, not opened yet.
    pub fn new() -> Self {
        Self::with(wristband())
    }

    /// An app on a plain OpenID provider.
    pub fn open_id() -> Self {
        Self::with(open_id())
    }

    pub fn with(settings: ConfigBuilder) -> Self {
        let config = settings.build().unwrap();
        let kind = if matches!(config.provider(), ProviderConfig::OpenId(_)) { Kind::OpenId } else { Kind::Wristband };
        Self {
            provider: Provider::new(kind),
            storage: Storage::default(),
            events: Vec::new(),
            changes: Vec::new(),
            wakes: 0,
            somebody_tells_the_time: true,
            storage_is_slow: false,
            handle: Session::handle,
            keys: VaultKeys::default(),
            #[cfg(feature = "native")]
            record: super::record::Record::default(),
            clock: Clock::default(),
            session: Session::new(config.clone(), 7),
            config,
            online: true,
            device_says_online: true,
            answers: BTreeMap::new(),
            inputs: VecDeque::new(),
            stored: VecDeque::new(),
            slow: Vec::new(),
            held: Vec::new(),
            next_call_id: 0,
            vaults: 7,
            logins: 0,
            transcript: None,
        }
    }

    /// From now on every input, state and effect of the session is printed.
    pub fn print_everything(mut self) -> Self {
        self.transcript = Some(String::new());
        self
    }

    pub fn transcript(&self) -> &str {
        self.transcript.as_deref().unwrap()
    }

    /// The user opens the app and logs in to the tenant "acme". The history is cleared afterwards.
    pub fn signed_in(mut self) -> Self {
        self.open(APP);
        let login = if self.provider.kind == Kind::Wristband { Login::to("acme") } else { Login::new() };
        self.login(login);
        let call_id = self.come_back();
        assert_eq!(self.answer(call_id), &Ok(Answer::SignedIn));
        assert_eq!(self.state().name(), "signed-in");
        self.events.clear();
        self
    }

    // Actions of users and apps.

    /// The browser loads a page of the app. The vault lives on if there was one.
    pub fn open(&mut self, address: &str) -> CallId {
        self.open_page(address, false)
    }

    /// The browser loses the vault while the user has a page of the app open.
    pub fn lose_the_vault_under(&mut self, address: &str) -> CallId {
        self.lose_the_vault();
        self.open_page(address, true)
    }

    fn open_page(&mut self, address: &str, resumed: bool) -> CallId {
        let hint = self.session.wants_hint(address).then(|| self.storage.hint(&self.config)).flatten();
        let entropy = self.entropy();
        let online = self.device_says_online;
        self.ask(|call_id| Input::Opened { call_id, address: Secret::new(address.to_owned()), hint, online, resumed, entropy })
    }

    /// The browser loses the vault, and loads a page of the app.
    pub fn reload(&mut self, address: &str) -> CallId {
        self.lose_the_vault();
        self.open(address)
    }

    /// The vault is gone, with all its contents. The storage stays.
    pub fn lose_the_vault(&mut self) {
        self.vaults += 1;
        self.session = Session::new(self.config.clone(), self.vaults);
        self.keys = VaultKeys::default();
        self.inputs.clear();
        self.stored.clear();
        self.held.clear();
    }

    /// The vault survives when its page goes.
    pub fn outlive_pages(&mut self) {
        let session = std::mem::replace(&mut self.session, Session::new(self.config.clone(), 7));
        self.session = session.surviving_navigation(true);
        self.session.keeps_keys(true);
    }

    /// [`World::signed_in`], in the same process.
    #[cfg(feature = "native")]
    pub fn signed_in_natively(mut self) -> Self {
        self.open(APP);
        let login = if self.provider.kind == Kind::Wristband { Login::to("acme") } else { Login::new() };
        self.login(login);
        let call_id = self.come_back_to_the_vault();
        assert_eq!(self.answer(call_id), &Ok(Answer::SignedIn));
        self.events.clear();
        self
    }

    /// From now on, the session is that of a native app.
    #[cfg(feature = "native")]
    pub fn remembering(mut self) -> Self {
        let session = std::mem::replace(&mut self.session, Session::new(self.config.clone(), 7));
        self.session = session.surviving_navigation(true).remembering();
        self.session.keeps_keys(true);
        self
    }

    /// The process of a native app ends, and starts again.
    #[cfg(feature = "native")]
    pub fn restart(&mut self) -> CallId {
        // The record has the key, too.
        let keys = std::mem::take(&mut self.keys);
        self.lose_the_vault();
        self.keys = keys;
        self.storage = Storage::default();
        self.record.is_locked = false;
        self.session = Session::new(self.config.clone(), self.vaults).surviving_navigation(true).remembering();
        self.session.keeps_keys(true);
        match self.record.read(&self.config) {
            Some(stored) => self.ask(|call_id| Input::Restored { call_id, address: Secret::new(APP.to_owned()), stored }),
            None => self.open(APP),
        }
    }

    pub fn login(&mut self, login: Login) -> CallId {
        let entropy = self.entropy();
        self.ask(|call_id| Input::Login { call_id, login, entropy })
    }

    pub fn login_from_url(&mut self, address: &str) -> CallId {
        let entropy = self.entropy();
        self.ask(|call_id| Input::LoginFromUrl { call_id, address: address.to_owned(), entropy })
    }

    pub fn logout(&mut self, logout: Logout) -> CallId {
        self.ask(|call_id| Input::Logout { call_id, logout })
    }

    pub fn renew(&mut self) -> CallId {
        self.renew_in(None)
    }

    /// The user answers the warning of an idle session.
    pub fn stay(&mut self) -> CallId {
        self.ask(|call_id| Input::Stay { call_id, session: None })
    }

    pub fn token(&mut self) -> CallId {
        self.token_in(None)
    }

    /// An API answers 401 to the token of this generation.
    pub fn token_refused(&mut self, generation: u32) -> CallId {
        self.token_refused_in(self.session.number(), generation)
    }

    pub fn user_info(&mut self) -> CallId {
        self.user_info_in(None)
    }

    // The same, in the session that the page believes to be current.

    pub fn renew_in(&mut self, session: Option<SessionNumber>) -> CallId {
        self.ask(|call_id| Input::Renew { call_id, session })
    }

    pub fn token_in(&mut self, session: Option<SessionNumber>) -> CallId {
        self.ask(|call_id| Input::Token { call_id, session, api: None })
    }

    /// A call to one of the listed APIs needs its token.
    pub fn token_for(&mut self, api: usize) -> CallId {
        self.ask(|call_id| Input::Token { call_id, session: None, api: Some(api) })
    }

    pub fn token_refused_in(&mut self, session: Option<SessionNumber>, generation: u32) -> CallId {
        self.refuse(session, generation, None)
    }

    /// One of the listed APIs answers 401 to the token of this generation.
    pub fn token_refused_by(&mut self, api: usize, generation: u32) -> CallId {
        self.refuse(self.session.number(), generation, Some(api))
    }

    fn refuse(&mut self, session: Option<SessionNumber>, generation: u32, api: Option<usize>) -> CallId {
        let (session, generation) =
            (session.or_else(|| self.session.number()).unwrap_or_else(|| SessionNumber::from_u64(0)), TokenGeneration(generation));
        self.ask(|call_id| Input::TokenRefused { call_id, session, generation, api })
    }

    pub fn user_info_in(&mut self, session: Option<SessionNumber>) -> CallId {
        self.ask(|call_id| Input::UserInfo { call_id, session })
    }

    pub fn go_offline(&mut self) {
        (self.online, self.device_says_online) = (false, false);
        self.input(Input::Online(false));
    }

    pub fn go_online(&mut self) {
        (self.online, self.device_says_online) = (true, true);
        self.input(Input::Online(true));
    }

    /// The network goes or returns, and the event for it is missed.
    pub fn network_goes_unheard(&mut self, online: bool) {
        self.online = online;
        self.device_says_online = online;
    }

    /// The device wrongly reports that it is offline.
    pub fn device_is_wrong_about_being_offline(&mut self) {
        self.device_says_online = false;
        self.input(Input::Online(false));
    }

    /// The user signs in at the redirect's target. Returns the URL to which the provider redirects back.
    pub fn callback(&mut self) -> String {
        let address = self.last_navigation().url.to_string();
        self.provider.clock = self.clock;
        self.provider.authorize(&address)
    }

    /// The user signs in, and comes back to a page without a vault.
    pub fn come_back(&mut self) -> CallId {
        let callback = self.callback();
        self.reload(&callback)
    }

    /// The user signs in, and comes back to the vault that was there before.
    pub fn come_back_to_the_vault(&mut self) -> CallId {
        let callback = self.callback();
        self.open(&callback)
    }

    // Time.

    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// Time passes. The session is woken when it wants to be, and requests time out.
    pub fn sleep(&mut self, duration: Duration) {
        let mut left = duration;
        for _ in 0..MOST_STEPS {
            let now = self.monotonic();
            let timeout = self.held.iter().map(|held| held.deadline.saturating_sub(now)).min();
            let wake = self.session.wakes_in(self.now());
            match wake.into_iter().chain(timeout).min() {
                Some(next) if next <= left => {
                    self.clock.pass(next);
                    left -= next;
                    self.time_out();
                    if wake.is_some_and(|wake| wake == next) {
                        self.wakes += 1;
                        self.input(Input::Tick);
                    }
                }
                _ => return self.clock.pass(left),
            }
        }
        panic!("a storm: woken {} times within {duration:?}", self.wakes);
    }

    /// Time passes, and no timer of the vault fires.
    pub fn time_stands_still_for_the_vault(&mut self, duration: Duration) {
        self.clock.pass(duration);
    }

    /// The machine sleeps, and wakes up.
    pub fn machine_sleeps(&mut self, duration: Duration) {
        self.clock.pass_asleep(duration);
        self.input(Input::Tick);
    }

    /// The user sets the device's clock, so that it is off by this many seconds.
    pub fn set_wall_clock_off_by(&mut self, seconds: i64) {
        self.clock.set_wall_off_by(seconds);
        self.input(Input::Tick);
    }

    pub fn wakes_in(&self) -> Option<Duration> {
        self.session.wakes_in(self.now())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.now().monotonic.as_millis())
    }

    fn time_out(&mut self) {
        let now = self.monotonic();
        let (late, held) = core::mem::take(&mut self.held).into_iter().partition(|held| held.deadline <= now);
        self.held = held;
        for held in Vec::from_iter::<Vec<Held>>(late) {
            self.input(Input::Fetched { request: held.request, outcome: Err(Transport::TimedOut) });
        }
    }

    // Late responses.

    /// From now on, responses of this endpoint wait for [`World::release`]. The provider itself does
    /// its work at once.
    pub fn hold(&mut self, endpoint: Endpoint) {
        self.slow.push(endpoint);
    }

    /// New requests are answered at once again. Held responses stay held.
    pub fn hold_no_more(&mut self, endpoint: Endpoint) {
        self.slow.retain(|slow| *slow != endpoint);
    }

    /// The held responses arrive, and no more are held.
    pub fn release(&mut self, endpoint: Endpoint) {
        self.hold_no_more(endpoint);
        let (ready, held) = core::mem::take(&mut self.held).into_iter().partition(|held| held.endpoint == endpoint);
        self.held = held;
        let ready: Vec<Held> = ready;
        assert!(!ready.is_empty(), "no answer of {endpoint:?} was waiting");
        for held in ready {
            self.input(Input::Fetched { request: held.request, outcome: held.outcome });
        }
    }

    /// The held responses never arrive.
    pub fn lose(&mut self, endpoint: Endpoint) {
        for held in self.held.iter_mut().filter(|held| held.endpoint == endpoint) {
            held.outcome = Err(Transport::Failed);
        }
        self.release(endpoint);
    }

    pub fn release_storage(&mut self) {
        self.storage_is_slow = false;
        for input in core::mem::take(&mut self.stored) {
            self.input(input);
        }
    }

    /// An API sent this nonce.
    pub fn note_nonce(&mut self, url: &str, nonce: &str) -> bool {
        self.session.note_nonce(url, Some(nonce))
    }

    /// The proof for a request to an API.
    pub fn prove(&mut self, key: KeyId, url: &str) -> String {
        let proof = self.session.prove(self.clock.now(), key, "GET", url, None);
        self.keys.sign(&proof)
    }

    // How it works.

    fn entropy(&mut self) -> Entropy {
        self.logins += 1;
        let mut bytes = [0; Entropy::LENGTH];
        for (part, chunk) in bytes.chunks_mut(32).enumerate() {
            let seed = [self.logins, u8::try_from(part).unwrap()];
            chunk.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, &seed).as_ref());
        }
        Entropy::new(bytes)
    }

    fn ask(&mut self, input: impl FnOnce(CallId) -> Input) -> CallId {
        self.next_call_id += 1;
        let call_id = CallId(self.next_call_id);
        self.input(input(call_id));
        call_id
    }

    /// The session takes an input, and everything that follows from it happens.
    pub fn input(&mut self, input: Input) {
        self.inputs.push_back(input);
        for _ in 0..MOST_STEPS {
            let Some(input) = self.inputs.pop_front() else { return };
            let printed = self.transcript.is_some().then(|| format!("{input:?}\n{input:#?}\n"));
            let (before, name) = (View::of(&self.session.state()), view::name(&input));
            let effects = (self.handle)(&mut self.session, self.clock.now(), input);
            let after = View::of(&self.session.state());
            if before != after {
                self.changes.push((before, name, after));
            }
            if let (Some(transcript), Some(printed)) = (&mut self.transcript, printed) {
                let state = self.session.state();
                *transcript += &format!("{printed}{effects:?}\n{effects:#?}\n{:?}\n{:#?}\n{state:?}\n", self.session, self.session);
            }
            for effect in effects {
                self.perform(effect);
            }
            let session = &self.session;
            self.keys.retain(|key| session.needs_key(key));
        }
        panic!("a loop without end");
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::AnnounceLogout(session) => self.events.push(Event::LogoutAnnounced(session)),
            Effect::AnnouncePresence(session, _) => self.events.push(Event::PresenceAnnounced(session)),
            Effect::FetchServerTime { request } => {
                let time = self.somebody_tells_the_time.then(|| self.clock.true_time());
                self.inputs.push_back(Input::ServerTime { request, time });
            }
            Effect::Reopen => {
                self.events.push(Event::Reopened);
                self.open(APP);
            }
            Effect::Answer { call_id, answer } => {
                if let (Some(transcript), Err(error)) = (&mut self.transcript, &answer) {
                    *transcript += &format!("{error}\n");
                }
                self.events.push(Event::Answered(call_id.0));
                let before = self.answers.insert(call_id.0, answer);
                assert!(before.is_none(), "an ask was answered twice");
            }
            Effect::CheckSignature { request, check } => {
                let valid = keys::verifies(check.algorithm, &check.keys, check.signing_input.expose(), &check.signature);
                let access_token_hash = keys::hash(check.hash, check.access_token.expose());
                let signature = if valid { Signature::Valid { access_token_hash } } else { Signature::Invalid };
                // The native driver's own check comes to the same result.
                #[cfg(feature = "native")]
                assert_eq!(wristband_spa_auth::native::check_signature(&check), signature);
                let signature = Ok(signature);
                self.inputs.push_back(Input::SignatureChecked { request, signature });
            }
            Effect::ClaimPending { request, key } => {
                self.events.push(Event::PendingClaimed);
                let pending = self.storage.claim(&self.config, key.as_str());
                self.storage_answers(Input::PendingClaimed { request, pending });
            }
            Effect::ClearHint => {
                self.events.push(Event::HintCleared);
                self.storage.clear_hint();
            }
            Effect::Fetch { request, what, timeout } => {
                let proof = what.proof.as_ref().map(|proof| self.keys.sign(proof));
                let sent = Sent { proof: proof.clone(), ..Sent::of(&what) };
                let endpoint = sent.endpoint;
                self.events.push(Event::Sent(sent));
                self.provider.clock = self.clock;
                let outcome = if self.online { self.provider.answer_with_proof(&what, proof) } else { Err(Transport::Failed) };
                if self.slow.contains(&endpoint) {
                    let deadline = self.monotonic() + timeout;
                    self.held.push(Held { request, endpoint, deadline, outcome });
                } else {
                    self.inputs.push_back(Input::Fetched { request, outcome });
                }
            }
            Effect::MakeKey { request, key } => {
                let thumbprint = self.keys.make(key);
                self.inputs.push_back(Input::KeyMade { request, thumbprint });
            }
            Effect::Navigate { url, .. } => {
                assert!(self.online, "law 9: the page was redirected while offline");
                self.events.push(Event::Navigated(url.expose().to_owned()));
            }
            Effect::ReplaceAddress { path, announce, .. } => self.events.push(Event::AddressReplaced { path, announce }),
            Effect::StorePending { request, key, pending } => {
                self.events.push(Event::PendingStored);
                let stored = self.storage.store(self.clock.now(), &self.config, key.as_str(), &pending);
                self.storage_answers(Input::PendingStored { request, stored });
            }
            Effect::WriteHint(hint) => {
                self.storage.write_hint(&hint);
                self.events.push(Event::HintWritten(hint));
            }
            #[cfg(feature = "native")]
            Effect::SaveSession { session, key } => {
                let is_saved = self.record.save(session, key, &self.config);
                self.session.note_saved(is_saved);
            }
            #[cfg(feature = "native")]
            Effect::ForgetSession { login } => {
                let forgotten = self.record.forget(&login, &self.config);
                self.inputs.extend(forgotten.map(|stored| Input::SessionForgotten { stored }));
            }
            #[cfg(feature = "native")]
            Effect::LockStored { request } => {
                let stored = self.record.lock(&self.config);
                self.inputs.push_back(Input::StoredLocked { request, stored });
            }
            #[cfg(feature = "native")]
            Effect::UnlockStored => self.record.unlock(),
            #[cfg(feature = "native")]
            Effect::ImportKey { key, private } => {
                assert_eq!(private.expose(), "the key");
                assert!(self.keys.make(key).is_ok());
            }
            other => panic!("an effect without a handler: {other:?}"),
        }
    }

    fn storage_answers(&mut self, input: Input) {
        if self.storage_is_slow { self.stored.push_back(input) } else { self.inputs.push_back(input) }
    }
}
