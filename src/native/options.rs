//! What a native app chooses beside its [`Config`](crate::Config).

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::store::SecretStore;
use crate::protocol::error::{Code, Error};

/// Opens a URL in the system's browser.
pub(super) type OpenBrowser = Arc<dyn Fn(&str) -> Result<(), Error> + Send + Sync>;

/// Gets a warning.
pub(super) type OnWarning = Arc<dyn Fn(&Error) + Send + Sync>;

/// Which storage the session's record is kept in.
#[derive(Clone)]
pub(super) enum StoreChoice {
    Custom(Arc<dyn SecretStore>),
    Memory,
    Platform,
}

/// What a native app chooses: its name, its storage, and how it opens the browser.
#[derive(Clone)]
pub struct Options {
    pub(super) app: String,
    pub(super) lock_folder: Option<PathBuf>,
    pub(super) on_warning: Option<OnWarning>,
    pub(super) open_browser: OpenBrowser,
    pub(super) store: StoreChoice,
    pub(super) time_url: Option<String>,
}

impl Options {
    /// The options of the app with this name, such as `com.example.invoices`. Its record in the platform's storage has this
    /// name, and so all processes with the same name and the same [`Config`](crate::Config) share one session.
    pub fn new(app: impl Into<String>) -> Self {
        Self {
            app: app.into(),
            lock_folder: None,
            on_warning: None,
            open_browser: Arc::new(open_in_system_browser),
            store: StoreChoice::Platform,
            time_url: None,
        }
    }

    /// Keeps the session in memory only: it ends with the process.
    #[must_use]
    pub fn in_memory(self) -> Self {
        Self { store: StoreChoice::Memory, ..self }
    }

    /// Keeps the session in this storage, instead of the platform's.
    #[must_use]
    pub fn store(self, store: impl SecretStore) -> Self {
        Self { store: StoreChoice::Custom(Arc::new(store)), ..self }
    }

    /// Calls this once when the session cannot be stored, and once more each time that this changes for another reason. The
    /// session goes on in memory.
    #[must_use]
    pub fn on_warning(self, warn: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        Self { on_warning: Some(Arc::new(warn)), ..self }
    }

    /// Opens URLs with this function, instead of the system's default browser: for an app that asks the user first, or
    /// prints the URL. Never show the provider's page in a web view of the app \[RFC 8252 §8.12].
    ///
    /// The URL of a login contains its `state` and its `nonce`. The URL of a logout can contain the ID token
    /// (`id_token_hint`), unless the settings have `id_token_hint(false)`; Wristband's never does. Neither belongs in a log,
    /// and while a program opens a URL, the other users of the machine may see it among that program's arguments.
    #[must_use]
    pub fn open_browser(self, open: impl Fn(&str) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        Self { open_browser: Arc::new(open), ..self }
    }

    /// The folder of the lock file that the app's processes share, instead of the user's own state folder.
    #[must_use]
    pub fn lock_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { lock_folder: Some(folder.into()), ..self }
    }

    /// A server that says the time if the provider's tokens and this device's clock disagree: the `Date` of its response
    /// to `HEAD`. By default, the origin of the first listed API. It must not be the provider itself.
    #[must_use]
    pub fn time_url(self, url: impl Into<String>) -> Self {
        Self { time_url: Some(url.into()), ..self }
    }

    /// Checks the options.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !(1..=100).contains(&self.app.len()) || !self.app.bytes().all(is_name) || self.app.starts_with('.') {
            let detail = "the app's name: 1 to 100 letters, digits, dots, hyphens and underscores";
            return Err(Error::with_detail(Code::ConfigInvalid, detail));
        }
        Ok(())
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("app", &self.app).finish_non_exhaustive()
    }
}

fn open_in_system_browser(url: &str) -> Result<(), Error> {
    open::that_detached(url).map_err(|error| {
        // The error's own text has the command, and so the URL.
        Error::with_detail(Code::ConfigInvalid, format!("the system's browser cannot be opened: {}", error.kind()))
    })
}
