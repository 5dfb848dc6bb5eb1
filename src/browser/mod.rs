//! The driver: performs what a session wants done, in a window or a worker.
//!
//! Everything that belongs to the page stands in `page`, apart from the rest: the address bar, and
//! where the browser goes.

pub(crate) mod api;
mod auth;
mod channel;
pub(crate) mod clock;
pub(crate) mod driver;
pub(crate) mod global;
pub(crate) mod listening;
mod net;
pub(crate) mod page;
pub(crate) mod random;
mod signature;
mod started;
mod store;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
pub(crate) mod value;

pub use auth::{Auth, Subscription};
pub use gloo_net::http::{Request, Response};
