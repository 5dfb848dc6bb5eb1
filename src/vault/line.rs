//! The line to a vault: dialled until somebody answers, and held until it is dropped.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::Object;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, MessagePort};

use super::lock::{self, Held};
use super::message::tell;
use super::place::Place;
use super::told::{self, Told};
use crate::browser::clock::Timer;
use crate::browser::global::Members as _;
use crate::browser::listening::{Callback, Listening};
use crate::browser::oneshot;
use crate::browser::{clock, global, random};
use crate::protocol::error::Error;
use crate::session::State;

/// A worker that does not say for so long that it is there is not coming.
const PATIENCE: Duration = Duration::from_secs(10);

/// After so long without a welcome the vault is called again, and then after twice as long. A
/// worker whose module is still on its way hears no call.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// So long after the welcome the locks are asked for: nobody waits for them, and a start has other
/// things to do.
const CALM: Duration = Duration::from_millis(250);

/// Why nobody answers: an error that every home has, or nothing that another home need have.
pub(super) type Refusal = Option<Error>;

type Outcome = Result<Welcome, Refusal>;

/// What a vault says first.
pub(super) struct Welcome {
    /// The lock that it holds for as long as it lives. `None` where there are no locks.
    pub(super) lock: Option<String>,
    pub(super) state: State,
}

/// One end of a port, and what hears what comes over it.
struct Port(MessagePort, Listening);

/// One page's line. Dropped, it hangs up, and lets go of this tab's lock.
pub(super) struct Line {
    /// Has the vault called again, and when it has answered, the locks asked for.
    again: RefCell<Option<Timer>>,
    /// What listens to the browser's failing to load a worker. It is JavaScript's own: the browser
    /// may tell of a failure when this line has long been dropped.
    failed: RefCell<JsValue>,
    hear: Box<dyn Fn(Told)>,
    held: RefCell<Option<Held>>,
    /// The name of this tab's lock once it is held. By its end the vault notices the end of the tab.
    lock: RefCell<JsValue>,
    /// What opens the session, where this line is to do that and nobody has answered yet.
    open: RefCell<Option<Object>>,
    patience: RefCell<Option<Timer>>,
    pause: Cell<Duration>,
    place: Rc<Place>,
    /// The one that leads to the vault. Until that is known: all that were opened, the first one first.
    ports: RefCell<Vec<Port>>,
    waiting: RefCell<Option<oneshot::Sender<Outcome>>>,
    /// Ends the wait for the end of the vault.
    watching: RefCell<Option<AbortController>>,
    welcomed: Cell<bool>,
}

impl Line {
    /// Dials, and sends `open` along. What is returned beside the line tells how that went; it is
    /// dropped with the line.
    pub(super) fn dial(
        place: Rc<Place>,
        open: Option<Object>,
        hear: impl Fn(Told) + 'static,
    ) -> (Rc<Self>, oneshot::Receiver<Outcome>) {
        let (sender, receiver) = oneshot::channel();
        let line = Rc::new(Self {
            again: RefCell::default(),
            failed: RefCell::default(),
            hear: Box::new(hear),
            held: RefCell::default(),
            lock: RefCell::default(),
            open: RefCell::new(open),
            patience: RefCell::default(),
            pause: Cell::new(FIRST_PAUSE),
            place,
            ports: RefCell::default(),
            waiting: RefCell::new(Some(sender)),
            watching: RefCell::default(),
            welcomed: Cell::new(false),
        });
        line.prepare();
        // Served is who is there. That it is still there is shown by the lock, which need not be waited for.
        line.call();
        (line, receiver)
    }

    /// Asks the vault for something. `false` while nobody is there to hear it.
    pub(super) fn ask(&self, message: &Object) -> bool {
        self.welcomed.get() && self.ports.borrow().first().is_some_and(|port| port.post(message))
    }

    /// Tells whoever hears it.
    pub(super) fn tell(&self, message: &Object) {
        if let Some(port) = self.ports.borrow().first() {
            port.post(message);
        }
    }

    /// Has the two sides notice each other's end, by locks. The name is that of the vault's.
    pub(super) fn be_noticed(self: &Rc<Self>, vault: Option<String>) {
        let line = Rc::downgrade(self);
        self.again.replace(Some(clock::after(CALM, move || {
            with(&line, |line| {
                line.take_lock();
                if let Some(vault) = &vault {
                    line.watch(vault.clone());
                }
            });
        })));
    }

    fn watch(self: &Rc<Self>, lock: String) {
        let Ok(controller) = AbortController::new() else { return };
        let (line, signal) = (Rc::downgrade(self), controller.signal());
        self.watching.replace(Some(controller));
        spawn_local(async move {
            if lock::released_before(&lock, &signal).await {
                with(&line, |line| (line.hear)(Told::Lost));
            }
        });
    }

    fn take_lock(self: &Rc<Self>) {
        let Ok(name) = random::name() else { return };
        let name = ["wristband-spa-auth/tab/", &name].concat();
        let (line, lock) = (Rc::downgrade(self), JsValue::from(&name));
        self.held.replace(lock::take(&name, move || {
            with(&line, |line| {
                line.lock.replace(lock.clone());
                line.ports.borrow().iter().for_each(|port| line.greet(port));
            });
        }));
    }

    fn prepare(self: &Rc<Self>) {
        let line = Rc::downgrade(self);
        self.patience.replace(Some(clock::after(PATIENCE, move || with(&line, |line| line.refuse(None)))));
        let line = Rc::downgrade(self);
        let failed = Callback::new(move |_| {
            with(&line, |line| line.refuse(None));
            JsValue::UNDEFINED
        });
        self.failed.replace(failed.into_js_value());
    }

    /// Opens a port. A shared worker that is about to end still takes calls, and answers none: the
    /// next call is answered by its successor.
    fn call(self: &Rc<Self>) {
        let failed = self.failed.borrow().clone();
        let Ok(port) = self.place.dial(&failed) else { return self.refuse(None) };
        let (line, own) = (Rc::downgrade(self), port.clone());
        let listening = Listening::to(&port, "message", move |event| {
            if let Some(told) = Told::read(&global::member(&event, "data")) {
                with(&line, |line| line.hear(&own, told));
            }
        });
        port.start();
        let port = Port(port, listening);
        self.greet(&port);
        if self.ports.borrow().is_empty() {
            self.open(&port);
        }
        self.ports.borrow_mut().push(port);
        let (line, pause) = (Rc::downgrade(self), self.pause.get());
        self.pause.set(pause.saturating_mul(2));
        self.again.replace(Some(clock::after(pause, move || with(&line, Self::call))));
    }

    fn greet(&self, port: &Port) {
        port.post(&tell("hello").value("lock", &self.lock.borrow()));
    }

    fn open(&self, port: &Port) {
        if let Some(open) = &*self.open.borrow() {
            port.post(open);
        }
    }

    fn hear(&self, port: &MessagePort, told: Told) {
        match told {
            Told::Failed(error) => self.refuse(error),
            Told::Here(version) => {
                self.patience.replace(None);
                if let Err(error) = told::fits(version.as_deref()) {
                    self.refuse(Some(error));
                }
            }
            Told::Welcome { lock, state } => {
                self.stay_with(port);
                self.welcomed.set(true);
                self.settle(Ok(Welcome { lock, state }));
            }
            told => (self.hear)(told),
        }
    }

    /// This port leads to the vault, and the others to nobody.
    fn stay_with(&self, port: &MessagePort) {
        let mut others = self.ports.take();
        let index = others.iter().position(|Port(other, _)| other == port);
        if let Some(index) = index {
            let own = others.swap_remove(index);
            if index > 0 {
                // Who was called first and is silent knows nothing of what went along with that call.
                self.open(&own);
            }
            self.ports.borrow_mut().push(own);
        }
        // It has the address, and with it a code that was used.
        self.open.take();
        self.hang_up(others);
    }

    fn refuse(&self, refusal: Refusal) {
        self.settle(Err(refusal));
    }

    fn settle(&self, outcome: Outcome) {
        let waiting = self.waiting.take();
        if let Some(waiting) = waiting {
            // Whoever does not wait any longer has gone.
            waiting.send(outcome);
        }
    }

    fn hang_up(&self, ports: Vec<Port>) {
        self.again.replace(None);
        for Port(port, listening) in ports {
            let _ = port.post_message(&tell("goodbye"));
            port.close();
            drop_later(listening);
        }
    }
}

impl Port {
    fn post(&self, message: &Object) -> bool {
        self.0.post_message(message).is_ok()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.hang_up(self.ports.take());
        if let Some(watching) = self.watching.take() {
            watching.abort();
        }
    }
}

/// This may be the very listener that runs: it is dropped when it has returned.
fn drop_later(listener: impl Sized + 'static) {
    spawn_local(async move { drop(listener) });
}

fn with(line: &Weak<Line>, work: impl FnOnce(&Rc<Line>)) {
    if let Some(line) = line.upgrade() {
        work(&line);
    }
}
