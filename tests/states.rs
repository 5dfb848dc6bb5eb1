//! What changes the state: the table and the picture in the documentation are made from what a session does.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "states/cases.rs"]
mod cases;
#[path = "states/page.rs"]
mod page;
#[path = "states/picture.rs"]
mod picture;
mod support;

use std::collections::BTreeSet;

use cases::{CASES, Case, Happening, Setting};
use support::view::View;

/// A change of the state: from, by what, to.
type Change = (View, &'static str, View);

/// Has it happen in each of its states, in each of its ways, and answers the changes that came of it.
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
fn the_table_and_the_picture_of_the_states_are_what_a_session_does() {
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
fn every_case_changes_something() {
    for (case, changes) in all_seen() {
        assert!(!changes.is_empty(), "{}", case.what);
    }
}
