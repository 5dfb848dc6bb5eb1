//! `docs/lies.md`: the table of lies, and what was seen of each.

use std::collections::BTreeMap;

use crate::support::lies::Case;

pub(crate) const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lies.md");

/// What `tests/e2e/lies.test.js` saw when it last wrote it down.
const IN_A_BROWSER: &str = include_str!("seen-in-chromium.json");

const INTRODUCTION: &str = "# Lies, and unusual truths\n\n\
    What a provider, or somebody between it and the app, can say that is wrong, and what comes of it. Beside the lies stand\n\
    truths that are unusual: they must be accepted. Each is told to the session in a simulated world (`tests/lies.rs`) and to\n\
    the npm package in Chromium (`tests/e2e/lies.test.js`); both read `tests/lies/*.json`. After a login or a callback that is\n\
    refused nobody is signed in; after a renewal or user info that is refused the session goes on with the tokens it had.\n\n\
    This page is made by `UPDATE_DOCS=1 cargo test --no-default-features --test lies`, after the browser's column was written by\n\
    `UPDATE_DOCS=1 node --test lies.test.js` in `tests/e2e`.\n\n";

const NOT_HERE: &str = "\n## Conformance modules that do not apply\n\n\
    The names that begin with `oidcc-client-test` are those of the OpenID Foundation's tests for relying parties. These of them\n\
    ask for what a public client with the code flow does not have: `client-secret-basic` and all of `client_auth_type` but `none`;\n\
    `invalid-chash`, `missing-chash`, `missing-athash`, `nonce-unless-code-flow` (other flows); `userinfo-bearer-body`;\n\
    `form-post-error`; `discovery-webfinger-acct`, `-url`; `dynamic-registration`; `request-uri-signed-none`, `-rs256`;\n\
    `rp-backchannel-*`, `rp-frontchannel-*`, `session-management`. `rp-init-logout` and `3rd-party-init-login` tell no lies.\n";

/// The page, of every case and what came of it.
pub(crate) fn of(told: &[(Case, String)]) -> String {
    let mut in_a_browser: BTreeMap<String, String> = serde_json::from_str(IN_A_BROWSER).unwrap();
    let mut tables = String::new();
    let (mut chapter, mut natively, mut seen_by_browser) = ("", Tally::default(), Tally::default());
    for (case, seen) in told {
        if case.chapter != chapter {
            chapter = &case.chapter;
            tables += &format!("\n## {chapter}\n\n");
            tables += "| what is said | | standard | when | expected | seen natively | seen in Chromium |\n|---|---|---|---|---|---|---|\n";
        }
        natively.count(case, seen);
        let browser = in_a_browser.remove(&case.id());
        if let Some(seen) = &browser {
            seen_by_browser.count(case, seen);
        }
        assert_eq!(browser.is_none(), case.not_in_browsers.is_some(), "{}: tests/e2e/lies.test.js has yet to see this", case.id());
        let browser = browser.or_else(|| case.not_in_browsers.clone()).unwrap();
        let kind = if case.is_lie { "lie" } else { "truth" };
        tables +=
            &format!("| {} | {kind} | {} | {} | {} | {seen} | {browser} |\n", case.name, case.standard, case.moment, case.expected);
    }
    assert!(in_a_browser.is_empty(), "tests/e2e/lies.test.js saw what is no longer in the table: {in_a_browser:?}");
    let totals = format!("{}{}", natively.row("natively"), seen_by_browser.row("in Chromium"));
    format!("{INTRODUCTION}{TOTALS}{totals}{tables}{NOT_HERE}")
}

const TOTALS: &str = "| | cases | lies told | wrongly accepted | truths told | wrongly refused | otherwise not as expected |\n\
    |---|---|---|---|---|---|---|\n";

/// How many cases came to what.
#[derive(Default)]
struct Tally {
    lies: usize,
    truths: usize,
    wrongly_accepted: usize,
    wrongly_refused: usize,
    otherwise_wrong: usize,
}

impl Tally {
    fn count(&mut self, case: &Case, seen: &str) {
        *(if case.is_lie { &mut self.lies } else { &mut self.truths }) += 1;
        let is_accepted = |outcome: &str| outcome.starts_with("accepted");
        match (is_accepted(&case.expected), is_accepted(seen)) {
            (false, true) => self.wrongly_accepted += 1,
            (true, false) => self.wrongly_refused += 1,
            _ => self.otherwise_wrong += usize::from(case.expected != seen),
        }
    }

    fn row(&self, place: &str) -> String {
        let Self { lies, truths, wrongly_accepted, wrongly_refused, otherwise_wrong } = self;
        let cases = lies + truths;
        format!("| {place} | {cases} | {lies} | {wrongly_accepted} | {truths} | {wrongly_refused} | {otherwise_wrong} |\n")
    }
}
