//! Builds the demo, and contains what both builds share.

pub(crate) mod assets;
pub(crate) mod docs;
pub(crate) mod examples;
pub(crate) mod headers;
pub(crate) mod names;
pub(crate) mod optimize;
pub(crate) mod package;
pub(crate) mod page;
pub(crate) mod policy;
pub(crate) mod rust_page;
pub(crate) mod standard;
pub(crate) mod tauri;
pub(crate) mod worker;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::build::assets::{compress, files, name_by_content};
use crate::build::optimize::optimize;
use crate::build::policy::Policy;
use crate::build::standard::Std;
use crate::flags::Flags;
use crate::run::{Result, capture, cargo, lines, program, read, read_text, run, say, write};
use crate::setup;
use crate::size;
use crate::workspace::{WASM, apart, path, scratch, tool};

const DEMO: &str = "wristband-spa-auth-demo";

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &["--dev", "--policy-in-page"], &["--config", "--connect"])?;
    if let Some(other) = flags.words.iter().find(|word| !["pkg", "demo", "examples", "tauri"].contains(&word.as_str())) {
        return Err(format!("\"{other}\" cannot be built: use pkg, demo, examples, tauri, or nothing for the first two."));
    }
    let wanted = |name: &str| flags.words.is_empty() || flags.words.iter().any(|word| word == name);
    let is_dev = flags.has("--dev");
    setup::to_build()?;
    if wanted("pkg") {
        package::build(is_dev)?;
    }
    if wanted("demo") {
        demo(&Demo {
            is_dev,
            config: flags.last("--config").map(PathBuf::from),
            connect: flags.all("--connect"),
            policy_in_page: flags.has("--policy-in-page"),
        })?;
    }
    if flags.words.iter().any(|word| word == "examples") {
        examples::build(is_dev)?;
    }
    if flags.words.iter().any(|word| word == "tauri") {
        tauri::build(is_dev)?;
    }
    Ok(())
}

/// How the demo is built, and for which deployment.
#[derive(Default)]
pub(crate) struct Demo<'a> {
    pub(crate) is_dev: bool,
    /// The file with the settings, in place of those for the local provider.
    pub(crate) config: Option<PathBuf>,
    /// Origins that pages may connect to, in addition to those in the settings.
    pub(crate) connect: Vec<&'a str>,
    /// Whether the page contains the policy, for hosts that send no headers.
    pub(crate) policy_in_page: bool,
}

/// Files that are looked up by these names. Everything else is named by its content.
const FIXED: &[&str] = &[".nojekyll", "404.html", worker::CHECKS, SETTINGS, "index.html", policy::WORKER];

/// Read when the app starts. An operator may edit this file after deployment.
const SETTINGS: &str = "config.json";

/// Builds `demo/dist`, a static site that is ready for any host.
pub(crate) fn demo(demo: &Demo<'_>) -> Result<()> {
    say("Building demo");
    let settings = read_text(&demo.config.clone().unwrap_or_else(|| path("demo/public").join(SETTINGS)))?;
    let policy = policy_of(&settings, &demo.connect)?;
    // Not built as the published package is: with its small stack and its silent panics a Leptos app
    // would end without a message.
    let wasm = compile(DEMO, demo.is_dev, &Std::Ordinary)?;
    let staged = scratch("demo-dist");
    // Without the default, the glue loads no file but those that the page passes to it.
    bind(&wasm, &staged, "app", &["--no-typescript", "--omit-default-module-path"])?;
    if !demo.is_dev {
        optimize(&staged.join("app_bg.wasm"))?;
    }
    worker::build(&staged, demo.is_dev)?;
    copy(&path("demo/public"), &staged)?;
    write(&staged.join(SETTINGS), settings)?;
    write(&staged.join("start.js"), page::START_JS)?;
    let (imported, others) = snippets(&staged)?;
    // The demo's own worker contains them.
    others.iter().try_for_each(|name| remove_file(&staged.join(name)))?;
    let mut index = page::index_html(&read_text(&path("demo/index.html"))?, &imported)?;
    if demo.policy_in_page {
        index = page::with_policy(&index, &policy.in_page())?;
    }
    write(&staged.join("index.html"), &index)?;
    // Static hosts answer with this page if there is no file: for the paths that only the app knows.
    write(&staged.join("404.html"), &index)?;
    // GitHub Pages would leave out files that start with an underscore.
    write(&staged.join(".nojekyll"), "")?;
    name_by_content(&staged, FIXED)?;
    if !demo.is_dev {
        compress(&staged, &[SETTINGS])?;
    }
    write(&staged.join("_headers"), headers::text(&headers::rules(&policy, &files(&staged)?)))?;
    replace(&staged, &path("demo/dist"))?;
    size::report(size::DEMO)
}

fn policy_of(settings: &str, connect: &[&str]) -> Result<Policy> {
    let settings = serde_json::from_str(settings).map_err(|error| format!("The settings are not JSON: {error}."))?;
    let policy = Policy::of(&settings, connect)?;
    if !policy.names_the_worker() {
        say("The settings have no redirectUri, so the policy allows any script of the site's origin as a worker.");
    }
    Ok(policy)
}

/// Builds a package for wasm and returns where cargo put the module.
pub(crate) fn compile(package: &str, is_dev: bool, std: &Std) -> Result<PathBuf> {
    let mut command = cargo_rustc(package);
    if !is_dev {
        command.arg("--release");
    }
    std.choose(&mut command);
    module(&mut command, package)
}

/// The common part of a build for wasm.
pub(crate) fn cargo_rustc(package: &str) -> Command {
    let mut command = cargo();
    command.args(["rustc", "--locked", "--package", package, "--target", WASM, "--message-format", "json-render-diagnostics"]);
    command
}

/// The same for a package with a separate lock file.
pub(crate) fn cargo_rustc_apart(package: &str, folder: &str) -> Command {
    let mut command = cargo_rustc(package);
    command.args(apart(folder));
    command
}

/// Runs such a build and returns where cargo put the module.
pub(crate) fn module(command: &mut Command, package: &str) -> Result<PathBuf> {
    let mut wasm = None;
    let is_built = lines(command, |line| wasm = wasm_of(line).or_else(|| wasm.take()))?;
    if !is_built {
        return Err(format!("{package} could not be built."));
    }
    wasm.ok_or_else(|| format!("{package} builds no wasm module: it needs a binary or a cdylib."))
}

/// Makes a module usable from JavaScript: puts it into an empty folder, with its glue.
pub(crate) fn bind(wasm: &Path, folder: &Path, name: &str, options: &[&str]) -> Result<()> {
    empty(folder)?;
    let mut command = program(tool("wasm-bindgen"));
    run(command.arg(wasm).args(["--target", "web", "--out-name", name, "--out-dir"]).arg(folder).args(options))
}

/// The scripts of libraries, such as the page's client of this one: those that the app's glue imports, and the others, which are for
/// workers.
pub(crate) fn snippets(folder: &Path) -> Result<(Vec<String>, Vec<String>)> {
    let glue = read_text(&folder.join("app.js"))?;
    let all = files(folder)?.into_iter().filter(|name| name.starts_with("snippets/"));
    Ok(all.partition(|name| glue.contains(&format!("'./{name}'"))))
}

/// The wasm file in one of cargo's messages.
fn wasm_of(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let files = message.get("filenames")?.as_array()?;
    files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".wasm")).map(PathBuf::from)
}

/// Replaces the old folder by a finished one.
pub(crate) fn replace(staged: &Path, place: &Path) -> Result<()> {
    remove(place)?;
    // The target directory may be on another disk, and a rename does not work across disks.
    if fs::rename(staged, place).is_err() {
        copy(staged, place)?;
    }
    Ok(())
}

fn remove_file(file: &Path) -> Result<()> {
    fs::remove_file(file).map_err(|error| format!("{} could not be removed: {error}.", file.display()))
}

pub(crate) fn empty(folder: &Path) -> Result<()> {
    remove(folder)?;
    fs::create_dir_all(folder).map_err(|error| format!("{} could not be created: {error}.", folder.display()))
}

fn remove(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(folder).map_err(|error| format!("{} could not be removed: {error}.", folder.display()))
}

/// Copies the repository into an empty folder: every file that git tracks, and the untracked ones that it does not ignore.
pub(crate) fn copy_repository(to: &Path) -> Result<()> {
    empty(to)?;
    let files = capture(program("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    // A file that was deleted without a commit is still tracked, and missing.
    files.split_terminator('\0').filter(|file| path(file).is_file()).try_for_each(|file| write(&to.join(file), read(&path(file))?))
}

pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |error: std::io::Error| format!("{} could not be copied to {}: {error}.", from.display(), to.display());
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_the_artifacts_wasm_file() {
        let message = r#"{"reason":"compiler-artifact","filenames":["/t/libapp.rlib","/t/app.wasm"]}"#;
        assert_eq!(wasm_of(message), Some("/t/app.wasm".into()));
        assert_eq!(wasm_of(r#"{"reason":"compiler-artifact","filenames":["/t/libapp.rlib"]}"#), None);
        assert_eq!(wasm_of(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(wasm_of("a line of a build script"), None);
    }
}
