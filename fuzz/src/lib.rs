//! What must hold for every input from outside, one module for each parser.
//!
//! Each module has a `check` that takes any bytes and panics if a property is broken. libFuzzer
//! calls it through `fuzz_targets/`; the tests call it with the corpus and with seeded mutations.

pub mod address;
pub mod callback;
pub mod chance;
pub mod claims;
pub mod config;
pub mod error_body;
pub mod form;
mod given;
pub mod json;
pub mod jwks;
pub mod jws;
pub mod login_url;
pub mod metadata;
pub mod mutation;
mod opinion;
pub mod options;
mod page;
pub mod records;
pub mod token_response;
pub mod user_info;

/// A parser's name, and its check.
pub type Target = (&'static str, fn(&[u8]));

/// All targets, each with a corpus of its name.
pub const TARGETS: &[Target] = &[
    ("address", address::check),
    ("callback", callback::check),
    ("claims", claims::check),
    ("config", config::check),
    ("error_body", error_body::check),
    ("form", form::check),
    ("json", json::check),
    ("jwks", jwks::check),
    ("jws", jws::check),
    ("login_url", login_url::check),
    ("metadata", metadata::check),
    ("options", options::check),
    ("records", records::check),
    ("token_response", token_response::check),
    ("user_info", user_info::check),
];
