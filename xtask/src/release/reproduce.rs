//! Builds the npm package in two clean copies of the repository, and compares every byte.

use std::collections::BTreeMap;
use std::path::Path;

use crate::build::standard;
use crate::build::{copy, copy_repository, empty};
use crate::flags::Flags;
use crate::run::{Result, capture, cargo, node, run, say};
use crate::setup;
use crate::workspace::{path, scratch};

/// Paths that differ in name and length.
const COPIES: [&str; 2] = ["one", "in another folder/the other one"];

/// Digests by the names of files.
type Digests = BTreeMap<String, String>;

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    Flags::read(arguments, &[], &[])?.no_words()?;
    setup::to_build()?;
    standard::for_publishing()?;
    let place = scratch("reproduce");
    let [one, other] = COPIES.map(|name| build_in(&place.join(name)));
    let (one, other) = (one?, other?);
    for (file, digest) in &one {
        say(format_args!("{digest}  {file}"));
    }
    compare(&one, &other)?;
    say(format_args!("Both builds have the same {} files.", one.len()));
    empty(&place)
}

/// Builds the package in a copy of the repository, and returns the digests of the result.
fn build_in(folder: &Path) -> Result<Digests> {
    say(format_args!("Building the npm package in {}", folder.display()));
    copy_repository(folder)?;
    // The tools take longest to build, and do not depend on their path.
    copy(&path("target/tools/bin"), &folder.join("target/tools/bin"))?;
    run(cargo().args(["xtask", "build", "pkg"]).current_dir(folder).env_remove("CARGO_TARGET_DIR"))?;
    digests(&folder.join("pkg/dist"))
}

/// Node digests the files: it is required anyway, and no crate has to be compiled for it.
fn digests(folder: &Path) -> Result<Digests> {
    let printed = capture(node().args(["-e", include_str!("digest.cjs"), "--"]).arg(folder))?;
    let lines = printed.lines().map(|line| line.split_once("  ").map(|(digest, file)| (file.to_owned(), digest.to_owned())));
    lines.collect::<Option<_>>().ok_or_else(|| "The digests cannot be read.".into())
}

fn compare(one: &Digests, other: &Digests) -> Result<()> {
    let files = one.keys().chain(other.keys().filter(|file| !one.contains_key(*file)));
    let different: Vec<&str> = files.filter(|file| one.get(*file) != other.get(*file)).map(String::as_str).collect();
    if different.is_empty() { Ok(()) } else { Err(format!("The builds differ in {}.", different.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_differ_or_are_in_one_build_only_are_named() {
        let digests =
            |files: &[(&str, &str)]| files.iter().map(|(file, digest)| ((*file).into(), (*digest).into())).collect::<Digests>();
        let one = digests(&[("a", "1"), ("b", "2")]);
        assert_eq!(compare(&one, &one), Ok(()));
        let problem = compare(&one, &digests(&[("a", "1"), ("b", "3"), ("c", "4")])).unwrap_err();
        assert_eq!(problem, "The builds differ in b, c.");
    }
}
