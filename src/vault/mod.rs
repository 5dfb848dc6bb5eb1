//! The vault: the session behind a port, where scripts of the page cannot read it.
//!
//! A page and its vault talk over a `MessagePort`: `message.rs` has what the page sends, and
//! `tab.rs` sends what the vault says. The page's side is `client.js`, for apps in Rust as for the
//! npm package. Where the vault runs makes no difference: in a `SharedWorker`, in a worker of this
//! tab, or in the page itself. No message holds a token, unless the app opted in to reading the
//! access token.

mod auth;
mod body;
mod client;
mod decode;
mod encode;
mod host;
mod location;
mod lock;
mod message;
#[cfg(feature = "inspect")]
mod requests;
mod serve;
mod tab;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

pub use auth::{Auth, Subscription};
pub use host::start;
pub use location::{VaultKind, VaultOptions};
#[cfg(feature = "inspect")]
pub use requests::RequestSubscription;
pub use serve::serve;
