//! Checks the npm package as users get it: packed, and installed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::build::docs;
use crate::build::package::{WORKER, published};
use crate::build::{copy, empty};
use crate::npm::{self, npm};
use crate::run::{Result, capture, cargo, read_text, run, write};
use crate::workspace::{LIBRARY, path, scratch};

/// npm adds these to what `files` lists.
const ALWAYS: &[&str] = &["README.md", "package.json"];

/// The package has exactly the listed files, and the tools that check packages report nothing.
pub(crate) fn contents() -> Result<()> {
    let (archive, files) = pack()?;
    let listed = published(&read_text(&path("pkg/package.json"))?)?;
    compare(&files, &listed)?;
    run(npm::tool("publint/src/cli.js").arg("run").arg(&archive).arg("--strict"))?;
    let mut attw = npm::tool("@arethetypeswrong/cli/dist/index.js");
    attw.arg(&archive).args(["--profile", "esm-only", "--format", "ascii", "--no-emoji"]);
    // An app only uses its URL: a wasm file has no types.
    run(attw.args(["--exclude-entrypoints", "./vault.wasm"]))
}

/// Everything that publishing does, except the upload.
pub(crate) fn publish_dry_run() -> Result<()> {
    let files = capture(cargo().args(["package", "--list", "--allow-dirty", "-p", LIBRARY]))?;
    if !files.lines().any(|file| file == WORKER) {
        return Err(format!("The crate would be published without {WORKER}: run `cargo xtask build pkg`."));
    }
    // Uncommitted files are no reason to refuse here.
    run(cargo().args(["publish", "--dry-run", "--allow-dirty", "-p", LIBRARY]))?;
    for folder in ["pkg", "demo/provider"] {
        run(npm().args(["publish", "--dry-run", "--access", "public", "--loglevel=error"]).current_dir(path(folder)))?;
    }
    Ok(())
}

/// The types check in an app that installed the package, and in the examples of the documentation.
pub(crate) fn types() -> Result<()> {
    let (archive, _) = pack()?;
    let app = scratch("pkg-app");
    empty(&app)?;
    write(&app.join("package.json"), r#"{ "private": true, "type": "module" }"#)?;
    run(npm().args(["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error"]).arg(archive).current_dir(&app))?;
    copy(&path("pkg/types"), &app)?;
    for (name, example) in docs::typescript()? {
        write(&app.join(name), example)?;
    }
    run(npm::tool("typescript/bin/tsc").arg("--project").arg(app.join("tsconfig.json")))
}

/// Packs the package, and returns the archive's path and the files in it.
pub(crate) fn pack() -> Result<(PathBuf, Vec<String>)> {
    let folder = scratch("pkg-pack");
    empty(&folder)?;
    let printed =
        capture(npm().args(["pack", "--json", "--loglevel=error", "--pack-destination"]).arg(&folder).current_dir(path("pkg")))?;
    let (name, files) = read_pack(&printed).ok_or("`npm pack` did not print what it packed.")?;
    Ok((folder.join(name), files))
}

/// The archive's name and its files, as `npm pack --json` prints them.
fn read_pack(printed: &str) -> Option<(String, Vec<String>)> {
    let packed: Value = serde_json::from_str(printed).ok()?;
    let packed = packed.get(0)?;
    let files = packed.get("files")?.as_array()?;
    let files = files.iter().filter_map(|file| file.get("path")?.as_str().map(String::from)).collect();
    Some((packed.get("filename")?.as_str()?.to_owned(), files))
}

fn compare(packed: &[String], listed: &[String]) -> Result<()> {
    let packed: BTreeSet<&str> = packed.iter().map(String::as_str).collect();
    let listed: BTreeSet<&str> = listed.iter().map(String::as_str).chain(ALWAYS.iter().copied()).collect();
    let missing = listed.difference(&packed).map(|file| format!("lacks {file}"));
    let stray = packed.difference(&listed).map(|file| format!("has {file}, which is not listed"));
    let wrong: Vec<String> = missing.chain(stray).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("The npm package {}.", wrong.join(", and "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(files: &[&str]) -> Vec<String> {
        files.iter().map(|file| (*file).to_owned()).collect()
    }

    #[test]
    fn the_output_of_npm_pack_is_read() {
        let printed = r#"[{ "filename": "a-1.0.0.tgz", "files": [{ "path": "README.md", "size": 3 }] }]"#;
        assert_eq!(read_pack(printed), Some(("a-1.0.0.tgz".into(), owned(&["README.md"]))));
        assert_eq!(read_pack("[]"), None);
    }

    #[test]
    fn missing_and_stray_files_are_named() {
        let listed = owned(&["dist/index.js"]);
        assert_eq!(compare(&owned(&["package.json", "README.md", "dist/index.js"]), &listed), Ok(()));
        let problem = compare(&owned(&["package.json", "README.md", ".gitignore"]), &listed).unwrap_err();
        assert_eq!(problem, "The npm package lacks dist/index.js, and has .gitignore, which is not listed.");
    }
}
