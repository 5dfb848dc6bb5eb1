//! The sessions of this page. Starting one twice is harmless.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_channel::oneshot;

use super::driver::Driver;
use super::page::{Page, ThisPage};
use crate::protocol::config::Config;
use crate::protocol::error::Error;

/// A session that runs in the page itself.
pub(super) struct Started {
    pub(super) driver: Rc<Driver>,
    is_open: Cell<bool>,
    pub(super) page: Rc<ThisPage>,
    /// Whoever started the same session again, while it was being opened.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

thread_local! {
    static STARTED: RefCell<Vec<Weak<Started>>> = const { RefCell::new(Vec::new()) };
}

/// The session that this page already has with these settings, or a new one: no callback is lost
/// to the first of two sessions.
pub(super) async fn start(config: Config) -> Result<Rc<Started>, Error> {
    let known = STARTED.with_borrow_mut(|all| {
        all.retain(|started| started.upgrade().is_some_and(|started| !started.driver.is_disposed()));
        all.iter().filter_map(Weak::upgrade).find(|started| *started.driver.config() == config)
    });
    if let Some(started) = known {
        started.opened().await;
        return Ok(started);
    }
    let page = Rc::new(ThisPage::new()?);
    let started = Rc::new(Started { driver: Driver::new(config)?, is_open: Cell::new(false), page, waiting: RefCell::default() });
    STARTED.with_borrow_mut(|all| all.push(Rc::downgrade(&started)));
    let page: Rc<dyn Page> = started.page.clone();
    started.driver.open(&page, started.page.address()).await?;
    started.is_open.set(true);
    started.waiting.take();
    Ok(started)
}

impl Started {
    /// Waits until whoever started this has finished.
    async fn opened(&self) {
        if !self.is_open.get() {
            let (sender, receiver) = oneshot::channel();
            self.waiting.borrow_mut().push(sender);
            // That the sender is dropped is the message.
            let _ = receiver.await;
        }
    }
}
