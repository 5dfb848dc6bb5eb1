//! Components and hooks for Leptos 0.8.
//!
//! [`AuthProvider`] starts the session and provides it to its children; [`use_auth`] returns it. No signal ever
//! holds a token.
//!
//! On a server, no session starts: the state stays [`State::Loading`](crate::State::Loading), and a guard shows
//! its fallback.
#![allow(
    unreachable_pub,
    reason = "the component macro of Leptos makes a second function, `pub` like the first, that is never named"
)]

mod auth;
mod failure;
mod guard;
mod provider;
mod routes;
mod signed_in;

pub use auth::{UseAuth, use_api, use_auth, use_user_info};
pub use failure::{Failure, FailureFn};
pub use guard::{RequireAuth, RequireAuthProps};
pub use provider::{AuthProvider, AuthProviderProps};
pub use routes::{CallbackRoute, LoginRoute};
pub use signed_in::{SignedIn, SignedInProps, SignedOut, SignedOutProps};
