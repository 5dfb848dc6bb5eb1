//! The platform's secure storage: macOS Keychain, Windows Credential Manager, the Secret Service of Linux and BSD desktops,
//! and the kernel's keyring (keyutils) where there is no desktop.

use std::fmt;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry};
use zeroize::Zeroizing;

use super::{SecretStore, unavailable};
use crate::protocol::error::Error;
use crate::protocol::secret::Secret;

/// The platform's secure storage.
#[derive(Clone)]
pub struct Platform {
    /// The name of the app, under which its secrets are listed.
    app: Arc<str>,
    kind: &'static str,
    store: Arc<CredentialStore>,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A secret is split into parts of this length, in bytes: Windows keeps at most 2560 for each entry.
const MAX_PART: usize = if cfg!(windows) { 2000 } else { 1 << 20 };

/// More parts than a secret can have.
const MAX_PARTS: usize = 200;

impl Platform {
    /// The storage of this platform, for the app with this name. It is tried once. This call may block.
    ///
    /// On Linux it is the Secret Service (GNOME Keyring, KWallet, KeePassXC) if there is one, and otherwise the kernel's
    /// keyring, which is never written to disk and is lost when the machine restarts.
    ///
    /// # Errors
    /// `storage_unavailable`, if there is none.
    pub fn find(app: &str) -> Result<Self, Error> {
        let found = stores().iter().map(|(kind, open)| Self::open(app, kind, *open));
        let mut reasons = Vec::new();
        for store in found {
            match store {
                Ok(store) => return Ok(store),
                Err(error) => reasons.push(error.detail().to_owned()),
            }
        }
        Err(unavailable(if reasons.is_empty() { "this platform has none".to_owned() } else { reasons.join("; ") }))
    }

    /// The storage of this kind, as [`name`](SecretStore::name) has it: `Secret Service`, `keyutils`, `Keychain`,
    /// `Credential Manager`.
    ///
    /// # Errors
    /// `storage_unavailable`, if this platform does not have it, or it does not work.
    pub fn of_kind(app: &str, kind: &str) -> Result<Self, Error> {
        let known = stores().iter().find(|(name, _)| *name == kind);
        let (name, open) = known.ok_or_else(|| unavailable("this platform has no such storage"))?;
        Self::open(app, name, *open)
    }

    fn open(app: &str, kind: &'static str, open: Open) -> Result<Self, Error> {
        let failed = |error: keyring_core::Error| unavailable(format!("{kind}: {error}"));
        let store = Self { app: app.into(), kind, store: open().map_err(failed)? };
        // A storage that cannot be read is none.
        match store.entry("probe", 0)?.get_secret() {
            Ok(_) | Err(keyring_core::Error::NoEntry) => Ok(store),
            Err(error) => Err(failed(error)),
        }
    }

    fn entry(&self, name: &str, part: usize) -> Result<Entry, Error> {
        let user = if part == 0 { name.to_owned() } else { format!("{name}.{part}") };
        self.store.build(&self.app, &user, None).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &keyring_core::Error) -> Error {
        // The text of some errors has the secret. Only its kind is told.
        let what = match error {
            keyring_core::Error::PlatformFailure(error) | keyring_core::Error::NoStorageAccess(error) => error.to_string(),
            keyring_core::Error::TooLong(..) => "the record is too long".to_owned(),
            keyring_core::Error::Ambiguous(_) => "there are several records of this name".to_owned(),
            _ => "it does not work as expected".to_owned(),
        };
        unavailable(format!("{}: {what}", self.kind))
    }

    fn part(&self, name: &str, part: usize) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        match self.entry(name, part)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn remove_part(&self, name: &str, part: usize) -> Result<bool, Error> {
        match self.entry(name, part)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(keyring_core::Error::NoEntry) => Ok(false),
            Err(error) => Err(self.failed(&error)),
        }
    }
}

impl SecretStore for Platform {
    fn name(&self) -> String {
        self.kind.to_owned()
    }

    fn load(&self, name: &str) -> Result<Option<Secret>, Error> {
        let Some(mut whole) = self.part(name, 0)? else { return Ok(None) };
        let mut last = whole.len();
        for part in 1..MAX_PARTS {
            // Only the last part is shorter.
            if last < MAX_PART {
                break;
            }
            let Some(next) = self.part(name, part)? else { break };
            last = next.len();
            let mut longer = Zeroizing::new(Vec::with_capacity(whole.len() + last));
            longer.extend_from_slice(&whole);
            longer.extend_from_slice(&next);
            whole = longer;
        }
        // What is no text was not written here: it is refused like any other damaged record.
        Ok(Some(Secret::new(String::from_utf8(whole.to_vec()).unwrap_or_default())))
    }

    fn save(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        let parts: Vec<&[u8]> = secret.expose().as_bytes().chunks(MAX_PART).collect();
        // The first part is the last to be written: until then, the record is damaged, and not mixed with the last one.
        for (index, part) in parts.iter().enumerate().rev() {
            self.entry(name, index)?.set_secret(part).map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        for part in 0..MAX_PARTS {
            if !self.remove_part(name, part)? {
                break;
            }
        }
        Ok(())
    }
}

type Open = fn() -> keyring_core::Result<Arc<CredentialStore>>;

/// The storages of this platform, the preferred one first.
fn stores() -> &'static [(&'static str, Open)] {
    #[cfg(target_os = "linux")]
    return &[
        ("Secret Service", || Ok(zbus_secret_service_keyring_store::Store::new()?)),
        ("keyutils", || Ok(linux_keyutils_keyring_store::Store::new()?)),
    ];
    #[cfg(any(target_os = "freebsd", target_os = "openbsd"))]
    return &[("Secret Service", || Ok(zbus_secret_service_keyring_store::Store::new()?))];
    #[cfg(target_os = "macos")]
    return &[("Keychain", || Ok(apple_native_keyring_store::keychain::Store::new()?))];
    #[cfg(target_os = "windows")]
    return &[("Credential Manager", || Ok(windows_native_keyring_store::Store::new()?))];
    #[cfg(not(any(
        target_os = "linux",
        target_os = "freebsd",
        target_os = "openbsd",
        target_os = "macos",
        target_os = "windows"
    )))]
    return &[];
}
