//! The vault: the session behind a port, where scripts of the page cannot read it.
//!
//! A page and its vault talk over a `MessagePort`, in the messages of `message.rs`. Where the other
//! end runs makes no difference: in a `SharedWorker`, in a worker of the page's own, or in the
//! page itself. No message holds a token, unless the app opted in to reading the access token.

mod body;
mod host;
mod lock;
mod message;
mod show;
mod tab;

pub use host::start;
