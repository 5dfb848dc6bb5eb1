//! The driver: performs what a session wants done, in a window or a worker.
//!
//! Everything that belongs to the page stands in `page`, apart from the rest: the address bar, and
//! where the browser goes.

mod api;
mod auth;
mod channel;
mod clock;
mod driver;
mod global;
mod net;
mod page;
mod random;
mod signature;
mod store;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

pub use auth::{Auth, Subscription};
pub use gloo_net::http::{Request, Response};
