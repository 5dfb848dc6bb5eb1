//! The page's end: finds a vault, asks it, and does for it what belongs to the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Object;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{PopStateEvent, Window};

use super::asks::{Answer, Asks};
use super::home::{Home, Vault};
use super::line::{Line, Refusal, Welcome};
use super::message::{ask, tell};
use super::place::Place;
use super::serve;
use super::told::Told;
use crate::browser::global::{Members as _, member};
#[cfg(feature = "inspect")]
use crate::browser::inspect::{Exchange, Inspector};
use crate::browser::listening::Listening;
use crate::browser::oneshot;
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::session::State;

type Listener = Rc<dyn Fn(&State)>;
/// More requests than a start takes.
#[cfg(feature = "inspect")]
const MOST_EXCHANGES: usize = 16;

/// One page's session, wherever it lives. Never borrowed across an await, nor while foreign code runs.
pub(super) struct Connection {
    asks: Asks,
    config: Config,
    disposed: Cell<bool>,
    events: RefCell<Vec<Listening>>,
    /// The requests that were told before anybody could want to hear of them: the session makes
    /// its first ones while it starts.
    #[cfg(feature = "inspect")]
    exchanges: RefCell<Vec<Exchange>>,
    #[cfg(feature = "inspect")]
    inspectors: RefCell<Vec<(u32, Inspector)>>,
    home: Cell<Home>,
    /// The homes that were not yet found to have no vault, the best first.
    homes: RefCell<&'static [Home]>,
    last_id: Cell<u32>,
    line: RefCell<Option<Rc<Line>>>,
    listeners: RefCell<Vec<(u32, Listener)>>,
    /// The lock of the vault that serves this page: each vault has one of its own.
    lock: RefCell<Option<String>>,
    /// The lock that was let go of. A vault which names it nevertheless lives: a script of the page stole its lock.
    lost_lock: RefCell<Option<String>>,
    name: String,
    place: RefCell<Option<Rc<Place>>>,
    /// Who waits for the page to come back from the browser's cache.
    resuming: RefCell<Vec<oneshot::Sender<()>>>,
    script: String,
    /// How often a vault was looked for again.
    searches: Cell<u32>,
    state: RefCell<State>,
    window: Window,
}

impl Connection {
    /// A connection that leads nowhere yet.
    pub(super) fn new(config: Config, vault: &Vault) -> Result<Rc<Self>, Error> {
        let window = web_sys::window().ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "there is no page here"))?;
        if !window.is_secure_context() {
            return Err(Code::InsecureContext.into());
        }
        let (script, wasm) = vault.files();
        Ok(Rc::new(Self {
            asks: Asks::default(),
            disposed: Cell::new(false),
            events: RefCell::default(),
            #[cfg(feature = "inspect")]
            exchanges: RefCell::default(),
            #[cfg(feature = "inspect")]
            inspectors: RefCell::default(),
            home: Cell::new(vault.homes().first().copied().unwrap_or(Home::Page)),
            homes: RefCell::new(vault.homes()),
            last_id: Cell::new(0),
            line: RefCell::default(),
            listeners: RefCell::default(),
            lock: RefCell::default(),
            lost_lock: RefCell::default(),
            name: serve::name(&wasm, config.to_json()),
            place: RefCell::default(),
            resuming: RefCell::default(),
            script,
            searches: Cell::default(),
            state: RefCell::default(),
            window,
            config,
        }))
    }

    /// Finds a vault, and has it open the session.
    pub(super) async fn open(self: &Rc<Self>) -> Result<(), Error> {
        self.listen();
        let opened = self.enter_and_open().await;
        if opened.is_err() {
            // Nobody gets hold of this, so nobody could let go of the vault.
            self.dispose();
        }
        opened
    }

    async fn enter_and_open(self: &Rc<Self>) -> Result<(), Error> {
        // To be sent along with the first call.
        let opening = self.asked(self.next_id(), None);
        self.connect(Some(opening.id)).await?;
        // The page may have been left on the way. It is back, and nobody can have asked anything.
        drop(self.asks.release());
        match opening.answer().await {
            // The vault was left or lost meanwhile, and is being found again.
            Err(_) if self.asks.is_holding() => self.reopen(true).await,
            opened => opened.map(drop),
        }
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn home(&self) -> Home {
        self.home.get()
    }

    pub(super) fn is_disposed(&self) -> bool {
        self.disposed.get()
    }

    pub(super) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// The address of the page, as the browser spells it.
    pub(super) fn address(&self) -> String {
        self.window.location().href().unwrap_or_default()
    }

    pub(super) fn add_listener(&self, listener: Listener) -> u32 {
        let id = self.next_id();
        self.listeners.borrow_mut().push((id, listener));
        id
    }

    pub(super) fn remove_listener(&self, id: u32) {
        self.listeners.borrow_mut().retain(|(other, _)| *other != id);
        #[cfg(feature = "inspect")]
        self.inspectors.borrow_mut().retain(|(other, _)| *other != id);
    }

    #[cfg(feature = "inspect")]
    pub(super) fn add_inspector(&self, inspector: Inspector) -> u32 {
        let id = self.next_id();
        self.inspectors.borrow_mut().push((id, Rc::clone(&inspector)));
        let missed = self.exchanges.take();
        missed.iter().for_each(|exchange| inspector(exchange));
        id
    }

    /// Asks the vault for something, and waits for the message with the answer. Where there is no
    /// vault at the moment, the one that comes is asked. Whoever stops waiting has it stop, where it can.
    pub(super) async fn ask(self: &Rc<Self>, wish: &str, members: &[(&str, &JsValue)]) -> Answer {
        self.ask_now(wish, members)?.answer().await
    }

    /// The same, without waiting for the answer yet.
    pub(super) fn ask_now(self: &Rc<Self>, wish: &str, members: &[(&str, &JsValue)]) -> Result<Asked, Error> {
        self.begin(self.asks.is_holding(), wish, members)
    }

    fn begin(self: &Rc<Self>, waits: bool, wish: &str, members: &[(&str, &JsValue)]) -> Result<Asked, Error> {
        if self.disposed.get() {
            return Err(Code::Disposed.into());
        }
        let id = self.next_id();
        let message = ask(id, wish, members);
        if !waits && !self.say(&message) {
            return Err(lost());
        }
        Ok(self.asked(id, waits.then_some(message)))
    }

    fn asked(self: &Rc<Self>, id: u32, message: Option<Object>) -> Asked {
        Asked { answer: self.asks.add(id, message), connection: Rc::clone(self), id }
    }

    /// The vault is told that nobody waits for this answer any more.
    pub(super) fn abort(&self, id: u32) {
        if let Some(waiting) = self.asks.take(id) {
            self.tell(&tell("abort").value("id", &id.into()));
            waiting.send(Err(Code::Network.into()));
        }
    }

    /// Lets go of the vault. Whoever still waits is told so.
    pub(super) fn dispose(&self) {
        self.disposed.set(true);
        self.events.borrow_mut().clear();
        self.leave();
        self.place.take();
        self.listeners.borrow_mut().clear();
        self.resuming.borrow_mut().clear();
        self.asks.reject_all(&Code::Disposed.into());
    }

    fn next_id(&self) -> u32 {
        self.last_id.set(self.last_id.get().wrapping_add(1));
        self.last_id.get()
    }

    fn say(&self, message: &Object) -> bool {
        self.line.borrow().as_ref().is_some_and(|line| line.ask(message))
    }

    fn tell(&self, message: &Object) {
        if let Some(line) = &*self.line.borrow() {
            line.tell(message);
        }
    }

    /// Lets go of the port and of both locks.
    fn leave(&self) {
        let line = self.line.take();
        drop(line);
    }

    async fn reopen(self: &Rc<Self>, waits: bool) -> Result<(), Error> {
        // What went wrong with a sign-in is in the state.
        self.begin(waits, "open", &[("address", &self.address().into())])?.answer().await.map(drop)
    }

    /// Goes from home to home until one has a vault. With a number it is opened at once, by an ask of this number.
    async fn connect(self: &Rc<Self>, opening: Option<u32>) -> Result<(), Error> {
        loop {
            match self.enter(opening).await {
                Ok(Some(welcome)) => {
                    self.settle_in(welcome);
                    return Ok(());
                }
                // The page was left meanwhile. It may come back.
                Ok(None) if !self.disposed.get() => self.resumed().await,
                Ok(None) => return Err(Code::Disposed.into()),
                Err(refusal) => self.next_home(refusal)?,
            }
        }
    }

    fn next_home(&self, refusal: Refusal) -> Result<(), Error> {
        self.leave();
        self.place.take();
        // A setting that is wrong is wrong everywhere.
        if let Some(error) = refusal {
            return Err(error);
        }
        let homes = *self.homes.borrow();
        match homes.split_first() {
            Some((_, rest)) if !rest.is_empty() => {
                self.homes.replace(rest);
                Ok(())
            }
            _ => Err(Code::VaultUnavailable.into()),
        }
    }

    /// Calls the vault of the best home that is left. `None` when the line was dropped.
    async fn enter(self: &Rc<Self>, opening: Option<u32>) -> Result<Option<Welcome>, Refusal> {
        let place = self.place()?;
        self.home.set(place.home());
        let open = opening.map(|id| ask(id, "open", &[("address", &self.address().into())]));
        let connection = Rc::downgrade(self);
        let (line, welcomed) = Line::dial(place, open, move |told| {
            if let Some(connection) = connection.upgrade() {
                connection.hear(told);
            }
        });
        self.line.replace(Some(line));
        welcomed.await.ok().transpose()
    }

    fn place(&self) -> Result<Rc<Place>, Refusal> {
        if let Some(place) = &*self.place.borrow() {
            return Ok(Rc::clone(place));
        }
        let home = self.homes.borrow().first().copied().unwrap_or(Home::Page);
        let place = Rc::new(Place::prepare(home, &self.script, &self.name).map_err(|_| None)?);
        self.place.replace(Some(Rc::clone(&place)));
        Ok(place)
    }

    fn settle_in(self: &Rc<Self>, welcome: Welcome) {
        if let Some(line) = &*self.line.borrow() {
            line.be_noticed(welcome.lock.clone().filter(|lock| self.lost_lock.borrow().as_ref() != Some(lock)));
        }
        self.lock.replace(welcome.lock);
        self.show(welcome.state);
    }

    /// Leaves the vault for a while.
    fn depart(&self) {
        self.leave();
        self.asks.hold();
    }

    /// The vault is gone: another one is started, there or in the next home.
    fn recover(self: &Rc<Self>) {
        self.lost_lock.replace(self.lock.borrow().clone());
        self.depart();
        // A worker of this tab alone does not start again by being dialled.
        self.place.take();
        self.show(State::Loading);
        self.come_back(true);
    }

    /// Nobody answers what was asked before. Whoever was about to ask the vault that was left asks
    /// the one that is found.
    fn come_back(self: &Rc<Self>, must_open: bool) {
        self.depart();
        self.asks.reject_sent(&lost());
        let connection = Rc::clone(self);
        spawn_local(async move { connection.enter_anew(must_open).await });
    }

    /// Finds a vault again. A new one has to open the session; the one that was left only learns
    /// that the page is back.
    async fn enter_anew(self: &Rc<Self>, must_open: bool) {
        let before = self.lock.borrow().clone();
        self.searches.set(self.searches.get().wrapping_add(1));
        let search = self.searches.get();
        let opening = must_open.then(|| self.asked(self.next_id(), None));
        let mut opened = self.connect(opening.as_ref().map(|opening| opening.id)).await;
        if opened.is_ok() {
            if let Some(opening) = opening {
                opened = opening.answer().await.map(drop);
            } else if *self.lock.borrow() != before {
                opened = self.reopen(false).await;
            } else {
                self.tell(&tell("returned"));
            }
        }
        match opened {
            Ok(()) => {
                for message in self.asks.release() {
                    self.say(&message);
                }
            }
            // What was found may be lost again, and is being looked for by then.
            Err(_) if self.disposed.get() || search != self.searches.get() => {}
            Err(error) => {
                self.asks.reject_all(&error);
                self.show(State::Failed(error));
            }
        }
    }

    async fn resumed(&self) {
        let (sender, receiver) = oneshot::channel();
        self.resuming.borrow_mut().push(sender);
        // That the sender is dropped is the message.
        let _ = receiver.await;
    }

    fn hear(self: &Rc<Self>, told: Told) {
        match told {
            Told::Answer(id, answer) => {
                if let Some(waiting) = self.asks.take(id) {
                    waiting.send(answer);
                }
            }
            #[cfg(feature = "inspect")]
            Told::Exchange(exchange) => {
                let inspectors: Vec<_> = self.inspectors.borrow().iter().map(|(_, inspector)| Rc::clone(inspector)).collect();
                if inspectors.is_empty() && self.exchanges.borrow().len() < MOST_EXCHANGES {
                    self.exchanges.borrow_mut().push(exchange.clone());
                }
                for inspector in inspectors {
                    inspector(&exchange);
                }
            }
            Told::Lost => self.recover(),
            Told::Navigate { url, keep_in_history } => self.navigate(&url, keep_in_history),
            Told::Reopen => {
                let connection = Rc::clone(self);
                spawn_local(async move { drop(connection.reopen(false).await) });
            }
            Told::Replace { path, announce } => self.replace_address(&path, announce),
            Told::State(state) => self.show(state),
            // The line itself hears these.
            Told::Failed(_) | Told::Here(_) | Told::Welcome { .. } => {}
        }
    }

    fn navigate(&self, url: &str, keep_in_history: bool) {
        let location = self.window.location();
        // The address was made by this library; where a policy of the page forbids leaving, the
        // browser says so in its console, and the page stays as it is.
        let _ = if keep_in_history { location.assign(url) } else { location.replace(url) };
    }

    pub(super) fn replace_address(&self, path: &str, announce: bool) {
        let replaced = self.window.history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(path)));
        // The vault goes on when the code is no longer in the address bar.
        self.tell(&tell("replaced"));
        // The app's router hears of it as if the person had gone back.
        if let (Ok(()), true, Ok(event)) = (replaced, announce, PopStateEvent::new("popstate")) {
            let _ = self.window.dispatch_event(&event);
        }
    }

    /// Tells the listeners, if something changed.
    fn show(&self, state: State) {
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

    /// Passes on what only a page hears: whatever hints at time having passed, and what becomes of the page.
    fn listen(self: &Rc<Self>) {
        let events = ["focus", "offline", "online", "pagehide", "pageshow", "visibilitychange"].map(|name| {
            let connection = Rc::downgrade(self);
            Listening::to(&self.window, name, move |event| {
                let Some(connection) = connection.upgrade() else { return };
                match name {
                    "offline" | "online" => connection.tell(&tell("online").flag("online", name == "online")),
                    // A page in the browser's cache is no tab of the app: it hears nothing, and keeps no vault alive.
                    "pagehide" => connection.depart(),
                    "pageshow" if member(&event, "persisted").is_truthy() => connection.resume(),
                    _ => connection.tell(&tell("woke")),
                }
            })
        });
        self.events.borrow_mut().extend(events);
    }

    fn resume(self: &Rc<Self>) {
        let waiting = self.resuming.take();
        // Whoever was still on the way in goes on by itself.
        if waiting.is_empty() {
            self.come_back(false);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.dispose();
    }
}

/// What becomes of an ask when there is no vault any more.
fn lost() -> Error {
    Code::VaultLost.into()
}

/// Something that was asked. Dropped, it is taken back.
pub(super) struct Asked {
    answer: oneshot::Receiver<Answer>,
    connection: Rc<Connection>,
    pub(super) id: u32,
}

impl Asked {
    pub(super) async fn answer(mut self) -> Answer {
        (&mut self.answer).await.unwrap_or_else(|_| Err(Code::Disposed.into()))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.connection.abort(self.id);
    }
}
