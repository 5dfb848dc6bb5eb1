//! Every link, every anchor and every chapter of the documentation exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Documents in `docs` that are not chapters of the book.
const NO_CHAPTERS: &[&str] = &["docs/SUMMARY.md"];

/// Documents outside of `docs` whose links are checked as well.
const OUTSIDE_OF_DOCS: &[&str] =
    &["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", "pkg/README.md", "tests/README.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap_or_else(|_| panic!("there is no {document}"))
}

/// The Markdown files below a folder, by their paths from the root.
fn documents_below(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root().join(folder)).unwrap().flatten() {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(documents_below(&path));
        } else if path.ends_with(".md") {
            found.insert(path);
        }
    }
    found
}

/// The prose of a document: without what is code.
fn prose(document: &str) -> String {
    let mut fenced = false;
    let mut kept = String::new();
    for line in document.lines() {
        let is_fence = line.trim_start().starts_with("```");
        if !fenced && !is_fence {
            kept.extend(line.split('`').step_by(2).chain(["\n"]));
        }
        fenced ^= is_fence;
    }
    kept
}

/// Where the links and pictures of a document lead, except to other sites.
fn links(document: &str) -> Vec<String> {
    let targets = prose(document);
    let targets = targets.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).map(str::to_owned).collect()
}

/// The anchors of a document: its headings as GitHub and mdBook name them.
fn anchors(document: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut anchors = BTreeSet::new();
    for line in document.lines() {
        fenced ^= line.starts_with("```");
        if let (false, Some((level, title))) = (fenced, line.split_once(' '))
            && !level.is_empty()
            && level.bytes().all(|byte| byte == b'#')
        {
            anchors.insert(anchor(title));
        }
    }
    anchors
}

fn anchor(title: &str) -> String {
    let kept = title.trim().chars().filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter));
    kept.flat_map(char::to_lowercase).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// The path from the root that a link in this document leads to.
fn resolve(document: &str, target: &str) -> String {
    let mut path = PathBuf::from(document);
    path.pop();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{document}: {target} leads out of the repository"),
            part => path.push(part),
        }
    }
    path.to_string_lossy().replace('\\', "/")
}

/// Why a link leads nowhere, if it does not.
fn is_broken(document: &str, link: &str) -> Option<String> {
    let (target, anchor) = link.split_once('#').map_or((link, None), |(target, anchor)| (target, Some(anchor)));
    let path = if target.is_empty() { document.to_owned() } else { resolve(document, target) };
    if !root().join(&path).exists() {
        return Some(format!("{document}: there is no {path}"));
    }
    let anchor = anchor.filter(|anchor| !anchors(&read(&path)).contains(*anchor))?;
    Some(format!("{document}: {path} has no heading for #{anchor}"))
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut documents = documents_below("docs");
    documents.extend(OUTSIDE_OF_DOCS.iter().map(|document| (*document).to_owned()));
    let links = documents.iter().flat_map(|document| links(&read(document)).into_iter().map(move |link| (document, link)));
    let links: Vec<_> = links.collect();
    assert!(links.len() > 50, "only {} links", links.len());
    let broken: Vec<String> = links.iter().filter_map(|(document, link)| is_broken(document, link)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_document_is_a_chapter_once() {
    let listed = links(&read("docs/SUMMARY.md")).into_iter().map(|link| resolve("docs/SUMMARY.md", &link));
    let listed: Vec<String> = listed.collect();
    let chapters: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), chapters.len(), "a chapter stands twice in docs/SUMMARY.md");
    let missing: Vec<&String> = chapters.iter().filter(|chapter| !root().join(chapter).is_file()).collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md lists what is not there: {missing:?}");
    let all = documents_below("docs").into_iter().filter(|document| !NO_CHAPTERS.contains(&document.as_str()));
    let unlisted: Vec<String> = all.filter(|document| !chapters.contains(document)).collect();
    assert!(unlisted.is_empty(), "docs/SUMMARY.md does not list {unlisted:?}");
}

#[test]
fn a_link_that_leads_nowhere_is_noticed() {
    let document = "# One\n[a](b.md#c) `[code](x)` ![d](../e.svg)\n```\n[f](g)\n# Two\n```\n[h](https://h.example) [i](#one)";
    assert_eq!(links(document), ["b.md#c", "../e.svg", "#one"]);
    assert_eq!(anchors(document), BTreeSet::from(["one".to_owned()]));
    assert_eq!(anchor("What the `vault` is, and isn't"), "what-the-vault-is-and-isnt");
    assert_eq!(resolve("docs/recipes/a.md", "../../README.md"), "README.md");
    assert_eq!(is_broken("README.md", "SECURITY.md#the-page"), None);
    assert!(is_broken("README.md", "SECURITY.md#the-moon").is_some());
    assert!(is_broken("README.md", "NOTHING.md").is_some());
}
