//! Paths of the repository.

use std::env;
use std::path::{Path, PathBuf};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";
pub(crate) const LIBRARY: &str = "wristband-spa-auth";

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), Path::to_path_buf)
}

/// A path inside the repository.
pub(crate) fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// The path of a tool that cargo installs for this repository only.
pub(crate) fn tool(name: &str) -> PathBuf {
    path("target/tools/bin").join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// A folder for what the commands themselves keep between runs.
pub(crate) fn scratch(name: &str) -> PathBuf {
    path("target/xtask").join(name)
}

/// The arguments for cargo to work on a crate with a separate lock file.
pub(crate) fn apart(folder: &str) -> [String; 4] {
    let target = path("target/apart").to_string_lossy().into_owned();
    ["--manifest-path".into(), manifest(folder), "--target-dir".into(), target]
}

pub(crate) fn manifest(folder: &str) -> String {
    format!("{folder}/Cargo.toml")
}

/// The version of a package in a `Cargo.lock`.
pub(crate) fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

/// The checksum of a crate's archive in a `Cargo.lock`.
pub(crate) fn checksum(lock: &str, name: &str, version: &str) -> Option<String> {
    let start = format!("name = \"{name}\"\nversion = \"{version}\"\n");
    let package = lock.split("\n\n").find_map(|package| package.split_once(&start).map(|(_, rest)| rest))?;
    let checksum = package.lines().find_map(|line| line.strip_prefix("checksum = \""))?;
    Some(checksum.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "wasm-bindgen-futures"
version = "0.4.80"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
dependencies = [
 "wasm-bindgen-macro",
]
"#;

    #[test]
    fn a_version_is_found_by_the_exact_package_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm-bindgen-macro"), None);
        assert_eq!(locked_version("", "wasm-bindgen"), None);
    }
}
