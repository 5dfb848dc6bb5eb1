//! The documentation as a site: `docs/`, as mdBook renders it.
//!
//! A chapter that only points to a section of a document outside of `docs/` has that section in the
//! book, so that nothing has to be written twice. Other links out of `docs/` become the path itself:
//! the site does not have those files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::flags::Flags;
use crate::run::{Result, capture, cargo, program, read, read_text, run, say, write};
use crate::workspace::{LIBRARY, path, tool};

const MDBOOK: &str = "0.5.4";

/// The list of chapters, which mdBook wants as it is.
const SUMMARY: &str = "docs/SUMMARY.md";

/// What is a page of its own in the book: a document outside of `docs/`, or a section of one, and its chapter.
type Borrowed = BTreeMap<String, String>;

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    Flags::read(arguments, &[], &[])?.no_words()?;
    mdbook()?;
    let (source, site) = (path("target/book-source"), path("target/book"));
    let _ = fs::remove_dir_all(&source);
    let files = files_below("docs")?;
    let borrowed = borrowed(&files)?;
    for file in &files {
        let target = source.join(file.trim_start_matches("docs/"));
        if file.ends_with(".md") && file != SUMMARY {
            write(&target, chapter(file, &borrowed)?)?;
        } else {
            write(&target, read(&path(file))?)?;
        }
    }
    run(program(tool("mdbook")).arg("build").arg(&source).arg("--dest-dir").arg(&site))?;
    // It lies where the chapters do, and is none of them.
    let _ = fs::remove_file(site.join("book.toml"));
    say(format_args!("The site is in {}.", site.display()));
    Ok(())
}

/// What renders the chapters. It is compiled without the parts that watch and serve.
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

/// The examples in TypeScript that need nothing but the npm package, each with a name for its file.
pub(crate) fn typescript() -> Result<Vec<(String, String)>> {
    let mut examples = Vec::new();
    for file in files_below("docs")?.iter().filter(|file| file.ends_with(".md")) {
        let text = read_text(&path(file))?;
        let blocks = blocks(&text, "ts").into_iter().filter(|block| imports(block).all(|from| from == LIBRARY));
        let name = file.trim_end_matches(".md").replace('/', "-");
        examples.extend(blocks.enumerate().map(|(index, block)| (format!("{name}-{index}.ts"), block.to_owned())));
    }
    Ok(examples)
}

/// The code blocks of a document in this language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

/// Where a block imports from.
fn imports(block: &str) -> impl Iterator<Item = &str> {
    block.lines().filter_map(|line| line.starts_with("import ").then(|| line.split('"').nth(1)).flatten())
}

fn files_below(folder: &str) -> Result<Vec<String>> {
    let entries = fs::read_dir(path(folder)).map_err(|error| format!("{folder} could not be read: {error}."))?;
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { files.extend(files_below(&name)?) } else { files.push(name) }
    }
    files.sort();
    Ok(files)
}

fn borrowed(files: &[String]) -> Result<Borrowed> {
    let mut borrowed = Borrowed::new();
    for file in files.iter().filter(|file| file.ends_with(".md")) {
        let text = read_text(&path(file))?;
        let targets = text.lines().filter_map(|line| borrows(file, line));
        borrowed.extend(targets.map(|target| (target, file.clone())));
    }
    Ok(borrowed)
}

/// What a line of this chapter stands for, if it is nothing but a link to a document outside of `docs/`.
fn borrows(file: &str, line: &str) -> Option<String> {
    let link = Link::first_in(line)?;
    let is_all = link.start == 0 && link.end == line.len() && link.target.contains(".md");
    let target = resolve(file, link.target);
    (is_all && !target.starts_with("docs/")).then_some(target)
}

/// A chapter as the book has it.
fn chapter(file: &str, borrowed: &Borrowed) -> Result<String> {
    let mut text = String::new();
    for line in read_text(&path(file))?.lines() {
        match borrows(file, line) {
            Some(target) => {
                let (document, anchor) = target.split_once('#').unwrap_or((&target, ""));
                let whole = read_text(&path(document))?;
                let section = section(&whole, anchor).ok_or_else(|| format!("{file}: {document} has no section #{anchor}."))?;
                text += &relinked(&section, document, file, borrowed);
            }
            None => text = text + line + "\n",
        }
    }
    Ok(relinked(&text, file, file, borrowed))
}

/// What stands below a heading, or below the title of the document. Its own headings move up.
fn section(document: &str, anchor: &str) -> Option<String> {
    let mut lines = document.lines();
    let is_begin = |line: &&str| level(line).is_some_and(|level| if anchor.is_empty() { level == 1 } else { slug(line) == anchor });
    let top = level(lines.find(is_begin)?)?;
    let mut fenced = false;
    let mut text = String::new();
    for line in lines {
        fenced ^= line.starts_with("```");
        match level(line).filter(|_| !fenced) {
            Some(level) if level <= top => break,
            Some(_) => text += &line[top - 1..],
            None => text += line,
        }
        text.push('\n');
    }
    Some(text)
}

fn level(line: &str) -> Option<usize> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    (level > 0 && line[level..].starts_with(' ')).then_some(level)
}

/// The anchor of a heading.
fn slug(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim();
    let kept = title.chars().filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter));
    kept.flat_map(char::to_lowercase).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// A text of one document as it stands in a chapter: its links lead to chapters, or are none.
fn relinked(text: &str, document: &str, chapter: &str, borrowed: &Borrowed) -> String {
    let mut relinked = String::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        let mut rest = line;
        while let Some(link) = Link::first_in(rest).filter(|_| !fenced) {
            relinked += &rest[..link.start];
            relinked += &link.from(document, chapter, borrowed);
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

    /// The link as it has to be in a chapter, when it stands in a document.
    fn from(&self, document: &str, chapter: &str, borrowed: &Borrowed) -> String {
        let Self { text, target, .. } = self;
        if target.contains("://") || (target.starts_with('#') && document == chapter) {
            return format!("[{text}]({target})");
        }
        let path = if target.starts_with('#') { format!("{document}{target}") } else { resolve(document, target) };
        let (file, anchor) = path.split_once('#').unwrap_or((&path, ""));
        let hash = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
        if file.starts_with("docs/") {
            return format!("[{text}]({}{hash})", relative(chapter, file));
        }
        match (borrowed.get(&path), borrowed.get(file)) {
            (Some(borrower), _) => format!("[{text}]({})", relative(chapter, borrower)),
            (None, Some(borrower)) => format!("[{text}]({}{hash})", relative(chapter, borrower)),
            (None, None) if text.contains(file) => (*text).to_owned(),
            (None, None) => format!("{text} (`{file}`)"),
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
    fn a_line_that_is_only_a_link_borrows_a_section() {
        assert_eq!(borrows("docs/a/b.md", "[Settings](../../README.md#settings)").as_deref(), Some("README.md#settings"));
        assert_eq!(borrows("docs/a.md", "See [Settings](../README.md#settings)."), None);
        assert_eq!(borrows("docs/a.md", "[Errors](errors.md)"), None);
        let document = "# T\n## A\none\n### B\n```\n# no heading\n```\n## C\nthree\n";
        assert_eq!(section(document, "a").as_deref(), Some("one\n## B\n```\n# no heading\n```\n"));
        assert_eq!(section(document, "c").as_deref(), Some("three\n"));
        assert_eq!(section(document, "d"), None);
    }

    #[test]
    fn examples_are_found_by_their_language() {
        let text = "a\n```ts\nimport { a } from \"b\";\na();\n```\n\n```tsx\nc\n```\n\n```ts\nd\n```\n";
        assert_eq!(blocks(text, "ts"), ["import { a } from \"b\";\na();", "d"]);
        assert_eq!(imports(blocks(text, "ts")[0]).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn links_lead_to_chapters_or_are_none() {
        let borrowed =
            Borrowed::from([("README.md#laws".into(), "docs/laws.md".into()), ("SECURITY.md".into(), "docs/s.md".into())]);
        let in_chapter = |text| relinked(text, "docs/a/b.md", "docs/a/b.md", &borrowed);
        assert_eq!(in_chapter("[x](../c.md#d) [y](#z)"), "[x](../c.md#d) [y](#z)\n");
        assert_eq!(in_chapter("[x](../../README.md#laws)"), "[x](../laws.md)\n");
        assert_eq!(in_chapter("[x](../../SECURITY.md#page)"), "[x](../s.md#page)\n");
        assert_eq!(
            in_chapter("[React](../../examples/react), [y](https://y.example)"),
            "React (`examples/react`), [y](https://y.example)\n"
        );
        assert_eq!(in_chapter("[x](../deploy/README.md#a)"), "[x](../deploy/index.md#a)\n");
        assert_eq!(relinked("[x](docs/c.md)", "README.md", "docs/a/b.md", &borrowed), "[x](../c.md)\n");
    }
}
