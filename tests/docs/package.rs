//! The files of the published crate.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Every file outside `src`.
const BESIDE_SRC: &[&str] = &[
    ".cargo_vcs_info.json",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "build.rs",
];

/// The files below this folder, by their paths from the root of the crate.
fn files_below(folder: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_dir(root.join(folder))
        .unwrap()
        .map(Result::unwrap)
        .flat_map(|entry| {
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() { files_below(&path) } else { vec![path] }
        })
        .collect()
}

#[test]
fn the_crate_contains_its_sources_and_no_stray_files() {
    let output = Command::new(env!("CARGO")).args(["package", "--list", "--allow-dirty", "--offline"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let mut listed: Vec<&str> = listed.lines().collect();
    listed.sort_unstable();
    let sources = files_below("src");
    let mut expected: Vec<&str> = BESIDE_SRC.iter().copied().chain(sources.iter().map(String::as_str)).collect();
    // Outside of a repository there is no revision to record.
    expected.retain(|file| *file != ".cargo_vcs_info.json" || listed.contains(file));
    expected.sort_unstable();
    assert_eq!(listed, expected);
}
