//! Whole random histories in a simulated world, in which the laws are checked after every step.
//!
//! `HISTORIES=1000000 cargo test --no-default-features --profile histories --test histories -- --nocapture`
//! lives through that many, `FIRST=…` begins with another seed, and `SEED=…` tells one in words.
#![cfg(not(target_arch = "wasm32"))]

#[path = "histories/mod.rs"]
mod simulated;

use simulated::report::{self, Report};

/// What a run without optimisation has time for.
const FEW: u64 = 400;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn no_history_breaks_a_law() {
    if let Some(seed) = number("SEED") {
        return report::retell(seed);
    }
    let count = number("HISTORIES").unwrap_or(FEW);
    let report = Report::on(number("FIRST").unwrap_or(0), count);
    report.expect_no_broken_law();
    report.expect_documented_changes();
    if count >= 10_000 {
        report.expect_everything_tried();
    }
}
