//! Finds out what is wrong with a set-up.

use super::auth::{options, settled};
use super::handle;
use super::location::VaultOptions;
use crate::protocol::config::Config;
use crate::protocol::json::Value;
use crate::wire::decode;

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The name of the check, such as `redirect-uri`. The documentation has a section for each.
    pub check: String,
    /// `Some(true)`: nothing is wrong. `Some(false)`: something is. `None`: a page cannot find out, or not before another
    /// check passes.
    pub ok: Option<bool>,
    /// What was found, in one sentence.
    pub cause: String,
    /// What to do. Empty if nothing is wrong.
    pub remedy: String,
    /// The section of the documentation about this check: a path in the repository, with an anchor.
    pub link: String,
}

/// Checks a set-up, also when [`Auth::start`](super::Auth::start) failed: the browser, the files of the vault, the
/// provider, the APIs and the settings. It ends in about half a minute at the latest.
///
/// It sends no token, starts no login, and leaves the app's session alone. To see whether they answer, it sends the
/// token endpoint a code that nobody issued, and each API a token that is none. The browser writes these refusals to the
/// console.
///
/// The checks are part of the worker's script that comes with the app, which is imported only for this. With
/// [`VaultOptions::worker_url`], they are a file of the npm package, `checks.js`, which has to be beside that script. Without
/// the file, the only finding says so.
pub async fn diagnose(config: &Config, vault: &VaultOptions) -> Vec<Finding> {
    let checks = vault.checks();
    match settled(handle::diagnose(&options(config, vault), &checks)).await {
        Ok(report) => {
            let report = decode::value(&report);
            let findings = report.as_ref().and_then(Value::as_array).unwrap_or_default();
            findings.iter().filter_map(finding).collect()
        }
        Err(error) => vec![Finding {
            check: "checks".to_owned(),
            ok: None,
            cause: [&checks, " could not be loaded: ", error.detail()].concat(),
            remedy: "Serve the folder snippets along with the app; with worker_url, serve checks.js of the npm package beside that script.".to_owned(),
            link: "docs/when-something-does-not-work.md#in-rust".to_owned(),
        }],
    }
}

fn finding(value: &Value) -> Option<Finding> {
    let text = |name| value.get_str(name).map(str::to_owned);
    Some(Finding {
        check: text("check")?,
        ok: value.get("ok").and_then(Value::as_bool),
        cause: text("cause")?,
        remedy: text("remedy")?,
        link: text("link")?,
    })
}
