//! Components and hooks for Yew 0.23, with the same words as those for Leptos.
//!
//! [`AuthProvider`] starts the session and gives it to everything below; [`use_auth`] takes it up.
//! No token is ever in a state.

mod auth;
mod conditions;
mod failure;
mod guard;
mod provider;
mod routes;

pub use auth::{UseAuth, use_auth, use_user_info};
pub use conditions::{ConditionProps, SignedIn, SignedOut};
pub use failure::Failure;
pub use guard::{RequireAuth, RequireAuthProps};
pub use provider::{AuthProvider, AuthProviderProps};
pub use routes::{CallbackRoute, CallbackRouteProps, LoginRoute, LoginRouteProps};
