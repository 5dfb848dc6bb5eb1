//! Shows which crates the bytes of a wasm module come from.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::run::{Result, read, say};

/// How many of the largest functions are listed.
const TOLD: usize = 40;

/// Prints the bytes of each crate's functions and of each module of the library, the largest first.
/// With `functions` also the largest functions by name.
pub(crate) fn report(module: &Path, functions: bool) -> Result<()> {
    let bytes = read(module)?;
    let mut parts = parts(&bytes).map_err(|error| format!("{} could not be read: {error}.", module.display()))?;
    say("By crate, in bytes before compression:");
    table(grouped(&parts, |name| Some(crate_of(name))));
    say("\nBy module of the library:");
    table(grouped(&parts, module_of));
    if functions {
        say("\nThe largest functions:");
        parts.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        table(parts.into_iter().take(TOLD).collect());
    }
    Ok(())
}

fn table(rows: Vec<(String, u64)>) {
    for (name, size) in rows {
        say(format_args!("{size:>9}  {name}"));
    }
}

/// Adds up the sizes of each group, and leaves out what has none.
fn grouped<'a>(parts: &'a [(String, u64)], group: impl Fn(&'a str) -> Option<&'a str>) -> Vec<(String, u64)> {
    let mut sizes = BTreeMap::new();
    for (name, size) in parts {
        if let Some(group) = group(name) {
            *sizes.entry(group.to_owned()).or_default() += size;
        }
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    sizes
}

/// Every function's name and size, and the data as a whole.
fn parts(module: &[u8]) -> wasmparser::Result<Vec<(String, u64)>> {
    let mut parts = Vec::new();
    let mut bodies = Vec::new();
    let mut names = BTreeMap::new();
    // Imported functions are numbered first.
    let mut imported = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(length(&body.range())),
            Payload::DataSection(data) => parts.push((DATA.to_owned(), length(&data.range()))),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    for part in section {
                        let Name::Function(functions) = part? else { continue };
                        for naming in functions {
                            let naming = naming?;
                            names.insert(naming.index, naming.name);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let name = |index| names.get(&index).copied().unwrap_or_default().to_owned();
    parts.extend((imported..).zip(bodies).map(|(index, size)| (name(index), size)));
    Ok(parts)
}

const DATA: &str = "(data)";

fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}

/// The crate at the start of a function's demangled name. For a trait's method that is the crate of the type.
fn crate_of(name: &str) -> &str {
    if name == DATA {
        return name;
    }
    let Some((first, _)) = name.split_once("::") else { return "(other)" };
    // The name of a crate may be followed by a hash in brackets.
    let first = first.strip_suffix(']').and_then(|first| first.rsplit_once('[')).map_or(first, |(first, _)| first);
    let word = first.rsplit(|character: char| !character.is_alphanumeric() && character != '_').next();
    // Only the primitive types have methods without a path before them.
    word.filter(|word| !word.is_empty()).unwrap_or("core")
}

/// The layer and file of the library that a function is from: `protocol::url`.
fn module_of(name: &str) -> Option<&str> {
    let (_, path) = name.split_once(LIBRARY)?;
    // The name of the crate may be followed by a hash in brackets.
    let path = path.split_once("::")?.1;
    let is_path = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':');
    let path = &path[..path.find(|character| !is_path(character)).unwrap_or(path.len())];
    let end = path.match_indices("::").nth(1).map_or(path.len(), |(end, _)| end);
    Some(path[..end].trim_end_matches(':'))
}

const LIBRARY: &str = "wristband_spa_auth";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_the_layer_and_the_file() {
        assert_eq!(module_of("wristband_spa_auth::protocol::url::HttpUrl::parse"), Some("protocol::url"));
        assert_eq!(module_of("<wristband_spa_auth[1f]::session::Session>::handle"), Some("session::Session"));
        assert_eq!(module_of("core::ptr::drop_in_place::<wristband_spa_auth[1f]::session::grant::Grant>"), Some("session::grant"));
        assert_eq!(module_of("core::fmt::write"), None);
    }

    #[test]
    fn the_crate_is_the_first_segment_of_a_function_path() {
        assert_eq!(crate_of("core::fmt::Formatter::pad"), "core");
        assert_eq!(crate_of("sha2[9c8b146e244d94c3]::compress"), "sha2");
        assert_eq!(crate_of("<alloc::vec::Vec<serde_json::Value> as core::clone::Clone>::clone"), "alloc");
        assert_eq!(crate_of("<&mut dyn serde[1f]::Serializer as core::fmt::Write>::write_str"), "serde");
        assert_eq!(crate_of("<[u8; 96usize] as zeroize[4c]::Zeroize>::zeroize"), "zeroize");
        assert_eq!(crate_of("<[u8]>::starts_with"), "core");
        assert_eq!(crate_of("memcpy"), "(other)");
    }
}
