//! The native driver with the local provider of `demo/provider`: logins in a browser, the stored session, and what can go
//! wrong around them. `npm ci` in that folder comes first.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::exhaustive_enums, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]
#![allow(missing_docs, unnameable_types)]

mod apis;
mod leaks;
mod login;
mod loopback;
mod machine;
mod processes;
mod restart;
mod support;
mod vectors;
