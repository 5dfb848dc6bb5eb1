//! Brings a session to life: performs its effects, and brings back what came of them.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::EventTarget;

use super::channel::Channel;
use super::clock::Timer;
use super::global::member;
use super::listening::Listening;
use super::net::{Prepared, Received};
use super::oneshot;
use super::page::Page;
use super::store::{self, Results, Store};
use super::{clock, global, net, random, signature};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::Secret;
use crate::session::{Answer, Ask, Effect, Input, RequestId, Session, SessionNumber, State, Transport};

type Listener = Rc<dyn Fn(&State)>;

/// What takes time, in a box: whoever waits for it does not bring along all that it does.
pub(crate) type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// A page takes its callback out of the address bar within this time, or is not waited for.
const CLEANING_TIMEOUT: Duration = Duration::from_secs(5);

/// Somebody who waits for an answer.
struct Caller {
    ask: Ask,
    answer: oneshot::Sender<Result<Answer, Error>>,
    page: Rc<dyn Page>,
}

/// Who waits for something that is kept in storage, and how it is told.
struct Waiter(RequestId, fn(&Rc<Driver>, RequestId, Result<Results, Error>));

/// A session and everything around it. Never borrowed across an await, nor while foreign code runs.
pub(crate) struct Driver {
    /// The folder of the page that was opened last.
    folder: RefCell<String>,
    channel: RefCell<Option<Channel>>,
    /// Tells when a page has taken a callback out of its address bar.
    cleaning: Cell<Option<oneshot::Receiver<()>>>,
    asked: RefCell<Vec<Caller>>,
    config: Config,
    disposed: Cell<bool>,
    events: Cell<Vec<Listening>>,
    #[cfg(feature = "inspect")]
    inspectors: RefCell<Vec<super::inspect::Inspector>>,
    last_ask: Cell<u32>,
    listener: RefCell<Option<Listener>>,
    /// While a hint is being written that all else waits for: all else.
    later: RefCell<Option<Vec<Effect>>>,
    /// Whether this goes on when its pages are gone.
    outlives_pages: bool,
    /// The pages of this session, the one that was opened last at the end.
    pages: RefCell<Vec<Rc<dyn Page>>>,
    session: RefCell<Session>,
    /// What was shown last, and the number of its session.
    state: RefCell<(State, Option<SessionNumber>)>,
    store: Store,
    timer: Cell<Option<Timer>>,
}

impl Driver {
    /// A session that no page has opened yet.
    pub(crate) fn new(config: Config) -> Result<Rc<Self>, Error> {
        let outlives_pages = global::is_shared_worker();
        let driver = Rc::new(Self {
            folder: RefCell::default(),
            channel: RefCell::default(),
            cleaning: Cell::default(),
            asked: RefCell::default(),
            disposed: Cell::new(false),
            events: Cell::default(),
            #[cfg(feature = "inspect")]
            inspectors: RefCell::default(),
            last_ask: Cell::new(0),
            listener: RefCell::default(),
            later: RefCell::default(),
            outlives_pages,
            pages: RefCell::default(),
            session: RefCell::new(Session::new(config.clone(), random::seed()?).outliving_pages(outlives_pages)),
            state: RefCell::default(),
            store: Store::new(&config),
            timer: Cell::default(),
            config,
        });
        driver.listen_to_the_world();
        Ok(driver)
    }

    /// Tells the session where the app was opened, and waits until it is no longer loading.
    pub(crate) fn open(
        self: &Rc<Self>,
        page: Rc<dyn Page>,
        address: String,
        resumed: bool,
    ) -> Result<Work<'static, Answer>, Error> {
        let (driver, entropy) = (Rc::clone(self), random::entropy()?);
        Ok(Box::pin(async move {
            let wants_hint = driver.session.borrow().wants_hint(&address);
            // Without storage nobody can log in, and that is said then. What is shown to anonymous
            // visitors needs none.
            let found = if wants_hint { driver.store.read_hint().await.ok() } else { None };
            let hint = found.and_then(|found| store::hint(&found, &driver.config));
            driver.folder.replace(net::folder_of(&address));
            driver.add_page(&page);
            let (address, online) = (Secret::new(address), global::is_online());
            let opened = driver.ask(&page, |ask| Input::Opened { ask, address, hint, online, resumed, entropy }).await;
            // Nobody waits for it. What cannot be removed now is removed before the next login.
            driver.keep(driver.store.sweep(clock::now()), None);
            opened
        }))
    }

    fn add_page(&self, page: &Rc<dyn Page>) {
        self.remove_page(page);
        self.pages.borrow_mut().push(Rc::clone(page));
    }

    /// A page went away. What it had asked for goes on, and nobody hears the answer.
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

    /// The number of the current session, as it goes with the state.
    pub(crate) fn number(&self) -> Option<SessionNumber> {
        self.state.borrow().1
    }

    /// Whether this session is still the current one.
    pub(crate) fn is_current(&self, session: SessionNumber) -> bool {
        self.session.borrow().is_current(Some(session))
    }

    /// Puts something to the session for a page, and waits for its answer.
    pub(crate) fn ask(self: &Rc<Self>, page: &Rc<dyn Page>, input: impl FnOnce(Ask) -> Input) -> Work<'static, Answer> {
        let ask = self.next_ask();
        self.put(ask, input(ask), Rc::clone(page))
    }

    /// A number for what is to be put next.
    pub(crate) fn next_ask(&self) -> Ask {
        self.last_ask.set(self.last_ask.get().wrapping_add(1));
        Ask(self.last_ask.get())
    }

    /// What `ask` does, with the number in the input already.
    pub(crate) fn put(self: &Rc<Self>, ask: Ask, input: Input, page: Rc<dyn Page>) -> Work<'static, Answer> {
        let (answer, receiver) = oneshot::channel();
        if !self.disposed.get() {
            self.asked.borrow_mut().push(Caller { ask, answer, page });
            self.handle(input);
        }
        Box::pin(async { receiver.await.unwrap_or_else(|_| Err(Code::Disposed.into())) })
    }

    /// A page came back from the browser's cache.
    pub(crate) fn page_returned(self: &Rc<Self>) {
        self.handle(Input::Returned { online: global::is_online() });
    }

    /// Tells this of every change of the state.
    pub(crate) fn set_listener(&self, listener: Listener) {
        self.listener.replace(Some(listener));
    }

    /// Tells this of every request.
    #[cfg(feature = "inspect")]
    pub(crate) fn add_inspector(&self, inspector: impl Fn(&super::Exchange) + 'static) {
        self.inspectors.borrow_mut().push(Rc::new(inspector));
    }

    #[cfg(feature = "inspect")]
    pub(crate) fn tell_of(&self, exchange: &super::Exchange) {
        let inspectors = self.inspectors.borrow().clone();
        for inspector in inspectors {
            inspector(exchange);
        }
    }

    /// How much longer somebody who left for a login may need what is here, which holds no tokens.
    pub(crate) fn expects_somebody(&self) -> Duration {
        self.session.borrow().expects_somebody(clock::now())
    }

    /// Ends everything here, and forgets it. The session at the provider goes on.
    pub(crate) fn dispose(&self) {
        self.disposed.set(true);
        self.events.take();
        self.channel.replace(None);
        self.timer.set(None);
        self.listener.replace(None);
        self.asked.borrow_mut().clear();
        self.later.take();
        self.pages.borrow_mut().clear();
        // Work under way may hold on to the driver for a while; the tokens go at once.
        self.session.replace(Session::new(self.config.clone(), 0));
    }

    /// Tells the session what happened, and performs what it wants done.
    pub(crate) fn handle(self: &Rc<Self>, input: Input) {
        if self.disposed.get() {
            return;
        }
        let wants_token = matches!(input, Input::Token { .. });
        let effects = self.session.borrow_mut().handle(clock::now(), input);
        // A token that is there is handed out, and nothing else has changed by that.
        let only_answers = wants_token && matches!(effects.as_slice(), [Effect::Answer { answer: Ok(_), .. }]);
        self.carry_out(effects, only_answers);
    }

    /// Performs effects in their order. Where they come after a hint that a page would take with
    /// it, they wait until it is written, and so does whatever comes meanwhile.
    fn carry_out(self: &Rc<Self>, effects: Vec<Effect>, only_answers: bool) {
        for effect in effects {
            if let Some(later) = &mut *self.later.borrow_mut() {
                later.push(effect);
                continue;
            }
            self.perform(effect);
        }
        if !only_answers && self.later.borrow().is_none() {
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
            Effect::Answer { ask, answer } => self.tell(ask, answer),
            Effect::Navigate { ask, url, keep_in_history } => {
                self.with_page_of(ask, |page| page.navigate(url.expose(), keep_in_history));
            }
            Effect::Reopen => self.reopen(),
            Effect::ReplaceAddress { ask, path, announce } => {
                self.with_page_of(ask, |page| {
                    self.cleaning.set(Some(page.replace_address(&path, announce)));
                });
            }
            Effect::AskTime { request } => {
                let prepared = net::to_app(self.folder.borrow().clone());
                self.send(request, prepared, |request, received| {
                    let time = received.ok().and_then(|received| received.time);
                    Input::TimeTold { request, time }
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
                self.claim(request, claim, self.cleaning.take());
            }
            Effect::Fetch { request, what, timeout } => {
                self.send(request, net::to_provider(&what, timeout), |request, received| {
                    let outcome = received.map(|received| received.response);
                    Input::Fetched { request, outcome }
                });
            }
            Effect::StorePending { request, key, pending } => {
                let waiter = Waiter(request, |driver, request, kept| {
                    let stored = kept.map(|found| store::others(&found, &driver.config, clock::now()));
                    driver.handle(Input::PendingStored { request, stored });
                });
                self.keep(self.store.put_pending(&key, &pending, clock::now()), Some(waiter));
            }
            // A hint that cannot be written or removed costs one redirect at the most.
            Effect::ClearHint => self.keep(self.store.clear_hint(), None),
            Effect::WriteHint(hint) => {
                let waiter = if self.outlives_pages {
                    None
                } else {
                    // A page that hears of a session may leave at once, and this goes with it:
                    // without the hint nobody would restore that session.
                    self.later.replace(Some(Vec::new()));
                    Some(Waiter(RequestId::default(), |driver, _, _| {
                        let later = driver.later.take();
                        driver.carry_out(later.unwrap_or_default(), false);
                    }))
                };
                self.keep(self.store.write_hint(&hint), waiter);
            }
        }
    }

    /// Sends a request, and brings back what came of it.
    fn send(self: &Rc<Self>, request: RequestId, prepared: Prepared, input: fn(RequestId, Result<Received, Transport>) -> Input) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            #[cfg(feature = "inspect")]
            let begun = prepared.begun.clone();
            let received = net::send(prepared).await;
            #[cfg(feature = "inspect")]
            driver.tell_of(&begun.ended(received.as_ref().ok().map(|received| received.response.status)));
            driver.handle(input(request, received));
        });
    }

    /// Takes a pending login out, when the page has cleaned its address bar.
    fn claim(self: &Rc<Self>, request: RequestId, claim: Work<'static, Results>, cleaning: Option<oneshot::Receiver<()>>) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            if let Some(cleaning) = cleaning {
                // A page that is gone has no address bar any more, and one that is silent keeps no other page waiting.
                let _ = clock::within(CLEANING_TIMEOUT, cleaning).await;
            }
            let pending = claim.await.map(|found| store::pending(&found, &driver.config));
            driver.handle(Input::PendingClaimed { request, pending });
        });
    }

    /// Has something kept in storage. Tells who waits for it.
    fn keep(self: &Rc<Self>, work: Work<'static, Results>, waiter: Option<Waiter>) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            let kept = work.await;
            if let Some(Waiter(request, tell)) = waiter {
                tell(&driver, request, kept);
            }
        });
    }

    /// The page may run code of its own, so nothing is borrowed then.
    fn with_page_of(&self, ask: Ask, work: impl FnOnce(&dyn Page)) {
        let page = self.asked.borrow().iter().find(|caller| caller.ask == ask).map(|caller| Rc::clone(&caller.page));
        if let Some(page) = page {
            work(&*page);
        }
    }

    /// Has the page that was opened last open the session again.
    fn reopen(self: &Rc<Self>) {
        let page = self.pages.borrow().last().cloned();
        let driver = Rc::clone(self);
        // Not from within another effect: a page in the same thread answers at once.
        spawn_local(async move {
            match page {
                Some(page) => page.reopen(),
                None => driver.handle(Input::Returned { online: global::is_online() }),
            }
        });
    }

    fn tell(&self, ask: Ask, answer: Result<Answer, Error>) {
        let mut asked = self.asked.borrow_mut();
        if let Some(index) = asked.iter().position(|caller| caller.ask == ask) {
            // A caller that no longer waits needs no answer.
            asked.swap_remove(index).answer.send(answer);
        }
    }

    fn set_timer(self: &Rc<Self>) {
        let wakes_in = self.session.borrow().wakes_in(clock::now());
        let driver = Rc::downgrade(self);
        let timer = wakes_in.map(|duration| {
            clock::after(duration, move || {
                if let Some(driver) = driver.upgrade() {
                    driver.handle(Input::Woke);
                }
            })
        });
        self.timer.set(timer);
    }

    /// Tells the listener, if something changed.
    fn publish(&self) {
        let (state, number) = {
            let session = self.session.borrow();
            (session.state(), session.number())
        };
        if matches!(&*self.state.borrow(), (shown, of) if *shown == state && *of == number) {
            return;
        }
        self.state.replace((state.clone(), number));
        // It may call anything here.
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener(&state);
        }
    }

    /// Timers stand still in the background and during sleep: whatever hints at time having
    /// passed wakes the session.
    fn listen_to_the_world(self: &Rc<Self>) {
        let Some(world) = global::get::<EventTarget>("self") else { return };
        let events = ["focus", "offline", "online", "pageshow", "visibilitychange"].map(|name| {
            let driver = Rc::downgrade(self);
            Listening::to(&world, name, move |event| {
                let Some(driver) = driver.upgrade() else { return };
                driver.handle(match name {
                    "online" => Input::Online(true),
                    "offline" => Input::Online(false),
                    "pageshow" if came_from_cache(&event) => Input::Returned { online: global::is_online() },
                    _ => Input::Woke,
                });
            })
        });
        self.events.set(events.into());
        let driver = Rc::downgrade(self);
        self.channel.replace(Channel::open(&self.config, move |session| {
            if let Some(driver) = driver.upgrade() {
                driver.handle(Input::SignedOutElsewhere { session });
            }
        }));
    }
}

/// Whether a page was shown again as it was when it was left.
fn came_from_cache(event: &JsValue) -> bool {
    member(event, "persisted").is_truthy()
}
