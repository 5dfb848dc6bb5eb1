//! The short run: every input of the corpus, and mutations of them.
//!
//! `MUTATIONS=1000000 cargo test` makes that many for each target, `SEED=…` makes others.

use std::fs;
use std::path::Path;

use wristband_spa_auth_fuzz::TARGETS;
use wristband_spa_auth_fuzz::chance::Chance;
use wristband_spa_auth_fuzz::mutation::mutated;

/// What a test has time for.
const FEW: u64 = 4_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The inputs of a folder, ordered by name.
fn inputs(folder: &str, target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Whether the check holds. An input that breaks it is printed next to the panic message.
fn holds(target: &str, check: fn(&[u8]), input: &[u8]) -> bool {
    let holds = std::panic::catch_unwind(|| check(input)).is_ok();
    if !holds {
        eprintln!("{target} is broken by {:?}", String::from_utf8_lossy(input));
    }
    holds
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for name in names {
        assert!(inputs("corpus", &name).len() > 3, "{name} has nothing to begin with");
    }
}

#[test]
fn past_regressions_do_not_return() {
    for (name, check) in TARGETS {
        assert!(inputs("regressions", name).iter().all(|input| holds(name, *check, input)), "{name} is broken");
    }
}

#[test]
fn the_corpus_and_its_mutations_keep_every_property() {
    let (seed, count) = (number("SEED").unwrap_or(0), number("MUTATIONS").unwrap_or(FEW));
    let broken = TARGETS.iter().filter(|(name, check)| {
        let inputs = inputs("corpus", name);
        let mut chance = Chance::of_seed(seed);
        let mutations = (0..count).map(|_| mutated(&inputs, &mut chance));
        !inputs.iter().cloned().chain(mutations).all(|input| holds(name, *check, &input))
    });
    assert_eq!(broken.map(|(name, _)| *name).collect::<Vec<_>>(), [""; 0], "these are broken");
}
