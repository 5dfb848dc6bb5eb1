//! The vault's side of the port: one session, served to the tabs of an app.
//!
//! Runs in a `SharedWorker` or in a worker of one tab, out of reach of the page's scripts, or in the page
//! itself. No message to a page contains a token, unless the app opted in to reading the access token.

mod body;
mod lock;
mod serve;
mod tab;
mod vault_server;

#[cfg(feature = "page")]
pub(crate) use serve::in_page;
pub use serve::serve;
#[cfg(all(test, target_arch = "wasm32"))]
pub(crate) use serve::{Ended, attach};
pub use vault_server::start;
