//! What a session does, told in a small simulated world: `tests/support`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod callback;
mod config;
mod dpop;
mod guards;
mod id_token;
mod idle;
mod login;
mod logout;
mod par;
mod providers;
mod recovery;
mod redaction;
mod renewal;
mod restore;
#[cfg(feature = "native")]
mod restored;
mod sessions;
mod step_up;
mod tenant;
mod user_info;
