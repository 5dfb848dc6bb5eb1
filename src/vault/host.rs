//! The vault itself: one session, and the tabs that it serves.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Function;
use sha2::{Digest as _, Sha256};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;

use super::tab::Tab;
use super::{encode, lock, message};
use crate::browser::clock::Timer;
use crate::browser::driver::Driver;
use crate::browser::listening::Callback;
use crate::browser::oneshot;
use crate::browser::page::Page;
use crate::browser::{clock, random};
use crate::protocol::config::{Config, ConfigBuilder};
use crate::protocol::error::Error;
use crate::protocol::pkce;
use crate::protocol::time::Deadline;

/// A tab that calls has so long to say hello, and to hold its lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the vault of this name with these settings. No tab is connected to it. What is returned is a
/// function that serves the tab at the other end of the port that it is called with. `forgotten` is called when
/// no tab was there for as long as the settings let the vault linger, and nothing is left in it.
///
/// # Errors
/// An object with `code`, `blame`, `retryable` and `message`: `config_invalid`, `insecure_context`.
pub fn start(name: &str, options: JsValue, forgotten: Function) -> Result<Function, JsValue> {
    let host = Host::new(name, options, forgotten).map_err(|error| encode::error(&error))?;
    let connect = Callback::new(move |port: JsValue| {
        host.connect(port.unchecked_into());
        JsValue::UNDEFINED
    });
    Ok(connect.into_js_value().unchecked_into())
}

/// One session, and the tabs that it serves. Its settings never change.
pub(super) struct Host {
    driver: RefCell<Rc<Driver>>,
    forgotten: Function,
    lock: RefCell<Lock>,
    /// Runs while no tab is there whose end would be noticed.
    lingering: Cell<Option<Timer>>,
    /// When that time is over. A worker that stood still hears of it late, or never.
    lingers_until: Cell<Option<Deadline>>,
    tabs: RefCell<Vec<Rc<Tab>>>,
}

/// The Web Lock by which tabs notice that the vault is gone.
enum Lock {
    /// These tabs wait for it.
    Awaited(Vec<oneshot::Sender<()>>),
    Held(String),
    /// There are no locks here.
    None,
}

impl Host {
    fn new(name: &str, options: JsValue, forgotten: Function) -> Result<Rc<Self>, Error> {
        let config = ConfigBuilder::from_json(&message::plain(&options)?)?.build()?;
        let host = Rc::new(Self {
            driver: RefCell::new(Driver::new(config)?),
            forgotten,
            lock: RefCell::new(Lock::Awaited(Vec::new())),
            lingering: Cell::default(),
            lingers_until: Cell::default(),
            tabs: RefCell::default(),
        });
        host.watch();
        host.linger_if_alone(PATIENCE);
        host.take_lock(name)?;
        Ok(host)
    }

    /// Serves a tab at the other end of this port.
    fn connect(self: &Rc<Self>, port: MessagePort) {
        // The timer is overdue where the worker stood still meanwhile. It must not start anew.
        let is_over = self.lingers_until.get().is_some_and(|deadline| deadline.reached(clock::now()));
        if is_over && self.driver().expects_somebody().is_zero() {
            self.reset();
        }
        self.linger_if_alone(PATIENCE);
        Tab::open(self, port);
    }

    pub(super) fn driver(&self) -> Rc<Driver> {
        self.driver.borrow().clone()
    }

    /// Whether this tab said hello, and has not gone.
    pub(super) fn knows(&self, tab: &Tab) -> bool {
        self.tabs.borrow().iter().any(|other| core::ptr::eq(&raw const **other, tab))
    }

    /// Serves a tab from now on. `false` when it was served before.
    pub(super) fn add(&self, tab: &Rc<Tab>) -> bool {
        let is_new = !self.knows(tab);
        if is_new {
            self.tabs.borrow_mut().push(Rc::clone(tab));
        }
        is_new
    }

    /// A tab is there for which everything is kept.
    pub(super) fn stay(&self) {
        self.lingering.set(None);
        self.lingers_until.set(None);
    }

    /// A tab is gone. What is left is kept for a while, for the page that a reload brings.
    pub(super) fn farewell(self: &Rc<Self>, tab: &Rc<Tab>) {
        let index = self.tabs.borrow().iter().position(|other| Rc::ptr_eq(other, tab));
        let Some(index) = index else { return };
        tab.close();
        self.tabs.borrow_mut().swap_remove(index);
        let page: Rc<dyn Page> = tab.clone();
        self.driver().remove_page(&page);
        self.linger_if_alone(if self.tabs.borrow().is_empty() { Duration::ZERO } else { PATIENCE });
    }

    /// Tells when it is known whether there is a lock. `None` when it is already.
    pub(super) fn awaited_lock(&self) -> Option<oneshot::Receiver<()>> {
        let Lock::Awaited(waiting) = &mut *self.lock.borrow_mut() else { return None };
        let (sender, receiver) = oneshot::channel();
        waiting.push(sender);
        Some(receiver)
    }

    /// The name of the lock that is held for as long as the vault lives. `None` without locks.
    pub(super) fn lock(&self) -> Option<String> {
        if let Lock::Held(name) = &*self.lock.borrow() { Some(name.clone()) } else { None }
    }

    /// The lock says which vault it is of: a page whose worker does not answer finds out by it whether
    /// other pages have a vault under another name.
    fn take_lock(self: &Rc<Self>, name: &str) -> Result<(), Error> {
        let digest = pkce::base64url(&Sha256::digest(name));
        let name = ["wristband-spa-auth/vault/", &digest, "/", &random::name()?].concat();
        let host = Rc::clone(self);
        spawn_local(async move {
            let is_held = lock::take(&name).await;
            // The tabs that wait for this hear of it, because their senders are dropped.
            host.lock.replace(if is_held { Lock::Held(name) } else { Lock::None });
        });
        Ok(())
    }

    /// Tells every tab when the state changes.
    fn watch(self: &Rc<Self>) {
        let host = Rc::downgrade(self);
        self.driver().set_listener(Rc::new(move |state| {
            let Some(host) = host.upgrade() else { return };
            let tabs = host.tabs.borrow().clone();
            let number = host.driver().number();
            for tab in tabs {
                tab.end_requests_of_others(number);
                tab.show(state, number);
            }
        }));
        #[cfg(feature = "inspect")]
        self.tell_of_requests();
    }

    #[cfg(feature = "inspect")]
    fn tell_of_requests(self: &Rc<Self>) {
        let host = Rc::downgrade(self);
        self.driver().add_inspector(move |exchange| {
            let Some(host) = host.upgrade() else { return };
            let tabs = host.tabs.borrow().clone();
            for tab in tabs {
                tab.tell_of(exchange);
            }
        });
    }

    /// Begins to wait for a tab that keeps all this, if none is there. For so long at the least, however short the settings have it.
    pub(super) fn linger_if_alone(self: &Rc<Self>, least: Duration) {
        if !self.tabs.borrow().iter().any(|tab| tab.keeps()) {
            self.forget_after(self.driver().config().linger().max(least));
        }
    }

    /// Forgets everything when nobody came meanwhile. Whoever went to log in finds this as it was:
    /// ready, and without a token.
    fn forget_after(self: &Rc<Self>, pause: Duration) {
        let host = Rc::downgrade(self);
        self.lingers_until.set(Some(Deadline::after(clock::now(), pause)));
        let timer = clock::after(pause, move || {
            let Some(host) = host.upgrade() else { return };
            match host.driver().expects_somebody() {
                Duration::ZERO => host.forget(),
                pause => host.forget_after(pause),
            }
        });
        self.lingering.set(Some(timer));
    }

    /// Forgets everything. Should a tab come nevertheless, it finds a session that was never opened.
    fn forget(self: &Rc<Self>) {
        self.reset();
        // Whoever is told does nothing that could fail here.
        let _ = self.forgotten.call0(&JsValue::UNDEFINED);
    }

    fn reset(self: &Rc<Self>) {
        self.lingers_until.set(None);
        let config: Config = self.driver().config().clone();
        self.driver().dispose();
        if let Ok(driver) = Driver::new(config) {
            self.driver.replace(driver);
            self.watch();
        }
    }
}
