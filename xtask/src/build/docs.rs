//! The documentation as a site: `docs/`, as mdBook renders it.
//!
//! A few documents outside of `docs/` are chapters as well. Other links out of `docs/` become the path
//! itself: the site does not contain those files.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::flags::Flags;
use crate::run::{Result, capture, cargo, program, read, read_text, run, say, write};
use crate::workspace::{LIBRARY, path, tool};

const MDBOOK: &str = "0.5.4";

/// The list of chapters, which mdBook reads unchanged.
const SUMMARY: &str = "docs/SUMMARY.md";

/// Documents outside of `docs/` that are chapters of the book. In `docs/` each chapter is only a link to its document.
const BORROWED: &[(&str, &str)] = &[("docs/package.md", "pkg/README.md"), ("docs/security.md", "SECURITY.md")];

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    Flags::read(arguments, &[], &[])?.no_words()?;
    mdbook()?;
    let (source, site) = (path("target/book-source"), path("target/book"));
    let _ = fs::remove_dir_all(&source);
    for file in &files_below("docs")? {
        let target = source.join(file.trim_start_matches("docs/"));
        if file.ends_with(".md") && file != SUMMARY {
            write(&target, chapter(file)?)?;
        } else {
            write(&target, read(&path(file))?)?;
        }
    }
    run(program(tool("mdbook")).arg("build").arg(&source).arg("--dest-dir").arg(&site))?;
    // mdBook copies it along with the chapters.
    let _ = fs::remove_file(site.join("book.toml"));
    say(format_args!("The site is in {}.", site.display()));
    Ok(())
}

/// Installs mdBook, without its features to watch and serve.
fn mdbook() -> Result<()> {
    let is_there = |printed: String| printed == format!("mdbook v{MDBOOK}");
    if tool("mdbook").exists() && capture(program(tool("mdbook")).arg("--version")).is_ok_and(is_there) {
        return Ok(());
    }
    say(format_args!("Installing mdBook {MDBOOK} into target/tools: once, a few minutes"));
    let package = format!("mdbook@{MDBOOK}");
    let features = ["--no-default-features", "--features", "search"];
    run(cargo().args(["install", &package, "--locked", "--force"]).args(features).arg("--root").arg(path("target/tools")))
}

/// What an example can import if nothing but the npm package is installed.
const WITHOUT_PEERS: &[&str] = &[LIBRARY, "wristband-spa-auth/testing"];

/// The examples in TypeScript that need nothing but the npm package, each with a name for its file.
pub(crate) fn typescript() -> Result<Vec<(String, String)>> {
    let mut examples = Vec::new();
    for file in files_below("docs")?.iter().filter(|file| file.ends_with(".md")) {
        let text = read_text(&path(file))?;
        let blocks = blocks(&text, "ts").into_iter().filter(|block| imports(block).all(|from| WITHOUT_PEERS.contains(&from)));
        let name = file.trim_end_matches(".md").replace('/', "-");
        examples.extend(blocks.enumerate().map(|(index, block)| (format!("{name}-{index}.ts"), block.to_owned())));
    }
    Ok(examples)
}

/// The code blocks of a document in this language.
pub(crate) fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

/// Where a block imports from.
fn imports(block: &str) -> impl Iterator<Item = &str> {
    block.lines().filter_map(|line| line.starts_with("import ").then(|| line.split('"').nth(1)).flatten())
}

pub(crate) fn files_below(folder: &str) -> Result<Vec<String>> {
    let entries = fs::read_dir(path(folder)).map_err(|error| format!("{folder} could not be read: {error}."))?;
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { files.extend(files_below(&name)?) } else { files.push(name) }
    }
    files.sort();
    Ok(files)
}

/// A chapter as the book has it.
fn chapter(file: &str) -> Result<String> {
    let document = BORROWED.iter().find(|(chapter, _)| *chapter == file).map_or(file, |(_, document)| *document);
    Ok(relinked(&read_text(&path(document))?, document, file))
}

/// A document's text as it stands in a chapter: its links lead to chapters, or become plain text.
fn relinked(text: &str, document: &str, chapter: &str) -> String {
    let mut relinked = String::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        let mut rest = line;
        while let Some(link) = Link::first_in(rest).filter(|_| !fenced) {
            relinked += &rest[..link.start];
            relinked += &link.from(document, chapter);
            rest = &rest[link.end..];
        }
        relinked = relinked + rest + "\n";
    }
    relinked
}

/// A link, with the place that it takes in a line.
struct Link<'a> {
    text: &'a str,
    target: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Link<'a> {
    fn first_in(line: &'a str) -> Option<Self> {
        let middle = line.find("](")?;
        let start = line[..middle].rfind('[')?;
        let end = middle + line[middle..].find(')')?;
        Some(Self { text: &line[start + 1..middle], target: &line[middle + 2..end], start, end: end + 1 })
    }

    /// A link of a document, as it is written in a chapter.
    fn from(&self, document: &str, chapter: &str) -> String {
        let Self { text, target, .. } = self;
        if target.contains("://") || target.starts_with('#') {
            return format!("[{text}]({target})");
        }
        let path = resolve(document, target);
        let (file, anchor) = path.split_once('#').unwrap_or((&path, ""));
        let hash = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
        let borrower = BORROWED.iter().find(|(_, document)| *document == file).map(|(chapter, _)| *chapter);
        match borrower.or_else(|| file.starts_with("docs/").then_some(file)) {
            Some(page) => format!("[{text}]({}{hash})", relative(chapter, page)),
            None if text.contains(file) => (*text).to_owned(),
            None => format!("{text} (`{file}`)"),
        }
    }
}

/// The path from the root of the repository, with the anchor, that a link in this document leads to.
fn resolve(document: &str, target: &str) -> String {
    let mut path = PathBuf::from(document);
    path.pop();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.to_string_lossy().replace('\\', "/")
}

/// The way from one chapter to another.
fn relative(chapter: &str, file: &str) -> String {
    let up = chapter.matches('/').count() - 1;
    // mdBook makes an index of a README, and no link to it.
    "../".repeat(up) + &file.trim_start_matches("docs/").replace("README.md", "index.md")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_outside_of_the_docs_are_chapters() {
        assert!(chapter("docs/security.md").unwrap().contains("## Reporting a vulnerability\n"));
        assert!(chapter("docs/package.md").unwrap().contains("## Content-Security-Policy\n"));
        for (chapter, document) in BORROWED {
            assert!(read_text(&path(chapter)).unwrap().contains(&format!("](../{document})")), "{chapter}");
        }
    }

    #[test]
    fn examples_are_found_by_their_language() {
        let text = "a\n```ts\nimport { a } from \"b\";\na();\n```\n\n```tsx\nc\n```\n\n```ts\nd\n```\n";
        assert_eq!(blocks(text, "ts"), ["import { a } from \"b\";\na();", "d"]);
        assert_eq!(imports(blocks(text, "ts")[0]).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn links_lead_to_chapters_or_are_plain_text() {
        let in_chapter = |text| relinked(text, "docs/a/b.md", "docs/a/b.md");
        assert_eq!(in_chapter("[x](../c.md#d) [y](#z)"), "[x](../c.md#d) [y](#z)\n");
        assert_eq!(in_chapter("[x](../../SECURITY.md#page)"), "[x](../security.md#page)\n");
        assert_eq!(
            in_chapter("[React](../../examples/react), [y](https://y.example)"),
            "React (`examples/react`), [y](https://y.example)\n"
        );
        assert_eq!(in_chapter("[x](../deploy/README.md#a)"), "[x](../deploy/index.md#a)\n");
        assert_eq!(relinked("[x](docs/c.md) [y](#z)", "SECURITY.md", "docs/security.md"), "[x](c.md) [y](#z)\n");
        assert_eq!(relinked("[x](../docs/c.md)", "pkg/README.md", "docs/package.md"), "[x](c.md)\n");
    }
}
