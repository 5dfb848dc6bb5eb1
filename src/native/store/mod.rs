//! Storage for the session's record: the platform's secure storage, or memory.

#[cfg(target_os = "linux")]
mod keyutils;
mod lock;
mod memory;
mod parts;
mod platform;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(super) use lock::{Guard, LockFile};
pub use memory::Memory;
pub use platform::Platform;

use crate::protocol::error::{Code, Error};
use crate::protocol::secret::Secret;

/// A place for one secret of each name, which it keeps encrypted, or in memory only.
///
/// A [`Platform`] is one, and [`Memory`] is another. An app can bring its own; what it does may block, since it runs on a
/// thread of its own. A record contains tokens: whatever keeps it has to encrypt it.
pub trait SecretStore: Send + Sync + 'static {
    /// What it is, for people: `Secret Service`.
    fn name(&self) -> String;

    /// The secret of this name. `None` if there is none.
    ///
    /// # Errors
    /// `storage_unavailable`, if the storage cannot be read now.
    fn load(&self, name: &str) -> Result<Option<Secret>, Error>;

    /// Keeps this secret in place of the one of the same name.
    ///
    /// # Errors
    /// `storage_unavailable`, if the storage cannot be written now.
    fn save(&self, name: &str, secret: &Secret) -> Result<(), Error>;

    /// Removes the secret of this name, if there is one.
    ///
    /// # Errors
    /// `storage_unavailable`, if the storage cannot be written now.
    fn remove(&self, name: &str) -> Result<(), Error>;
}

/// Where the session's record is kept.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Storage {
    /// In the storage with this name.
    Secure(String),
    /// In memory only, for this reason: the session ends with the process.
    Memory(Error),
}

/// How long the storage may take. It may have to ask the user to unlock it.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What is there instead of a record that could not be removed. Not empty: some storages keep nothing that is.
const REMOVED: &str = "removed";

/// The storage of one app's record.
#[derive(Clone)]
pub(super) struct RecordStore {
    store: Arc<dyn SecretStore>,
    /// The name of the record.
    name: Arc<str>,
}

impl fmt::Debug for RecordStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordStore").field("store", &self.store.name()).finish_non_exhaustive()
    }
}

impl RecordStore {
    pub(super) fn new(store: Arc<dyn SecretStore>, name: &str) -> Self {
        Self { store, name: name.into() }
    }

    /// The storage of another secret of the app.
    pub(super) fn beside(&self, what: &str) -> Self {
        Self { store: Arc::clone(&self.store), name: format!("{}-{what}", self.name).into() }
    }

    pub(super) fn describe(&self) -> String {
        self.store.name()
    }

    pub(super) async fn load(&self) -> Result<Option<Secret>, Error> {
        let Self { store, name } = self.clone();
        let stored = blocking(move || store.load(&name)).await?;
        Ok(stored.filter(|record| record.expose() != REMOVED))
    }

    /// Saves the record. If that fails, the last one is removed: its refresh token may not be used again. The lock is held
    /// until the storage has come to an end, even if it is given up before.
    pub(super) async fn save(&self, record: Secret, guard: Option<Guard>) -> Result<(), NotSaved> {
        let Self { store, name } = self.clone();
        let done = blocking(move || {
            let _guard = guard;
            let saved = store.save(&name, &record);
            // The removal may well fail for the same reason.
            Ok(saved.map_err(|error| NotSaved { error, is_last_left: remove(&*store, &name).is_err() }))
        });
        done.await.unwrap_or_else(|error| Err(NotSaved { error, is_last_left: true }))
    }

    /// Removes the record. The lock is held as it is for [`save`](Self::save).
    pub(super) async fn remove(&self, guard: Option<Guard>) -> Result<(), Error> {
        let Self { store, name } = self.clone();
        blocking(move || {
            let _guard = guard;
            remove(&*store, &name)
        })
        .await
    }
}

/// Why the record was not saved.
#[derive(Debug)]
pub(super) struct NotSaved {
    pub(super) error: Error,
    /// Whether the storage may still have the last one.
    pub(super) is_last_left: bool,
}

/// Removes the record. If the storage cannot do that, the record is overwritten: that serves as well.
fn remove(store: &dyn SecretStore, name: &str) -> Result<(), Error> {
    store.remove(name).or_else(|error| store.save(name, &Secret::new(REMOVED.to_owned())).map_err(|_| error))
}

/// Runs what blocks on a thread of its own. A storage that does not answer is given up.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::time::timeout(TIMEOUT, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(unavailable("the storage failed")),
        Err(_) => Err(unavailable("the storage did not answer in time")),
    }
}

pub(super) fn unavailable(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::with_detail(Code::StorageUnavailable, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A storage that does not answer before it is told to.
    struct Slow(std::sync::Mutex<Receiver<()>>);

    impl SecretStore for Slow {
        fn name(&self) -> String {
            "slow".to_owned()
        }

        fn load(&self, _: &str) -> Result<Option<Secret>, Error> {
            Ok(None)
        }

        fn save(&self, _: &str, _: &Secret) -> Result<(), Error> {
            self.0.lock().unwrap().recv().map_err(|_| unavailable("the test is over"))
        }

        fn remove(&self, _: &str) -> Result<(), Error> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn law_2_the_lock_is_held_until_a_storage_that_was_given_up_has_come_to_an_end() {
        let folder = std::env::temp_dir().join(format!("wristband-slow-{}", std::process::id()));
        let lock = LockFile::new(Some(&folder), "record").unwrap();
        let (answer, slow) = channel();
        let store = RecordStore::new(Arc::new(Slow(std::sync::Mutex::new(slow))), "record");
        let guard = lock.take(TIMEOUT).await.unwrap();
        let saving = store.save(Secret::new("a record".to_owned()), Some(guard));
        assert!(tokio::time::timeout(Duration::from_millis(100), saving).await.is_err(), "it is given up");
        assert!(lock.take(Duration::from_millis(100)).await.is_err(), "it may still be saved");
        answer.send(()).unwrap();
        assert!(lock.take(TIMEOUT).await.is_ok());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
