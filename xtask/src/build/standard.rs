//! Which standard library a module is built with: Rust's ordinary one, or one rebuilt to be small.

use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Result, capture, program, run, rustc, say, succeeds};
use crate::workspace::{WASM, scratch};

/// The standard library of a module.
pub(crate) enum Std {
    Ordinary,
    /// Compiled with the module, with the flags below.
    Rebuilt,
}

/// The flags for the published module and its standard library.
const FLAGS: &[&str] = &[
    // Makes a stable compiler accept the others.
    "-Zunstable-options",
    // A panic ends the module at once. In a browser its message is not read, and the code that writes it is large.
    "-Cpanic=immediate-abort",
    // `Debug` output is for developers of the library, who use another build.
    "-Zfmt-debug=none",
    "-Zlocation-detail=none",
    // A loop instead of unrolled rounds: a tenth of the size, and still far faster than a request.
    "--cfg=sha2_backend_soft=\"compact\"",
    // The stack is below everything else: the smaller it is, the shorter is every address in the
    // code. Recursion is bounded (JSON, values from JavaScript), and an overflow traps.
    "-Clink-arg=-zstack-size=65536",
    // JavaScript values are numbers in a list of the glue. A table in the module would need one
    // more function per import, to read and write it.
    "-Ctarget-feature=-reference-types",
];

/// The flags for the module only, which is compiled once more together with everything below it.
const LAST_FLAGS: &[&str] = &[
    // A copy of more than one word is one instruction, instead of a load and a store for each.
    "-Cllvm-args=--max-store-memcpy=1 --max-store-memmove=1 --max-store-memset=1",
    // Passes that make a loop faster, or merge repeated code, make it longer or compress worse; and a call
    // is worth more than it seems if only the size counts.
    "-Cllvm-args=--disable-lsr --disable-machine-cse --inline-call-penalty=45",
    // Nor is a value that exists on only one path computed on the others, to have it on all.
    "-Cllvm-args=--enable-pre=false --enable-load-pre=false",
];

/// The options with which cargo compiles the standard library.
const REBUILD: &[&str] = &[
    "-Zbuild-std=std,panic_abort",
    // Chooses the smaller variant if the library has two.
    "-Zbuild-std-features=optimize_for_size",
];

impl Std {
    /// Adds the options for this standard library to a `cargo rustc` command, at its end.
    pub(crate) fn choose(&self, command: &mut Command) {
        if let Self::Rebuilt = self {
            command.args(REBUILD).env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
            // Separate from all other builds: so neither replaces the other's artifacts.
            command.arg("--target-dir").arg(scratch("published"));
            command.arg("--").args(LAST_FLAGS);
        }
    }
}

/// Why the standard library cannot be rebuilt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    NoSource,
    OldRust,
}

impl Display for Obstacle {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoSource => "rust-src is missing: install it with `rustup component add rust-src`",
            Self::OldRust => "this version of Rust does not know the flags: update it with `rustup update stable`",
        })
    }
}

/// The standard library for publishing, after its source was installed if that is possible.
pub(crate) fn for_publishing() -> Result<Std> {
    let mut obstacle = obstacle()?;
    if obstacle == Some(Obstacle::NoSource) {
        say("Installing Rust's own source, rust-src");
        if run(program("rustup").args(["component", "add", "rust-src"])).is_ok() {
            obstacle = self::obstacle()?;
        }
    }
    let Some(obstacle) = obstacle else { return Ok(Std::Rebuilt) };
    say(format_args!("The wasm becomes larger, because it uses Rust's ordinary standard library: {obstacle}."));
    Ok(Std::Ordinary)
}

/// What prevents the standard library from being rebuilt, if anything.
pub(crate) fn obstacle() -> Result<Option<Obstacle>> {
    let sysroot = PathBuf::from(capture(rustc().args(["--print", "sysroot"]))?);
    let knows_flags = || {
        let mut probe = rustc();
        probe.args(FLAGS).args(LAST_FLAGS).args(["--print", "cfg", "--target", WASM]).env("RUSTC_BOOTSTRAP", "1");
        succeeds(&mut probe)
    };
    Ok(obstacle_in(&sysroot, knows_flags))
}

fn obstacle_in(sysroot: &Path, knows_flags: impl FnOnce() -> bool) -> Option<Obstacle> {
    // The file that cargo looks for.
    if !sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").is_file() {
        return Some(Obstacle::NoSource);
    }
    (!knows_flags()).then_some(Obstacle::OldRust)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::write;

    #[test]
    fn std_is_rebuilt_only_with_its_source_and_a_recent_compiler() {
        let sysroot = std::env::temp_dir().join(format!("wristband-xtask-sysroot-{}", std::process::id()));
        assert_eq!(obstacle_in(&sysroot, || true), Some(Obstacle::NoSource));
        write(&sysroot.join("lib/rustlib/src/rust/library/Cargo.lock"), "version = 4").unwrap();
        assert_eq!(obstacle_in(&sysroot, || false), Some(Obstacle::OldRust));
        assert_eq!(obstacle_in(&sysroot, || true), None);
        std::fs::remove_dir_all(&sysroot).unwrap();
    }

    #[test]
    fn only_the_rebuilt_std_has_its_own_flags_and_target_folder() {
        let mut command = Command::new("cargo");
        Std::Ordinary.choose(&mut command);
        assert_eq!((command.get_args().count(), command.get_envs().count()), (0, 0));
        Std::Rebuilt.choose(&mut command);
        assert!(command.get_args().any(|argument| argument == "--target-dir"));
        assert!(command.get_envs().any(|(name, _)| name == "CARGO_ENCODED_RUSTFLAGS"));
    }
}
