//! Runs a session: performs its effects, and passes the results back to it.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::EventTarget;

use super::channel::{Channel, News};
use super::clock::Timer;
use super::event_listener::EventListener;
use super::global::member;
use super::keys::Keys;
use super::net::{Prepared, Received};
use super::oneshot;
use super::page::Page;
use super::store::{self, Results, Store};
use super::{clock, global, net, random, signature};
use crate::protocol::config::Config;
use crate::protocol::dpop::KeyId;
use crate::protocol::error::{Code, Error};
use crate::protocol::http::Request;
use crate::protocol::secret::{AccessToken, Secret};
use crate::session::{Answer, CallId, Effect, Input, RequestId, Session, SessionNumber, State, Transport};

type Listener = Rc<dyn Fn(&State)>;

/// A boxed future, so that its state is not part of the future that awaits it.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// How long to wait for a page to remove its callback from the address bar.
const ADDRESS_BAR_TIMEOUT: Duration = Duration::from_secs(5);

/// A pending call.
struct Caller {
    call_id: CallId,
    answer: oneshot::Sender<Result<Answer, Error>>,
    page: Rc<dyn Page>,
}

/// A request that waits for storage, and the function that passes the result on.
struct OnStored(RequestId, fn(&Rc<Driver>, RequestId, Result<Results, Error>));

/// A session and everything around it. No cell is borrowed across an await, nor while foreign code runs.
pub(crate) struct Driver {
    /// The folder of the page that was opened last.
    folder: RefCell<String>,
    channel: RefCell<Option<Channel>>,
    /// Resolves when a page has removed a callback from its address bar.
    address_bar: Cell<Option<oneshot::Receiver<()>>>,
    callers: RefCell<Vec<Caller>>,
    config: Config,
    disposed: Cell<bool>,
    events: Cell<Vec<EventListener>>,
    #[cfg(feature = "inspect")]
    inspectors: RefCell<Vec<super::inspect::Inspector>>,
    last_call_id: Cell<u32>,
    listener: RefCell<Option<Listener>>,
    /// While a hint is being written: the effects that wait for it.
    deferred: RefCell<Option<Vec<Effect>>>,
    keys: Keys,
    /// Whether the driver keeps running when its pages are gone.
    survives_navigation: bool,
    /// The pages of this session. The one that was opened last is at the end.
    pages: RefCell<Vec<Rc<dyn Page>>>,
    session: RefCell<Session>,
    /// The state that was published last, and the number of its session.
    state: RefCell<(State, Option<SessionNumber>)>,
    store: Store,
    timer: Cell<Option<Timer>>,
}

impl Driver {
    /// A session that no page has opened yet.
    pub(crate) fn new(config: Config) -> Result<Rc<Self>, Error> {
        let survives_navigation = global::is_shared_worker();
        let driver = Rc::new(Self {
            folder: RefCell::default(),
            channel: RefCell::default(),
            address_bar: Cell::default(),
            callers: RefCell::default(),
            disposed: Cell::new(false),
            events: Cell::default(),
            #[cfg(feature = "inspect")]
            inspectors: RefCell::default(),
            last_call_id: Cell::new(0),
            listener: RefCell::default(),
            deferred: RefCell::default(),
            keys: Keys::default(),
            survives_navigation,
            pages: RefCell::default(),
            session: RefCell::new(Session::new(config.clone(), random::seed()?).surviving_navigation(survives_navigation)),
            state: RefCell::default(),
            store: Store::new(&config),
            timer: Cell::default(),
            config,
        });
        driver.listen_to_window();
        Ok(driver)
    }

    /// Opens the session for a page with this URL. Resolves when the session is no longer loading.
    pub(crate) fn open(
        self: &Rc<Self>,
        page: Rc<dyn Page>,
        address: String,
        resumed: bool,
    ) -> Result<BoxFuture<'static, Answer>, Error> {
        let (driver, entropy) = (Rc::clone(self), random::entropy()?);
        Ok(Box::pin(async move {
            let wants_hint = driver.session.borrow().wants_hint(&address);
            // A login without storage fails with an error of its own. Anonymous visitors need no storage.
            let found = if wants_hint { driver.store.read_hint().await.ok() } else { None };
            let hint = found.and_then(|found| store::hint(&found, &driver.config));
            driver.folder.replace(net::folder_of(&address));
            driver.add_page(&page);
            let (address, online) = (Secret::new(address), global::is_online());
            let opened = driver.call(&page, |call_id| Input::Opened { call_id, address, hint, online, resumed, entropy }).await;
            // This is not awaited. What cannot be removed now is removed before the next login.
            driver.run_storage(driver.store.sweep(clock::now()), None);
            opened
        }))
    }

    fn add_page(&self, page: &Rc<dyn Page>) {
        self.remove_page(page);
        self.pages.borrow_mut().push(Rc::clone(page));
    }

    /// Removes a page that has gone. Its pending calls go on, but it does not get the answers.
    pub(crate) fn remove_page(&self, page: &Rc<dyn Page>) {
        let mut pages = self.pages.borrow_mut();
        let index = pages.iter().position(|other| Rc::ptr_eq(other, page));
        drop(index.map(|index| pages.remove(index)));
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn state(&self) -> State {
        self.state.borrow().0.clone()
    }

    /// The number of the session that the published state belongs to.
    pub(crate) fn number(&self) -> Option<SessionNumber> {
        self.state.borrow().1
    }

    /// Whether this session is still the current one.
    pub(crate) fn is_current(&self, session: SessionNumber) -> bool {
        self.session.borrow().is_current(Some(session))
    }

    /// Passes a page's call to the session. Resolves with the answer.
    pub(crate) fn call(self: &Rc<Self>, page: &Rc<dyn Page>, input: impl FnOnce(CallId) -> Input) -> BoxFuture<'static, Answer> {
        let call_id = self.next_call_id();
        self.put(call_id, input(call_id), Rc::clone(page))
    }

    /// The number of the next call.
    pub(crate) fn next_call_id(&self) -> CallId {
        self.last_call_id.set(self.last_call_id.get().wrapping_add(1));
        CallId(self.last_call_id.get())
    }

    /// Does what `call` does, for an input that already has its number.
    pub(crate) fn put(self: &Rc<Self>, call_id: CallId, input: Input, page: Rc<dyn Page>) -> BoxFuture<'static, Answer> {
        let (answer, receiver) = oneshot::channel();
        if !self.disposed.get() {
            self.callers.borrow_mut().push(Caller { call_id, answer, page });
            self.handle(input);
        }
        Box::pin(async { receiver.await.unwrap_or_else(|_| Err(Code::Disposed.into())) })
    }

    /// A page was restored from the back/forward cache.
    pub(crate) fn page_returned(self: &Rc<Self>) {
        self.handle(Input::PageRestoredFromCache { online: global::is_online() });
    }

    /// Sets the listener that is called after every state change.
    pub(crate) fn set_listener(&self, listener: Listener) {
        self.listener.replace(Some(listener));
    }

    /// Adds an inspector that is called after every request.
    #[cfg(feature = "inspect")]
    pub(crate) fn add_inspector(&self, inspector: impl Fn(&super::RequestLog) + 'static) {
        self.inspectors.borrow_mut().push(Rc::new(inspector));
    }

    #[cfg(feature = "inspect")]
    pub(crate) fn report(&self, exchange: &super::RequestLog) {
        let inspectors = self.inspectors.borrow().clone();
        for inspector in inspectors {
            inspector(exchange);
        }
    }

    /// How much longer to keep the session for a user who left to log in. Zero while it holds tokens.
    pub(crate) fn login_grace_period(&self) -> Duration {
        self.session.borrow().login_grace_period(clock::now())
    }

    /// Ends the session here, and drops its data. The provider's session continues.
    pub(crate) fn dispose(&self) {
        self.disposed.set(true);
        self.events.take();
        self.channel.replace(None);
        self.timer.set(None);
        self.listener.replace(None);
        self.callers.borrow_mut().clear();
        self.deferred.take();
        self.keys.retain(|_| false);
        self.pages.borrow_mut().clear();
        // Futures in progress may keep the driver alive for a while. The tokens are dropped at once.
        self.session.replace(Session::new(self.config.clone(), 0));
    }

    /// Passes an input to the session, and performs the effects that it returns.
    pub(crate) fn handle(self: &Rc<Self>, input: Input) {
        if self.disposed.get() {
            return;
        }
        let wants_token = matches!(input, Input::Token { .. });
        let effects = self.session.borrow_mut().handle(clock::now(), input);
        // Handing out a token that is available changes nothing else.
        let only_answers = wants_token && matches!(effects.as_slice(), [Effect::Answer { answer: Ok(_), .. }]);
        self.perform_all(effects, only_answers);
    }

    /// Performs effects in order. While a hint is being written by a driver that ends with its page, all later
    /// effects wait.
    fn perform_all(self: &Rc<Self>, effects: Vec<Effect>, only_answers: bool) {
        for effect in effects {
            if let Some(deferred) = &mut *self.deferred.borrow_mut() {
                deferred.push(effect);
                continue;
            }
            self.perform(effect);
        }
        if !only_answers && self.deferred.borrow().is_none() {
            self.keys.retain(|key| self.session.borrow().needs_key(key));
            self.set_timer();
            self.publish();
        }
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::AnnounceLogout(session) => {
                if let Some(channel) = &*self.channel.borrow() {
                    channel.announce_logout(&session);
                }
            }
            Effect::AnnouncePresence(session, presence) => {
                if let Some(channel) = &*self.channel.borrow() {
                    channel.announce_presence(&session, presence);
                }
            }
            Effect::Answer { call_id, answer } => self.answer(call_id, answer),
            Effect::Navigate { call_id, url, keep_in_history } => {
                #[cfg(feature = "inspect")]
                self.report(&super::RequestLog::redirect(url.expose()));
                self.with_page_of(call_id, |page| page.navigate(url.expose(), keep_in_history));
            }
            Effect::Reopen => self.reopen(),
            Effect::ReplaceAddress { call_id, path, announce } => {
                self.with_page_of(call_id, |page| {
                    self.address_bar.set(Some(page.replace_address(&path, announce)));
                });
            }
            Effect::FetchServerTime { request } => {
                let prepared = net::to_app(self.folder.borrow().clone());
                self.send(request, prepared, |request, received| {
                    let time = received.ok().and_then(|received| received.time);
                    Input::ServerTime { request, time }
                });
            }
            Effect::CheckSignature { request, check } => {
                let driver = Rc::clone(self);
                spawn_local(async move {
                    let signature = signature::check(&check).await;
                    driver.handle(Input::SignatureChecked { request, signature });
                });
            }
            Effect::ClaimPending { request, key } => {
                let claim = self.store.claim_pending(&key);
                self.claim(request, claim, self.address_bar.take());
            }
            Effect::Fetch { request, what, timeout } if what.proof.is_none() => {
                self.send(request, net::to_provider(&what, timeout, None), fetched);
            }
            Effect::Fetch { request, what, timeout } => self.send_with_proof(request, what, timeout),
            Effect::MakeKey { request, key } => {
                let driver = Rc::clone(self);
                spawn_local(async move {
                    let thumbprint = driver.keys.make(key).await;
                    driver.handle(Input::KeyMade { request, thumbprint });
                });
            }
            // Of a native app's session, which this driver does not run.
            #[cfg(feature = "native")]
            Effect::ForgetSession { .. }
            | Effect::ImportKey { .. }
            | Effect::LockStored { .. }
            | Effect::SaveSession { .. }
            | Effect::UnlockStored => {}
            Effect::StorePending { request, key, pending } => {
                let on_stored = OnStored(request, |driver, request, kept| {
                    let stored = kept.map(|found| store::others(&found, &driver.config, clock::now()));
                    driver.handle(Input::PendingStored { request, stored });
                });
                self.run_storage(self.store.put_pending(&key, &pending, clock::now()), Some(on_stored));
            }
            // A hint that cannot be written or removed costs at most one redirect.
            Effect::ClearHint => self.run_storage(self.store.clear_hint(), None),
            Effect::WriteHint(hint) => {
                let on_stored = if self.survives_navigation {
                    None
                } else {
                    // The page may navigate away as soon as it sees the session, and this driver ends with it.
                    // Without the hint, the session would not be restored.
                    self.deferred.replace(Some(Vec::new()));
                    Some(OnStored(RequestId::default(), |driver, _, _| {
                        let deferred = driver.deferred.take();
                        driver.perform_all(deferred.unwrap_or_default(), false);
                    }))
                };
                self.run_storage(self.store.write_hint(&hint), on_stored);
            }
        }
    }

    /// Signs a request's proof, and sends the request.
    fn send_with_proof(self: &Rc<Self>, request: RequestId, what: Request, timeout: Duration) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            let proof = match &what.proof {
                Some(proof) => driver.keys.sign(proof).await,
                None => Err(Code::InsecureContext.into()),
            };
            match proof {
                // Signing takes a moment, in which the session can end.
                Ok(proof) if driver.session.borrow().is_still_wanted(request) => {
                    driver.send(request, net::to_provider(&what, timeout, Some(&proof)), fetched)
                }
                // Nothing was sent.
                _ => driver.handle(Input::Fetched { request, outcome: Err(Transport::Failed) }),
            }
        });
    }

    /// A proof for a request to an API, signed.
    pub(crate) async fn proof(
        &self,
        key: KeyId,
        method: &str,
        url: &str,
        access_token: Option<&AccessToken>,
    ) -> Result<String, Error> {
        let proof = self.session.borrow_mut().prove(clock::now(), key, method, url, access_token);
        self.keys.sign(&proof).await
    }

    /// Keeps the nonce that an API sent. Returns whether there was one.
    pub(crate) fn note_nonce(&self, url: &str, header: Option<&str>) -> bool {
        self.session.borrow_mut().note_nonce(url, header)
    }

    /// Notes whether this vault keeps running while its only page is at the provider.
    pub(crate) fn keeps_keys(&self, keeps: bool) {
        self.session.borrow_mut().keeps_keys(keeps);
    }

    /// Sends a request, and passes its outcome to the session.
    fn send(self: &Rc<Self>, request: RequestId, prepared: Prepared, input: fn(RequestId, Result<Received, Transport>) -> Input) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            #[cfg(feature = "inspect")]
            let in_flight = prepared.in_flight.clone();
            let received = net::send(prepared).await;
            #[cfg(feature = "inspect")]
            driver.report(&in_flight.ended(received.as_ref().ok().map(|received| received.response.status)));
            driver.handle(input(request, received));
        });
    }

    /// Claims a pending login, once the page has cleaned its address bar.
    fn claim(self: &Rc<Self>, request: RequestId, claim: BoxFuture<'static, Results>, address_bar: Option<oneshot::Receiver<()>>) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            if let Some(address_bar) = address_bar {
                // A page that has gone has no address bar, and a silent page must not keep other pages waiting.
                let _ = clock::within(ADDRESS_BAR_TIMEOUT, address_bar).await;
            }
            let pending = claim.await.map(|found| store::pending(&found, &driver.config));
            driver.handle(Input::PendingClaimed { request, pending });
        });
    }

    /// Runs a storage operation. Passes the result to the request that waits for it.
    fn run_storage(self: &Rc<Self>, work: BoxFuture<'static, Results>, on_stored: Option<OnStored>) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            let kept = work.await;
            if let Some(OnStored(request, tell)) = on_stored {
                tell(&driver, request, kept);
            }
        });
    }

    /// Calls `work` with the caller's page. The page may run code of its own, so nothing is borrowed meanwhile.
    fn with_page_of(&self, call_id: CallId, work: impl FnOnce(&dyn Page)) {
        let page = self.callers.borrow().iter().find(|caller| caller.call_id == call_id).map(|caller| Rc::clone(&caller.page));
        if let Some(page) = page {
            work(&*page);
        }
    }

    /// Asks the page that was opened last to open the session again.
    fn reopen(self: &Rc<Self>) {
        let page = self.pages.borrow().last().cloned();
        let driver = Rc::clone(self);
        // Not from within another effect: a page in the same thread answers at once.
        spawn_local(async move {
            match page {
                Some(page) => page.reopen(),
                None => driver.handle(Input::PageRestoredFromCache { online: global::is_online() }),
            }
        });
    }

    fn answer(&self, call_id: CallId, answer: Result<Answer, Error>) {
        let mut callers = self.callers.borrow_mut();
        if let Some(index) = callers.iter().position(|caller| caller.call_id == call_id) {
            // A caller that no longer waits needs no answer.
            callers.swap_remove(index).answer.send(answer);
        }
    }

    fn set_timer(self: &Rc<Self>) {
        let wakes_in = self.session.borrow().wakes_in(clock::now());
        let driver = Rc::downgrade(self);
        let timer = wakes_in.map(|duration| {
            clock::after(duration, move || {
                if let Some(driver) = driver.upgrade() {
                    driver.handle(Input::Tick);
                }
            })
        });
        self.timer.set(timer);
    }

    /// Calls the listener if the state has changed.
    fn publish(&self) {
        let (state, number) = {
            let session = self.session.borrow();
            (session.state(), session.number())
        };
        if matches!(&*self.state.borrow(), (shown, of) if *shown == state && *of == number) {
            return;
        }
        self.state.replace((state.clone(), number));
        // The listener may call any function of the driver.
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener(&state);
        }
    }

    /// Listens to the window's or worker's events. Timers stop in the background and during sleep, so every
    /// event that suggests that time has passed wakes the session.
    fn listen_to_window(self: &Rc<Self>) {
        let Some(world) = global::get::<EventTarget>("self") else { return };
        let events = ["focus", "offline", "online", "pageshow", "visibilitychange"].map(|name| {
            let driver = Rc::downgrade(self);
            EventListener::new(&world, name, move |event| {
                let Some(driver) = driver.upgrade() else { return };
                driver.handle(match name {
                    "online" => Input::Online(true),
                    "offline" => Input::Online(false),
                    "pageshow" if came_from_cache(&event) => Input::PageRestoredFromCache { online: global::is_online() },
                    _ => Input::Tick,
                });
            })
        });
        self.events.set(events.into());
        let driver = Rc::downgrade(self);
        self.channel.replace(Channel::open(&self.config, move |news| {
            if let Some(driver) = driver.upgrade() {
                driver.handle(match news {
                    News::LoggedOut(session) => Input::SignedOutElsewhere { session },
                    News::Present(session, presence) => Input::PresentElsewhere { session, presence },
                });
            }
        }));
    }
}

fn fetched(request: RequestId, received: Result<Received, Transport>) -> Input {
    let outcome = received.map(|received| received.response);
    Input::Fetched { request, outcome }
}

/// Whether the page was restored from the back/forward cache.
fn came_from_cache(event: &JsValue) -> bool {
    member(event, "persisted").is_truthy()
}
