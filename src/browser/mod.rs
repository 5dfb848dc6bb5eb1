//! The driver: performs the effects of a session, in a window or a worker.
//!
//! What only a page can do is behind the trait in `page`: replace its URL, and navigate.

pub(crate) mod api;
mod channel;
pub(crate) mod clock;
pub(crate) mod driver;
pub(crate) mod event_listener;
pub(crate) mod global;
#[cfg(feature = "inspect")]
pub(crate) mod inspect;
mod keys;
pub(crate) mod net;
pub(crate) mod oneshot;
pub(crate) mod page;
pub(crate) mod random;
mod signature;
mod store;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
pub(crate) mod value;

#[cfg(feature = "inspect")]
pub use inspect::{Purpose, RequestLog};
