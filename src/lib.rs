//! Sign-in for single-page apps on Wristband.
#![forbid(unsafe_code)]
// A panic about a slice of a text repeats the text, which may be a secret.
#![warn(clippy::string_slice)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod protocol;
pub mod session;

#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
pub mod vault;

#[cfg(feature = "inspect")]
pub use browser::{Exchange, Purpose};
#[cfg(feature = "browser")]
pub use browser::{Request, Response};
pub use protocol::authorize::Prompt;
pub use protocol::config::{Config, ConfigBuilder, Restore};
pub use protocol::error::{Blame, Code, Error, OAuthError};
pub use protocol::json::Value;
pub use protocol::secret::AccessToken;
pub use protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
pub use protocol::time::Timestamp;
pub use protocol::user_info::{Role, UserInfo};
pub use session::{Login, Logout, Reason, SignedIn, State};
#[cfg(feature = "inspect")]
pub use vault::RequestSubscription;
#[cfg(feature = "browser")]
pub use vault::{Auth, Subscription, VaultKind, VaultOptions};

#[cfg(any(feature = "leptos", feature = "yew"))]
mod face;
#[cfg(feature = "leptos")]
pub mod leptos;
#[cfg(feature = "yew")]
pub mod yew;
