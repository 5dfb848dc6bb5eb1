//! Thousands of ID tokens, and two opinions on each.
//!
//! `TOKENS=1000000 cargo test -- --nocapture` makes that many, `SEED=…` makes others. What comes
//! of each difference is printed.

use std::collections::BTreeMap;

use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth_differential::chance::Chance;
use wristband_spa_auth_differential::differences::{DIFFERENCES, Difference, Stricter, explanation};
use wristband_spa_auth_differential::draft::{Case, Draft};
use wristband_spa_auth_differential::edits::edit;
use wristband_spa_auth_differential::judges::{ours, theirs};
use wristband_spa_auth_differential::keys::SigningKey;

/// What a test has time for. Each difference occurs in so many.
const FEW: u64 = 8_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What was counted: by the name of the difference, or of the agreement.
type Counts = BTreeMap<&'static str, u64>;

fn judge(case: &Case, counts: &mut Counts) {
    let (ours, theirs) = (ours(case), theirs(case));
    let name = match (&ours, &theirs) {
        (Ok(()), Ok(())) => "both accept",
        (Err(_), Err(_)) => "both refuse",
        _ => match explanation(case, &ours) {
            Some(difference) => difference.name,
            None => panic!(
                "nobody can explain this: we say {ours:?}, they say {theirs:?}, of {} {} {} {}",
                case.draft.header, case.draft.claims, case.jwks, case.token
            ),
        },
    };
    *counts.entry(name).or_default() += 1;
}

#[test]
fn every_disagreement_is_explained_and_every_explanation_is_needed() {
    let (seed, count) = (number("SEED").unwrap_or(0), number("TOKENS").unwrap_or(FEW));
    let keys = Algorithm::ALL.map(|algorithm| (SigningKey::new(algorithm, "first"), SigningKey::another(algorithm, "first")));
    let (mut chance, mut counts) = (Chance::of_seed(seed), Counts::new());
    for _ in 0..count {
        let (key, somebody) = chance.pick(&keys);
        let mut draft = Draft::right(key);
        edit(&mut draft, &mut chance);
        judge(&draft.sign(key, somebody), &mut counts);
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
        "# ID tokens, beside openidconnect\n\n\
         Where this library and the `openidconnect` crate judge the same ID token differently, and why. A test makes\n\
         thousands of tokens and asks both: a disagreement that is not in this table fails it, and so does a line of the\n\
         table that no token shows. The page is made from `tests/differential/src/differences.rs`:\n\
         `UPDATE_DOCS=1 cargo test` in `tests/differential`.\n\n\
         | about | who refuses | why |\n|---|---|---|\n",
    );
    for Difference { name, stricter, reason, .. } in DIFFERENCES {
        let who = if *stricter == Stricter::We { "this library" } else { "openidconnect" };
        page.push_str(&format!("| {name} | {who} | {reason} |\n"));
    }
    page
}
