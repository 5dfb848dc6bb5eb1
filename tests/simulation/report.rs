//! Many runs at once, and the report about them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use super::{Broken, Chance, Setting, Tally, laws, live, shrink, tell};

/// Every change of the state, as `tests/states/main.rs` wrote it down.
const STATES: &str = include_str!("../../docs/states.md");

/// How many runs a thread takes at a time.
const BATCH: u64 = 50;

/// The results of many runs.
#[derive(Default)]
pub struct Report {
    pub tally: Tally,
    /// How many runs broke each law, and the first of them.
    pub broken: BTreeMap<&'static str, (u64, u64, String)>,
    pub shortest: u32,
}

impl Report {
    /// Simulates the runs of `count` seeds, on all processors.
    pub fn on(first: u64, count: u64) -> Self {
        let begun = Instant::now();
        let next = AtomicU64::new(first);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let mut report = Self { shortest: u32::MAX, ..Self::default() };
        thread::scope(|scope| {
            let work = || Self::on_thread(&next, first + count);
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            threads.into_iter().for_each(|thread| report.add(thread.join().unwrap()));
        });
        let seconds = begun.elapsed().as_secs_f64();
        let (runs, steps) = (report.tally.runs, report.tally.steps);
        report.tally.print();
        println!("{runs} runs, {steps} steps, {} in the shortest, {seconds:.1} s on {threads} threads", report.shortest);
        println!("{:.0} runs and {:.0} steps a second", runs as f64 / seconds, steps as f64 / seconds);
        report
    }

    fn on_thread(next: &AtomicU64, end: u64) -> Self {
        let setting = Setting::new();
        let mut report = Self { shortest: u32::MAX, ..Self::default() };
        loop {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            if first >= end {
                return report;
            }
            for seed in first..(first + BATCH).min(end) {
                let tally = &mut report.tally;
                let lived = catch_unwind(AssertUnwindSafe(|| live(&setting, Chance::of_seed(seed), tally)));
                let (broken, steps) = lived.unwrap_or_else(|_| (Some(panicked()), u32::MAX));
                report.note(broken, seed, steps);
            }
        }
    }

    fn note(&mut self, broken: Option<Broken>, seed: u64, steps: u32) {
        match broken {
            None => self.shortest = self.shortest.min(steps),
            Some(broken) => {
                let entry = self.broken.entry(broken.law).or_insert((0, seed, broken.how));
                entry.0 += 1;
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.tally.add(&other.tally);
        self.shortest = self.shortest.min(other.shortest);
        for (law, (count, seed, how)) in other.broken {
            let entry = self.broken.entry(law).or_insert((0, seed, how));
            entry.0 += count;
        }
    }

    /// Prints one short run for each broken law, and fails if there is any.
    pub fn expect_no_broken_law(&self) {
        for (law, (count, seed, how)) in &self.broken {
            println!("\nLaw {law}: broken in {count} runs. With SEED={seed}: {how}");
            if *law != laws::PANIC {
                let (_, told) = shrink(&Setting::new(), *seed);
                told.iter().for_each(|line| println!("  {line}"));
            }
        }
        assert!(self.broken.is_empty(), "broken: {:?}", self.broken.keys().collect::<Vec<_>>());
    }

    /// Fails if the state changed in a way that is not documented.
    pub fn expect_documented_changes(&self) {
        let rows: Vec<Vec<Vec<&str>>> = STATES.lines().filter(|line| line.starts_with("| ")).map(cells).collect();
        for ((from, (input, is_due), to), count) in &self.tally.changes {
            let is_row = |input: &str| {
                let has = |row: &[Vec<&str>], cell: usize, name: &str| row.get(cell).is_some_and(|names| names.contains(&name));
                rows.iter().any(|row| has(row, 2, from.name()) && has(row, 4, to.name()) && has(row, 5, input))
            };
            // What is due by a clock is done at any input, and so is what waited for the network when it is back. A page that was
            // opened with a foreign callback is like any other as soon as the callback is known to be foreign.
            let is_opening = *input == "PendingClaimed" && is_row("Opened");
            // These inputs also say whether there is a network.
            let is_connection = matches!(*input, "Opened" | "PageRestoredFromCache") && is_row("Online");
            // A sign-in that pages wait for can fail at each of its steps: here after the response to its token request.
            let is_sign_in_step = matches!(*input, "SignatureChecked" | "ServerTime") && is_row("Fetched");
            let is_known = is_row(input)
                || is_opening
                || is_connection
                || is_sign_in_step
                || ((*is_due || *input == "Online") && is_row("Tick"));
            // Two things can be due at the same moment: a session ends, and a concurrent sign-in is given up.
            let woken = |row: &[Vec<&str>], cell: usize, name: &str| {
                let has = |cell: usize, name: &str| row.get(cell).is_some_and(|names| names.contains(&name));
                has(cell, name) && has(5, "Tick")
            };
            let ends = rows.iter().filter(|row| woken(row, 2, from.name())).filter_map(|row| row.get(4)?.first().copied());
            let is_twice =
                *is_due && ends.into_iter().any(|end| rows.iter().any(|row| woken(row, 2, end) && woken(row, 4, to.name())));
            let is_known = is_known || is_twice;
            assert!(is_known, "docs/states.md: {} becomes {} by {input}, {count} times", from.name(), to.name());
        }
    }

    /// Fails if a kind of event that is meant to be tried never happened.
    pub fn expect_everything_tried(&self) {
        let never = self.tally.never();
        assert!(never.is_empty(), "never happened: {never:?}");
    }
}

/// Narrates the run of one seed, and fails if it breaks a law.
pub fn retell(seed: u64) {
    let (broken, told, _) = tell(&Setting::new(), Chance::of_seed(seed));
    told.iter().for_each(|line| println!("{line}"));
    assert!(broken.is_none(), "{broken:?}");
}

/// The quoted words in each cell of a row.
fn cells(row: &str) -> Vec<Vec<&str>> {
    row.split('|').map(|cell| cell.split('`').skip(1).step_by(2).collect()).collect()
}

fn panicked() -> Broken {
    Broken { law: laws::PANIC, how: "a panic, see above".to_owned() }
}
