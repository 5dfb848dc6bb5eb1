//! Every test that a document names exists.

use std::path::Path;

/// The tests that a document names, as file and name: `` `tests/docs/claims.rs: every_test_…` ``.
fn named_in(document: &str) -> Vec<(&str, &str)> {
    let quoted = document.split('`').skip(1).step_by(2);
    quoted
        .filter_map(|text| text.split_once(": "))
        .filter(|(file, _)| file.starts_with("tests/") || file.starts_with("src/"))
        .collect()
}

/// Whether a file has a test of this name, or one whose name has these words in it.
fn has_test(source: &str, file: &str, name: &str) -> bool {
    if file.ends_with(".rs") {
        source.contains(&format!("fn {name}()"))
    } else {
        source.replace("\\'", "'").lines().any(|line| line.contains("test(") && line.contains(name))
    }
}

#[test]
fn every_test_that_the_documents_name_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (document, at_least) in [
        ("SECURITY.md", 50),
        ("docs/checks.md", 20),
        ("docs/recipes/bound-tokens.md", 10),
        ("docs/recipes/pushed-requests.md", 4),
        ("docs/recipes/step-up.md", 2),
    ] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        let named = named_in(&text);
        assert!(named.len() >= at_least, "{document} names only {} tests", named.len());
        for (file, name) in named {
            let source = std::fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("{document}: there is no {file}"));
            assert!(has_test(&source, file, name), "{document}: {file} has no test \"{name}\"");
        }
    }
}

#[test]
fn a_test_that_is_not_there_is_noticed() {
    assert_eq!(named_in("By `tests/a.rs: b`, `c`, and `d: e`."), [("tests/a.rs", "b")]);
    assert!(has_test("fn b() {}", "tests/a.rs", "b"));
    assert!(!has_test("fn better() {}", "tests/a.rs", "b"));
    assert!(has_test("test('it\\'s here', () => {})", "a.test.js", "it's here"));
    assert!(!has_test("// it's here", "a.test.js", "it's here"));
}
