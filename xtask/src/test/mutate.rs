//! Removes each check from the code, one at a time, and checks whether a test fails.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::build::copy_repository;
use crate::flags::Flags;
use crate::run::{Result, cargo, lines, read_text, say, succeeds, write};
use crate::workspace::{path, scratch};

/// One check, and how it is removed.
struct Mutation {
    check: String,
    file: String,
    find: String,
    replace: String,
    /// The test programs, at least one of which has to fail.
    tests: Vec<String>,
}

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &[], &[])?;
    let mut mutations = load()?;
    mutations.retain(|mutation| flags.words.is_empty() || flags.words.iter().any(|word| mutation.check.contains(word)));
    copy_repository(&scratch("mutants"))?;
    say("| check | tests that fail without it | the first of them |\n|---|--:|---|");
    let mut unnoticed = Vec::new();
    for mutation in &mutations {
        let red = try_out(mutation)?;
        let first = red.first().map_or("**none**", String::as_str);
        say(format_args!("| {} | {} | {first} |", mutation.check, red.len()));
        if red.is_empty() {
            unnoticed.push(mutation.check.as_str());
        }
    }
    say(format_args!("{} checks removed, {} noticed", mutations.len(), mutations.len() - unnoticed.len()));
    if unnoticed.is_empty() { Ok(()) } else { Err(format!("No test fails without these checks: {}.", unnoticed.join(", "))) }
}

fn load() -> Result<Vec<Mutation>> {
    let text = read_text(&path("tests/mutations.json"))?;
    let all: Value = serde_json::from_str(&text).map_err(|error| format!("tests/mutations.json is not JSON: {error}."))?;
    let mutations = all.as_array().ok_or("tests/mutations.json is not a list.")?;
    mutations.iter().map(|mutation| parse(mutation).ok_or_else(|| format!("tests/mutations.json: what is {mutation}?"))).collect()
}

fn parse(mutation: &Value) -> Option<Mutation> {
    let text = |name: &str| mutation.get(name).and_then(Value::as_str).map(String::from);
    let tests = mutation.get("tests")?.as_array()?;
    Some(Mutation {
        check: text("check")?,
        file: text("file")?,
        find: text("find")?,
        replace: text("replace")?,
        tests: tests.iter().filter_map(Value::as_str).map(String::from).collect(),
    })
}

/// The changed code is in a copy, so that an interruption leaves nothing behind.
fn copied(file: &str) -> PathBuf {
    scratch("mutants").join(file)
}

/// The tests that fail without the check.
fn try_out(mutation: &Mutation) -> Result<Vec<String>> {
    let original = read_text(&path(&mutation.file))?;
    let changed = without(mutation, &original)?;
    write(&copied(&mutation.file), changed)?;
    let red = red_tests(mutation);
    write(&copied(&mutation.file), original)?;
    red
}

fn without(mutation: &Mutation, original: &str) -> Result<String> {
    match original.matches(&mutation.find).count() {
        1 => Ok(original.replacen(&mutation.find, &mutation.replace, 1)),
        count => Err(format!("{} has \"{}\" {count} times, not once.", mutation.file, mutation.find)),
    }
}

fn red_tests(mutation: &Mutation) -> Result<Vec<String>> {
    if !succeeds(tests(mutation).arg("--no-run")) {
        return Err(format!("The code without the check of {} does not compile.", mutation.check));
    }
    let mut red = Vec::new();
    let all_passed = lines(tests(mutation).stderr(Stdio::null()), |line| {
        // The list of what failed, at the end, has each name once, indented by four spaces.
        let name = line.strip_prefix("    ").filter(|name| !name.contains(' ') && !name.is_empty());
        red.extend(name.map(String::from).filter(|name| !red.contains(name)));
    })?;
    if red.is_empty() && !all_passed {
        red.push("a test program that ends before its last test".into());
    }
    Ok(red)
}

fn tests(mutation: &Mutation) -> Command {
    let mut command = cargo();
    command.current_dir(scratch("mutants")).args(["test", "--quiet", "--no-default-features", "--no-fail-fast"]);
    command.env("CARGO_TARGET_DIR", scratch("mutants-target")).env("RUSTFLAGS", "-Awarnings");
    for test in &mutation.tests {
        command.args(["--test", test]);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutation_still_applies() {
        for mutation in load().unwrap() {
            without(&mutation, &read_text(&path(&mutation.file)).unwrap()).unwrap();
            assert!(mutation.tests.iter().all(|test| path(&format!("tests/{test}/main.rs")).is_file()), "{}", mutation.check);
        }
    }
}
