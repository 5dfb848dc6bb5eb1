//! Random runs of a simulated world; the laws are checked after every step.
//!
//! `RUNS=1000000 cargo test --no-default-features --profile simulation --test simulation -- --nocapture`
//! simulates that many runs, `FIRST=…` starts with another seed, and `SEED=…` narrates one.
//!
//! The simulated world: random runs of an app, its browser, its network and its provider.
//!
//! [`World`] drives real [`Session`](wristband_spa_auth::session::Session)s. Every event is
//! drawn from a [`Chance`], so a seed determines the run; every output of a session is checked
//! against the laws at once, in `laws`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, unreachable_pub, unnameable_types)]
#![allow(
    clippy::exhaustive_enums,
    clippy::expect_used,
    clippy::new_without_default,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod apis;
mod calls;
mod chance;
mod device;
mod effects;
mod events;
mod keys;
mod laws;
mod mood;
mod network;
mod outcomes;
mod proofs;
mod provider;
pub mod report;
mod serving;
mod settle;
mod shrink;
mod steps;
mod tabs;
mod tally;
mod text;
mod tokens;
mod vault;
#[path = "../states/view.rs"]
pub mod view;
mod world;

use report::Report;

pub use chance::Chance;
pub use shrink::shrink;
pub use tally::Tally;
pub use world::{Setting, World};

/// A law that was broken, and how.
#[derive(Clone, Debug)]
pub struct Broken {
    pub law: &'static str,
    pub how: String,
}

/// The number of steps in a run before its faults stop.
pub const STEPS: u32 = 200;

/// Simulates one run. Counts go into the tally.
pub fn live(setting: &Setting, chance: Chance, tally: &mut Tally) -> (Option<Broken>, u32) {
    let mut world = World::new(setting, chance, core::mem::take(tally));
    world.run();
    let ended = (world.broken.take(), world.step);
    *tally = world.tally;
    ended
}

/// Simulates one run and narrates it.
pub fn tell(setting: &Setting, chance: Chance) -> (Option<Broken>, Vec<String>, Chance) {
    let mut world = World::new(setting, chance, Tally::default());
    world.told = Some(Vec::new());
    world.run();
    (world.broken, world.told.unwrap_or_default(), world.chance)
}

/// What an unoptimised build has time for.
const FEW: u64 = 400;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn no_simulated_run_breaks_a_law() {
    if let Some(seed) = number("SEED") {
        return report::retell(seed);
    }
    let count = number("RUNS").unwrap_or(FEW);
    let report = Report::on(number("FIRST").unwrap_or(0), count);
    report.expect_no_broken_law();
    report.expect_documented_changes();
    if count >= 10_000 {
        report.expect_everything_tried();
    }
}
