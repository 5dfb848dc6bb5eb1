//! The stored record of the session, and the lock that the app's processes share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::keys;
use super::options::{OnWarning, Options, StoreChoice};
use super::owed::{Owed, Settled};
use super::store::{Guard, LockFile, NotSaved, Platform, RecordStore, Storage, blocking, unavailable};
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

/// What is tried again anyway waits this long.
const SHORT: Duration = Duration::from_millis(100);

/// The record of one app, in its storage.
#[derive(Debug)]
pub(super) struct Record {
    /// The digest of the app's settings, to which the record belongs.
    app: String,
    /// An entry of its own, without a secret: it outlives the record.
    asking: RecordStore,
    config: Config,
    /// A renewal that waited for the lock, and has given way.
    given_up: Option<RequestId>,
    guard: Option<Guard>,
    /// Whether the next login asks for the password, for all that this process knows.
    is_asking: bool,
    lock: LockFile,
    locking: Option<Locking>,
    /// What the storage has refused.
    owed: Option<Owed>,
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
        let asking = store.beside("ask");
        let is_asking = asking.load().await?.is_some();
        Ok(Self {
            asking,
            is_asking,
            app: config.digest(),
            config: config.clone(),
            given_up: None,
            guard: None,
            lock,
            locking: None,
            owed: None,
            store,
        })
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
        let guard = self.own_guard(LIMIT).await?;
        let Some(text) = self.store.load().await? else { return Ok(None) };
        let stored = self.read(&text);
        if stored.is_none() {
            self.store.remove(Some(guard)).await?;
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
    /// `storage_unavailable`. The last record is then removed: its refresh token may not be used again. If that fails as
    /// well, it is [owed](Self::settle).
    pub(super) async fn save(&mut self, session: StoredSession, key: Option<StoredKey>) -> Result<(), Error> {
        let session = session.with_key(key);
        let before = self.owed.take();
        let guard = self.own_guard(LIMIT).await;
        let text = session.to_text(&self.app);
        let saved = match guard {
            Ok(guard) => self.store.save(text, Some(guard)).await,
            // The process that has the lock may well be hanging: its record may not be used again either.
            Err(error) => Err(NotSaved { error, is_last_left: self.store.remove(None).await.is_err() }),
        };
        let Err(NotSaved { error, is_last_left }) = saved else { return Ok(()) };
        if is_last_left {
            // A storage that hangs is not waited for once more.
            let last = tokio::time::timeout(SHORT, self.stored()).await;
            let last = last.unwrap_or(Ok(None)).ok().flatten();
            self.owed = Some(Owed::of(before, session, last.as_ref()));
        }
        Err(error)
    }

    /// Removes the record, and returns it, unless it is another login's. Without the lock, it is taken for that; if it is
    /// not to be had, the record is removed anyway, and so is what cannot be read.
    ///
    /// # Errors
    /// `storage_unavailable`. The removal is then [owed](Self::settle).
    pub(super) async fn forget(&mut self, login: &Nonce) -> Result<Option<StoredSession>, Error> {
        let before = self.owed.take();
        let guard = self.own_guard(LIMIT).await.ok();
        let stored = self.stored().await.ok().flatten();
        let is_own = |stored: &StoredSession| stored.is_of(login) || before.as_ref().is_some_and(|owed| owed.replaces(stored));
        if stored.as_ref().is_some_and(|stored| !is_own(stored)) {
            return Ok(None);
        }
        match self.store.remove(guard).await {
            Ok(()) => Ok(stored.filter(|stored| stored.is_of(login))),
            Err(error) => {
                self.owed = Some(Owed::removal(before, login));
                Err(error)
            }
        }
    }

    /// Tries again what the storage has refused. `None` if nothing was owed, or still is.
    pub(super) async fn settle(&mut self) -> Option<Settled> {
        self.owed.as_mut()?.tried();
        // If another process has the lock, there is time.
        let guard = self.own_guard(SHORT).await.ok()?;
        let stored = self.stored().await.ok()?;
        let owed = self.owed.take()?;
        if stored.is_some_and(|stored| !owed.replaces(&stored)) {
            return Some(Settled::Replaced);
        }
        let failed = match &owed.session {
            Some(session) => match self.store.save(session.to_text(&self.app), Some(guard)).await {
                Ok(()) => return Some(Settled::Saved),
                Err(NotSaved { is_last_left, .. }) => is_last_left,
            },
            None => self.store.remove(Some(guard)).await.is_err(),
        };
        self.owed = failed.then_some(owed);
        (!failed).then_some(Settled::Removed)
    }

    /// How long until the next attempt. `None` if nothing is owed. A renewal that is under way comes first.
    pub(super) fn settles_in(&self) -> Option<Duration> {
        self.owed.as_ref().filter(|_| !self.is_busy()).map(Owed::is_due_in)
    }

    /// Whether the storage has refused something.
    pub(super) fn owes(&self) -> bool {
        self.owed.is_some()
    }

    /// Whether a logout has left the provider's session alive, perhaps in an earlier process: the next login asks for the
    /// password.
    pub(super) fn is_asking(&self) -> bool {
        self.is_asking
    }

    /// Notes that for the next process, or forgets it. If the storage refuses that, this process knows all the same.
    pub(super) async fn ask(&mut self, asks: bool) {
        if asks == self.is_asking {
            return;
        }
        self.is_asking = asks;
        let _ = if asks {
            self.asking.save(Secret::new("ask".to_owned()), None).await.map_err(|unsaved| unsaved.error)
        } else {
            self.asking.remove(None).await
        };
    }

    async fn stored(&self) -> Result<Option<StoredSession>, Error> {
        Ok(self.store.load().await?.and_then(|text| self.read(&text)))
    }

    /// The lock, for one operation. A renewal of this process that waits for it gives way.
    async fn own_guard(&mut self, limit: Duration) -> Result<Guard, Error> {
        if let Some(guard) = &self.guard {
            return Ok(guard.clone());
        }
        if let Some(Locking { request, task }) = self.locking.take() {
            self.given_up = Some(request);
            task.abort();
            if let Ok(Ok((guard, _))) = task.await {
                return Ok(guard);
            }
        }
        self.lock.take(limit).await
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
