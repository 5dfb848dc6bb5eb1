//! The table of errors in the documentation is generated from the code.

use wristband_spa_auth::Code;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");

fn table() -> String {
    let mut page = String::from(
        "# Errors\n\n\
         Every failure has a stable `code`, says whose it is (`blame`), whether the same call can succeed later with\n\
         nothing changed (`retryable`), and what happened in words. The anchor of an error is its code: `errors.md#network`. This page is made from `src/protocol/error.rs`:\n\
         `UPDATE_DOCS=1 cargo test --no-default-features --test docs`.\n\n\
         | code | blame | retryable | what happened | what the app should do |\n|---|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let retryable = if code.retryable() { "yes" } else { "no" };
        let name = code.as_str();
        let cells = [&format!("<a id=\"{name}\"></a>`{name}`"), code.blame().as_str(), retryable, code.sentence(), code.advice()];
        page += &format!("| {} |\n", cells.join(" | "));
    }
    page
}

#[test]
fn law_10_every_code_is_documented() {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, table()).unwrap();
    }
    let page = std::fs::read_to_string(PAGE).unwrap().replace("\r\n", "\n");
    assert!(page == table(), "docs/errors.md is not what the code says: run this test with UPDATE_DOCS=1");
}

#[test]
fn law_10_every_code_has_a_message_for_the_user_and_one_for_the_developer() {
    for code in Code::ALL {
        let (text, sentence, advice) = (code.as_str(), code.sentence(), code.advice());
        assert!(text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{text}");
        assert!(sentence.len() > 10 && !sentence.ends_with('.'), "{text}: {sentence}");
        assert!(advice.len() > 10 && advice.ends_with('.'), "{text}: {advice}");
    }
}

#[test]
fn law_10_the_npm_types_list_the_same_codes() {
    let source = include_str!("../../pkg/ts/errors.ts");
    let union = source.split("export type AuthErrorCode =").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    let codes: Vec<&str> = union.split('"').skip(1).step_by(2).collect();
    assert_eq!(codes, Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>());
}

/// The codes of the failures that the page itself detects.
const OF_THE_PAGE: &[Code] = &[
    Code::ConfigInvalid,
    Code::Disposed,
    Code::InsecureContext,
    Code::Network,
    Code::Timeout,
    Code::VaultLost,
    Code::VaultUnavailable,
];

const FAILURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/ts/failures.ts");
const ALL_FAILURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/ts/all_failures.ts");

/// A TypeScript file with the blame, the retryability and the sentence of these codes.
fn failures(about: &str, name: &str, codes: &[Code]) -> String {
    let mut file = format!(
        "/**\n \
         * {about}, in the words of `src/protocol/error.rs`, from which this file is made:\n \
         * `UPDATE_DOCS=1 cargo test --no-default-features --test docs`.\n \
         */\n\
         export const {name} = {{\n",
    );
    for code in codes {
        let (blame, retryable, sentence) = (code.blame().as_str(), code.retryable(), code.sentence());
        file += &format!("  {}: {{ blame: \"{blame}\", retryable: {retryable}, sentence: \"{sentence}\" }},\n", code.as_str());
    }
    file + "} as const;\n"
}

/// Fails if a generated file differs from what the code says.
fn assert_generated(path: &str, text: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, text).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    assert!(file == text, "{path} is not what the code says: run this test with UPDATE_DOCS=1");
}

#[test]
fn law_10_the_pages_failures_are_generated_from_the_table() {
    assert_generated(FAILURES, &failures("The failures that the page itself notices", "FAILURES", OF_THE_PAGE));
}

#[test]
fn law_10_the_failures_that_a_fake_can_have_are_generated_from_the_table() {
    assert_generated(ALL_FAILURES, &failures("All failures, for the errors of a fake", "ALL_FAILURES", Code::ALL));
}
