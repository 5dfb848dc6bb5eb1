//! Runs a session: performs its effects, and passes the results back to it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::keys::Keys;
use super::owed::Settled;
use super::record::{Record, Report};
use super::store::Storage;
use super::{clock, net, random, signature};
use crate::protocol::config::Config;
use crate::protocol::dpop::KeyId;
use crate::protocol::error::{Code, Error};
use crate::protocol::http::Request;
use crate::protocol::secret::{AccessToken, Nonce, Secret};
use crate::session::{
    Answer, CallId, Effect, Input, MAX_PENDING, PendingKey, PendingLogin, RequestId, Session, SessionNumber, State, StoredSession,
    Transport,
};

/// Timers stop while the machine sleeps, and nobody says that it woke up: the session looks at the clock this often at
/// least, if it waits for a time at all.
const MAX_SLEEP: Duration = Duration::from_secs(60);

/// How long a closing app waits for a renewal whose new refresh token has to be saved.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// What the runner gets.
pub(super) enum Message {
    /// Nothing more is wanted: end when no renewal is under way, and say so to whoever waits for it.
    Close(Option<oneshot::Sender<()>>),
    /// Nobody waits for a login any more.
    ForgetLogins,
    Input(Box<Input>),
    /// The browser was not opened for a logout.
    NotShown(oneshot::Sender<()>),
}

/// The answer to a call, and the URL that the browser is to open.
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) navigation: Option<Secret>,
}

/// A pending call.
struct Caller {
    answer: oneshot::Sender<Result<Reply, Error>>,
    navigation: Option<Secret>,
}

/// A session and what is around it, for the handles of the app.
pub(super) struct Driver {
    callers: Mutex<HashMap<u32, Caller>>,
    pub(super) client: net::Client,
    pub(super) config: Config,
    /// Whether the storage has refused to remove the record of a session that is over.
    has_record_left: AtomicBool,
    keys: Keys,
    last_call_id: AtomicU32,
    /// The `state` of the login that was stored last.
    last_state: Mutex<Option<String>>,
    messages: mpsc::UnboundedSender<Message>,
    pub(super) report: Report,
    session: Mutex<Session>,
    state: watch::Sender<State>,
    time_url: Option<String>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a driver starts with.
pub(super) struct Start {
    pub(super) config: Config,
    pub(super) record: Option<Record>,
    pub(super) report: Report,
    pub(super) time_url: Option<String>,
}

impl Driver {
    /// Starts a session, and a task that runs it.
    pub(super) fn start(start: Start) -> Result<Arc<Self>, Error> {
        let Start { config, record, report, time_url } = start;
        let mut session = Session::new(config.clone(), random::seed()?).surviving_navigation(true);
        session.keeps_keys(true);
        let mut session = if record.is_some() { session.remembering() } else { session };
        if record.as_ref().is_some_and(Record::is_asking) {
            session.note_logout_not_shown();
        }
        let (messages, received) = mpsc::unbounded_channel();
        let driver = Arc::new(Self {
            callers: Mutex::default(),
            client: net::Client::new()?,
            config,
            has_record_left: AtomicBool::new(false),
            keys: Keys::default(),
            last_call_id: AtomicU32::new(0),
            last_state: Mutex::default(),
            messages,
            report,
            session: Mutex::new(session),
            state: watch::Sender::default(),
            time_url,
        });
        let runner = Runner { closing: None, driver: Arc::clone(&driver), pending: Vec::new(), received, record };
        tokio::spawn(runner.run());
        Ok(driver)
    }

    /// Opens the session with this URL of the app: its start, or a callback.
    pub(super) async fn open(&self, address: Secret) -> Result<Reply, Error> {
        let entropy = random::entropy()?;
        // A native app has no page whose work could be lost, and no hint: the record says more.
        let opened = |call_id| Input::Opened { call_id, address, hint: None, online: true, resumed: false, entropy };
        self.call(opened).await
    }

    /// Restores the session of this record.
    pub(super) async fn restore(&self, stored: StoredSession, address: Secret) -> Result<Reply, Error> {
        self.call(|call_id| Input::Restored { call_id, address, stored }).await
    }

    /// Passes a call to the session, and waits for the answer.
    pub(super) async fn call(&self, input: impl FnOnce(CallId) -> Input) -> Result<Reply, Error> {
        let number = self.last_call_id.fetch_add(1, Ordering::Relaxed);
        let (answer, receiver) = oneshot::channel();
        locked(&self.callers).insert(number, Caller { answer, navigation: None });
        self.send(Message::Input(Box::new(input(CallId(number)))));
        receiver.await.unwrap_or_else(|_| Err(Code::Disposed.into()))
    }

    pub(super) fn send(&self, message: Message) {
        if self.messages.send(message).is_err() {
            locked(&self.callers).clear();
        }
    }

    /// The state, now and later.
    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// The number of the current session, if a user is signed in.
    pub(super) fn number(&self) -> Option<SessionNumber> {
        locked(&self.session).number()
    }

    /// The browser was not opened for a logout. Returns when that is stored: the process may end then.
    pub(super) async fn note_logout_not_shown(&self) {
        let (done, noted) = oneshot::channel();
        self.send(Message::NotShown(done));
        let _ = noted.await;
    }

    /// Whether the storage has a record of a session that is over.
    pub(super) fn has_record_left(&self) -> bool {
        self.has_record_left.load(Ordering::Relaxed)
    }

    pub(super) fn is_current(&self, session: SessionNumber) -> bool {
        locked(&self.session).is_current(Some(session))
    }

    /// From now on, the browser comes back to this redirect URI.
    pub(super) fn redirect_to(&self, config: Config) {
        locked(&self.session).redirect_to(config);
    }

    /// The `state` of the login that was stored since the last call.
    pub(super) fn take_state(&self) -> Option<String> {
        locked(&self.last_state).take()
    }

    /// A proof for a request to an API, signed.
    pub(super) fn proof(&self, key: KeyId, method: &str, url: &str, access_token: &AccessToken) -> Result<String, Error> {
        let proof = locked(&self.session).prove(clock::now(), key, method, url, Some(access_token));
        self.keys.sign(&proof)
    }

    /// Keeps the nonce that an API sent. Returns whether there was one.
    pub(super) fn note_nonce(&self, url: &str, header: Option<&str>) -> bool {
        locked(&self.session).note_nonce(url, header)
    }

    fn publish(&self) {
        let state = locked(&self.session).state();
        self.state.send_if_modified(|shown| {
            let is_new = *shown != state;
            *shown = state;
            is_new
        });
    }

    fn wakes_in(&self) -> Option<Duration> {
        locked(&self.session).wakes_in(clock::now()).map(|left| left.min(MAX_SLEEP))
    }

    fn answer(&self, call_id: CallId, answer: Result<Answer, Error>) {
        if let Some(Caller { answer: to, navigation }) = locked(&self.callers).remove(&call_id.0) {
            // A caller that no longer waits needs no answer.
            let _ = to.send(answer.map(|answer| Reply { answer, navigation }));
        }
    }

    fn navigate(&self, call_id: CallId, url: Secret) {
        if let Some(caller) = locked(&self.callers).get_mut(&call_id.0) {
            caller.navigation = Some(url);
        }
    }

    /// Sends a request in a task, with a proof if it needs one.
    fn fetch(self: &Arc<Self>, request: RequestId, what: Request, timeout: Duration) {
        let driver = Arc::clone(self);
        tokio::spawn(async move {
            let proof = match &what.proof {
                Some(proof) => driver.keys.sign(proof).map(Some),
                None => Ok(None),
            };
            let outcome = match proof {
                Ok(proof) => net::send(&driver.client, &what, timeout, proof.as_deref()).await,
                // Nothing was sent.
                Err(_) => Err(Transport::Failed),
            };
            driver.send(Message::Input(Box::new(Input::Fetched { request, outcome })));
        });
    }

    fn fetch_time(self: &Arc<Self>, request: RequestId) {
        let driver = Arc::clone(self);
        tokio::spawn(async move {
            let time = match &driver.time_url {
                Some(url) => net::server_time(&driver.client, url).await,
                None => None,
            };
            driver.send(Message::Input(Box::new(Input::ServerTime { request, time })));
        });
    }

    fn make_key(self: &Arc<Self>, request: RequestId, key: KeyId) {
        let driver = Arc::clone(self);
        // RSA takes a while.
        tokio::task::spawn_blocking(move || {
            let thumbprint = driver.keys.make(key);
            driver.send(Message::Input(Box::new(Input::KeyMade { request, thumbprint })));
        });
    }
}

/// The task of a session.
struct Runner {
    closing: Option<Closing>,
    driver: Arc<Driver>,
    /// Pending logins are in memory only: the process that started a login is the one that finishes it.
    pending: Vec<(PendingKey, PendingLogin)>,
    received: mpsc::UnboundedReceiver<Message>,
    record: Option<Record>,
}

/// An app that has no more calls.
struct Closing {
    done: Option<oneshot::Sender<()>>,
    until: tokio::time::Instant,
}

/// What happens next.
enum Next {
    Closed,
    Locked(Box<super::record::Locked>),
    Message(Option<Message>),
    Settle,
    Tick,
}

impl Runner {
    async fn run(mut self) {
        loop {
            let is_busy = self.record.as_ref().is_some_and(Record::is_busy);
            if self.closing.is_some() && !is_busy {
                break;
            }
            match self.next().await {
                Next::Closed | Next::Message(None) => break,
                Next::Message(Some(Message::Close(done))) => {
                    self.closing = Some(Closing { done, until: tokio::time::Instant::now() + CLOSE_TIMEOUT });
                }
                Next::Message(Some(Message::ForgetLogins)) => self.pending.clear(),
                Next::Message(Some(Message::NotShown(done))) => {
                    locked(&self.driver.session).note_logout_not_shown();
                    self.ask(true).await;
                    let _ = done.send(());
                }
                Next::Message(Some(Message::Input(input))) => self.handle(*input).await,
                Next::Settle => self.settle().await,
                Next::Tick => self.handle(Input::Tick).await,
                Next::Locked(locked) => self.record_is_locked(*locked).await,
            }
        }
        // The next start is not to find what is over.
        self.settle().await;
        self.received.close();
        locked(&self.driver.callers).clear();
        if let Some(Closing { done: Some(done), .. }) = self.closing {
            let _ = done.send(());
        }
    }

    async fn next(&mut self) -> Next {
        let wakes_in = self.driver.wakes_in();
        let until = self.closing.as_ref().map(|closing| closing.until);
        let settles_in = self.record.as_ref().and_then(Record::settles_in);
        let record = &mut self.record;
        tokio::select! {
            message = self.received.recv() => Next::Message(message),
            locked = async {
                match record {
                    Some(record) => record.locked().await,
                    None => std::future::pending().await,
                }
            } => Next::Locked(Box::new(locked)),
            () = tokio::time::sleep(wakes_in.unwrap_or_default()), if wakes_in.is_some() => Next::Tick,
            () = tokio::time::sleep(settles_in.unwrap_or_default()), if settles_in.is_some() => Next::Settle,
            () = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            } => Next::Closed,
        }
    }

    /// The lock of the record is there, or not.
    async fn record_is_locked(&mut self, locked_record: super::record::Locked) {
        let super::record::Locked { request, stored, is_damaged } = locked_record;
        if is_damaged {
            // It is no longer this session's record, and is replaced.
            locked(&self.driver.session).note_saved(false);
        }
        self.handle(Input::StoredLocked { request, stored }).await;
    }

    /// Passes an input to the session, and performs the effects in order.
    async fn handle(&mut self, input: Input) {
        let mut next = Some(input);
        let mut inputs = std::collections::VecDeque::new();
        while let Some(input) = next {
            let effects = locked(&self.driver.session).handle(clock::now(), input);
            // Whoever gets an answer sees the state that belongs to it.
            self.driver.publish();
            for effect in effects {
                inputs.extend(self.perform(effect).await);
            }
            next = inputs.pop_front();
        }
        self.driver.keys.retain(|key| locked(&self.driver.session).needs_key(key));
    }

    async fn perform(&mut self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Answer { call_id, answer } => self.driver.answer(call_id, answer),
            Effect::CheckSignature { request, check } => {
                return Some(Input::SignatureChecked { request, signature: Ok(signature::check(&check)) });
            }
            Effect::ClaimPending { request, key } => {
                let index = self.pending.iter().position(|(other, _)| *other == key);
                let pending = Ok(index.map(|index| self.pending.remove(index).1));
                return Some(Input::PendingClaimed { request, pending });
            }
            Effect::Fetch { request, what, timeout } => self.driver.fetch(request, what, timeout),
            Effect::FetchServerTime { request } => self.driver.fetch_time(request),
            Effect::ForgetSession { login } => return self.forget(&login).await,
            // The record was refused before if its key could not be read.
            Effect::ImportKey { key, private } => drop(self.driver.keys.import(key, &private)),
            Effect::LockStored { request } => return self.start_locking(request),
            Effect::MakeKey { request, key } => self.driver.make_key(request, key),
            Effect::Navigate { call_id, url, .. } => self.driver.navigate(call_id, url),
            Effect::SaveSession { session, key } => self.save(session, key).await,
            Effect::StorePending { request, key, pending } => return Some(self.store_pending(request, key, pending)),
            Effect::UnlockStored => {
                if let Some(record) = &mut self.record {
                    record.unlock();
                }
            }
            Effect::WriteHint(hint) => self.ask(hint.is_over()).await,
            // There are no other pages, no address bar, and no hint otherwise: the record says who was signed in.
            Effect::AnnounceLogout(_)
            | Effect::AnnouncePresence(..)
            | Effect::ClearHint
            | Effect::Reopen
            | Effect::ReplaceAddress { .. } => {}
        }
        None
    }

    fn start_locking(&mut self, request: RequestId) -> Option<Input> {
        match &mut self.record {
            Some(record) => {
                record.start_locking(request);
                None
            }
            None => Some(Input::StoredLocked { request, stored: Err(Code::StorageUnavailable.into()) }),
        }
    }

    async fn save(&mut self, session: StoredSession, key: Option<KeyId>) {
        let Some(record) = &mut self.record else { return };
        let key = key.and_then(|key| self.driver.keys.export(key));
        let saved = record.save(session, key).await;
        locked(&self.driver.session).note_saved(saved.is_ok());
        self.driver.has_record_left.store(record.owes(), Ordering::Relaxed);
        self.driver.report.changed(match saved {
            Ok(()) => Storage::Secure(record.describe()),
            Err(error) => Storage::Memory(error),
        });
    }

    /// Keeps in mind whether the next login asks for the password.
    async fn ask(&mut self, asks: bool) {
        if let Some(record) = &mut self.record {
            record.ask(asks).await;
        }
    }

    /// Tries again what the storage has refused.
    async fn settle(&mut self) {
        let Some(record) = &mut self.record else { return };
        let Some(settled) = record.settle().await else { return };
        self.driver.has_record_left.store(false, Ordering::Relaxed);
        let is_saved = matches!(settled, Settled::Saved);
        if is_saved {
            locked(&self.driver.session).note_saved(true);
        }
        // A session whose last record is gone is in memory, until its next renewal.
        if is_saved || self.driver.number().is_none() {
            self.driver.report.changed(Storage::Secure(record.describe()));
        }
    }

    async fn forget(&mut self, login: &Nonce) -> Option<Input> {
        let record = self.record.as_mut()?;
        let forgotten = record.forget(login).await;
        self.driver.has_record_left.store(record.owes(), Ordering::Relaxed);
        match forgotten {
            Ok(stored) => stored.map(|stored| Input::SessionForgotten { stored }),
            Err(error) => {
                self.driver.report.changed(Storage::Memory(error));
                None
            }
        }
    }

    fn store_pending(&mut self, request: RequestId, key: PendingKey, pending: PendingLogin) -> Input {
        let now = clock::now();
        self.pending.retain(|(_, other)| !other.has_expired(now));
        let others = self.pending.iter().map(|(_, other)| other.clone()).collect();
        while self.pending.len() >= MAX_PENDING {
            let oldest = self.pending.iter().enumerate().max_by_key(|(_, (_, other))| other.age(now));
            let Some((index, _)) = oldest else { break };
            self.pending.remove(index);
        }
        // After the digest of the settings, which has no slash.
        *locked(&self.driver.last_state) = key.as_str().split_once('/').map(|(_, state)| state.to_owned());
        self.pending.push((key, pending));
        Input::PendingStored { request, stored: Ok(others) }
    }
}
