//! The simulated world: whole random histories of an app, its browser, its network and its provider.
//!
//! [`World`] drives real [`Session`](wristband_spa_auth::session::Session)s. Whatever happens is
//! drawn from a [`Chance`], so that a seed is a history; whatever a session does is held against
//! the laws at once, in `laws`.
#![allow(missing_docs, unreachable_pub, unnameable_types)]
#![allow(clippy::exhaustive_enums, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

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

/// So many things happen in a history before its faults stop.
pub const STEPS: u32 = 200;

/// Lives through one history. What is counted goes into the tally.
pub fn live(setting: &Setting, chance: Chance, tally: &mut Tally) -> (Option<Broken>, u32) {
    let mut world = World::new(setting, chance, core::mem::take(tally));
    world.run();
    let ended = (world.broken.take(), world.step);
    *tally = world.tally;
    ended
}

/// Lives through one history and tells it in words.
pub fn tell(setting: &Setting, chance: Chance) -> (Option<Broken>, Vec<String>, Chance) {
    let mut world = World::new(setting, chance, Tally::default());
    world.told = Some(Vec::new());
    world.run();
    (world.broken, world.told.unwrap_or_default(), world.chance)
}
