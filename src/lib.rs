#![cfg_attr(docsrs, feature(doc_cfg))]
// The examples are compiled for a browser by `cargo xtask test`, and would not run anywhere else.
#![cfg_attr(all(doc, not(doctest)), doc = include_str!("front.md"))]
#![cfg_attr(
    any(not(doc), doctest),
    doc = "OpenID Connect sign-in for single-page apps, with Wristband or any other OpenID provider."
)]
#![forbid(unsafe_code)]
// A panic about a string slice prints the string, which may be a secret.
#![warn(clippy::string_slice)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[cfg_attr(not(feature = "unstable-core"), doc(hidden))]
pub mod protocol;
#[cfg_attr(not(feature = "unstable-core"), doc(hidden))]
pub mod session;
mod traits;

#[cfg(feature = "browser")]
#[cfg_attr(not(feature = "unstable-core"), doc(hidden))]
pub mod browser;
#[cfg(feature = "browser")]
#[cfg_attr(not(feature = "unstable-core"), doc(hidden))]
pub mod client;
#[cfg(feature = "browser")]
pub mod server;
#[cfg(feature = "browser")]
mod wire;

#[cfg(all(feature = "native", target_arch = "wasm32", not(docsrs)))]
compile_error!(
    "the feature `native` of wristband-spa-auth is for desktop apps and command-line tools; in a browser, use `worker`, `page`, `leptos` or `yew`"
);
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
pub mod native;

#[cfg(feature = "inspect")]
#[doc(inline)]
pub use browser::{Purpose, RequestLog};
#[cfg(feature = "inspect")]
#[doc(inline)]
pub use client::RequestSubscription;
#[cfg(feature = "browser")]
#[doc(inline)]
pub use client::{
    Auth, Finding, IntoRequest, LastSignIn, LogoutResult, Request, Response, Subscription, VaultKind, VaultOptions, configure,
    diagnose,
};
#[doc(inline)]
pub use protocol::authorize::Prompt;
#[doc(inline)]
pub use protocol::challenge::StepUp;
pub use protocol::config::{Api, Config, ConfigBuilder, IdleLogout, Restore, Use};
#[doc(inline)]
pub use protocol::error::{Blame, Code, Error, OAuthError};
#[doc(inline)]
pub use protocol::json::Value;
#[doc(inline)]
pub use protocol::secret::AccessToken;
#[doc(inline)]
pub use protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
#[doc(inline)]
pub use protocol::time::Timestamp;
#[doc(inline)]
pub use protocol::user_info::{Role, UserInfo};
#[doc(inline)]
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
