//! Components and hooks for Yew 0.23, with the same names as those for Leptos.
//!
//! [`AuthProvider`] starts the session and provides it to its children; [`use_auth`] returns it. No state ever
//! holds a token.

mod auth;
mod failure;
mod guard;
mod provider;
mod routes;
mod signed_in;

pub use auth::{UseAuth, use_api, use_auth, use_user_info};
pub use failure::Failure;
pub use guard::{RequireAuth, RequireAuthProps};
pub use provider::{AuthProvider, AuthProviderProps};
pub use routes::{CallbackRoute, CallbackRouteProps, LoginRoute, LoginRouteProps};
pub use signed_in::{ConditionProps, SignedIn, SignedOut};
