//! The vault itself: one session, and the tabs that it serves.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Function;
use sha2::{Digest as _, Sha256};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;

use super::lock;
use super::tab::Tab;
use crate::browser::clock::Timer;
use crate::browser::driver::Driver;
use crate::browser::event_listener::Callback;
use crate::browser::oneshot;
use crate::browser::page::Page;
#[cfg(feature = "inspect")]
use crate::browser::{Purpose, RequestLog};
use crate::browser::{clock, random};
use crate::protocol::base64url::base64url;
use crate::protocol::config::{Config, ConfigBuilder};
use crate::protocol::error::Error;
use crate::protocol::time::Deadline;
use crate::wire::{encode, message};

/// How long a new tab has to send `hello`, and to hold its lock.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);

/// Starts the vault of this name with these settings. No tab is connected to it yet: the returned function
/// takes a port, and serves the tab at its other end. `on_idle` is called when no tab was connected for the
/// linger time of the settings, and the vault has dropped its session.
///
/// # Errors
/// An object with `code`, `blame`, `retryable` and `message`: `config_invalid`, `insecure_context`.
pub fn start(name: &str, options: JsValue, on_idle: Function) -> Result<Function, JsValue> {
    let server = VaultServer::new(name, options, on_idle).map_err(|error| encode::error(&error))?;
    let connect = Callback::new(move |port: JsValue| {
        server.connect(port.unchecked_into());
        JsValue::UNDEFINED
    });
    Ok(connect.into_js_value().unchecked_into())
}

/// One session, and the tabs that it serves. Its settings never change.
pub(super) struct VaultServer {
    driver: RefCell<Rc<Driver>>,
    on_idle: Function,
    lock: RefCell<Lock>,
    /// Runs while no connected tab keeps the vault alive.
    idle_timer: Cell<Option<Timer>>,
    /// When that time is over. In a worker that stood still, the timer fires late, or never.
    idle_at: Cell<Option<Deadline>>,
    /// The last redirect. The page that left for it is gone before anyone reads its log.
    #[cfg(feature = "inspect")]
    redirect: RefCell<Option<RequestLog>>,
    tabs: RefCell<Vec<Rc<Tab>>>,
}

/// The Web Lock by which tabs notice that the vault is gone.
enum Lock {
    /// It was requested. These tabs wait for the outcome.
    Awaited(Vec<oneshot::Sender<()>>),
    Held(String),
    /// The browser has no locks.
    None,
}

impl VaultServer {
    fn new(name: &str, options: JsValue, on_idle: Function) -> Result<Rc<Self>, Error> {
        let config = ConfigBuilder::from_json(&message::read_untrusted(&options)?)?.build()?;
        let server = Rc::new(Self {
            driver: RefCell::new(Driver::new(config)?),
            on_idle,
            lock: RefCell::new(Lock::Awaited(Vec::new())),
            idle_timer: Cell::default(),
            idle_at: Cell::default(),
            #[cfg(feature = "inspect")]
            redirect: RefCell::default(),
            tabs: RefCell::default(),
        });
        server.watch();
        server.start_idle_timer_if_alone(HELLO_TIMEOUT);
        server.take_lock(name)?;
        Ok(server)
    }

    /// Serves the tab at the other end of this port.
    fn connect(self: &Rc<Self>, port: MessagePort) {
        // If the worker stood still meanwhile, the timer is overdue. It must not simply start again.
        let is_over = self.idle_at.get().is_some_and(|deadline| deadline.reached_on_either_clock(clock::now()));
        if is_over && self.driver().login_grace_period().is_zero() {
            self.reset();
        }
        self.start_idle_timer_if_alone(HELLO_TIMEOUT);
        Tab::open(self, port);
    }

    pub(super) fn driver(&self) -> Rc<Driver> {
        self.driver.borrow().clone()
    }

    /// Whether this tab is connected: it sent `hello`, and has not gone.
    pub(super) fn is_connected(&self, tab: &Tab) -> bool {
        self.tabs.borrow().iter().any(|other| core::ptr::eq(&raw const **other, tab))
    }

    /// Connects a tab. `false` if it was already connected.
    pub(super) fn add(&self, tab: &Rc<Tab>) -> bool {
        let is_new = !self.is_connected(tab);
        if is_new {
            self.tabs.borrow_mut().push(Rc::clone(tab));
        }
        is_new
    }

    /// A tab keeps the vault alive: stops the linger timer.
    pub(super) fn cancel_idle_timer(&self) {
        self.idle_timer.set(None);
        self.idle_at.set(None);
    }

    /// Disconnects a tab. The session is kept for a while, for the page that a reload brings.
    pub(super) fn disconnect(self: &Rc<Self>, tab: &Rc<Tab>) {
        let index = self.tabs.borrow().iter().position(|other| Rc::ptr_eq(other, tab));
        let Some(index) = index else { return };
        tab.close();
        self.tabs.borrow_mut().swap_remove(index);
        let page: Rc<dyn Page> = tab.clone();
        self.driver().remove_page(&page);
        self.start_idle_timer_if_alone(if self.tabs.borrow().is_empty() { Duration::ZERO } else { HELLO_TIMEOUT });
    }

    /// Resolves when it is known whether there is a lock. `None` if that is known already.
    pub(super) fn wait_for_lock(&self) -> Option<oneshot::Receiver<()>> {
        let Lock::Awaited(waiting) = &mut *self.lock.borrow_mut() else { return None };
        let (sender, receiver) = oneshot::channel();
        waiting.push(sender);
        Some(receiver)
    }

    /// The name of the lock that is held as long as the vault lives. `None` without locks.
    pub(super) fn lock(&self) -> Option<String> {
        if let Lock::Held(name) = &*self.lock.borrow() { Some(name.clone()) } else { None }
    }

    /// Takes the vault's lock. Its name identifies the vault: a page whose worker does not answer uses it to
    /// find out whether other pages have a vault under another name.
    fn take_lock(self: &Rc<Self>, name: &str) -> Result<(), Error> {
        let digest = base64url(&Sha256::digest(name));
        let name = ["wristband-spa-auth/vault/", &digest, "/", &random::name()?].concat();
        let server = Rc::clone(self);
        spawn_local(async move {
            let is_held = lock::take(&name).await;
            // This drops the senders, which notifies the tabs that wait.
            server.lock.replace(if is_held { Lock::Held(name) } else { Lock::None });
        });
        Ok(())
    }

    /// Sends every state change to all tabs.
    fn watch(self: &Rc<Self>) {
        let server = Rc::downgrade(self);
        self.driver().set_listener(Rc::new(move |state| {
            let Some(server) = server.upgrade() else { return };
            let tabs = server.tabs.borrow().clone();
            let number = server.driver().number();
            for tab in tabs {
                tab.end_requests_of_others(number);
                tab.show(state, number);
            }
        }));
        #[cfg(feature = "inspect")]
        self.report_requests();
    }

    #[cfg(feature = "inspect")]
    fn report_requests(self: &Rc<Self>) {
        let server = Rc::downgrade(self);
        self.driver().add_inspector(move |exchange| {
            let Some(server) = server.upgrade() else { return };
            if exchange.purpose == Purpose::Redirect {
                server.redirect.replace(Some(exchange.clone()));
                return;
            }
            let tabs = server.tabs.borrow().clone();
            for tab in tabs {
                tab.report_request(exchange);
            }
        });
    }

    /// Sends the log of the last redirect to the tab that comes next, most likely from there.
    #[cfg(feature = "inspect")]
    pub(super) fn report_redirect(&self, tab: &Tab) {
        if let Some(redirect) = self.redirect.take() {
            tab.report_request(&redirect);
        }
    }

    /// Starts the linger timer if no tab keeps the vault alive. It runs for the linger time of the settings,
    /// but at least for `least`.
    pub(super) fn start_idle_timer_if_alone(self: &Rc<Self>, least: Duration) {
        if !self.tabs.borrow().iter().any(|tab| tab.keeps_alive()) {
            self.start_idle_timer(self.driver().config().linger().max(least));
        }
    }

    /// Ends the session after this time, unless a tab keeps the vault alive by then. For a user who left to log
    /// in, the vault stays longer: ready, and without a token.
    fn start_idle_timer(self: &Rc<Self>, pause: Duration) {
        let server = Rc::downgrade(self);
        self.idle_at.set(Some(Deadline::after(clock::now(), pause)));
        let timer = clock::after(pause, move || {
            let Some(server) = server.upgrade() else { return };
            match server.driver().login_grace_period() {
                Duration::ZERO => server.expire(),
                pause => server.start_idle_timer(pause),
            }
        });
        self.idle_timer.set(Some(timer));
    }

    /// Ends the session. A tab that connects nevertheless finds one that was never opened.
    fn expire(self: &Rc<Self>) {
        self.reset();
        // The callback does nothing whose failure would matter here.
        let _ = self.on_idle.call0(&JsValue::UNDEFINED);
    }

    fn reset(self: &Rc<Self>) {
        self.idle_at.set(None);
        let config: Config = self.driver().config().clone();
        self.driver().dispose();
        if let Ok(driver) = Driver::new(config) {
            self.driver.replace(driver);
            self.watch();
        }
    }
}
