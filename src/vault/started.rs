//! The sessions of this page. Starting one twice is harmless.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use wasm_bindgen_futures::spawn_local;

use super::connection::Connection;
use super::home::Vault;
use crate::browser::oneshot;
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};

/// A session that was started in this page.
pub(super) struct Started {
    pub(super) connection: Rc<Connection>,
    /// What came of it, once that is known.
    opened: RefCell<Option<Result<(), Error>>>,
    vault: Vault,
    /// Whoever waits for it to be opened.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

thread_local! {
    static STARTED: RefCell<Vec<Weak<Started>>> = const { RefCell::new(Vec::new()) };
}

/// The session that this page already has with these settings, or a new one: no callback is lost
/// to the first of two sessions.
pub(super) async fn start(config: Config, vault: Vault) -> Result<Rc<Started>, Error> {
    let known = STARTED.with_borrow_mut(|all| {
        all.retain(|started| started.upgrade().is_some_and(|started| !started.connection.is_disposed()));
        let is_same = |started: &Rc<Started>| *started.connection.config() == config && started.vault == vault;
        all.iter().filter_map(Weak::upgrade).find(is_same)
    });
    let started = match known {
        Some(started) => started,
        None => begin(config, vault)?,
    };
    started.opened().await.map(|()| started)
}

/// Opening goes on by itself, whoever stops to wait for it.
fn begin(config: Config, vault: Vault) -> Result<Rc<Started>, Error> {
    let connection = Connection::new(config, &vault)?;
    let started = Rc::new(Started { connection, opened: RefCell::default(), vault, waiting: RefCell::default() });
    STARTED.with_borrow_mut(|all| all.push(Rc::downgrade(&started)));
    let opening = Rc::clone(&started);
    spawn_local(async move {
        let opened = opening.connection.open().await;
        opening.opened.replace(Some(opened));
        opening.waiting.take();
    });
    Ok(started)
}

impl Started {
    async fn opened(&self) -> Result<(), Error> {
        let known = self.opened.borrow().clone();
        if let Some(opened) = known {
            return opened;
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().push(sender);
        // That the sender is dropped is the message.
        let _ = receiver.await;
        self.opened.borrow().clone().unwrap_or_else(|| Err(Code::Disposed.into()))
    }
}
