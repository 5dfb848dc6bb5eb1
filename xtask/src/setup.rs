//! Installs what the other commands need, if it is missing.

use std::fs;
use std::path::Path;

use crate::build::standard;
use crate::flags::Flags;
use crate::npm;
use crate::run::{Result, capture, cargo, program, read_text, run, rustc, say};
use crate::test::browsers;
use crate::test::engines;
use crate::test::nginx;
use crate::test::python;
use crate::workspace::{WASM, locked_version, path, tool};

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    Flags::read(arguments, &[], &[])?.no_words()?;
    to_build()?;
    standard::for_publishing()?;
    for folder in npm::FOLDERS.iter().filter(|folder| **folder != npm::BENCH) {
        npm::install(folder)?;
    }
    let browser = browsers::find_or_install()?;
    let engines = engines::find_or_install(|_| true);
    let nginx = nginx::find_or_fetch();
    let python = python::with_sdk();
    for sentence in engines.missing.iter().chain(nginx.as_ref().err()).chain(python.as_ref().err()) {
        say(format_args!("{sentence} The tests skip it."));
    }
    say(format_args!("Everything is installed. The tests use {} and {}.", browser.chromium.display(), browser.driver.display()));
    let programs = engines.found.iter().flat_map(|engine| &engine.programs).map(|(_, program)| program);
    for program in programs.chain(nginx.as_ref().ok()).chain(python.as_ref().ok()) {
        say(format_args!("They also use {}.", program.display()));
    }
    Ok(())
}

/// What a build needs: no browser and no test packages.
pub(crate) fn to_build() -> Result<()> {
    wasm_target()?;
    wasm_bindgen()?;
    npm::install("pkg")
}

/// Rust's standard library for wasm.
pub(crate) fn wasm_target() -> Result<()> {
    let folder = capture(rustc().args(["--print", "target-libdir", "--target", WASM]))?;
    if has_core(Path::new(&folder)) {
        return Ok(());
    }
    say(format_args!("Installing Rust's {WASM} target"));
    run(program("rustup").args(["target", "add", WASM]))
        .map_err(|_| format!("Rust's {WASM} target is missing: install it with `rustup target add {WASM}`."))
}

fn has_core(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

/// The tools of wasm-bindgen. They need exactly the library's version.
pub(crate) fn wasm_bindgen() -> Result<()> {
    let lock = read_text(&path("Cargo.lock"))?;
    let version =
        locked_version(&lock, "wasm-bindgen").ok_or("Cargo.lock has no wasm-bindgen: `cargo update --workspace` adds it.")?;
    if is_installed(&version) {
        return Ok(());
    }
    say(format_args!("Installing wasm-bindgen {version} into target/tools: takes a few minutes, once"));
    let package = format!("wasm-bindgen-cli@{version}");
    // Not `--locked`: the lock file that this package was published with does not resolve on every system.
    run(cargo()
        .args(["install", &package, "--force", "--bin", "wasm-bindgen", "--bin", "wasm-bindgen-test-runner", "--root"])
        .arg(path("target/tools")))
}

/// The tool that builds fuzz targets. It comes from the registry, and needs only stable Rust.
pub(crate) fn cargo_fuzz() -> Result<()> {
    if tool("cargo-fuzz").exists() {
        return Ok(());
    }
    say("Installing cargo-fuzz into target/tools: takes a minute, once");
    run(cargo().args(["install", "cargo-fuzz@0.13.2", "--locked", "--root"]).arg(path("target/tools")))
        .map_err(|_| "cargo-fuzz is missing and could not be installed: nothing was fuzzed.".into())
}

/// The tool that reads `deny.toml`. Its version determines the format of that file.
pub(crate) fn cargo_deny() -> Result<()> {
    let is_there = |printed: String| printed == format!("cargo-deny {CARGO_DENY}");
    if tool("cargo-deny").exists() && capture(program(tool("cargo-deny")).arg("--version")).is_ok_and(is_there) {
        return Ok(());
    }
    say(format_args!("Installing cargo-deny {CARGO_DENY} into target/tools: once, some minutes"));
    let package = format!("cargo-deny@{CARGO_DENY}");
    run(cargo().args(["install", &package, "--locked", "--force", "--root"]).arg(path("target/tools")))
}

const CARGO_DENY: &str = "0.20.2";

fn is_installed(version: &str) -> bool {
    let bindgen = tool("wasm-bindgen");
    bindgen.exists()
        && tool("wasm-bindgen-test-runner").exists()
        && capture(program(bindgen).arg("--version")).is_ok_and(|printed| printed == format!("wasm-bindgen {version}"))
}
