//! Searching in texts, byte by byte.
//!
//! The standard library's own ways are made to be fast, each with an instance of its own. What is
//! read here is short, and what is searched for is ASCII.

/// Where the first of these bytes stands; the end of the text where none does.
pub(crate) fn find(text: &str, any_of: &[u8]) -> usize {
    text.bytes().position(|byte| any_of.contains(&byte)).unwrap_or(text.len())
}

/// What stands before the first such byte, and after it.
pub(crate) fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    cut_at(text, text.bytes().position(|other| other == byte)?)
}

/// What stands before the last such byte, and after it.
pub(crate) fn cut_last(text: &str, byte: u8) -> Option<(&str, &str)> {
    cut_at(text, text.bytes().rposition(|other| other == byte)?)
}

/// What stands before the first of these parts, and after it.
pub(crate) fn cut_text<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let index = text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())?;
    Some((text.get(..index)?, text.get(index + part.len()..)?))
}

/// The parts, with this text between them.
pub(crate) fn join(parts: &[&str], between: &str) -> String {
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        out.push_str(if index > 0 { between } else { "" });
        out.push_str(part);
    }
    out
}

fn cut_at(text: &str, index: usize) -> Option<(&str, &str)> {
    Some((text.get(..index)?, text.get(index + 1..)?))
}
