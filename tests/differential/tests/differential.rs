//! Thousands of ID tokens, and two verdicts on each.
//!
//! `TOKENS=1000000 cargo test -- --nocapture` makes that many, `SEED=…` makes others. The count
//! of each difference is printed.

use std::collections::BTreeMap;

use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth_differential::chance::Chance;
use wristband_spa_auth_differential::differences::{DIFFERENCES, Difference, Stricter, explanation};
use wristband_spa_auth_differential::draft::{Case, Draft};
use wristband_spa_auth_differential::edits::edit;
use wristband_spa_auth_differential::judges::{ours, theirs};
use wristband_spa_auth_differential::keys::SigningKey;

/// What a test has time for. Each difference occurs among this many tokens.
const FEW: u64 = 8_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Counts by the name of the difference, or of the agreement.
type Counts = BTreeMap<&'static str, u64>;

fn judge(case: &Case, counts: &mut Counts) {
    let (ours, theirs) = (ours(case), theirs(case));
    let name = match (&ours, &theirs) {
        (Ok(()), Ok(())) => "both accept",
        (Err(_), Err(_)) => "both refuse",
        _ => match explanation(case, &ours) {
            Some(difference) => difference.name,
            None => panic!(
                "unexplained difference: we say {ours:?}, they say {theirs:?}, of {} {} {} {}",
                case.draft.header, case.draft.claims, case.jwks, case.token
            ),
        },
    };
    *counts.entry(name).or_default() += 1;
}

#[test]
fn every_difference_is_explained_and_every_explanation_is_used() {
    let (seed, count) = (number("SEED").unwrap_or(0), number("TOKENS").unwrap_or(FEW));
    // The other library knows no P-521, and Ed25519 by its older name only.
    let known = Algorithm::ALL.into_iter().filter(|algorithm| !matches!(algorithm, Algorithm::Es512 | Algorithm::Ed25519));
    let keys: Vec<_> =
        known.map(|algorithm| (SigningKey::new(algorithm, "first"), SigningKey::another(algorithm, "first"))).collect();
    let (mut chance, mut counts) = (Chance::of_seed(seed), Counts::new());
    for _ in 0..count {
        let (key, stranger) = chance.pick(&keys);
        let mut draft = Draft::right(key);
        edit(&mut draft, &mut chance);
        judge(&draft.sign(key, stranger), &mut counts);
    }
    eprintln!("{counts:#?}");
    let needless: Vec<&str> =
        DIFFERENCES.iter().map(|difference| difference.name).filter(|name| !counts.contains_key(name)).collect();
    assert!(needless.is_empty(), "no token shows these differences: {needless:?}");
    for agreement in ["both accept", "both refuse"] {
        assert!(counts.get(agreement).is_some_and(|tokens| *tokens > count / 20), "{agreement} too few tokens to mean anything");
    }
}

#[test]
fn the_page_about_the_differences_is_up_to_date() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openidconnect.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, page()).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(written == page(), "docs/openidconnect.md is not what the code says: run this test with UPDATE_DOCS=1");
}

fn page() -> String {
    let mut page = String::from(
        "# ID tokens, compared with openidconnect\n\n\
         This library and the `openidconnect` crate disagree about some ID tokens, for the reasons in this table. A test\n\
         generates thousands of tokens and gives them to both: it fails if a disagreement is not in this table, or if no token\n\
         shows a row of the table. The page is generated from `tests/differential/src/differences.rs`:\n\
         `UPDATE_DOCS=1 cargo test` in `tests/differential`.\n\n\
         | subject | who rejects | why |\n|---|---|---|\n",
    );
    for Difference { name, stricter, reason, .. } in DIFFERENCES {
        let who = if *stricter == Stricter::We { "this library" } else { "openidconnect" };
        page.push_str(&format!("| {name} | {who} | {reason} |\n"));
    }
    page
}
