//! The long run of the fuzz targets, with libFuzzer.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::flags::Flags;
use crate::run::{Result, capture, not_started, program, read_text, run, rustc, say};
use crate::setup;
use crate::workspace::{path, tool};

/// The crate of the targets.
pub(crate) const CRATE: &str = "fuzz";
/// The folder for the build, the runs and the findings.
const KEPT: &str = "target/fuzz";
/// Longer inputs are slower and find nothing more.
const LONGEST: &str = "-max_len=4096";

/// libFuzzer's final counts of a run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    executions: u64,
    /// Edges between basic blocks.
    edges: u64,
    /// Edges with the number of times they were taken, and comparisons.
    features: u64,
}

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &[], &["--minutes"])?;
    let all = targets()?;
    if let Some(unknown) = flags.words.iter().find(|word| !all.contains(word)) {
        return Err(format!("There is no fuzz target \"{unknown}\": the targets are {}.", all.join(", ")));
    }
    let chosen = if flags.words.is_empty() { all } else { flags.words.clone() };
    let minutes = flags.number("--minutes", 15)?;
    let each = Duration::from_secs(u64::from(minutes) * 60) / u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    setup::cargo_fuzz()?;
    let programs = build()?;
    fuzz(&chosen, each, &programs)
}

/// The names of the targets: each has a corpus.
fn targets() -> Result<Vec<String>> {
    let folder = path(CRATE).join("corpus");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{} could not be read: {error}.", folder.display()))?;
    let mut names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// Builds all targets, and returns their folder. Coverage instrumentation works in stable Rust; the library has no
/// unsafe code, so no sanitizer is needed, which stable Rust does not have.
fn build() -> Result<PathBuf> {
    let host = capture(rustc().args(["--print", "host-tuple"]))?;
    let arguments = ["--sanitizer", "none", "--features", "libfuzzer", "--target", &host, "--target-dir"];
    run(program(tool("cargo-fuzz")).args(["build", "--fuzz-dir", CRATE]).args(arguments).arg(path(KEPT)))
        .map_err(|problem| format!("{problem} libFuzzer needs a C++ compiler."))?;
    Ok(path(KEPT).join(host).join("release"))
}

fn fuzz(targets: &[String], each: Duration, programs: &Path) -> Result<()> {
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    let start = Instant::now();
    for target in targets {
        say(format_args!("Fuzzing {target} for {} s", each.as_secs()));
        let (figures, holds) = fuzz_one(target, each, programs)?;
        rows.push((target.as_str(), figures, holds));
        if !holds {
            broken.push(target.as_str());
        }
    }
    print(&rows, start.elapsed());
    if broken.is_empty() {
        return Ok(());
    }
    Err(format!("Broken: {}. The inputs are in {KEPT}/artifacts, the output in {KEPT}/logs.", broken.join(", ")))
}

/// Runs one target until its time is over or a property is broken.
fn fuzz_one(target: &str, time: Duration, programs: &Path) -> Result<(Figures, bool)> {
    let kept = |what: &str| path(KEPT).join(what).join(target);
    let made =
        |folder: &Path| fs::create_dir_all(folder).map_err(|error| format!("{} could not be created: {error}.", folder.display()));
    let (corpus, artifacts, log) = (kept("corpus"), kept("artifacts"), path(KEPT).join("logs").join(format!("{target}.txt")));
    made(&corpus)?;
    made(&artifacts)?;
    made(&path(KEPT).join("logs"))?;
    let file = File::create(&log).map_err(|error| format!("{} could not be written: {error}.", log.display()))?;
    let mut command = program(programs.join(target));
    command.arg(format!("-max_total_time={}", time.as_secs())).args([LONGEST, "-print_final_stats=1", "-reload=0"]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display())).arg(format!("-dict={CRATE}/words.dict"));
    // New inputs go into the first folder. The others are only read.
    command
        .arg(&corpus)
        .args(["corpus", "regressions"].map(|folder| path(CRATE).join(folder).join(target)).iter().filter(|f| f.is_dir()));
    let status = command.stderr(file).status().map_err(|error| not_started(&command, &error))?;
    Ok((figures(&read_text(&log)?), status.success()))
}

fn figures(log: &str) -> Figures {
    let after = |line: &str, word: &str| line.split_whitespace().skip_while(|other| *other != word).nth(1)?.parse().ok();
    let last = |word: &str| log.lines().rev().find_map(|line| after(line, word)).unwrap_or(0);
    Figures { executions: last("stat::number_of_executed_units:"), edges: last("cov:"), features: last("ft:") }
}

fn print(rows: &[(&str, Figures, bool)], time: Duration) {
    say(format_args!("\n| target | executions | edges | features | crashes |\n|---|---|---|---|---|"));
    for (target, Figures { executions, edges, features }, holds) in rows {
        say(format_args!("| {target} | {executions} | {edges} | {features} | {} |", u8::from(!holds)));
    }
    let executions: u64 = rows.iter().map(|(_, figures, _)| figures.executions).sum();
    say(format_args!("\n{executions} executions in {:.1} minutes.", time.as_secs_f64() / 60.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_counts_are_read() {
        let log = "#2 INITED cov: 10 ft: 11 corp: 1/1b\n#90 NEW    cov: 12 ft: 30 corp: 2/9b\n#99 DONE   cov: 12 ft: 31 corp: 2/9b\n\
            Done 99 runs in 1 second(s)\nstat::number_of_executed_units: 99\nstat::average_exec_per_sec:     9\n";
        assert_eq!(figures(log), Figures { executions: 99, edges: 12, features: 31 });
        assert_eq!(figures("nothing"), Figures::default());
    }

    #[test]
    fn every_fuzz_target_is_a_binary_of_the_crate() {
        let manifest = read_text(&path(CRATE).join("Cargo.toml")).unwrap();
        let targets = targets().unwrap();
        assert!(targets.len() > 9);
        for target in targets {
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
        }
    }
}
