//! What the documents say, compared with the code: names of tests, links, errors, and the contents of the crate.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod claims;
mod errors;
mod links;
mod package;
