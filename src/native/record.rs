//! The stored record of the session, and the lock that the app's processes share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::keys;
use super::options::{OnWarning, Options, StoreChoice};
use super::store::{Guard, LockFile, Platform, RecordStore, Storage, blocking, unavailable};
use crate::protocol::base64url::base64url;
use crate::protocol::config::{Config, Provider};
use crate::protocol::error::Error;
use crate::protocol::secret::{Nonce, Secret};
use crate::session::{RequestId, StoredKey, StoredSession};
use sha2::{Digest as _, Sha256};

/// A renewal waits this long for another process of the app. That one's own renewal takes less.
const RENEWAL_LIMIT: Duration = Duration::from_secs(60);

/// What only saves or removes waits this long.
const LIMIT: Duration = Duration::from_secs(20);

/// The record of one app, in its storage.
#[derive(Debug)]
pub(super) struct Record {
    /// The digest of the app's settings, to which the record belongs.
    app: String,
    config: Config,
    /// A renewal that waited for the lock, and has given way.
    given_up: Option<RequestId>,
    guard: Option<Guard>,
    lock: LockFile,
    locking: Option<Locking>,
    store: RecordStore,
}

/// A renewal that waits for the lock.
#[derive(Debug)]
struct Locking {
    request: RequestId,
    task: JoinHandle<Result<(Guard, Option<Secret>), Error>>,
}

/// What the storage had when the lock was taken.
pub(super) struct Locked {
    pub(super) request: RequestId,
    /// The record, if there is one.
    pub(super) stored: Result<Option<StoredSession>, Error>,
    /// Whether there was something else that cannot be used.
    pub(super) is_damaged: bool,
}

impl Record {
    /// The record of this app. This process is the first to use it, or one of several.
    ///
    /// # Errors
    /// `storage_unavailable`, if there is no storage, or no place for the lock.
    pub(super) async fn open(options: &Options, config: &Config) -> Result<Self, Error> {
        let app = options.app.clone();
        let name = name_of(config);
        let store = match &options.store {
            StoreChoice::Memory => return Err(unavailable("the app keeps the session in memory only")),
            StoreChoice::Custom(store) => RecordStore::new(Arc::clone(store), &name),
            StoreChoice::Platform => RecordStore::new(Arc::new(blocking(move || Platform::find(&app)).await?), &name),
        };
        let lock = LockFile::new(options.lock_folder.as_deref(), &format!("{}-{name}", options.app))?;
        Ok(Self { app: config.digest(), config: config.clone(), given_up: None, guard: None, lock, locking: None, store })
    }

    /// What it is kept in, for people.
    pub(super) fn describe(&self) -> String {
        self.store.describe()
    }

    /// The record, when the app starts. One that cannot be used is removed.
    ///
    /// # Errors
    /// `storage_unavailable`
    pub(super) async fn load(&mut self) -> Result<Option<StoredSession>, Error> {
        let Some(text) = self.store.load().await? else { return Ok(None) };
        if let Some(stored) = self.read(&text) {
            return Ok(Some(stored));
        }
        // Another process may be in the middle of saving it. Only with the lock, what is read is all that there is.
        let _guard = self.own_guard().await?;
        let Some(text) = self.store.load().await? else { return Ok(None) };
        let stored = self.read(&text);
        if stored.is_none() {
            self.store.remove().await?;
        }
        Ok(stored)
    }

    fn read(&self, text: &Secret) -> Option<StoredSession> {
        let stored = StoredSession::from_text(text, &self.config, &self.app)?;
        stored.key().is_none_or(keys::is_usable).then_some(stored)
    }

    /// Keeps this record in place of the last one. Without the lock, it is taken for that.
    ///
    /// # Errors
    /// `storage_unavailable`. The last record is then removed, if that can be done: its refresh token may not be used again.
    pub(super) async fn save(&mut self, session: StoredSession, key: Option<StoredKey>) -> Result<(), Error> {
        let record = session.with_key(key).to_text(&self.app);
        let _guard = self.own_guard().await?;
        let saved = self.store.save(record).await;
        if saved.is_err() {
            // It may well fail for the same reason.
            let _ = self.store.remove().await;
        }
        saved
    }

    /// Removes the record, and returns it, unless it is another login's. Without the lock, it is taken for that; if it is
    /// not to be had, the record is removed anyway, and so is what cannot be read.
    ///
    /// # Errors
    /// `storage_unavailable`
    pub(super) async fn forget(&mut self, login: &Nonce) -> Result<Option<StoredSession>, Error> {
        let _guard = self.own_guard().await;
        let text = self.store.load().await.unwrap_or_default();
        let stored = text.and_then(|text| self.read(&text));
        if stored.as_ref().is_some_and(|stored| !stored.is_of(login)) {
            return Ok(None);
        }
        self.store.remove().await?;
        Ok(stored)
    }

    /// The lock for one operation, unless it is held already. A renewal of this process that waits for it gives way.
    async fn own_guard(&mut self) -> Result<Option<Guard>, Error> {
        if self.guard.is_some() {
            return Ok(None);
        }
        if let Some(Locking { request, task }) = self.locking.take() {
            self.given_up = Some(request);
            task.abort();
            if let Ok(Ok((guard, _))) = task.await {
                return Ok(Some(guard));
            }
        }
        self.lock.take(LIMIT).await.map(Some)
    }

    /// Begins to wait for the lock, for a renewal.
    pub(super) fn start_locking(&mut self, request: RequestId) {
        let (lock, store) = (self.lock.clone(), self.store.clone());
        let task = tokio::spawn(async move {
            let guard = lock.take(RENEWAL_LIMIT).await?;
            let record = store.load().await?;
            Ok((guard, record))
        });
        self.locking = Some(Locking { request, task });
    }

    /// Waits until the lock is there, or not. Waits forever if nothing has asked for it.
    pub(super) async fn locked(&mut self) -> Locked {
        if let Some(request) = self.given_up.take() {
            let stored = Err(unavailable("another change of the session came first"));
            return Locked { request, stored, is_damaged: false };
        }
        let Some(locking) = &mut self.locking else { return std::future::pending().await };
        // The task is forgotten only after its end: this may be dropped in between, and called again.
        let done = (&mut locking.task).await;
        let request = locking.request;
        self.locking = None;
        match done {
            Ok(Ok((guard, record))) => {
                self.guard = Some(guard);
                let stored = record.as_ref().and_then(|text| self.read(text));
                let is_damaged = stored.is_none() && record.is_some();
                Locked { request, stored: Ok(stored), is_damaged }
            }
            Ok(Err(error)) => Locked { request, stored: Err(error), is_damaged: false },
            Err(_) => Locked { request, stored: Err(unavailable("the storage failed")), is_damaged: false },
        }
    }

    /// Gives the lock back.
    pub(super) fn unlock(&mut self) {
        self.guard = None;
    }

    /// Whether a renewal is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.guard.is_some() || self.locking.is_some() || self.given_up.is_some()
    }
}

/// The name of the record: of this client at this provider. With other settings of the same client, the record is another's,
/// and is replaced.
fn name_of(config: &Config) -> String {
    let provider = match config.provider() {
        Provider::OpenId(provider) => provider.issuer().to_owned(),
        Provider::Wristband(application) => application.origin().to_string(),
    };
    let digest = Sha256::digest([&provider, "\n", config.client_id()].concat().as_bytes());
    base64url(digest.get(..16).unwrap_or_default())
}

/// Says where the session is kept, and warns once for each reason why it is in memory only.
pub(super) struct Report {
    on_warning: Option<OnWarning>,
    shown: watch::Sender<Storage>,
}

impl Report {
    /// At the start.
    pub(super) fn new(storage: Storage, on_warning: Option<OnWarning>) -> Self {
        if let (Storage::Memory(error), Some(warn)) = (&storage, &on_warning) {
            warn(error);
        }
        Self { on_warning, shown: watch::Sender::new(storage) }
    }

    pub(super) fn now(&self) -> Storage {
        self.shown.borrow().clone()
    }

    pub(super) fn changed(&self, storage: Storage) {
        let is_new = self.shown.send_if_modified(|shown| {
            let is_new = *shown != storage;
            shown.clone_from(&storage);
            is_new
        });
        if let (true, Storage::Memory(error), Some(warn)) = (is_new, &storage, &self.on_warning) {
            warn(error);
        }
    }
}
