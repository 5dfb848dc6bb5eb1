//! A channel for one value.
//!
//! Both ends stay in one thread, so its code is a fraction of that of a channel between threads.

use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::cell::RefCell;
use std::rc::Rc;

/// What both ends share.
#[derive(Debug)]
struct Shared<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

/// The sending end. Dropping it without sending is a message, too: [`Canceled`].
#[derive(Debug)]
pub(crate) struct Sender<T>(Rc<RefCell<Shared<T>>>);

/// The receiving end.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Rc<RefCell<Shared<T>>>);

/// The sender was dropped without sending.
#[derive(Debug)]
pub(crate) struct Canceled;

pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(RefCell::new(Shared { value: None, waker: None }));
    (Sender(Rc::clone(&shared)), Receiver(shared))
}

impl<T> Sender<T> {
    /// Sends the value. If the receiver is gone, the value is dropped.
    pub(crate) fn send(self, value: T) {
        self.0.borrow_mut().value = Some(value);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waker = self.0.borrow_mut().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, Canceled>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut shared = self.0.borrow_mut();
        // The woken task is polled after the sender is gone, not during its drop.
        if Rc::strong_count(&self.0) == 1 {
            return Poll::Ready(shared.value.take().ok_or(Canceled));
        }
        shared.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
