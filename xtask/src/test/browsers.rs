//! Finds Chromium and ChromeDriver, and installs them if that needs no password.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Result, capture, program, run, say, succeeds};

/// The programs that the browser tests and the end-to-end tests start.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ELSEWHERE: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
];
const HOW: &str = "install Chromium (or Chrome) and the ChromeDriver of the same version, \
     or say where they are with the variables CHROMIUM and CHROMEDRIVER";

/// The browser, installed first if it is missing and this can be done without asking for a password.
pub(crate) fn find_or_install() -> Result<Browser> {
    if let Ok(browser) = find() {
        return Ok(browser);
    }
    // A path that the user gave is the user's to fix.
    let named = ["CHROMIUM", "CHROMEDRIVER"]
        .into_iter()
        .any(|variable| env::var_os(variable).is_some_and(|value| !Path::new(&value).exists()));
    if !named {
        install("Chromium and ChromeDriver", &["chromium", "chromium-driver"]);
    }
    find()
}

/// Installs Debian packages, if this user may. A failure is printed; the next search for the programs reports what is missing.
pub(crate) fn install(what: &str, packages: &[&str]) {
    let Some(apt) = apt_get() else { return };
    say(format_args!("Installing {what} with apt-get"));
    let installed =
        run(apt().arg("update")).and_then(|()| run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages)));
    if let Err(problem) = installed {
        say(problem);
    }
}

fn find() -> Result<Browser> {
    let chromium = given("CHROMIUM")?.or_else(|| CHROMIUM.iter().find_map(|name| on_path(name)));
    let chromium = chromium.or_else(|| ELSEWHERE.iter().map(PathBuf::from).find(|path| path.exists()));
    let driver = given("CHROMEDRIVER")?.or_else(|| on_path("chromedriver"));
    match (chromium, driver) {
        (Some(chromium), Some(driver)) => Ok(Browser { chromium, driver }),
        (None, Some(_)) => Err(format!("Chromium is missing: {HOW}.")),
        (Some(_), None) => Err(format!("ChromeDriver is missing: {HOW}.")),
        (None, None) => Err(format!("Chromium and ChromeDriver are missing: {HOW}.")),
    }
}

/// The program that a variable names. It has to exist.
pub(crate) fn given(variable: &str) -> Result<Option<PathBuf>> {
    let Some(value) = env::var_os(variable).filter(|value| !value.is_empty()) else { return Ok(None) };
    let path = PathBuf::from(value);
    if path.exists() { Ok(Some(path)) } else { Err(format!("{variable} names {}, which does not exist.", path.display())) }
}

pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

/// The command that runs apt-get with the rights that it needs, if this user has them.
pub(crate) fn apt_get() -> Option<fn() -> Command> {
    on_path("apt-get")?;
    let is_root = capture(program("id").arg("-u")).is_ok_and(|id| id == "0");
    if is_root {
        return Some(|| with(program("env"), &["DEBIAN_FRONTEND=noninteractive", "apt-get"]));
    }
    let has_sudo = on_path("sudo").is_some() && succeeds(program("sudo").args(["-n", "true"]));
    // sudo drops the caller's variables, so this one is set after it.
    has_sudo.then_some(|| with(program("sudo"), &["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]))
}

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}
