//! Sign-in for native apps: desktop apps and command-line tools \[RFC 8252].
//!
//! [`Auth`] signs a user in with the system's browser, and keeps the session in the platform's secure storage. [`Machine`] is
//! for a program that acts for itself, with a secret of its own. Neither is for wasm.

mod api;
mod auth;
mod clock;
mod driver;
mod keys;
mod loopback;
mod machine;
mod net;
mod options;
mod owed;
mod random;
mod record;
mod sign_in;
mod signature;
mod store;

pub use auth::{Auth, LogoutResult};
pub use machine::{ClientSecret, Machine};
pub use options::Options;
pub use reqwest;
pub use store::{Memory, Platform, SecretStore, Storage};

/// The check of ID tokens' signatures, for tests of the library.
#[doc(hidden)]
pub use signature::check as check_signature;
