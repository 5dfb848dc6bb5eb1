//! `docs/states.md`: every change of the state, and its cause.

use std::collections::{BTreeMap, BTreeSet};

use super::Change;
use super::cases::Case;
use super::support::view::View;

pub(crate) const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/states.md");

const INTRODUCTION: &str = "# States\n\n\
    The app sees one of four states. None holds a token.\n\n\
    | state | what it means | what the app shows |\n|---|---|---|\n\
    | `loading` | It is not known yet whether the user is signed in: a callback is being checked, or the browser is about to be \
    sent to the provider to restore a session. | Nothing that depends on it. |\n\
    | `signed-out`, reason `never-signed-in` | No user was signed in before. | The login button. |\n\
    | `signed-out`, reason `signed-out` | The user logged out, here or in another tab. | The same. |\n\
    | `signed-out`, reason `expired` | The session ended at the provider, or could not be restored. | The same, and possibly a \
    message. |\n\
    | `signed-in` | The user is signed in: `userId`, the tenant, the ID token's claims, and when the access token expires. | The \
    app. |\n\
    | `failed` | A sign-in failed, and `error` says why. | [The error](errors.md), and the login button. |\n\n\
    A `signed-in` session also reports `renewing`, `renewalError` (why the last renewal failed) and `offline`. It stays `signed-in` \
    meanwhile; the app has nothing to show, and `auth.fetch` waits for what it needs.\n\n\
    ![The four states, and the numbered transitions between them](states.svg)\n\n\
    ## Transitions\n\n\
    The numbers are those in the diagram. \"Input\" is the `Input` that the session then receives, from `src/session/input.rs`. \
    Work that is due at a certain time is done on the next input of any kind.\n\n\
    | | from | event | to | input |\n|--:|---|---|---|---|\n";

const END: &str = "\n\
    This page and its diagram are generated from what a session does in a simulated world (`tests/states/cases.rs`): \
    `UPDATE_DOCS=1 cargo test --no-default-features --test states`. The simulation of `cargo xtask test` goes through these \
    transitions and no others: `tests/simulation/main.rs`.\n";

pub(crate) fn of(seen: &[(&Case, BTreeSet<Change>)]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for (number, (case, changes)) in (1..).zip(seen) {
        let mut rows: BTreeMap<View, (BTreeSet<View>, BTreeSet<&str>)> = BTreeMap::new();
        for (from, input, to) in changes {
            let row = rows.entry(*to).or_default();
            row.0.insert(*from);
            row.1.insert(*input);
        }
        for (to, (from, inputs)) in rows {
            let from = list(from.into_iter().map(View::name));
            page += &format!("| {number} | {from} | {} | `{}` | {} |\n", case.what, to.name(), list(inputs));
        }
    }
    page + END
}

fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
