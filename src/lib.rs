//! OpenID Connect sign-in for single-page apps, with Wristband or any other OpenID provider.
#![forbid(unsafe_code)]
// A panic about a string slice prints the string, which may be a secret.
#![warn(clippy::string_slice)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod protocol;
pub mod session;
mod traits;

#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
pub mod client;
#[cfg(feature = "browser")]
pub mod server;
#[cfg(feature = "browser")]
mod wire;

#[cfg(feature = "inspect")]
pub use browser::{Purpose, RequestLog};
#[cfg(feature = "inspect")]
pub use client::RequestSubscription;
#[cfg(feature = "browser")]
pub use client::{
    Auth, Finding, IntoRequest, LastSignIn, LogoutResult, Request, Response, Subscription, VaultKind, VaultOptions, configure,
    diagnose,
};
pub use protocol::authorize::Prompt;
pub use protocol::config::{Api, Config, ConfigBuilder, IdleLogout, Restore};
pub use protocol::error::{Blame, Code, Error, OAuthError};
pub use protocol::json::Value;
pub use protocol::secret::AccessToken;
pub use protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
pub use protocol::time::Timestamp;
pub use protocol::user_info::{Role, UserInfo};
pub use session::{Login, Logout, Reason, State, UserSession};

#[cfg(feature = "browser")]
pub mod prelude;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(any(feature = "leptos", feature = "yew"))]
mod components;
#[cfg(feature = "leptos")]
pub mod leptos;
#[cfg(feature = "yew")]
pub mod yew;
