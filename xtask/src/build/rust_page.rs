//! Builds the page on which the tests of the npm package run against the Rust library.

use crate::build::standard::Std;
use crate::build::{bind, compile, replace};
use crate::run::Result;
use crate::workspace::{path, scratch};

const CRATE: &str = "wristband-spa-auth-test-page";

/// The package's tests that also run against the Rust library: those of what
/// each of them implements separately.
pub(crate) const TESTS: &[&str] = &[
    "api_tokens.test.js",
    "configured.test.js",
    "fetch.test.js",
    "first_visit.test.js",
    "heap.test.js",
    "idle.test.js",
    "lifecycle.test.js",
    "lifetime.test.js",
];

pub(crate) fn build() -> Result<()> {
    // Built as apps are: an unoptimised module is slow, and loaded again with every page.
    let wasm = compile(CRATE, false, &Std::Ordinary)?;
    let staged = scratch("rust-page");
    bind(&wasm, &staged, "page", &["--no-typescript", "--omit-default-module-path"])?;
    replace(&staged, &path("tests/e2e/support/rust/dist"))
}
