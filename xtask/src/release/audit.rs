//! Checks the dependencies: every crate and npm package that the library is made, built or tested with.

use crate::flags::Flags;
use crate::npm::{self, npm};
use crate::run::{Result, program, run, say};
use crate::setup;
use crate::workspace::{path, tool};

/// The cargo-deny checks that need no network.
const AT_HAND: &[&str] = &["bans", "licenses", "sources"];

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &["--offline"], &[])?;
    flags.no_words()?;
    setup::cargo_deny()?;
    let mut problems: Vec<String> = crates().err().into_iter().collect();
    if flags.has("--offline") {
        say("Advisories and signatures were not checked: they need the network.");
    } else {
        problems.extend(advisories().err());
        problems.extend(npm::FOLDERS.iter().filter_map(|folder| signatures(folder).err()));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// Whether the crates are from known sources, under allowed licences. `deny.toml` lists both.
pub(crate) fn crates() -> Result<()> {
    run(program(tool("cargo-deny")).args(["--offline", "--locked", "check"]).args(AT_HAND))
}

/// Whether a crate has a known vulnerability, is abandoned or was withdrawn.
fn advisories() -> Result<()> {
    run(program(tool("cargo-deny")).args(["--locked", "check", "advisories"]))
}

/// Whether the registry signed the npm packages of a folder.
fn signatures(folder: &str) -> Result<()> {
    npm::install(folder)?;
    say(format_args!("Checking the signatures of the npm packages of {folder}"));
    run(npm().args(["audit", "signatures", "--fetch-retries=1"]).current_dir(path(folder)))
        .map_err(|problem| format!("{folder}: {problem}"))
}
