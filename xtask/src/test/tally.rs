//! Counts tests by the summaries of their runners.

use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Tally {
    /// What a line of output adds: nothing, unless it belongs to a summary.
    pub(crate) fn of_line(line: &str) -> Self {
        let line = plain(line);
        of_rust(&line).or_else(|| of_node(&line)).unwrap_or_default()
    }
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; …`
fn of_rust(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |what: &str| counts.split(';').find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok());
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

/// `# pass 12` in a file, `ℹ pass 12` on a terminal. A cancelled test did not pass.
fn of_node(line: &str) -> Option<Tally> {
    let (what, count) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?.split_once(' ')?;
    let count = count.parse().ok()?;
    match what {
        "pass" => Some(Tally { passed: count, failed: 0 }),
        "fail" | "cancelled" => Some(Tally { passed: 0, failed: count }),
        _ => None,
    }
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(output: &str) -> (u64, u64) {
        let mut tally = Tally::default();
        output.lines().for_each(|line| tally += Tally::of_line(line));
        (tally.passed, tally.failed)
    }

    #[test]
    fn rust_summaries_are_added_up() {
        let output = "running 3 tests\ntest a ... ok\n\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
            test result: FAILED. 40 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(tally(output), (43, 2));
        assert_eq!(tally("\u{1b}[0mtest result: \u{1b}[32mok\u{1b}[0m. 7 passed; 0 failed; 1 ignored"), (7, 0));
    }

    #[test]
    fn node_summaries_are_added_up() {
        assert_eq!(tally("1..2\n# tests 5\n# suites 0\n# pass 2\n# fail 1\n# cancelled 2\n# skipped 0"), (2, 3));
        assert_eq!(tally("\u{1b}[34mℹ tests 3\u{1b}[39m\n\u{1b}[34mℹ pass 3\u{1b}[39m\n\u{1b}[34mℹ fail 0\u{1b}[39m"), (3, 0));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(tally("# Subtest: pass 3\nok 1 - pass 9\n    # pass 9\n# passing 4\ntest result: unknown\n# pass many"), (0, 0));
    }
}
