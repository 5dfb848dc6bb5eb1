//! Runs other programs.

use std::env;
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::workspace::root;

pub(crate) type Result<T> = std::result::Result<T, String>;

/// Prints a line. A closed output is no reason to fail.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A program, started in the root of the repository.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    // `cargo run` describes xtask's own package in these. A build script that depends on one of them,
    // as that of `ring` does, would run again after every switch between `cargo xtask` and `cargo`.
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy();
        let own =
            ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
        if name.starts_with("CARGO_PKG_") || own.contains(&name.as_ref()) {
            command.env_remove(&variable);
        }
    }
    command
}

pub(crate) fn cargo() -> Command {
    program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

pub(crate) fn rustc() -> Command {
    program(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

pub(crate) fn node() -> Command {
    program("node")
}

/// Runs a program whose output is shown as it comes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status}).", shown(command))) }
}

/// Runs a program and returns its output, without showing it.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(format!("`{}` failed ({}).", shown(command), output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Whether a program exists and succeeds. Its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs a program, passes every line of its output to `each`, and returns whether it succeeded.
pub(crate) fn lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n').map_while(std::result::Result::ok) {
            each(String::from_utf8_lossy(&line).trim_end_matches('\r'));
        }
    }
    let status = child.wait().map_err(|error| format!("`{}` was lost: {error}.", shown(command)))?;
    Ok(status.success())
}

/// The message for a program that could not be started.
pub(crate) fn not_started(command: &Command, error: &std::io::Error) -> String {
    let name = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy();
    match (name.as_ref(), error.kind()) {
        ("node" | "npm", ErrorKind::NotFound) => format!("{name} is missing: install Node 20.19 or newer, which brings npm."),
        ("rustc" | "rustup" | "cargo", ErrorKind::NotFound) => format!("{name} is missing: install Rust with rustup."),
        (_, ErrorKind::NotFound) => format!("{name} is missing: it should be at {}.", command.get_program().to_string_lossy()),
        _ => format!("{name} could not be started: {error}."),
    }
}

/// The command as a user would type it, without the program's folder.
fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(name).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

pub(crate) fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| format!("{} could not be read: {error}.", file.display()))
}

pub(crate) fn read_text(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| format!("{} could not be read: {error}.", file.display()))
}

pub(crate) fn write(file: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    let made = file.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(file, content)).map_err(|error| format!("{} could not be written: {error}.", file.display()))
}
