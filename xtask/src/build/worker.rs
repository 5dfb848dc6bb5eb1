//! Builds the worker in which the demo runs its session, and the checks that are beside it.

use std::fs;
use std::path::Path;

use crate::build::optimize::optimize;
use crate::build::package::bundle;
use crate::build::policy::WORKER;
use crate::build::standard::Std;
use crate::build::{bind, compile};
use crate::run::{Result, write};
use crate::workspace::{path, scratch};

const CRATE: &str = "wristband-spa-auth-demo-vault";

/// What `diagnose` loads from beside the worker.
pub(crate) const CHECKS: &str = "checks.js";

/// Starts the vault.
const LOADER: &str = r#"import init from "./vault.js";

await init({ module_or_path: new URL("./vault_bg.wasm", import.meta.url) });
"#;

/// Puts the worker's two files, and the checks, next to those of the app.
pub(crate) fn build(site: &Path, is_dev: bool) -> Result<()> {
    let wasm = compile(CRATE, is_dev, &Std::Ordinary)?;
    let bound = scratch("demo-vault");
    bind(&wasm, &bound, "vault", &["--no-typescript", "--omit-default-module-path"])?;
    let module = bound.join("vault_bg.wasm");
    if !is_dev {
        optimize(&module)?;
    }
    let place = site.join("vault_bg.wasm");
    fs::copy(&module, &place).map_err(|error| format!("{} could not be written: {error}.", place.display()))?;
    // One script instead of two, which would be loaded one after the other.
    write(&bound.join("loader.js"), LOADER)?;
    bundle(&bound.join("loader.js"), &site.join(WORKER), &[])?;
    bundle(&path("pkg/ts").join(CHECKS).with_extension("ts"), &site.join(CHECKS), &[])
}
