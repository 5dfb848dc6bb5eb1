//! Finds out whether the worker's script has been built. The published crate contains it. A checkout does not.

use std::env;
use std::path::Path;

/// What `cargo xtask build pkg` makes.
const WORKER: &str = "src/client/vault.js";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(has_worker)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={WORKER}");
    let is_for_browser = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    if env::var_os("CARGO_FEATURE_WORKER").is_none() || !is_for_browser {
        return;
    }
    if Path::new(WORKER).exists() {
        println!("cargo::rustc-cfg=has_worker");
    } else {
        println!(
            "cargo::warning=the app gets no worker, because {WORKER} was not built: run `cargo xtask build pkg` in the repository of wristband-spa-auth"
        );
    }
}
