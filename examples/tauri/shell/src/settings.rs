//! The settings: `config.json`, which becomes part of the app. A debug build also obeys variables of its environment, for tests.

use std::process::{Command, Stdio};

use wristband_spa_auth::native::{Options, Platform};
use wristband_spa_auth::{Code, Config, ConfigBuilder, Error};

/// The name under which the platform's secure storage has the session. It is the `identifier` of `tauri.conf.json`.
const APP: &str = "com.example.invoices";

const CONFIG: &str = include_str!("../../config.json");

/// The provider, the client and the API. A debug build reads the file that `INVOICES_CONFIG` names.
///
/// # Errors
/// `config_invalid`, naming the setting.
pub(crate) fn config() -> Result<Config, Error> {
    let text = match variable("INVOICES_CONFIG") {
        Some(file) => std::fs::read_to_string(&file).map_err(|error| invalid(format!("{file}: {error}")))?,
        None => CONFIG.to_owned(),
    };
    text.parse::<ConfigBuilder>()?.build()
}

/// Where the session is stored, and what opens the browser: by default the platform's secure storage, and the system's browser.
/// A debug build takes the storage that `INVOICES_STORE` names, such as `keyutils`, and starts the program `INVOICES_BROWSER`.
///
/// # Errors
/// `storage_unavailable`, if this platform does not have the storage that the variable names.
pub(crate) fn options() -> Result<Options, Error> {
    let mut options = Options::new(APP).on_warning(|error| eprintln!("The session is not stored: {error}"));
    if let Some(kind) = variable("INVOICES_STORE") {
        options = options.store(Platform::of_kind(APP, &kind)?);
    }
    if let Some(program) = variable("INVOICES_BROWSER") {
        options = options.open_browser(move |url| open_with(&program, url));
    }
    Ok(options)
}

fn open_with(program: &str, url: &str) -> Result<(), Error> {
    let spawned = Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let mut child = spawned.map_err(|error| invalid(format!("{program}: {}", error.kind())))?;
    // Its end is waited for, or it would stay in the list of processes.
    std::thread::spawn(move || child.wait());
    Ok(())
}

/// A released app ignores these variables: whoever can set them could send its user to another provider.
fn variable(name: &str) -> Option<String> {
    if cfg!(debug_assertions) { std::env::var(name).ok().filter(|value| !value.is_empty()) } else { None }
}

fn invalid(detail: String) -> Error {
    Error::with_detail(Code::ConfigInvalid, detail)
}
