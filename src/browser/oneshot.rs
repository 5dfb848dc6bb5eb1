//! A channel for one value: from whoever makes something happen to whoever waits for it.
//!
//! Its ends stay in one thread, so it is a fraction of what a channel between threads is.

use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::cell::RefCell;
use std::rc::Rc;

/// What both ends hold.
#[derive(Debug)]
struct Shared<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

/// The end that sends. That it is dropped without having sent is a message, too.
#[derive(Debug)]
pub(crate) struct Sender<T>(Rc<RefCell<Shared<T>>>);

/// The end that waits.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Rc<RefCell<Shared<T>>>);

/// The sender was dropped without having sent.
#[derive(Debug)]
pub(crate) struct Canceled;

pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(RefCell::new(Shared { value: None, waker: None }));
    (Sender(Rc::clone(&shared)), Receiver(shared))
}

impl<T> Sender<T> {
    /// Sends the value. Where nobody waits any more, it is dropped.
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
        // Whoever is woken is polled when the sender is gone, and not while it goes.
        if Rc::strong_count(&self.0) == 1 {
            return Poll::Ready(shared.value.take().ok_or(Canceled));
        }
        shared.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
