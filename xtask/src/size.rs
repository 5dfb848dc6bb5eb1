//! Measures what a browser has to load, and holds it against a budget.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::build;
use crate::flags::Flags;
use crate::run::{Result, capture, node, read_text, say};
use crate::setup;
use crate::workspace::{path, root};

/// A file's bytes: as they are, with gzip, and with brotli at its best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    Flags::read(arguments, &[], &[])?.no_words()?;
    setup::to_build()?;
    build::pkg(false)?;
    build::demo(false)?;
    let mut files = Vec::new();
    for folder in ["pkg/dist", "demo/dist"] {
        list(&path(folder), &mut files);
    }
    report(&files.iter().map(String::as_str).collect::<Vec<_>>())?;
    check(&read_text(&path("xtask/budget.json"))?)
}

/// Prints a table of these files.
pub(crate) fn report(files: &[&str]) -> Result<()> {
    let sizes = measure(files)?;
    let width = files.iter().map(|file| file.len()).max().unwrap_or_default();
    say(format_args!("{:width$}  {:>9}  {:>9}  {:>9}", "", "raw", "gzip", "brotli"));
    for (file, Size { raw, gzip, brotli }) in files.iter().zip(sizes) {
        say(format_args!("{file:width$}  {raw:>9}  {gzip:>9}  {brotli:>9}"));
    }
    Ok(())
}

fn check(budgets: &str) -> Result<()> {
    let budgets: Value = serde_json::from_str(budgets).map_err(|error| format!("xtask/budget.json is not JSON: {error}."))?;
    let mut over = Vec::new();
    for budget in budgets.as_array().into_iter().flatten() {
        let (name, files, limit) = read_budget(budget).ok_or("A budget in xtask/budget.json lacks its name, files or brotli.")?;
        let total: u64 = measure(&files)?.iter().map(|size| size.brotli).sum();
        say(format_args!("{name}: {total} of {limit} bytes with brotli"));
        if total > limit {
            over.push(format!("{name} is {} bytes over its budget", total - limit));
        }
    }
    if over.is_empty() { Ok(()) } else { Err(format!("{}.", over.join(", "))) }
}

fn read_budget(budget: &Value) -> Option<(&str, Vec<&str>, u64)> {
    let files: Vec<&str> = budget.get("files")?.as_array()?.iter().filter_map(Value::as_str).collect();
    Some((budget.get("name")?.as_str()?, files, budget.get("brotli")?.as_u64()?))
}

/// Node does the compressing: it is there anyway, and no crate has to be compiled for it.
fn measure(files: &[&str]) -> Result<Vec<Size>> {
    if let Some(missing) = files.iter().find(|file| !path(file).is_file()) {
        return Err(format!("{missing} is missing, so its size is unknown."));
    }
    let printed = capture(node().args(["-e", include_str!("measure.cjs"), "--"]).args(files))?;
    printed.lines().map(|line| read_size(line).ok_or_else(|| format!("\"{line}\" is not a size."))).collect()
}

fn read_size(line: &str) -> Option<Size> {
    let mut numbers = line.split(' ').map(|number| number.parse().ok());
    Some(Size { raw: numbers.next()??, gzip: numbers.next()??, brotli: numbers.next()?? })
}

/// The files below a folder, named from the root of the repository.
fn list(folder: &Path, files: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            list(&path, files);
        } else if let Ok(name) = path.strip_prefix(root()) {
            files.push(name.to_string_lossy().replace('\\', "/"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_from_a_line() {
        assert_eq!(read_size("3 2 1"), Some(Size { raw: 3, gzip: 2, brotli: 1 }));
        assert_eq!(read_size("3 2"), None);
        assert_eq!(read_size("a b c"), None);
    }

    #[test]
    fn the_budgets_in_the_repository_can_be_read() {
        let budgets: Value = serde_json::from_str(include_str!("../budget.json")).unwrap();
        for budget in budgets.as_array().unwrap() {
            let (name, files, limit) = read_budget(budget).unwrap();
            assert!(!name.is_empty() && !files.is_empty() && limit > 0);
        }
    }
}
