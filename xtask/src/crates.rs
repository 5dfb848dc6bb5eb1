//! Tells which crates the bytes of a wasm module come from.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::run::{Result, read, say};

/// Prints the bytes of each crate's functions, as they are before wasm-opt, the largest first.
pub(crate) fn report(module: &Path) -> Result<()> {
    let bytes = read(module)?;
    let sizes = by_crate(&bytes).map_err(|error| format!("{} could not be read: {error}.", module.display()))?;
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    for (name, size) in sizes {
        say(format_args!("{size:>9}  {name}"));
    }
    Ok(())
}

fn by_crate(module: &[u8]) -> wasmparser::Result<BTreeMap<String, u64>> {
    let mut sizes = BTreeMap::new();
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
            Payload::DataSection(data) => *sizes.entry("(data)".to_owned()).or_default() += length(&data.range()),
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
    for (index, size) in (imported..).zip(bodies) {
        let name = names.get(&index).copied().unwrap_or_default();
        *sizes.entry(crate_of(name).to_owned()).or_default() += size;
    }
    Ok(sizes)
}

fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}

/// The crate that a function's demangled name begins with. For a trait's method that is the crate of the type.
fn crate_of(name: &str) -> &str {
    let Some((first, _)) = name.split_once("::") else { return "(other)" };
    // The name of a crate may be followed by a hash in brackets.
    let first = first.strip_suffix(']').and_then(|first| first.rsplit_once('[')).map_or(first, |(first, _)| first);
    let word = first.rsplit(|character: char| !character.is_alphanumeric() && character != '_').next();
    // Only the primitive types have methods without a path before them.
    word.filter(|word| !word.is_empty()).unwrap_or("core")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_is_the_first_word_of_a_function_s_path() {
        assert_eq!(crate_of("core::fmt::Formatter::pad"), "core");
        assert_eq!(crate_of("sha2[9c8b146e244d94c3]::compress"), "sha2");
        assert_eq!(crate_of("<alloc::vec::Vec<serde_json::Value> as core::clone::Clone>::clone"), "alloc");
        assert_eq!(crate_of("<&mut dyn serde[1f]::Serializer as core::fmt::Write>::write_str"), "serde");
        assert_eq!(crate_of("<[u8; 96usize] as zeroize[4c]::Zeroize>::zeroize"), "zeroize");
        assert_eq!(crate_of("<[u8]>::starts_with"), "core");
        assert_eq!(crate_of("memcpy"), "(other)");
    }
}
