//! The profile of a run: faults come in clusters, and some runs are quiet.

use super::chance::Chance;
use super::steps::Action;

/// How likely each kind of step is, and how often things go wrong.
pub struct Mood {
    pub name: &'static str,
    pub weights: [u32; Action::ALL.len()],
    /// One in this many requests is damaged in transit; none, if zero.
    pub network: u32,
    /// One in this many requests gets a bad response.
    pub provider: u32,
    /// One in this many ID tokens is wrong.
    pub lies: u32,
    /// One in this many callbacks is wrong.
    pub callbacks: u32,
    /// One in this many results of the device itself is slow or missing.
    pub device: u32,
}

const QUIET: Mood = Mood {
    name: "a quiet life",
    //  next tabs person calls login logout person-at-provider device-clock connection storage provider hostile storm
    weights: [120, 10, 12, 25, 8, 2, 16, 1, 1, 0, 1, 0, 0],
    network: 0,
    provider: 0,
    lies: 0,
    callbacks: 0,
    device: 0,
};

const MOODS: [Mood; 10] = [
    QUIET,
    Mood { name: "an ordinary life", network: 60, provider: 60, lies: 200, callbacks: 60, device: 60, ..with(2) },
    Mood { name: "a bad network", network: 4, provider: 40, ..with(8) },
    Mood { name: "a bad provider", provider: 3, network: 40, ..with(10) },
    Mood { name: "a lying provider", lies: 3, callbacks: 8, ..with(10) },
    Mood { name: "a bad device", device: 6, network: 40, ..with(7) },
    Mood { name: "many tabs", network: 40, ..with(1) },
    Mood { name: "a hostile world", callbacks: 4, lies: 10, ..with(11) },
    Mood { name: "comings and goings", network: 12, provider: 20, ..with(5) },
    Mood { name: "everything at once", network: 8, provider: 8, lies: 8, callbacks: 8, device: 8, ..with(12) },
];

/// A profile in which one kind of step is much more common than in a quiet one.
const fn with(more: usize) -> Mood {
    let mut mood = QUIET;
    mood.weights = [130, 12, 12, 25, 12, 4, 16, 2, 3, 1, 3, 2, 1];
    mood.weights[more] += if more == 12 { 3 } else { 18 };
    mood
}

pub fn draw(chance: &mut Chance) -> &'static Mood {
    &MOODS[chance.below(10) as usize]
}
