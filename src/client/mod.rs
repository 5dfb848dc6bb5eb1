//! The page's side of the port: [`Auth`], for apps in Rust.
//!
//! The client itself is `client.js`, bundled from `pkg/ts/client`, the same as in the npm package. The types
//! here wrap it. Where the vault runs makes no difference: in a `SharedWorker`, in a worker of this tab, or
//! in the page itself.

mod auth;
mod configure;
mod diagnose;
mod exchange;
mod handle;
mod location;
#[cfg(feature = "inspect")]
mod requests;

pub use auth::{Auth, LastSignIn, LogoutResult, Subscription};
pub use configure::configure;
pub use diagnose::{Finding, diagnose};
pub use exchange::{IntoRequest, Request, Response};
pub use location::{VaultKind, VaultOptions};
#[cfg(feature = "inspect")]
pub use requests::RequestSubscription;
