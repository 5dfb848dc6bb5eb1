//! Compiles the published crate with the oldest versions that it allows: of Rust, and of every dependency.

use std::process::Command;

use crate::build::empty;
use crate::run::{Result, cargo, program, read_text, run, succeeds};
use crate::workspace::{LIBRARY, WASM, path, scratch};

/// Why this machine cannot do it, if it cannot.
pub(crate) fn obstacle() -> Result<Option<String>> {
    let rust = oldest_rust()?;
    let is_there = || succeeds(program("rustup").args(["run", &rust, "rustc", "--version"]));
    let install = ["toolchain", "install", &rust, "--profile", "minimal", "--target", WASM];
    if is_there() || run(program("rustup").args(install)).is_ok() {
        return Ok(None);
    }
    Ok(Some(format!("Rust {rust} is missing: install it with `rustup toolchain install {rust} --target {WASM}`")))
}

/// Compiles the core, the native driver, and the whole library for browsers.
pub(crate) fn check() -> Result<()> {
    let rust = oldest_rust()?;
    run(cargo().args(["package", "--no-verify", "--allow-dirty", "-p", LIBRARY]))?;
    let place = scratch("oldest");
    empty(&place)?;
    let archive = format!("{LIBRARY}-{}", version()?);
    run(program("tar").arg("-xzf").arg(path("target/package").join(format!("{archive}.crate"))).arg("-C").arg(&place))?;
    let folder = place.join(&archive);
    let in_folder = |command: &mut Command| run(command.current_dir(&folder));
    let check = |arguments: &[&str]| {
        let mut command = program("rustup");
        command.args(["run", &rust, "cargo", "check", "--locked", "--target-dir"]).arg(scratch("oldest-target"));
        // Cargo sets these to the toolchain that runs this command.
        in_folder(command.args(arguments).env_remove("RUSTC").env_remove("RUSTDOC").env_remove("RUSTUP_TOOLCHAIN"))
    };
    // With the oldest crates for browsers, the Secret Service's client finds no version of its dependencies that works. The
    // native driver is compiled with the oldest Rust and the newest crates.
    check(&["--no-default-features", "--features", "native"])?;
    // The lock file is the newest versions'. Only the direct dependencies are as old as possible: the floors of the others are
    // their own.
    std::fs::remove_file(folder.join("Cargo.lock")).map_err(|error| format!("The crate has no Cargo.lock: {error}."))?;
    in_folder(cargo().args(["-Zdirect-minimal-versions", "generate-lockfile"]).env("RUSTC_BOOTSTRAP", "1"))?;
    check(&["--no-default-features"])?;
    check(&["--target", WASM, "--features", "page,leptos,yew,testing"])
}

/// The version of Rust that the crate promises to work with.
fn oldest_rust() -> Result<String> {
    manifest_entry("rust-version").map(|version| format!("{version}.0"))
}

fn version() -> Result<String> {
    manifest_entry("version")
}

fn manifest_entry(name: &str) -> Result<String> {
    let manifest = read_text(&path("Cargo.toml"))?;
    let entry = manifest
        .lines()
        .find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('=')?.trim().strip_prefix('"')?.strip_suffix('"'));
    entry.map(str::to_owned).ok_or_else(|| format!("Cargo.toml has no {name}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_come_from_the_manifest() {
        assert!(oldest_rust().unwrap().starts_with("1."));
        assert_eq!(version().unwrap().split('.').count(), 3);
    }
}
