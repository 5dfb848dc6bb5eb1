//! The driver: performs what a session wants done, in a window or a worker.
//!
//! What belongs to the page is only named here, in `page`: the address bar, and where the browser goes.

pub(crate) mod api;
mod channel;
pub(crate) mod clock;
pub(crate) mod driver;
pub(crate) mod global;
#[cfg(feature = "inspect")]
pub(crate) mod inspect;
pub(crate) mod listening;
mod net;
pub(crate) mod oneshot;
pub(crate) mod page;
pub(crate) mod random;
mod signature;
mod store;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
pub(crate) mod value;

pub use gloo_net::http::{Request, Response};
#[cfg(feature = "inspect")]
pub use inspect::{Exchange, Purpose};
