//! Measures what a browser has to load, and compares it with a budget.

pub(crate) mod growth;

use std::fs;
use std::ops::Add;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::build;
use crate::build::optimize;
use crate::build::package;
use crate::flags::Flags;
use crate::release::crates;
use crate::run::{Result, capture, node, read_text, say};
use crate::setup;
use crate::workspace::{path, scratch};

/// A file's bytes: uncompressed, with gzip, and with brotli at the highest level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, gzip: self.gzip + other.gzip, brotli: self.brotli + other.brotli }
    }
}

/// A file that a browser loads, and its description. `*` stands for the content hash in a name.
type Part = (&'static str, &'static str);

pub(crate) const PKG: &[Part] = &[("page", "pkg/dist/index.js"), ("worker", "pkg/dist/vault.js"), ("wasm", "pkg/dist/vault.wasm")];
pub(crate) const DEMO: &[Part] = &[
    ("JavaScript", "demo/dist/app-*.js"),
    ("wasm", "demo/dist/app_bg-*.wasm"),
    ("worker", "demo/dist/vault.js"),
    ("worker's wasm", "demo/dist/vault_bg-*.wasm"),
];

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &["--by-crate", "--by-function", "--growth"], &[])?;
    flags.no_words()?;
    setup::to_build()?;
    if flags.has("--growth") {
        return growth::report();
    }
    package::build(false)?;
    let by_function = flags.has("--by-function");
    if by_function || flags.has("--by-crate") {
        let named = scratch("pkg-named.wasm");
        fs::copy(scratch(package::NAMED), &named).map_err(|error| format!("{} could not be written: {error}.", named.display()))?;
        optimize::optimize_and_name(&named)?;
        crates::report(&named, by_function)?;
    }
    build::demo(&build::Demo::default())?;
    check(&["pkg/dist", "demo/dist"])
}

/// Prints a table of these files.
pub(crate) fn report(parts: &[Part]) -> Result<()> {
    let files: Vec<&str> = parts.iter().map(|(_, file)| *file).collect();
    let sizes = measure(&files)?;
    let mut rows: Vec<(String, Size)> =
        parts.iter().zip(sizes).map(|((what, file), size)| (format!("{what}: {file}"), size)).collect();
    let total = rows.iter().fold(Size::default(), |total, (_, size)| total + *size);
    rows.push(("total".into(), total));
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    say(format_args!("{:width$}  {:>9}  {:>9}  {:>9}", "", "raw", "gzip", "brotli"));
    for (name, Size { raw, gzip, brotli }) in rows {
        say(format_args!("{name:width$}  {raw:>9}  {gzip:>9}  {brotli:>9}"));
    }
    Ok(())
}

/// The total bytes of these files with brotli.
pub(crate) fn brotli(files: &[&str]) -> Result<u64> {
    Ok(measure(files)?.iter().map(|size| size.brotli).sum())
}

/// Compares the build in these folders with its budgets.
pub(crate) fn check(folders: &[&str]) -> Result<()> {
    let budgets = read_text(&path("xtask/budget.json"))?;
    let budgets: Value = serde_json::from_str(&budgets).map_err(|error| format!("xtask/budget.json is not JSON: {error}."))?;
    let mut over = Vec::new();
    for budget in budgets.as_array().into_iter().flatten() {
        let (name, files, limit) = read_budget(budget).ok_or("A budget in xtask/budget.json lacks its name, files or brotli.")?;
        if !files.iter().all(|file| folders.iter().any(|folder| Path::new(file).starts_with(folder))) {
            continue;
        }
        let total = brotli(&files)?;
        say(format_args!("{name}: {total} of {limit} bytes with brotli"));
        if total > limit {
            over.push(format!("{name} is {} bytes over its budget", total - limit));
        }
    }
    if over.is_empty() { Ok(()) } else { Err(format!("Too large: {}.", over.join(", "))) }
}

fn read_budget(budget: &Value) -> Option<(&str, Vec<&str>, u64)> {
    let files: Vec<&str> = budget.get("files")?.as_array()?.iter().filter_map(Value::as_str).collect();
    Some((budget.get("name")?.as_str()?, files, budget.get("brotli")?.as_u64()?))
}

/// Node compresses: it is required anyway, and no crate has to be compiled for it.
fn measure(files: &[&str]) -> Result<Vec<Size>> {
    let found: Vec<PathBuf> = files.iter().map(|file| find(file)).collect::<Result<_>>()?;
    let printed = capture(node().args(["-e", include_str!("measure.cjs"), "--"]).args(found))?;
    printed.lines().map(|line| read_size(line).ok_or_else(|| format!("\"{line}\" is not a size."))).collect()
}

/// The only file of this name.
fn find(file: &str) -> Result<PathBuf> {
    let place = path(file);
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let entries = place.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten();
    let entries = entries.flatten().map(|entry| entry.path());
    let mut found = entries.filter(|there| there.file_name().is_some_and(|other| matches(&name, &other.to_string_lossy())));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(format!("{file} is missing, so its size is unknown.")),
        (Some(_), Some(_)) => Err(format!("There are several {file}: build again.")),
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => name.len() >= pattern.len() && name.starts_with(start) && name.ends_with(end),
        None => name == pattern,
    }
}

fn read_size(line: &str) -> Option<Size> {
    let mut numbers = line.split(' ').map(|number| number.parse().ok());
    Some(Size { raw: numbers.next()??, gzip: numbers.next()??, brotli: numbers.next()?? })
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
    fn a_file_name_matches_with_any_hash() {
        assert!(matches("app-*.js", "app-0123.js") && matches("vault.js", "vault.js"));
        for name in ["app.js", "app-.js", "app-0123.js.br", "app_bg-0123.js", "vault.js"] {
            assert!(!matches("app-*.js", name), "{name}");
        }
    }

    #[test]
    fn the_budgets_in_the_repository_can_be_read() {
        let budgets: Value = serde_json::from_str(include_str!("../../budget.json")).unwrap();
        for budget in budgets.as_array().unwrap() {
            let (name, files, limit) = read_budget(budget).unwrap();
            assert!(!name.is_empty() && !files.is_empty() && limit > 0);
        }
    }
}
