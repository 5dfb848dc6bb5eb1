//! Brings a session to life: performs its effects, and brings back what came of them.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventTarget, PageTransitionEvent};

use super::channel::Channel;
use super::page::Page;
use super::store::Store;
use super::{clock, net, random, signature};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::Secret;
use crate::session::{Answer, Ask, Effect, Input, Session, State};

type Listener = Rc<dyn Fn(&State)>;
type Caller = oneshot::Sender<Result<Answer, Error>>;

/// A session and everything around it. Never borrowed across an await, nor while foreign code runs.
pub(super) struct Driver {
    channel: RefCell<Option<Channel>>,
    asked: RefCell<Vec<(Ask, Caller)>>,
    config: Config,
    disposed: Cell<bool>,
    events: RefCell<Vec<EventListener>>,
    is_open: Cell<bool>,
    last_id: Cell<u32>,
    listeners: RefCell<Vec<(u32, Listener)>>,
    page: Page,
    session: RefCell<Session>,
    state: RefCell<State>,
    store: Store,
    timer: RefCell<Option<Timeout>>,
    /// Whoever started the same session again, while it was being opened.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

thread_local! {
    /// The sessions of this page.
    static STARTED: RefCell<Vec<Weak<Driver>>> = const { RefCell::new(Vec::new()) };
}

impl Driver {
    /// A session for the page that this runs in, not yet opened.
    pub(super) fn new(config: Config) -> Result<Rc<Self>, Error> {
        let driver = Rc::new(Self {
            channel: RefCell::default(),
            asked: RefCell::default(),
            disposed: Cell::new(false),
            events: RefCell::default(),
            is_open: Cell::new(false),
            last_id: Cell::new(0),
            listeners: RefCell::default(),
            page: Page::of_this_window()?,
            session: RefCell::new(Session::new(config.clone(), random::seed()?)),
            state: RefCell::default(),
            store: Store::new(&config),
            timer: RefCell::default(),
            waiting: RefCell::default(),
            config,
        });
        driver.listen_to_the_world();
        Ok(driver)
    }

    /// The session that this page already has with these settings, or a new one. So starting
    /// twice is harmless, and no callback is lost to the first of two sessions.
    pub(super) async fn start(config: Config) -> Result<Rc<Self>, Error> {
        let started = STARTED.with_borrow_mut(|started| {
            started.retain(|driver| driver.upgrade().is_some_and(|driver| !driver.disposed.get()));
            started.iter().filter_map(Weak::upgrade).find(|driver| driver.config == config)
        });
        if let Some(driver) = started {
            driver.opened().await;
            return Ok(driver);
        }
        let driver = Self::new(config)?;
        STARTED.with_borrow_mut(|started| started.push(Rc::downgrade(&driver)));
        driver.open().await?;
        driver.is_open.set(true);
        driver.waiting.take();
        Ok(driver)
    }

    /// Waits until whoever started this has finished.
    async fn opened(&self) {
        if !self.is_open.get() {
            let (sender, receiver) = oneshot::channel();
            self.waiting.borrow_mut().push(sender);
            // That the sender is dropped is the message.
            let _ = receiver.await;
        }
    }

    /// Tells the session where the app was opened, and waits until it is no longer loading.
    pub(super) async fn open(self: &Rc<Self>) -> Result<(), Error> {
        let entropy = random::entropy()?;
        // Without storage nobody can log in, and that is said then. What is shown to anonymous
        // visitors needs none.
        let hint = self.store.read_hint(&self.config).await.unwrap_or(None);
        if !self.page.is_online() {
            self.handle(Input::Online(false));
        }
        let address = Secret::new(self.page.address());
        // What went wrong is in the state.
        let _ = self.ask(|ask| Input::Opened { ask, address, hint, entropy }).await;
        // What cannot be removed now is removed before the next login.
        let _ = self.store.sweep(&self.config, clock::now()).await;
        Ok(())
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    pub(super) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Puts something to the session, and waits for its answer.
    pub(super) async fn ask(self: &Rc<Self>, input: impl FnOnce(Ask) -> Input) -> Result<Answer, Error> {
        if self.disposed.get() {
            return Err(Code::Disposed.into());
        }
        let (sender, receiver) = oneshot::channel();
        let ask = Ask(self.next_id());
        self.asked.borrow_mut().push((ask, sender));
        self.handle(input(ask));
        receiver.await.unwrap_or_else(|_| Err(Code::Disposed.into()))
    }

    pub(super) fn add_listener(&self, listener: Listener) -> u32 {
        let id = self.next_id();
        self.listeners.borrow_mut().push((id, listener));
        id
    }

    pub(super) fn remove_listener(&self, id: u32) {
        self.listeners.borrow_mut().retain(|(other, _)| *other != id);
    }

    /// Ends everything here. The session at the provider goes on.
    pub(super) fn dispose(&self) {
        self.disposed.set(true);
        self.events.borrow_mut().clear();
        self.channel.replace(None);
        self.waiting.take();
        self.timer.replace(None);
        self.listeners.borrow_mut().clear();
        self.asked.borrow_mut().clear();
    }

    fn next_id(&self) -> u32 {
        self.last_id.set(self.last_id.get().wrapping_add(1));
        self.last_id.get()
    }

    fn handle(self: &Rc<Self>, input: Input) {
        if self.disposed.get() {
            return;
        }
        let effects = self.session.borrow_mut().handle(clock::now(), input);
        for effect in effects {
            self.perform(effect);
        }
        self.set_timer();
        self.publish();
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::AnnounceLogout(session) => {
                if let Some(channel) = &*self.channel.borrow() {
                    channel.announce_logout(&session);
                }
            }
            Effect::Answer { ask, answer } => self.tell(ask, answer),
            Effect::Navigate { url, keep_in_history, .. } => self.page.navigate(url.expose(), keep_in_history),
            Effect::ReplaceAddress { path, announce, .. } => self.page.replace_address(&path, announce),
            effect => {
                let driver = Rc::clone(self);
                spawn_local(async move {
                    if let Some(input) = driver.perform_slowly(effect).await {
                        driver.handle(input);
                    }
                });
            }
        }
    }

    /// Performs what takes time. What is to be brought back, is.
    async fn perform_slowly(self: &Rc<Self>, effect: Effect) -> Option<Input> {
        match effect {
            Effect::AskTime { request } => {
                let time = net::server_time(&self.page.address()).await;
                Some(Input::TimeTold { request, time })
            }
            Effect::CheckSignature { request, algorithm, keys, signing_input, signature } => {
                let signature = signature::check(algorithm, &keys, signing_input.expose(), &signature).await;
                Some(Input::SignatureChecked { request, signature })
            }
            Effect::ClaimPending { request, key } => {
                let pending = self.store.claim_pending(&key, &self.config).await;
                Some(Input::PendingClaimed { request, pending })
            }
            Effect::Fetch { request, what, timeout } => {
                let outcome = net::send(&what, timeout).await;
                Some(Input::Fetched { request, outcome })
            }
            Effect::StorePending { request, key, pending } => {
                let stored = self.store.put_pending(&key, &pending, &self.config, clock::now()).await;
                Some(Input::PendingStored { request, stored })
            }
            // Without randomness there is no redirect: the session is over.
            Effect::Reopen => self.open().await.err().map(|_| Input::Returned),
            // A hint that cannot be written or removed costs one redirect at the most.
            Effect::ClearHint => self.store.clear_hint().await.err().and(None),
            Effect::WriteHint(hint) => self.store.write_hint(&hint).await.err().and(None),
            Effect::AnnounceLogout(_) | Effect::Answer { .. } | Effect::Navigate { .. } | Effect::ReplaceAddress { .. } => None,
        }
    }

    fn tell(&self, ask: Ask, answer: Result<Answer, Error>) {
        let mut asked = self.asked.borrow_mut();
        if let Some(index) = asked.iter().position(|(other, _)| *other == ask) {
            // A caller that no longer waits needs no answer.
            let _ = asked.swap_remove(index).1.send(answer);
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
        self.timer.replace(timer);
    }

    /// Tells the listeners, if something changed.
    fn publish(&self) {
        let state = self.session.borrow().state();
        if *self.state.borrow() == state {
            return;
        }
        self.state.replace(state.clone());
        // A listener may add or remove listeners, or call anything else here.
        let listeners: Vec<Listener> = self.listeners.borrow().iter().map(|(_, listener)| Rc::clone(listener)).collect();
        for listener in listeners {
            listener(&state);
        }
    }

    /// Timers stand still in the background and during sleep: whatever hints at time having
    /// passed wakes the session.
    fn listen_to_the_world(self: &Rc<Self>) {
        let Some(world) = super::global::get::<EventTarget>("self") else { return };
        let events = ["focus", "offline", "online", "pageshow", "visibilitychange"].map(|name| {
            let driver = Rc::downgrade(self);
            EventListener::new(&world, name, move |event| {
                let Some(driver) = driver.upgrade() else { return };
                driver.handle(match event.type_().as_str() {
                    "online" => Input::Online(true),
                    "offline" => Input::Online(false),
                    "pageshow" if came_from_cache(event) => Input::Returned,
                    _ => Input::Woke,
                });
            })
        });
        self.events.borrow_mut().extend(events);
        let driver = Rc::downgrade(self);
        self.channel.replace(Channel::open(&self.config, move |session| {
            if let Some(driver) = driver.upgrade() {
                driver.handle(Input::SignedOutElsewhere { session });
            }
        }));
    }
}

/// Whether a page was shown again as it was when it was left.
fn came_from_cache(event: &Event) -> bool {
    event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted)
}
