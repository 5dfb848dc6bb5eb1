//! The vault: the session behind a port, where scripts of the page cannot read it.
//!
//! A page and its vault talk over a `MessagePort`, in the messages of `message.rs` and `told.rs`.
//! Where the other end runs makes no difference: in a `SharedWorker`, in a worker of the page's own, or
//! in the page itself. No message holds a token, unless the app opted in to reading the access token.

mod asks;
mod auth;
mod body;
mod connection;
mod fetch;
mod home;
mod host;
mod line;
mod lock;
mod message;
mod place;
mod seen;
mod serve;
mod show;
mod started;
mod tab;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
mod told;

pub use auth::{Auth, Subscription};
pub use home::{Home, Vault};
pub use host::start;
pub use serve::serve;
