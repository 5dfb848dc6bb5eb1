//! `docs/states.md`: every change of the state, and what brings it about.

use std::collections::{BTreeMap, BTreeSet};

use super::Change;
use super::cases::Case;
use super::support::view::View;

pub(crate) const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/states.md");

const INTRODUCTION: &str = "# States\n\n\
    The app sees one of four states. None holds a token.\n\n\
    | state | what it means | what the app shows |\n|---|---|---|\n\
    | `loading` | It is not known yet whether somebody is signed in: a callback is being checked, or the browser is about to be sent \
    to the provider to restore a session. | Nothing that depends on it. |\n\
    | `signed-out`, reason `never-signed-in` | Nobody was signed in. | The button to log in. |\n\
    | `signed-out`, reason `signed-out` | Somebody logged out, here or in another tab. | The same. |\n\
    | `signed-out`, reason `expired` | The session ended at the provider, or could not be restored. | The same, and perhaps a word about it. |\n\
    | `signed-in` | Somebody is signed in: `userId`, the tenant, the claims of the ID token, and when the access token ends. | The app. |\n\
    | `failed` | A sign-in came to nothing, and `error` says why. | [The error](errors.md), and the button to log in. |\n\n\
    A session that is `signed-in` says what it is busy with: `renewing`, `trouble` (why the last renewal came to nothing) and \
    `offline`. It stays `signed-in` all the while; nothing has to be shown, and `auth.fetch` waits for what it needs.\n\n\
    ![The four states, and the numbers of what leads from one to another](states.svg)\n\n\
    ## What leads from one to another\n\n\
    The numbers are those of the picture. \"Told as\" is the `Input` that the session is handed when it happens, in \
    `src/session/input.rs`. Whatever is due by a clock is done at the next input of any kind.\n\n\
    | | from | what happens | to | told as |\n|--:|---|---|---|---|\n";

const END: &str = "\nThis page and its picture are made from what a session does in a simulated world (`tests/states/cases.rs`): \
    `UPDATE_DOCS=1 cargo test --no-default-features --test states`. The random histories of `cargo xtask test` live through these \
    changes and no others: `tests/histories.rs`.\n";

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
