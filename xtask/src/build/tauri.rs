//! Builds the example for Tauri: what its web view shows, as Trunk would, and the shell around it.

use std::fs;

use crate::build::examples::at_root;
use crate::build::{bind, cargo_rustc_apart, copy, module, page, replace};
use crate::run::{Result, cargo, program, read_text, run, say, succeeds, write};
use crate::setup;
use crate::workspace::{apart, path, scratch};

/// It has its own lock file: nothing else needs Tauri's dependencies.
pub(crate) const WORKSPACE: &str = "examples/tauri";

pub(crate) const SHELL: &str = "wristband-spa-auth-tauri-example";
pub(crate) const UI: &str = "wristband-spa-auth-tauri-example-ui";

/// The web view of Linux.
const LIBRARY: &str = "webkit2gtk-4.1";

/// Why the shell cannot be built here. Other systems than Linux have their web view.
pub(crate) fn obstacle() -> Option<String> {
    let is_found = !cfg!(target_os = "linux") || succeeds(program("pkg-config").args(["--exists", LIBRARY]));
    (!is_found).then(|| {
        format!("the example for Tauri is left out: pkg-config does not find {LIBRARY} (`apt-get install libwebkit2gtk-4.1-dev`)")
    })
}

/// Builds both.
pub(crate) fn build(is_dev: bool) -> Result<()> {
    obstacle().map_or(Ok(()), Err)?;
    ui(is_dev)?;
    say(format_args!("Building {WORKSPACE}"));
    let mut command = cargo();
    command.args(["build", "--locked", "--package", SHELL]).args(apart(WORKSPACE));
    if !is_dev {
        command.arg("--release");
    }
    run(&mut command)
}

/// Builds `examples/tauri/ui/dist`, which becomes a part of the shell.
fn ui(is_dev: bool) -> Result<()> {
    setup::wasm_bindgen()?;
    say(format_args!("Building {WORKSPACE}/ui"));
    let folder = path(WORKSPACE).join("ui");
    let mut command = cargo_rustc_apart(UI, WORKSPACE);
    if !is_dev {
        command.arg("--release");
    }
    let wasm = module(&mut command, UI)?;
    let staged = scratch("tauri-ui-dist");
    bind(&wasm, &staged, "app", &["--no-typescript"])?;
    copy(&folder.join("public"), &staged)?;
    write(&staged.join("start.js"), page::START_JS)?;
    write(&staged.join("index.html"), at_root(&page::index_html(&read_text(&folder.join("index.html"))?, &[])?))?;
    replace(&staged, &folder.join("dist"))
}

/// Makes the folder that the shell's macro reads at compile time, if nothing was built yet. It is enough for a check.
pub(crate) fn make_ui_folder() -> Result<()> {
    let folder = path(WORKSPACE).join("ui/dist");
    fs::create_dir_all(&folder).map_err(|error| format!("{} could not be created: {error}.", folder.display()))
}
