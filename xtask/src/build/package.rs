//! Builds the npm package: `pkg/dist`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::build::optimize::optimize_and_rename;
use crate::build::standard::{self, Std};
use crate::build::{assets, bind, compile, empty, replace};
use crate::npm;
use crate::run::{Result, capture, node, read, read_text, run, say, write};
use crate::size;
use crate::workspace::{path, scratch};

const CRATE: &str = "wristband-spa-auth-pkg";

/// The module as wasm-bindgen leaves it, with the names that wasm-opt strips.
pub(crate) const NAMED: &str = "pkg-bindings/bindings_bg.wasm";

/// Builds `pkg/dist`.
pub(crate) fn build(is_dev: bool) -> Result<()> {
    say("Building pkg");
    let std = if is_dev { Std::Ordinary } else { standard::for_publishing()? };
    let wasm = compile(CRATE, is_dev, &std)?;
    // By default the glue would look for the module under a name that is not published.
    bind(&wasm, &scratch("pkg-bindings"), "bindings", &["--omit-default-module-path"])?;
    let staged = scratch("pkg-dist");
    empty(&staged)?;
    take(&scratch(NAMED), &staged.join("vault.wasm"))?;
    let mut glue = read_text(&scratch("pkg-bindings/bindings.js"))?;
    if !is_dev {
        glue = optimize_and_rename(&staged.join("vault.wasm"))?.shorten(&glue)?;
    }
    put(&path("pkg/ts/bindings.js"), glue.as_bytes())?;
    take(&scratch("pkg-bindings/bindings.d.ts"), &path("pkg/ts/bindings.d.ts"))?;
    declare(&staged)?;
    // Before every build of the Rust library, which includes it.
    put(&path(CLIENT), &read(&client()?)?)?;
    whole_vault(&staged.join("vault.wasm"))?;
    let integrity = integrity(&staged.join("vault.wasm"))?;
    bundle(&path("pkg/ts/index.ts"), &staged.join("index.js"), &[])?;
    bundle(&path("pkg/ts/vault.ts"), &staged.join("vault.js"), &[&format!("--define:WASM_INTEGRITY=\"{integrity}\"")])?;
    for entry in ENTRIES {
        bundle(&path("pkg/ts").join(entry).with_extension("ts"), &staged.join(entry).with_extension("js"), &[])?;
    }
    keep_from_bundlers(&staged.join("index.js"))?;
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        take(&path(file), &staged.join(file))?;
    }
    replace(&staged, &path("pkg/dist"))?;
    size::report(size::PKG)
}

/// The entry points that an app loads only if it imports them.
const ENTRIES: &[&str] = &["checks", "configure", "diagnose", "react", "svelte", "testing", "vue"];

/// The page's client, as Rust apps include it. It is committed: their builds have no Node.
const CLIENT: &str = "src/client/client.js";

/// The worker of Rust apps: one script that contains the module. It is not committed, but the published crate contains it.
pub(crate) const WORKER: &str = "src/client/vault.js";

fn whole_vault(module: &Path) -> Result<()> {
    let folder = scratch("whole-vault");
    empty(&folder)?;
    take(module, &folder.join("vault.wasm"))?;
    assets::compress(&folder, &[])?;
    let script = folder.join("vault.js");
    let module = format!("--alias:vault.wasm.gz={}", folder.join("vault.wasm.gz").display());
    bundle(&path("pkg/ts/whole_vault.ts"), &script, &[&module, "--loader:.gz=binary"])?;
    put(&path(WORKER), &read(&script)?)
}

/// Builds the page's client from its sources, and returns its path.
fn client() -> Result<PathBuf> {
    let bundled = scratch("client.js");
    bundle(&path("pkg/ts/client/index.ts"), &bundled, &[])?;
    keep_from_bundlers(&bundled)?;
    write(&bundled, ["// Made from pkg/ts/client by `cargo xtask build pkg`.\n", &read_text(&bundled)?].concat())?;
    Ok(bundled)
}

/// Fails if the committed client differs from the build of its sources.
pub(crate) fn check_client() -> Result<()> {
    if read(&client()?)? == read(&path(CLIENT))? {
        return Ok(());
    }
    Err(format!("{CLIENT} differs from the build of pkg/ts/client: run `cargo xtask build pkg`, and commit it."))
}

/// Checks the types of everything in `pkg/ts`, and writes the published declarations.
fn declare(staged: &Path) -> Result<()> {
    let all = scratch("pkg-types");
    empty(&all)?;
    let mut tsc = npm::tool("typescript/bin/tsc");
    tsc.arg("--project").arg(path("pkg/tsconfig.json"));
    run(tsc.args(["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir"]).arg(&all))?;
    for file in published(&read_text(&path("pkg/package.json"))?)? {
        if let Some(name) = file.strip_prefix("dist/").filter(|name| name.ends_with(".d.ts")) {
            take(&all.join(name), &staged.join(name))?;
        }
    }
    Ok(())
}

/// The digest of a file, as browsers compare it with what they load (Subresource Integrity). Node computes it: it is
/// required anyway, and no crate has to be compiled for it.
fn integrity(file: &Path) -> Result<String> {
    Ok(capture(node().args(["-e", include_str!("integrity.cjs"), "--"]).arg(file))?.trim().to_owned())
}

/// Bundles a script with all its imports.
pub(crate) fn bundle(script: &Path, bundled: &Path, options: &[&str]) -> Result<()> {
    let mut esbuild = npm::tool("esbuild/bin/esbuild");
    esbuild.arg(script).args(options).args([
        "--bundle",
        "--external:./checks.js",
        "--external:./index.js",
        // Peer dependencies: the app has them.
        "--packages=external",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--log-level=warning",
    ]);
    run(esbuild.arg(format!("--outfile={}", bundled.display())))
}

/// Makes the bundlers of apps ignore the URL of the vault, or of the checks: it is known only in the browser.
fn keep_from_bundlers(file: &Path) -> Result<()> {
    write(file, marked(&read_text(file)?).ok_or_else(|| format!("{} does not have one import() as expected.", file.display()))?)
}

/// A script with webpack's and Vite's marks on its only `import()`. esbuild drops them with all other comments.
fn marked(script: &str) -> Option<String> {
    let (before, after) = script.split_once(IMPORT)?;
    (!after.contains(IMPORT)).then(|| [before, IMPORT, "/*webpackIgnore:true*//*@vite-ignore*/", after].concat())
}

const IMPORT: &str = "import(";

/// The files that a `package.json` lists.
pub(crate) fn published(manifest: &str) -> Result<Vec<String>> {
    let manifest: Value = serde_json::from_str(manifest).map_err(|error| format!("pkg/package.json is not JSON: {error}."))?;
    let files = manifest.get("files").and_then(Value::as_array).ok_or("pkg/package.json lists no files.")?;
    Ok(files.iter().filter_map(Value::as_str).map(String::from).collect())
}

fn take(from: &Path, to: &Path) -> Result<()> {
    put(to, &read(from)?)
}

fn put(file: &Path, content: &[u8]) -> Result<()> {
    // An unchanged file keeps its time, so that editors do not reload it.
    if fs::read(file).is_ok_and(|there| there == content) { Ok(()) } else { write(file, content) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = include_str!("../../../pkg/package.json");

    #[test]
    fn the_npm_package_has_the_version_of_its_crate() {
        let of_crate = include_str!("../../../pkg/Cargo.toml").lines().find_map(|line| line.strip_prefix("version = "));
        let lock: Value = serde_json::from_str(include_str!("../../../pkg/package-lock.json")).unwrap();
        let manifest: Value = serde_json::from_str(MANIFEST).unwrap();
        for json in [manifest, lock] {
            assert_eq!(Some(json["version"].to_string().as_str()), of_crate);
        }
        // Rust apps may use the package's worker, which has to be of the library's version.
        let of_library = include_str!("../../../Cargo.toml").lines().find_map(|line| line.strip_prefix("version = "));
        assert_eq!(of_library, of_crate);
        let said =
            include_str!("../../../pkg/ts/version.ts").split_once("VERSION = ").map(|(_, rest)| rest.trim_end_matches(";\n"));
        assert_eq!(said, of_crate);
    }

    #[test]
    fn the_only_import_is_marked_for_bundlers() {
        let marked_script = "const a=await import(/*webpackIgnore:true*//*@vite-ignore*/b);";
        assert_eq!(marked("const a=await import(b);").as_deref(), Some(marked_script));
        assert_eq!(marked("const a=b;"), None);
        assert_eq!(marked("import(a);import(b)"), None);
    }

    #[test]
    fn files_are_listed_by_name() {
        let files = published(MANIFEST).unwrap();
        assert!(files.iter().all(|file| file.starts_with("dist/") && !file.contains('*')), "{files:?}");
        assert!(published("{}").is_err());
    }
}
