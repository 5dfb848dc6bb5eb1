//! The steps of `cargo xtask test`, in order: the cheapest first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::build::examples;
use crate::build::package;
use crate::build::rust_page;
use crate::build::standard;
use crate::build::tauri;
use crate::npm::{self, npm};
use crate::release::audit;
use crate::release::pack;
use crate::run::{Result, capture, cargo, lines, node, read_text, run, say, succeeds, write};
use crate::setup;
use crate::size;
use crate::size::growth;
use crate::test::browsers::Browser;
use crate::test::doc_examples;
use crate::test::engines::{Engines, WEBKIT};
use crate::test::fuzz;
use crate::test::oldest;
use crate::test::tally::Tally;
use crate::workspace::{LIBRARY, WASM, apart, manifest, path, scratch, tool};

/// How a step ended.
pub(crate) enum Outcome {
    Done(Tally),
    Failed(Tally, String),
    Skipped(String),
}

/// One named part of the tests.
pub(crate) struct Step {
    pub(crate) groups: &'static [&'static str],
    pub(crate) name: &'static str,
    work: fn(&Tools) -> Outcome,
}

/// The tools that were found before the first step.
pub(crate) struct Tools {
    pub(crate) browser: Result<Browser>,
    pub(crate) engines: Engines,
    pub(crate) nginx: Result<PathBuf>,
    pub(crate) python: Result<PathBuf>,
}

impl Step {
    pub(crate) fn perform(&self, tools: &Tools) -> Outcome {
        (self.work)(tools)
    }
}

const fn step(groups: &'static [&'static str], name: &'static str, work: fn(&Tools) -> Outcome) -> Step {
    Step { groups, name, work }
}

pub(crate) const STEPS: &[Step] = &[
    step(&["lint"], "format", |_| format()),
    step(&["lint"], "clippy of the core", |_| clippy(&["-p", LIBRARY, "--no-default-features", "--all-targets"])),
    step(&["lint"], "clippy of the library in the browser", |_| {
        clippy(&["-p", LIBRARY, "--no-default-features", "--features", "page", "--all-targets", "--target", WASM])
    }),
    step(&["lint", "native-apps"], "clippy of the native driver", |_| {
        clippy(&["-p", LIBRARY, "--no-default-features", "--features", "native", "--all-targets"])
    }),
    // Together, as the documentation needs them: Leptos takes minutes to compile. The demo uses it alone.
    step(&["lint"], "clippy of the components", |_| clippy(&["-p", LIBRARY, "--features", "leptos,yew", "--target", WASM])),
    step(&["lint"], "clippy of the library without the page, and of the page in Rust", |_| {
        clippy(&["-p", "wristband-spa-auth-demo-vault", "-p", "wristband-spa-auth-test-page", "--target", WASM])
    }),
    step(&["lint"], "clippy of the npm package", |_| clippy(&["-p", "wristband-spa-auth-pkg", "--target", WASM])),
    step(&["lint"], "clippy of the demo", |_| {
        clippy(&["-p", "wristband-spa-auth-demo", "-p", "wristband-spa-auth-demo-vault", "--target", WASM])
    }),
    step(&["lint"], "clippy of the Leptos example", |_| clippy(&["-p", "wristband-spa-auth-leptos-example", "--target", WASM])),
    step(&["lint"], "clippy of the Yew example", |_| clippy(&["-p", "wristband-spa-auth-yew-example", "--target", WASM])),
    step(&["lint"], "clippy of the tests of components", |_| clippy(&["-p", COMPONENTS, "--all-targets", "--target", WASM])),
    step(&["lint"], "clippy of the components on a server", |_| clippy(&["-p", SERVER, "--all-targets"])),
    step(&["lint"], "clippy of xtask", |_| clippy(&["-p", "xtask", "--all-targets"])),
    step(&["lint"], "clippy of the fuzz targets", |_| clippy_apart(fuzz::CRATE)),
    step(&["lint"], "clippy of the differential tests", |_| clippy_apart(DIFFERENTIAL)),
    step(&["lint", "native-apps"], "clippy of the Tauri example", |_| clippy_of_tauri()),
    step(&["native"], "no browser under the core, and no native crate in a page", |_| graph()),
    step(&["native"], "tests of the core", |_| {
        tested(cargo().args(["test", "-p", LIBRARY, "--no-default-features", "--no-fail-fast"]))
    }),
    step(&["native"], "simulation", |_| {
        let arguments = ["test", "-p", LIBRARY, "--no-default-features", "--profile", "simulation", "--test", "simulation"];
        tested(cargo().args(arguments).env("RUNS", "20000"))
    }),
    step(&["native"], "fuzz targets, for a moment", |_| tested(cargo().arg("test").args(apart(fuzz::CRATE)))),
    step(&["native"], "ID tokens, compared with openidconnect", |_| tested(cargo().arg("test").args(apart(DIFFERENTIAL)))),
    step(&["native"], "documentation", |_| {
        let arguments = ["doc", "-p", LIBRARY, "--features", "leptos,yew,testing", "--no-deps", "--target", WASM];
        ended(run(cargo().args(arguments).env("RUSTDOCFLAGS", "-D warnings")))
    }),
    step(&["native"], "examples of the documentation in Rust, and first guesses", |_| checked(doc_examples::check())),
    step(&["native"], "oldest versions of Rust and of the dependencies", |_| match oldest::obstacle() {
        Ok(Some(obstacle)) => Outcome::Skipped(obstacle),
        Ok(None) => checked(oldest::check()),
        Err(problem) => Outcome::Failed(Tally::default(), problem),
    }),
    step(&["native"], "components on a server", |_| tested(cargo().args(["test", "-p", SERVER, "--tests", "--no-fail-fast"]))),
    step(&["native-apps"], "native apps, with the local provider", native_apps),
    step(&["native-apps"], "documentation of the native driver", |_| {
        let arguments = ["doc", "-p", LIBRARY, "--no-default-features", "--features", "native", "--no-deps"];
        ended(run(cargo().args(arguments).env("RUSTDOCFLAGS", "-D warnings")))
    }),
    step(&["native"], "tests of xtask", |_| tested(cargo().args(["test", "-p", "xtask", "--bins", "--no-fail-fast"]))),
    step(&["browser"], "tests in the browser", |tools| {
        in_browser(tools, &["-p", LIBRARY, "--no-default-features", "--features", "page", "--lib", "--test", "browser"])
    }),
    step(&["browser"], "components of an app with a fake session", |tools| in_browser(tools, &["-p", COMPONENTS, "--tests"])),
    step(&["provider"], "tests of the provider", |_| tested(npm().arg("test").current_dir(path("demo/provider")))),
    step(&["providers"], "the official SDK for FastAPI with the provider", official_sdk),
    // Before the build, which would update it.
    step(&["pkg"], "the page's client of the library for Rust", |_| checked(package::check_client())),
    step(&["providers", "pkg", "packaging", "e2e", "engines", "frameworks"], "build of the npm package", |_| {
        ended(package::build(false))
    }),
    step(&["pkg"], "contents of the npm package", |_| checked(pack::contents())),
    step(&["pkg"], "types of the npm package", |_| checked(pack::types())),
    step(&["pkg"], "both packages, published without uploading them", |_| checked(pack::publish_dry_run())),
    step(&["pkg"], "size of the npm package", |_| size_of_package()),
    step(&["providers"], "sessions at real providers", real_providers),
    step(&["e2e"], "build of the demo", |_| ended(build::demo(&build::Demo::default()))),
    step(&["e2e"], "size of the demo", |_| checked(size::check(&["demo/dist"]))),
    step(&["e2e"], "build of the examples in Rust", |_| ended(examples::build(false))),
    step(&["e2e"], "build of the page in Rust", |_| ended(rust_page::build())),
    step(&["e2e"], "end-to-end tests", |tools| {
        let files: Vec<_> = test_files(&path("tests/e2e")).into_iter().filter(|file| file != BROKEN_APIS).collect();
        end_to_end(tools, &files, "pkg")
    }),
    step(&["e2e"], "browser APIs that fail", |tools| end_to_end(tools, &[BROKEN_APIS.to_owned()], "pkg")),
    step(&["e2e"], "end-to-end tests of the library for Rust", |tools| {
        end_to_end(tools, &rust_page::TESTS.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>(), "rust")
    }),
    step(&["engines"], "tests in every engine", in_engines),
    step(&["native-apps"], "the Tauri example", tauri_example),
    step(&["packaging"], "the package in bundlers", |tools| with_package(tools, "tests/packaging")),
    step(&["frameworks"], "HTTP clients that send the token", |tools| with_package(tools, "tests/frameworks/clients")),
    step(&["frameworks"], "React, with its routers", |tools| with_package(tools, "tests/frameworks/react")),
    step(&["frameworks"], "Next", |tools| with_package(tools, "tests/frameworks/next")),
    step(&["frameworks"], "Vue, with its router", |tools| with_package(tools, "tests/frameworks/vue")),
    step(&["frameworks"], "SvelteKit", |tools| with_package(tools, "tests/frameworks/svelte")),
    step(&["frameworks"], "Angular", |tools| with_package(tools, "tests/frameworks/angular")),
    step(&["frameworks"], "Solid, with its router", |tools| with_package(tools, "tests/frameworks/solid")),
    step(&["frameworks"], "unit tests of apps, and the local provider as a tool", |tools| {
        with_package(tools, "tests/frameworks/testing")
    }),
    step(&["lint"], "licences and origins of crates", |_| {
        if !tool("cargo-deny").exists() {
            return Outcome::Skipped("`cargo xtask audit` installs cargo-deny, which takes minutes".into());
        }
        ended(audit::crates())
    }),
];

/// It opens many pages at once, each of which waits for something that never happens. No other test runs at the same time.
const BROKEN_APIS: &str = "broken_apis.test.js";

fn format() -> Outcome {
    if !succeeds(cargo().args(["fmt", "--version"])) {
        return Outcome::Failed(Tally::default(), "rustfmt is missing: install it with `rustup component add rustfmt`.".into());
    }
    let apart = [fuzz::CRATE, DIFFERENTIAL, growth::WORKSPACE, tauri::WORKSPACE].map(manifest);
    let apart = apart.iter().map(|manifest| run(cargo().args(["fmt", "--all", "--check", "--manifest-path", manifest])));
    ended(std::iter::once(run(cargo().args(["fmt", "--all", "--check"]))).chain(apart).collect())
}

fn clippy(arguments: &[&str]) -> Outcome {
    if !succeeds(cargo().args(["clippy", "--version"])) {
        return Outcome::Failed(Tally::default(), "clippy is missing: install it with `rustup component add clippy`.".into());
    }
    ended(run(cargo().arg("clippy").args(arguments).args(["--", "-D", "warnings"])))
}

fn clippy_apart(folder: &str) -> Outcome {
    let apart = apart(folder);
    let mut arguments = vec!["--all-targets"];
    arguments.extend(apart.iter().map(String::as_str));
    clippy(&arguments)
}

fn clippy_of_tauri() -> Outcome {
    if let Some(obstacle) = tauri::obstacle() {
        return Outcome::Skipped(obstacle);
    }
    match tauri::make_ui_folder() {
        Err(problem) => Outcome::Failed(Tally::default(), problem),
        Ok(()) => {
            let apart = apart(tauri::WORKSPACE);
            let with =
                |arguments: &[&str]| clippy(&arguments.iter().copied().chain(apart.iter().map(String::as_str)).collect::<Vec<_>>());
            match with(&["-p", tauri::SHELL, "--all-targets"]) {
                Outcome::Done(_) => with(&["-p", tauri::UI, "--target", WASM]),
                failed => failed,
            }
        }
    }
}

/// The crate that compares the library with another one has its own lock file: it has many
/// dependencies, for which the library and its other tests need not wait.
const DIFFERENTIAL: &str = "tests/differential";

/// Components of an app, with a fake session.
const COMPONENTS: &str = "wristband-spa-auth-component-tests";

/// The components with Leptos on a server: as part of the library's own tests, each test would wait for it.
const SERVER: &str = "wristband-spa-auth-ssr-tests";

/// The layers hold because the core has no way to reach a browser. What native apps need is not in the graph of a page.
fn graph() -> Outcome {
    let of_core = ["--no-default-features", "--target", "all"];
    let of_page = ["--features", "page,testing,inspect", "--target", WASM];
    let of_components = ["--features", "leptos,yew", "--target", WASM];
    let checks = [
        (&of_core[..], BROWSER_CRATES, "The core", "for browsers"),
        (&of_core, NATIVE_CRATES, "The core", "for native apps"),
        (&of_page, NATIVE_CRATES, "A page", "for native apps"),
        (&of_page, &["tokio"], "A page", "for native apps"),
        (&of_components, NATIVE_CRATES, "A page with components", "for native apps"),
    ];
    checked(checks.iter().try_for_each(|(arguments, crates, what, whom)| {
        let tree = capture(cargo().args(["tree", "-p", LIBRARY, "-e", "normal", "--prefix", "none"]).args(*arguments))?;
        crate_of(&tree, crates).map_or(Ok(()), |found| Err(format!("{what} depends on {found}, which is {whom}.")))
    }))
}

const BROWSER_CRATES: &[&str] = &["web-sys", "js-sys", "wasm-bindgen", "gloo"];

const NATIVE_CRATES: &[&str] = &["aws-lc", "fs4", "hyper", "keyring", "linux-keyutils", "reqwest", "ring", "rustls", "zbus"];

/// The first crate whose name starts with one of these words.
fn crate_of<'a>(tree: &'a str, names: &[&str]) -> Option<&'a str> {
    tree.lines().filter_map(|line| line.split(' ').next()).find(|name| names.iter().any(|prefix| name.starts_with(prefix)))
}

/// The driver for native apps. Its tests start the command-line example, which Cargo does not build for them.
fn native_apps(tools: &Tools) -> Outcome {
    let features = ["-p", LIBRARY, "--no-default-features", "--features", "native"];
    if let Err(problem) = run(cargo().arg("build").args(features).args(["--example", "cli"])) {
        return Outcome::Failed(Tally::default(), problem);
    }
    let tests = ["--no-fail-fast", "--lib", "--test", "session", "--test", "vectors", "--test", "native"];
    let mut command = cargo();
    command.arg("test").args(features).args(tests);
    if let Ok(browser) = &tools.browser {
        command.env("CHROMIUM", &browser.chromium);
    }
    match tested(&mut command) {
        Outcome::Done(tally) => match tested(cargo().arg("test").args(features).arg("--doc")) {
            Outcome::Done(more) => Outcome::Done(Tally { passed: tally.passed + more.passed, failed: 0 }),
            other => other,
        },
        other => other,
    }
}

fn size_of_package() -> Outcome {
    match standard::obstacle() {
        Err(problem) => Outcome::Failed(Tally::default(), problem),
        Ok(Some(_)) => Outcome::Skipped("the budget is for the smaller standard library".into()),
        Ok(None) => checked(size::check(&["pkg/dist"])),
    }
}

fn in_browser(tools: &Tools, tests: &[&str]) -> Outcome {
    let browser = match &tools.browser {
        Ok(browser) => browser,
        Err(problem) => return Outcome::Failed(Tally::default(), problem.clone()),
    };
    let prepared = setup::wasm_bindgen().and_then(|()| webdriver(&browser.chromium));
    let capabilities = match prepared {
        Ok(capabilities) => capabilities,
        Err(problem) => return Outcome::Failed(Tally::default(), problem),
    };
    let mut command = cargo();
    command.args(["test", "--target", WASM, "--no-fail-fast"]).args(tests);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tool("wasm-bindgen-test-runner"));
    command.env("CHROMEDRIVER", &browser.driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
    // The runner takes the first driver whose variable is set, which could be another browser's.
    for other in
        ["CHROMEDRIVER_REMOTE", "GECKODRIVER", "GECKODRIVER_REMOTE", "SAFARIDRIVER", "SAFARIDRIVER_REMOTE", "MSEDGEDRIVER_REMOTE"]
    {
        command.env_remove(other);
    }
    if std::env::var_os("WASM_BINDGEN_TEST_TIMEOUT").is_none() {
        // Seconds for all tests together. The runner's default of 20 is too short on a busy machine.
        command.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    }
    tested(&mut command)
}

/// Writes the capabilities of `webdriver.json` with the browser that was found, and returns the file's path.
fn webdriver(chromium: &Path) -> Result<PathBuf> {
    let text = read_text(&path("webdriver.json"))?;
    let text = with_binary(&text, &chromium.to_string_lossy()).ok_or("webdriver.json has no goog:chromeOptions.")?;
    let file = scratch("webdriver.json");
    write(&file, text)?;
    Ok(file)
}

fn with_binary(capabilities: &str, chromium: &str) -> Option<String> {
    let mut capabilities: serde_json::Value = serde_json::from_str(capabilities).ok()?;
    let options = capabilities.get_mut("goog:chromeOptions")?.as_object_mut()?;
    options.insert("binary".into(), chromium.into());
    Some(capabilities.to_string())
}

/// The face is the API under test, if one test is for both: the npm package's, or the Rust library's.
fn end_to_end(tools: &Tools, files: &[String], face: &str) -> Outcome {
    let browser = match &tools.browser {
        Ok(browser) => browser,
        Err(problem) => return Outcome::Failed(Tally::default(), problem.clone()),
    };
    let mut command = node_tests("tests/e2e", files);
    command.env("FACE", face).env("CHROMIUM", &browser.chromium).env("DEMO_DIST", path("demo/dist"));
    match &tools.nginx {
        Ok(nginx) => {
            command.env("NGINX_PATH", nginx);
        }
        Err(sentence) => say(format_args!("Skipped: {sentence}")),
    }
    tested(&mut command)
}

/// Chromium is required. Another missing engine is skipped, with a message.
fn in_engines(tools: &Tools) -> Outcome {
    let browser = match &tools.browser {
        Ok(browser) => browser,
        Err(problem) => return Outcome::Failed(Tally::default(), problem.clone()),
    };
    let Engines { found, missing } = &tools.engines;
    for sentence in missing {
        say(format_args!("Skipped: {sentence}"));
    }
    let titles: Vec<&str> = std::iter::once("Chromium").chain(found.iter().map(|engine| engine.title)).collect();
    say(format_args!("The engines: {}.", titles.join(", ")));
    let names: Vec<&str> = std::iter::once("chromium").chain(found.iter().map(|engine| engine.name)).collect();
    let programs = found.iter().flat_map(|engine| &engine.programs).map(|(variable, path)| (variable, path));
    let files = test_files(&path("tests/engines"));
    tested(node_tests("tests/engines", &files).env("ENGINES", names.join(",")).env("CHROMIUM", &browser.chromium).envs(programs))
}

/// A desktop app whose web view has no tokens: the unit tests of its shell, and the app itself on a virtual screen.
fn tauri_example(tools: &Tools) -> Outcome {
    if let Some(obstacle) = tauri::obstacle() {
        return Outcome::Skipped(obstacle);
    }
    let Some(webkit) = tools.engines.found.iter().find(|engine| engine.name == WEBKIT) else {
        return Outcome::Skipped(tools.engines.missing.join(" "));
    };
    let browser = match (&tools.browser, &tauri::build(true)) {
        (Err(problem), _) | (_, Err(problem)) => return Outcome::Failed(Tally::default(), problem.clone()),
        (Ok(browser), Ok(())) => browser,
    };
    let mut tally = match tested(cargo().args(["test", "--locked", "-p", tauri::SHELL]).args(apart(tauri::WORKSPACE))) {
        Outcome::Done(tally) => tally,
        failed => return failed,
    };
    let mut command = node_tests("tests/tauri", &test_files(&path("tests/tauri")));
    command.env("CHROMIUM", &browser.chromium).envs(webkit.programs.iter().map(|(variable, path)| (variable, path)));
    let mut outcome = tested(&mut command);
    if let Outcome::Done(counted) | Outcome::Failed(counted, _) = &mut outcome {
        tally += *counted;
        *counted = tally;
    }
    outcome
}

/// An app with Wristband's own SDK signs in at the provider that the other tests use.
fn official_sdk(tools: &Tools) -> Outcome {
    match &tools.python {
        Err(sentence) => Outcome::Skipped(sentence.clone()),
        Ok(python) => tested(node_tests("tests/providers", &["fastapi.test.js".to_owned()]).env("PYTHON", python)),
    }
}

/// A session at servers that others have written. The tests install them, and name those that are left out.
fn real_providers(tools: &Tools) -> Outcome {
    match &tools.browser {
        Err(problem) => Outcome::Failed(Tally::default(), problem.clone()),
        Ok(browser) => tested(node_tests("tests/providers", &["servers.test.js".to_owned()]).env("CHROMIUM", &browser.chromium)),
    }
}

/// Node's test runner with test files of a folder.
fn node_tests(folder: &str, files: &[String]) -> Command {
    // A test mostly waits for the browser and the provider: two files fit even on one core.
    let files_at_once = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let mut command = node();
    command
        .args(["--test", "--test-reporter=spec", &format!("--test-concurrency={files_at_once}")])
        .args(files)
        .current_dir(path(folder));
    command
}

/// The package as users install it, with the tools and frameworks of this folder.
fn with_package(tools: &Tools, folder: &str) -> Outcome {
    let files = test_files(&path(folder));
    match (&tools.browser, &npm::install(folder), &pack::pack()) {
        (Err(problem), ..) | (_, Err(problem), _) | (.., Err(problem)) => Outcome::Failed(Tally::default(), problem.clone()),
        (Ok(browser), Ok(()), Ok((archive, _))) => {
            let mut command = node();
            // Bundlers use all cores themselves.
            command.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]).args(files).current_dir(path(folder));
            tested(command.env("CHROMIUM", &browser.chromium).env("PACKAGE", archive))
        }
    }
}

/// The test files of a folder by name. Node 20 does not support patterns.
fn test_files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut files: Vec<String> = names.filter(|name| name.ends_with(".test.js")).collect();
    files.sort();
    files
}

/// Runs a test runner, shows what it prints and counts its tests.
fn tested(command: &mut Command) -> Outcome {
    let mut tally = Tally::default();
    let ended = lines(command, |line| {
        tally += Tally::of_line(line);
        say(line);
    });
    match ended {
        Err(problem) => Outcome::Failed(tally, problem),
        Ok(true) if tally == Tally::default() => Outcome::Failed(tally, "No tests were counted, which counts as a failure.".into()),
        Ok(true) if tally.failed == 0 => Outcome::Done(tally),
        Ok(_) => Outcome::Failed(tally, "The output above says what failed.".into()),
    }
}

fn ended(result: Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done(Tally::default()),
        Err(problem) => Outcome::Failed(Tally::default(), problem),
    }
}

/// Like `ended`, for a test that no runner counts.
fn checked(result: Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done(Tally { passed: 1, failed: 0 }),
        Err(problem) => Outcome::Failed(Tally { passed: 0, failed: 1 }, problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_crate_anywhere_in_the_graph_is_found() {
        assert_eq!(crate_of("wristband-spa-auth v0.1.0 (/x)\nserde v1.0.0\nsha2 v0.11.0", BROWSER_CRATES), None);
        assert_eq!(crate_of("serde v1.0.0\nwasm-bindgen-futures v0.4.0", BROWSER_CRATES), Some("wasm-bindgen-futures"));
        assert_eq!(crate_of("gloo-net v0.7.0", BROWSER_CRATES), Some("gloo-net"));
        assert_eq!(crate_of("gloo-net v0.7.0\nreqwest v0.13.5", NATIVE_CRATES), Some("reqwest"));
    }

    #[test]
    fn the_capabilities_in_the_repository_take_the_browser_that_was_found() {
        let text = with_binary(include_str!("../../../webdriver.json"), "/opt/chrome").unwrap();
        let capabilities: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(capabilities["goog:chromeOptions"]["binary"], "/opt/chrome");
        assert!(capabilities["goog:chromeOptions"]["args"].as_array().unwrap().len() > 1);
    }
}
