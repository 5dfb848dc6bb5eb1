//! What a page has asked of its vault, and who waits for the answers.

use std::cell::{Cell, RefCell};

use js_sys::Object;
use wasm_bindgen::JsValue;

use crate::browser::oneshot;
use crate::protocol::error::Error;

/// The message with the answer, or why there is none.
pub(super) type Answer = Result<JsValue, Error>;

struct Waiting {
    id: u32,
    answer: oneshot::Sender<Answer>,
    /// What was not sent yet.
    message: Option<Object>,
}

/// All that was asked and is not answered.
#[derive(Default)]
pub(super) struct Asks {
    waiting: RefCell<Vec<Waiting>>,
    /// Whether there is no vault that could be asked, but will be one.
    holding: Cell<bool>,
}

impl Asks {
    /// Somebody waits for the answer to the ask of this number. With a message, that is sent when there is a vault.
    pub(super) fn add(&self, id: u32, message: Option<Object>) -> oneshot::Receiver<Answer> {
        let (answer, receiver) = oneshot::channel();
        self.waiting.borrow_mut().push(Waiting { id, answer, message });
        receiver
    }

    /// Nobody waits any longer than this. `None` when nobody did.
    pub(super) fn take(&self, id: u32) -> Option<oneshot::Sender<Answer>> {
        let mut waiting = self.waiting.borrow_mut();
        let index = waiting.iter().position(|waiting| waiting.id == id)?;
        Some(waiting.swap_remove(index).answer)
    }

    pub(super) fn hold(&self) {
        self.holding.set(true);
    }

    pub(super) fn is_holding(&self) -> bool {
        self.holding.get()
    }

    /// Holds no longer. What was kept has to be sent now.
    pub(super) fn release(&self) -> Vec<Object> {
        self.holding.set(false);
        let mut messages = Vec::new();
        for waiting in self.waiting.borrow_mut().iter_mut() {
            if let Some(message) = waiting.message.take() {
                messages.push(message);
            }
        }
        messages
    }

    /// Nobody answers what was sent.
    pub(super) fn reject_sent(&self, error: &Error) {
        let is_holding = self.is_holding();
        for waiting in self.waiting.take() {
            if is_holding && waiting.message.is_some() {
                self.waiting.borrow_mut().push(waiting);
            } else {
                waiting.answer.send(Err(error.clone()));
            }
        }
    }

    /// Nobody answers anything any more.
    pub(super) fn reject_all(&self, error: &Error) {
        self.holding.set(false);
        self.reject_sent(error);
    }
}
