//! The platform's secure storage: macOS Keychain, Windows Credential Manager, the Secret Service of Linux and BSD desktops,
//! and the kernel's keyring (keyutils) where there is no desktop.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry};
use zeroize::Zeroizing;

#[cfg(target_os = "linux")]
use super::keyutils;
use super::parts::{self, Entries};
use super::{SecretStore, unavailable};
use crate::protocol::error::Error;
use crate::protocol::secret::Secret;

/// The platform's secure storage.
#[derive(Clone)]
pub struct Platform {
    /// The name of the app, under which its secrets are listed.
    app: Arc<str>,
    /// Only taken out when the platform is dropped.
    backend: Option<Backend>,
    kind: &'static str,
}

#[derive(Clone)]
enum Backend {
    Keyring(Arc<CredentialStore>),
    #[cfg(target_os = "linux")]
    Keyutils,
}

/// Why an entry was not read.
struct Unread {
    error: Error,
    /// The user has not unlocked the storage, and is not asked again at once.
    is_locked: bool,
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self { error, is_locked: false }
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// How often a secret is read that cannot be read now.
const MAX_ATTEMPTS: u32 = 5;

const PAUSE: Duration = Duration::from_millis(10);

impl Platform {
    /// The storage of this platform, for the app with this name. It is tried once. This call blocks while it is.
    ///
    /// On Linux it is the Secret Service (GNOME Keyring, KWallet, KeePassXC) if there is one, and otherwise the kernel's
    /// keyring, which is never written to disk and is lost when the machine restarts.
    ///
    /// # Errors
    /// `storage_unavailable`, if there is none.
    pub fn find(app: &str) -> Result<Self, Error> {
        let mut reasons = Vec::new();
        for (kind, open) in backends() {
            match apart(|| Self::open(app, kind, *open)) {
                Ok(store) => return Ok(store),
                Err(error) => reasons.push(error.detail().to_owned()),
            }
        }
        Err(unavailable(if reasons.is_empty() { "this platform has none".to_owned() } else { reasons.join("; ") }))
    }

    /// The storage of this kind, as [`name`](SecretStore::name) has it: `Secret Service`, `keyutils`, `Keychain`,
    /// `Credential Manager`. This call blocks while it is tried.
    ///
    /// # Errors
    /// `storage_unavailable`, if this platform does not have it, or it does not work.
    pub fn of_kind(app: &str, kind: &str) -> Result<Self, Error> {
        let known = backends().iter().find(|(name, _)| *name == kind);
        let (name, open) = known.ok_or_else(|| unavailable("this platform has no such storage"))?;
        apart(|| Self::open(app, name, *open))
    }

    fn open(app: &str, kind: &'static str, open: Open) -> Result<Self, Error> {
        let backend = open().map_err(|error| unavailable(format!("{kind}: {error}")))?;
        let store = Self { app: app.into(), backend: Some(backend), kind };
        // A storage that cannot be read is none.
        store.read("probe").map(|_| store)
    }

    fn failed(&self, what: impl fmt::Display) -> Error {
        unavailable(format!("{}: {what}", self.kind))
    }

    /// What went wrong. The text of some errors has the secret: only their kind is told.
    fn keyring_failed(&self, error: &keyring_core::Error) -> Error {
        match error {
            keyring_core::Error::PlatformFailure(error) | keyring_core::Error::NoStorageAccess(error) => self.failed(error),
            keyring_core::Error::TooLong(..) => self.failed("the record is too long"),
            keyring_core::Error::Ambiguous(_) => self.failed("there are several records of this name"),
            _ => self.failed("it does not work as expected"),
        }
    }

    fn get(&self, user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Unread> {
        match self.backend()? {
            Backend::Keyring(store) => match self.entry(store, user)?.get_secret() {
                Ok(secret) => Ok(Some(Zeroizing::new(secret))),
                Err(keyring_core::Error::NoEntry) => Ok(None),
                Err(error) => {
                    let is_locked = matches!(error, keyring_core::Error::NoStorageAccess(_));
                    Err(Unread { error: self.keyring_failed(&error), is_locked })
                }
            },
            #[cfg(target_os = "linux")]
            Backend::Keyutils => {
                let secret = keyutils::get(&self.description(user)).map_err(|error| self.failed(error))?;
                Ok(secret.map(Zeroizing::new))
            }
        }
    }

    fn backend(&self) -> Result<&Backend, Error> {
        self.backend.as_ref().ok_or_else(|| unavailable("it is closed"))
    }

    fn entry(&self, store: &Arc<CredentialStore>, user: &str) -> Result<Entry, Error> {
        // On Windows, a credential would roam to other machines, which have locks of their own.
        let local = HashMap::from([("persistence", "Local")]);
        store.build(&self.app, user, cfg!(windows).then_some(&local)).map_err(|error| self.keyring_failed(&error))
    }

    #[cfg(target_os = "linux")]
    fn description(&self, user: &str) -> String {
        format!("{}:{user}", self.app)
    }
}

impl Entries for Platform {
    fn read(&self, user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let mut attempts = 1;
        loop {
            match self.get(user) {
                // A storage that is busy with another process can refuse for a moment.
                Err(unread) if !unread.is_locked && attempts < MAX_ATTEMPTS => {
                    attempts += 1;
                    std::thread::sleep(PAUSE);
                }
                got => return got.map_err(|unread| unread.error),
            }
        }
    }

    fn set(&self, user: &str, secret: &[u8]) -> Result<(), Error> {
        match self.backend()? {
            Backend::Keyring(store) => self.entry(store, user)?.set_secret(secret).map_err(|error| self.keyring_failed(&error)),
            #[cfg(target_os = "linux")]
            Backend::Keyutils => keyutils::set(&self.description(user), secret).map_err(|error| self.failed(error)),
        }
    }

    fn delete(&self, user: &str) -> Result<bool, Error> {
        match self.backend()? {
            Backend::Keyring(store) => match self.entry(store, user)?.delete_credential() {
                Ok(()) => Ok(true),
                Err(keyring_core::Error::NoEntry) => Ok(false),
                Err(error) => Err(self.keyring_failed(&error)),
            },
            #[cfg(target_os = "linux")]
            Backend::Keyutils => keyutils::remove(&self.description(user)).map_err(|error| self.failed(error)),
        }
    }
}

impl SecretStore for Platform {
    fn name(&self) -> String {
        self.kind.to_owned()
    }

    fn load(&self, name: &str) -> Result<Option<Secret>, Error> {
        apart(|| parts::load(self, name))
    }

    fn save(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        apart(|| parts::save(self, name, secret))
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        apart(|| parts::remove(self, name))
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        // To close the connection to the Secret Service blocks.
        let backend = self.backend.take();
        let _ = apart(|| {
            drop(backend);
            Ok(())
        });
    }
}

/// Runs this on a thread of its own: the client of the Secret Service has a runtime, which cannot be entered within another.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|_| Err(unavailable("the storage failed")))
}

type Open = fn() -> keyring_core::Result<Backend>;

/// The storages of this platform, the preferred one first.
fn backends() -> &'static [(&'static str, Open)] {
    #[cfg(target_os = "linux")]
    return &[
        ("Secret Service", || Ok(Backend::Keyring(zbus_secret_service_keyring_store::Store::new()?))),
        ("keyutils", || Ok(Backend::Keyutils)),
    ];
    #[cfg(any(target_os = "freebsd", target_os = "openbsd"))]
    return &[("Secret Service", || Ok(Backend::Keyring(zbus_secret_service_keyring_store::Store::new()?)))];
    #[cfg(target_os = "macos")]
    return &[("Keychain", || Ok(Backend::Keyring(apple_native_keyring_store::keychain::Store::new()?)))];
    #[cfg(target_os = "windows")]
    return &[("Credential Manager", || Ok(Backend::Keyring(windows_native_keyring_store::Store::new()?)))];
    #[cfg(not(any(
        target_os = "linux",
        target_os = "freebsd",
        target_os = "openbsd",
        target_os = "macos",
        target_os = "windows"
    )))]
    return &[];
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use keyring_core::{Error, mock};

    use super::*;

    #[test]
    fn a_storage_that_the_user_does_not_unlock_is_not_asked_again_at_once() {
        let store: Arc<CredentialStore> = mock::Store::new().unwrap();
        let platform = Platform { app: "app".into(), backend: Some(Backend::Keyring(Arc::clone(&store))), kind: "mock" };
        let entry = store.build("app", "record", None).unwrap();
        entry.set_secret(b"the record").unwrap();
        // The mock fails once.
        let fails = |error: Error| entry.as_any().downcast_ref::<mock::Cred>().unwrap().set_error(error);
        fails(Error::PlatformFailure("busy".into()));
        assert_eq!(platform.load("record").unwrap().unwrap().expose(), "the record");
        fails(Error::NoStorageAccess("locked".into()));
        assert!(platform.load("record").is_err());
        assert!(platform.load("record").is_ok());
    }
}
