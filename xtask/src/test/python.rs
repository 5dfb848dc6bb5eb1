//! Finds Python, and installs Wristband's SDK for FastAPI for this repository only.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::PathBuf;

use crate::run::{Result, program, read_text, run, say, write};
use crate::test::browsers::{given, on_path};
use crate::workspace::path;

const FOLDER: &str = "target/tools/python";
const REQUIREMENTS: &str = "tests/providers/requirements.txt";
const MISSING: &str = "Python is missing: install version 3.10 or newer with its venv module, or set PYTHON to its path.";
const NOT_INSTALLED: &str =
    "Wristband's SDK for FastAPI could not be installed: it needs Python 3.10 or newer with its venv module, and PyPI.";

/// A Python that has the SDK, or a message that says what is missing. The tests skip the SDK then.
pub(crate) fn with_sdk() -> Result<PathBuf> {
    let python = path(FOLDER).join(if cfg!(windows) { "Scripts" } else { "bin" }).join(format!("python{EXE_SUFFIX}"));
    let wanted = read_text(&path(REQUIREMENTS))?;
    // Written last, so an installation that was interrupted starts again.
    let installed = path(FOLDER).join("installed.txt");
    if python.exists() && fs::read_to_string(&installed).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    let system = given("PYTHON")?.or_else(|| on_path("python3")).or_else(|| on_path("python")).ok_or(MISSING)?;
    say(format_args!("Installing Wristband's SDK for FastAPI into {FOLDER}"));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--requirement", REQUIREMENTS];
    run(program(system).args(["-m", "venv", "--clear", FOLDER]))
        .and_then(|()| run(program(&python).args(pip)))
        .map_err(|problem| format!("{NOT_INSTALLED} {problem}"))?;
    write(&installed, wanted)?;
    Ok(python)
}
