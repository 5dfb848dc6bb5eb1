//! Builds the page on which the library for Rust is held against the tests of the npm package.

use crate::build::{bind, compile, replace};
use crate::run::Result;
use crate::standard::Std;
use crate::workspace::{path, scratch};

const CRATE: &str = "wristband-spa-auth-test-page";

/// The tests of the package that are for the library for Rust as well: of what each has of its own,
/// on the page's side of the port.
pub(crate) const TESTS: &[&str] =
    &["fetch.test.js", "first_visit.test.js", "heap.test.js", "lifecycle.test.js", "lifetime.test.js"];

pub(crate) fn build() -> Result<()> {
    // As apps are built: a module that is not optimised is slow, and waited for again with every page.
    let wasm = compile(CRATE, false, &Std::Ordinary)?;
    let staged = scratch("rust-page");
    bind(&wasm, &staged, "page", &["--no-typescript", "--omit-default-module-path"])?;
    replace(&staged, &path("tests/e2e/support/rust/dist"))
}
