//! Prepares the files of a static site for a host: names with a content hash, and compressed copies.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use crate::run::{Result, node, read, run, write};

/// The extensions of files that refer to others, as `./name` in quotes or parentheses.
const REFERRING: &[&str] = &["css", "html", "js"];

/// The extensions of files that compress well. Images and fonts are compressed already.
const COMPRESSIBLE: &[&str] = &["css", "html", "js", "svg", "wasm"];

/// Smaller files fit into the first packets of a response anyway.
const WORTH_COMPRESSING: u64 = 1024;

/// The number of hash digits in a name.
const DIGITS: usize = 16;

/// A file without its new name.
struct File {
    name: String,
    content: Vec<u8>,
}

/// Gives every file of a folder a name that changes with its content, and updates the files that refer to it.
/// Those that are `fixed` keep their names: hosts and links look for them.
pub(crate) fn name_by_content(folder: &Path, fixed: &[&str]) -> Result<()> {
    let names = files(folder)?;
    let mut waiting: Vec<File> =
        names.into_iter().map(|name| read(&folder.join(&name)).map(|content| File { name, content })).collect::<Result<_>>()?;
    // A file's own name depends on the names that it refers to: those files come first.
    while let Some(next) = waiting.iter().position(|file| !waiting.iter().any(|other| mentions(file, other))) {
        let File { name, content } = waiting.swap_remove(next);
        let place = folder.join(&name);
        if fixed.contains(&name.as_str()) {
            write(&place, content)?;
            continue;
        }
        let hashed = hashed(&name, &content);
        fs::remove_file(&place).map_err(|error| format!("{} could not be removed: {error}.", place.display()))?;
        write(&folder.join(&hashed), content)?;
        let mut is_mentioned = false;
        for file in &mut waiting {
            is_mentioned |= rename(file, &name, &hashed);
        }
        if !is_mentioned {
            return Err(format!("Nothing refers to {name} as \"./{name}\", so it would not be found under its hashed name."));
        }
    }
    match waiting.first() {
        Some(file) => Err(format!("{} and another file refer to each other, so neither can be named by its hash.", file.name)),
        None => Ok(()),
    }
}

/// Whether a name contains its content's hash: what is served under it never changes.
pub(crate) fn is_named_by_content(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    hash.len() == DIGITS && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Puts a copy with brotli and one with gzip next to every file that becomes smaller, but not next to
/// files that are edited after deployment: their copies would be outdated.
pub(crate) fn compress(folder: &Path, changed_in_place: &[&str]) -> Result<()> {
    let is_worth_it = |name: &String| {
        COMPRESSIBLE.contains(&ending(name))
            && !changed_in_place.contains(&name.as_str())
            && folder.join(name).metadata().is_ok_and(|metadata| metadata.len() > WORTH_COMPRESSING)
    };
    let files = files(folder)?.into_iter().filter(is_worth_it).map(|name| folder.join(name));
    run(node().args(["-e", include_str!("compress.cjs"), "--"]).args(files))
}

/// The files below a folder, by their paths with slashes, sorted.
pub(crate) fn files(folder: &Path) -> Result<Vec<String>> {
    let failed = |error: std::io::Error| format!("{} could not be read: {error}.", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            names.extend(files(&entry.path())?.iter().map(|inner| format!("{name}/{inner}")));
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// What follows the last dot of a name.
pub(crate) fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn hashed(name: &str, content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let hash = format!("{:0DIGITS$x}", hasher.finish());
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}-{hash}.{ending}"),
        None => format!("{name}-{hash}"),
    }
}

fn mentions(file: &File, other: &File) -> bool {
    file.name != other.name
        && written(file, &other.name).is_some_and(|(text, name)| quoted(&name).any(|whole| text.contains(&whole)))
}

/// Replaces a file's old name by the new one, and returns whether there was any.
fn rename(file: &mut File, name: &str, hashed: &str) -> bool {
    let (Some((text, old)), Some((_, new))) = (written(file, name), written(file, hashed)) else { return false };
    let renamed = quoted(&old).zip(quoted(&new)).fold(text.to_owned(), |text, (old, new)| text.replace(&old, &new));
    let is_mentioned = renamed != text;
    file.content = renamed.into_bytes();
    is_mentioned
}

/// The text of a file that can refer to others, and how it would write that name: relative to its own folder.
fn written<'a>(file: &'a File, name: &str) -> Option<(&'a str, String)> {
    let folder = file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = name.strip_prefix(folder)?;
    let below = if folder.is_empty() { below } else { below.strip_prefix('/')? };
    let text = std::str::from_utf8(&file.content).ok().filter(|_| REFERRING.contains(&ending(&file.name)))?;
    Some((text, format!("./{below}")))
}

fn quoted(address: &str) -> impl Iterator<Item = String> {
    [("\"", "\""), ("'", "'"), ("(", ")")].into_iter().map(move |(open, close)| [open, address, close].concat())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn folder(name: &str, content: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-assets-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for (file, text) in content {
            write(&folder.join(file), text).unwrap();
        }
        folder
    }

    fn text(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join(name)).unwrap()
    }

    const SITE: &[(&str, &str)] = &[
        ("index.html", r#"<link href="./style.css"><script src="./start.js"></script>"#),
        ("config.json", r#"{"clientId": "./start.js"}"#),
        ("start.js", "import init from './app.js'; init(new URL(\"./app_bg.wasm\", import.meta.url));"),
        ("app.js", "import './snippets/a/inline0.js'; './app_bg.js';"),
        ("app_bg.wasm", "\0asm"),
        ("snippets/a/inline0.js", "import './inline1.js';"),
        ("snippets/a/inline1.js", "export {};"),
        ("style.css", "body { background: url(./ground.svg) }"),
        ("ground.svg", "<svg/>"),
        ("vault.js", "import './inner.js';"),
        ("inner.js", "new URL('./vault.wasm', import.meta.url)"),
        ("vault.wasm", "\0asm"),
    ];
    const FIXED: &[&str] = &["index.html", "config.json", "vault.js", "vault.wasm"];

    #[test]
    fn files_are_renamed_by_their_hash_and_still_found() {
        let folder = folder("named", SITE);
        name_by_content(&folder, FIXED).unwrap();
        let names = files(&folder).unwrap();
        assert_eq!(names.len(), SITE.len());
        let name_of = |start: &str, end: &str| {
            names.iter().find(|name| name.starts_with(start) && name.ends_with(end) && is_named_by_content(name)).unwrap()
        };
        assert!(FIXED.iter().all(|name| names.iter().any(|there| there == name) && !is_named_by_content(name)), "{names:?}");
        let (start, app, style) = (name_of("start-", ".js"), name_of("app-", ".js"), name_of("style-", ".css"));
        assert_eq!(text(&folder, "index.html"), format!("<link href=\"./{style}\"><script src=\"./{start}\"></script>"));
        assert_eq!(text(&folder, "config.json"), SITE[1].1);
        assert!(text(&folder, start).contains(&format!("'./{app}'")));
        assert!(text(&folder, start).contains(&format!("\"./{}\"", name_of("app_bg-", ".wasm"))));
        assert!(text(&folder, app).contains(&format!("'./{}'", name_of("snippets/a/inline0-", ".js"))));
        assert!(text(&folder, app).contains("'./app_bg.js'"));
        let inline = name_of("snippets/a/inline1-", ".js").strip_prefix("snippets/a/").unwrap();
        assert_eq!(text(&folder, name_of("snippets/a/inline0-", ".js")), format!("import './{inline}';"));
        assert!(text(&folder, style).contains(&format!("url(./{})", name_of("ground-", ".svg"))));
        assert_eq!(text(&folder, "vault.js"), format!("import './{}';", name_of("inner-", ".js")));
        assert!(text(&folder, name_of("inner-", ".js")).contains("'./vault.wasm'"));
    }

    #[test]
    fn a_name_changes_with_the_content_of_the_file_and_of_the_files_it_refers_to() {
        let names = |name: &str, wasm: &str| {
            let changed: Vec<(&str, &str)> =
                SITE.iter().map(|(name, text)| (*name, if *name == "app_bg.wasm" { wasm } else { text })).collect();
            let folder = folder(name, &changed);
            name_by_content(&folder, FIXED).unwrap();
            files(&folder).unwrap()
        };
        let (before, again, after) = (names("before", "1"), names("again", "1"), names("after", "2"));
        assert_eq!(before, again);
        let changed: Vec<&String> = after.iter().filter(|name| !before.contains(name)).collect();
        assert!(changed.len() == 2 && changed[0].starts_with("app_bg-") && changed[1].starts_with("start-"), "{changed:?}");
    }

    #[test]
    fn an_unresolvable_reference_is_an_error() {
        let lost = folder("lost", &[("index.html", "<img src=logo.svg>"), ("logo.svg", "<svg/>")]);
        assert!(name_by_content(&lost, &["index.html"]).unwrap_err().contains("\"./logo.svg\""));
        let round = folder("round", &[("a.js", "import './b.js'"), ("b.js", "import './a.js'")]);
        assert!(name_by_content(&round, &[]).unwrap_err().contains("refer to each other"));
    }

    #[test]
    fn only_a_whole_hash_makes_a_name_immutable() {
        for name in ["app-0123456789abcdef.js", "a/b/style-ffffffffffffffff.css"] {
            assert!(is_named_by_content(name), "{name}");
        }
        for name in ["vault.js", "app-0123456789abcde.js", "app-0123456789abcdeg.js", "x-0123456789ABCDEF.js", "-", ""] {
            assert!(!is_named_by_content(name), "{name}");
        }
    }

    #[test]
    fn files_that_compress_well_have_compressed_copies() {
        let long = "a long text ".repeat(200);
        let folder = folder("compressed", &[("a.js", &long), ("b.js", "short"), ("c.png", &long), ("index.html", &long)]);
        compress(&folder, &["index.html"]).unwrap();
        assert_eq!(files(&folder).unwrap(), ["a.js", "a.js.br", "a.js.gz", "b.js", "c.png", "index.html"]);
        assert!(folder.join("a.js.br").metadata().unwrap().len() < 100);
    }
}
