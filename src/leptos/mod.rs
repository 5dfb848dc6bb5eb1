//! Components and hooks for Leptos 0.8.
//!
//! [`AuthProvider`] starts the session and gives it to everything below; [`use_auth`] takes it up.
//! No token is ever in a signal.
//!
//! On a server nothing starts: the state stays [`State::Loading`](crate::State::Loading), and a guard
//! shows its fallback.
#![allow(unreachable_pub, reason = "the component macro of Leptos makes a second function, `pub` as the first, that nobody names")]

mod auth;
mod conditions;
mod failure;
mod guard;
mod provider;
mod routes;

pub use auth::{UseAuth, use_auth, use_user_info};
pub use conditions::{SignedIn, SignedOut};
pub use failure::{Failure, FailureFn};
pub use guard::RequireAuth;
pub use provider::AuthProvider;
pub use routes::{CallbackRoute, LoginRoute};
