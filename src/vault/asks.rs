//! What a page has asked of its vault, and who waits for the answers.

use std::cell::RefCell;

use js_sys::{Array, Object};
use wasm_bindgen::JsValue;

use crate::browser::oneshot;
use crate::protocol::error::Error;

/// The message with the answer, or why there is none.
pub(super) type Answer = Result<JsValue, Error>;

/// What was not sent yet, by the number of the ask: the message, and what it hands over.
type Unsent = Vec<(u32, Object, Array)>;

/// All that was asked and is not answered.
#[derive(Default)]
pub(super) struct Asks {
    waiting: RefCell<Vec<(u32, oneshot::Sender<Answer>)>>,
    /// Kept for the vault that is being found, while one is.
    unsent: RefCell<Option<Unsent>>,
}

impl Asks {
    /// Somebody waits for the answer to the ask of this number.
    pub(super) fn add(&self, id: u32) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().push((id, sender));
        receiver
    }

    /// Nobody waits any longer than this. `None` when nobody did.
    pub(super) fn take(&self, id: u32) -> Option<oneshot::Sender<Answer>> {
        self.unsent.borrow_mut().iter_mut().for_each(|unsent| unsent.retain(|(other, ..)| *other != id));
        let mut waiting = self.waiting.borrow_mut();
        let index = waiting.iter().position(|(other, _)| *other == id)?;
        Some(waiting.swap_remove(index).1)
    }

    /// From now on there is no vault that could be asked, but there will be one.
    pub(super) fn hold(&self) {
        self.unsent.borrow_mut().get_or_insert_default();
    }

    pub(super) fn is_holding(&self) -> bool {
        self.unsent.borrow().is_some()
    }

    /// Keeps what is to be sent, while this holds.
    pub(super) fn keep(&self, id: u32, message: Object, transfer: Array) {
        self.unsent.borrow_mut().iter_mut().for_each(|unsent| unsent.push((id, message.clone(), transfer.clone())));
    }

    /// Holds no longer. What was kept has to be sent now.
    pub(super) fn release(&self) -> impl Iterator<Item = (Object, Array)> {
        self.unsent.take().into_iter().flatten().map(|(_, message, transfer)| (message, transfer))
    }

    /// Nobody answers what was sent.
    pub(super) fn reject_sent(&self, error: &Error) {
        let is_unsent = |id: u32| self.unsent.borrow().iter().flatten().any(|(other, ..)| *other == id);
        let (unsent, sent): (Vec<_>, Vec<_>) = self.waiting.take().into_iter().partition(|(id, _)| is_unsent(*id));
        self.waiting.replace(unsent);
        for (_, ask) in sent {
            ask.send(Err(error.clone()));
        }
    }

    /// Nobody answers anything any more.
    pub(super) fn reject_all(&self, error: &Error) {
        drop(self.release());
        self.reject_sent(error);
    }
}
