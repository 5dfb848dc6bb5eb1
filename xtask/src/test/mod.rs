//! Runs the steps and adds up what they counted.

pub(crate) mod bench;
pub(crate) mod browsers;
mod doc_examples;
pub(crate) mod engines;
pub(crate) mod fuzz;
pub(crate) mod mutate;
pub(crate) mod nginx;
mod oldest;
pub(crate) mod python;
pub(crate) mod soak;
pub(crate) mod steps;
pub(crate) mod tally;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::build::tauri;
use crate::npm;
use crate::run::{Result, say};
use crate::setup;
use crate::test::steps::{Outcome, STEPS, Step, Tools};
use crate::test::tally::Tally;

/// Unlike the other commands this one always ends with a machine-readable line.
pub(crate) fn command(filters: &[String]) -> ExitCode {
    let mut tally = Tally::default();
    let result = select(filters).and_then(|steps| {
        let tools = prepare(&steps)?;
        perform(&steps, &tools, &mut tally)
    });
    if let Err(problem) = &result {
        say(problem);
        // A failure that no runner counted is still a failure.
        tally.failed = tally.failed.max(1);
    }
    say(format_args!("{} passed, {} failed", tally.passed, tally.failed));
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The steps that belong to one of the groups or have one of the words in their name; all without a filter.
fn select(filters: &[String]) -> Result<Vec<&'static Step>> {
    let matches = |step: &Step, filter: &str| step.groups.contains(&filter) || (!is_group(filter) && step.name.contains(filter));
    if let Some(filter) = filters.iter().find(|filter| !STEPS.iter().any(|step| matches(step, filter))) {
        return Err(format!("No step is called \"{filter}\": see `cargo xtask help`."));
    }
    let is_wanted = |step: &&Step| filters.is_empty() || filters.iter().any(|filter| matches(step, filter));
    Ok(STEPS.iter().filter(is_wanted).collect())
}

fn is_group(word: &str) -> bool {
    STEPS.iter().any(|step| step.groups.contains(&word))
}

/// Installs what the steps need. A missing browser is reported by the step that needs it, after those that do not.
fn prepare(steps: &[&Step]) -> Result<Tools> {
    let needs = |groups: &[&str]| steps.iter().any(|step| step.groups.iter().any(|group| groups.contains(group)));
    setup::wasm_target()?;
    if needs(&["native-apps", "provider", "providers", "e2e", "engines", "packaging", "frameworks"]) {
        npm::install("demo/provider")?;
    }
    if needs(&["providers", "pkg", "e2e", "engines", "packaging", "frameworks"]) {
        setup::to_build()?;
    }
    if needs(&["native-apps", "providers", "e2e", "packaging", "frameworks"]) {
        npm::install("tests/e2e")?;
    }
    if needs(&["engines", "native-apps"]) {
        npm::install("tests/engines")?;
    }
    if needs(&["packaging", "frameworks"]) {
        npm::install("tests/packaging")?;
    }
    let needs_browser = needs(&["native-apps", "providers", "browser", "e2e", "engines", "packaging", "frameworks"]);
    let browser = if needs_browser { browsers::find_or_install() } else { Err("No browser was searched for.".into()) };
    // The web view of the Tauri example is driven as WebKit is.
    let needs_web_view = needs(&["native-apps"]) && tauri::obstacle().is_none();
    let engines = engines::find_or_install(|name| needs(&["engines"]) || (needs_web_view && name == engines::WEBKIT));
    let nginx = if needs(&["e2e"]) { nginx::find_or_fetch() } else { Err("nginx was not searched for.".into()) };
    let python = if needs(&["providers"]) { python::with_sdk() } else { Err("Python was not searched for.".into()) };
    Ok(Tools { browser, engines, nginx, python })
}

fn perform(steps: &[&Step], tools: &Tools, tally: &mut Tally) -> Result<()> {
    for (index, step) in steps.iter().enumerate() {
        say(format_args!("\n── {} ({})", step.name, step.groups.join(", ")));
        let start = Instant::now();
        match step.perform(tools) {
            Outcome::Done(counted) => {
                *tally += counted;
                say(format_args!("── {}: {}", step.name, ended("done", counted, start.elapsed())));
            }
            Outcome::Skipped(why) => say(format_args!("── {}: skipped, {why}", step.name)),
            Outcome::Failed(counted, problem) => {
                *tally += counted;
                say(format_args!("── {}: {}", step.name, ended("failed", counted, start.elapsed())));
                let rest = steps.len() - index - 1;
                let after = if rest == 0 { String::new() } else { format!(" Steps that were not run after it: {rest}.") };
                // A failed step without counted failures is one failure.
                tally.failed += u64::from(counted.failed == 0);
                return Err(format!("\n{} failed. {problem}{after}", capitalised(step.name)));
            }
        }
    }
    say("");
    Ok(())
}

fn ended(how: &str, counted: Tally, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match counted {
        Tally { passed: 0, failed: 0 } => format!("{how} in {seconds:.1} s"),
        Tally { passed, failed } => format!("{how} in {seconds:.1} s, {passed} passed, {failed} failed"),
    }
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(filters: &[&str]) -> Vec<&'static str> {
        let filters: Vec<String> = filters.iter().map(|filter| (*filter).to_owned()).collect();
        select(&filters).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn a_group_selects_its_steps_and_no_others() {
        let in_browser = ["tests in the browser", "components of an app with a fake session"];
        assert_eq!(names(&["browser"]), in_browser);
        assert_eq!(names(&["provider", "browser"]), [&in_browser[..], &["tests of the provider"]].concat());
        assert!(names(&["pkg"]).contains(&"build of the npm package") && names(&["e2e"]).contains(&"build of the npm package"));
        assert_eq!(names(&["engines"]), ["build of the npm package", "tests in every engine"]);
        assert_eq!(names(&[]).len(), STEPS.len());
    }

    #[test]
    fn a_word_selects_steps_by_name() {
        assert_eq!(names(&["xtask"]), ["clippy of xtask", "tests of xtask"]);
        assert!(select(&["nothing".into()]).is_err());
    }
}
