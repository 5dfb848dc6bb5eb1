//! State changes: the table and the diagram in the documentation are generated from what a session does.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod cases;
mod page;
mod picture;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use cases::{CASES, Case, Happening, Setting};
use support::view::View;

/// A change of the state: from, cause, to.
type Change = (View, &'static str, View);

/// Runs the case in each of its states and variants, and returns the changes that resulted.
fn seen(case: &Case) -> BTreeSet<Change> {
    let tried = case.settings.iter().flat_map(|setting| case.ways.iter().map(move |way| (setting, way)));
    let first_change = |(setting, way): (&Setting, &Happening)| {
        let mut world = setting();
        world.changes.clear();
        way(&mut world);
        world.changes.first().copied()
    };
    tried.filter_map(first_change).collect()
}

fn all_seen() -> Vec<(&'static Case, BTreeSet<Change>)> {
    CASES.iter().map(|case| (case, seen(case))).collect()
}

#[test]
fn the_state_table_and_diagram_match_what_a_session_does() {
    let seen = all_seen();
    for (path, made) in [(page::PATH, page::of(&seen)), (picture::PATH, picture::of(&seen))] {
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
        assert!(written == made, "{path} is not what a session does: run this test with UPDATE_DOCS=1");
    }
}

#[test]
fn every_case_changes_the_state() {
    for (case, changes) in all_seen() {
        assert!(!changes.is_empty(), "{}", case.what);
    }
}
