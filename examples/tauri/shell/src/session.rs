//! The session of the app's process.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tokio::sync::watch;
use wristband_spa_auth::native::Auth;
use wristband_spa_auth::{Code, Error};

use crate::problem::Problem;
use crate::settings;
use crate::view::SessionView;

/// A renewal that is under way when the app ends gets this long to finish.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The session, as soon as it is known.
pub(crate) struct Session {
    started: watch::Receiver<Option<Result<Auth, Problem>>>,
    /// What tells the web view the state.
    follower: Mutex<Option<JoinHandle<()>>>,
}

impl Session {
    /// Starts it in the background. Reading the stored session and renewing it can take a while, and the window opens meanwhile.
    pub(crate) fn start() -> Self {
        let (sender, started) = watch::channel(None);
        tauri::async_runtime::spawn(async move {
            sender.send_replace(Some(start().await.map_err(Problem::from)));
        });
        Self { started, follower: Mutex::default() }
    }

    /// The session, when it has started.
    ///
    /// # Errors
    /// `config_invalid`, if it cannot start.
    pub(crate) async fn auth(&self) -> Result<Auth, Problem> {
        let mut started = self.started.clone();
        match started.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(started)) => started.clone(),
            _ => Err(Code::Disposed.into()),
        }
    }

    /// Sends the state to this channel, now and after every change. The page that is shown has one channel: another one, as after
    /// a reload, replaces it.
    ///
    /// # Errors
    /// As [`auth`](Self::auth).
    pub(crate) async fn follow(&self, changes: Channel<SessionView>) -> Result<(), Problem> {
        let auth = self.auth().await?;
        let follower = tauri::async_runtime::spawn(async move {
            let mut states = auth.subscribe();
            loop {
                let view = SessionView::new(&states.borrow_and_update(), &auth.storage());
                if changes.send(view).is_err() || states.changed().await.is_err() {
                    return;
                }
            }
        });
        let last = self.follower.lock().unwrap_or_else(PoisonError::into_inner).replace(follower);
        if let Some(last) = last {
            last.abort();
        }
        Ok(())
    }

    /// Ends it in this process. The stored session stays, and the next start continues it.
    pub(crate) fn close(&self) {
        let started = self.started.borrow().clone();
        if let Some(Ok(auth)) = started {
            tauri::async_runtime::block_on(async {
                // If it takes longer, the app ends all the same.
                let _ = tokio::time::timeout(CLOSE_TIMEOUT, auth.close()).await;
            });
        }
    }
}

async fn start() -> Result<Auth, Error> {
    Auth::start(settings::config()?, settings::options()?).await
}
