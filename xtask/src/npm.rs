//! Installs npm packages from their lock files.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::run::{Result, capture, node, program, run, say};
use crate::workspace::path;

/// The folders with separate npm packages, each with a lock file.
pub(crate) const FOLDERS: [&str; 14] = [
    "pkg",
    "demo/provider",
    BENCH,
    "tests/e2e",
    "tests/engines",
    "tests/packaging",
    "tests/frameworks/angular",
    "tests/frameworks/clients",
    "tests/frameworks/next",
    "tests/frameworks/react",
    "tests/frameworks/solid",
    "tests/frameworks/svelte",
    "tests/frameworks/testing",
    "tests/frameworks/vue",
];

/// The folder with the libraries for comparison. Only the benchmark needs them.
pub(crate) const BENCH: &str = "bench";

/// The oldest major version of Node that everything runs on.
const OLDEST_NODE: u32 = 20;

/// Installs the packages of a folder if they are missing or older than the lock file. A folder without a lock file has none.
pub(crate) fn install(folder: &str) -> Result<()> {
    let folder_path = path(folder);
    if !folder_path.join("package-lock.json").exists() || is_fresh(&folder_path) {
        return Ok(());
    }
    require_node()?;
    say(format_args!("Installing the npm packages of {folder}"));
    run(npm().args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder_path))
}

pub(crate) fn npm() -> Command {
    // On Windows npm is a script, which is not found by its bare name.
    program(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// A program of one of the packages that building and checking the npm package needs: a script, which works on all systems.
pub(crate) fn tool(script: &str) -> Command {
    let mut command = node();
    command.arg(path("pkg/node_modules").join(script));
    command
}

fn require_node() -> Result<()> {
    let version = capture(node().arg("--version"))?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|number| number.parse::<u32>().ok());
    match major {
        Some(major) if major < OLDEST_NODE => Err(format!("Node {version} is too old: install Node 20.19 or newer.")),
        _ => Ok(()),
    }
}

/// npm writes its own copy of the lock file last, so an interrupted install is never considered fresh.
fn is_fresh(folder: &Path) -> bool {
    let (lock, installed) = (folder.join("package-lock.json"), folder.join("node_modules/.package-lock.json"));
    matches!((changed(&lock), changed(&installed)), (Some(lock), Some(installed)) if installed >= lock)
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// `npm ci` refuses a lock file that leaves one out, and a registry that does not have a version's files for all platforms
    /// leaves them out.
    #[test]
    fn lock_files_name_every_optional_package() {
        for folder in FOLDERS {
            let lock = fs::read_to_string(path(folder).join("package-lock.json")).unwrap();
            let lock: Value = serde_json::from_str(&lock).unwrap();
            let packages = lock["packages"].as_object().unwrap();
            for (package, entry) in packages {
                for name in entry["optionalDependencies"].as_object().into_iter().flat_map(|names| names.keys()) {
                    let locked = packages.keys().any(|key| key.ends_with(&format!("node_modules/{name}")));
                    assert!(locked, "{folder}: {name}, which {package} names, is not locked");
                }
            }
        }
    }
}
