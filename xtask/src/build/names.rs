//! Short names for the imports and exports between a wasm module and its glue.
//!
//! wasm-bindgen's names are long, and occur in both files. No app sees them: wasm-opt shortens
//! those in the module, and prints a map, by which the glue is changed.

use std::collections::BTreeMap;
use std::iter;

use serde_json::Value;

use crate::run::Result;

/// The names that wasm-opt has replaced.
#[derive(Debug)]
pub(crate) struct Names {
    imports: BTreeMap<String, String>,
    exports: BTreeMap<String, String>,
    /// The module that all imports come from.
    module: String,
}

/// wasm-opt's name for the only remaining module.
const MODULE: &str = "a";

impl Names {
    /// Parses the map that wasm-opt prints.
    pub(crate) fn read(map: &str) -> Result<Self> {
        let unreadable = || "wasm-opt's map of names cannot be parsed.".to_owned();
        let map: Value = serde_json::from_str(map).map_err(|_| unreadable())?;
        let mut names = Self { imports: BTreeMap::new(), exports: BTreeMap::new(), module: String::new() };
        for import in rows(&map, "imports").ok_or_else(unreadable)? {
            let [module, name, short] = &import[..] else { return Err(unreadable()) };
            if !names.imports.is_empty() && *module != names.module {
                return Err(format!("The module imports from {} and from {module}, which its glue does not.", names.module));
            }
            names.module.clone_from(module);
            names.imports.insert(name.clone(), short.clone());
        }
        for export in rows(&map, "exports").ok_or_else(unreadable)? {
            let [name, short] = &export[..] else { return Err(unreadable()) };
            names.exports.insert(name.clone(), short.clone());
        }
        Ok(names)
    }

    /// The glue with the short names. It has to provide everything that the module imports, and may use only
    /// what the module exports: a name that only one side knows is a module that does not start, or fails
    /// at run time.
    pub(crate) fn shorten(&self, glue: &str) -> Result<String> {
        let module = format!("\"{}\":", self.module);
        if glue.matches(&module).count() != 1 {
            return Err(format!("The glue does not contain {module} exactly once."));
        }
        let glue = glue.replace(&module, &format!("{MODULE}:"));
        let mut wanted: Vec<&String> = self.imports.keys().collect();
        let mut short = String::new();
        let mut rest = glue.as_str();
        for word in words(&glue) {
            let (_, after) = rest.split_at(word.len());
            let new = if after.starts_with(": function(") {
                wanted.retain(|wanted| *wanted != word);
                // An import that the optimised module no longer has may stay.
                self.imports.get(word).map_or(word, String::as_str)
            } else if short.ends_with("wasm.") {
                self.exports.get(word).ok_or_else(|| format!("The module does not export {word}, which the glue uses."))?
            } else {
                word
            };
            short.push_str(new);
            rest = after;
        }
        if wanted.is_empty() { Ok(short) } else { Err(format!("The glue does not provide {wanted:?}, which the module imports.")) }
    }
}

/// A list of lists of strings.
fn rows(map: &Value, name: &str) -> Option<Vec<Vec<String>>> {
    let texts = |row: &Value| row.as_array()?.iter().map(|text| text.as_str().map(String::from)).collect();
    map.get(name)?.as_array()?.iter().map(texts).collect()
}

/// A script in parts: each is a name, or what is between two names.
fn words(mut script: &str) -> impl Iterator<Item = &str> {
    let in_name = |character: char| character.is_alphanumeric() || ['_', '$'].contains(&character);
    iter::from_fn(move || {
        let is_name = in_name(script.chars().next()?);
        let length = script.find(|character| in_name(character) != is_name).unwrap_or(script.len());
        let (word, rest) = script.split_at(length);
        script = rest;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = r#"{
        "imports": [["./app_bg.js", "__wbg_now_1", "a"], ["./app_bg.js", "__wbg_now_12", "$"]],
        "exports": [["memory", "b"], ["__wbg_app_free", "c"]]
    }"#;
    const GLUE: &str = r#"
        const import0 = {
            __wbg_now_1: function() { return wasm.memory.buffer; },
            __wbg_now_12: function() { wasm.__wbg_app_free(memory); return wasm.memory; },
            __wbg_gone_1: function() {},
        };
        return { "./app_bg.js": import0 };"#;

    #[test]
    fn both_sides_get_the_same_names() {
        let short = r#"
        const import0 = {
            a: function() { return wasm.b.buffer; },
            $: function() { wasm.c(memory); return wasm.b; },
            __wbg_gone_1: function() {},
        };
        return { a: import0 };"#;
        assert_eq!(Names::read(MAP).unwrap().shorten(GLUE).unwrap(), short);
    }

    #[test]
    fn a_name_of_one_side_only_is_reported() {
        let names = Names::read(MAP).unwrap();
        let failure = |glue: &str| names.shorten(glue).unwrap_err();
        assert!(failure(&GLUE.replace("__wbg_now_12", "__wbg_now_13")).contains("__wbg_now_12"));
        assert!(failure(&GLUE.replace("wasm.__wbg_app_free", "wasm.free")).contains("not export free"));
        assert!(failure(&GLUE.replace("./app_bg.js", "./app.js")).contains("./app_bg.js"));
    }

    #[test]
    fn a_malformed_name_map_is_an_error() {
        assert!(Names::read("").is_err());
        assert!(Names::read(r#"{"imports": [["./app_bg.js", "a"]], "exports": []}"#).is_err());
        let two = r#"{"imports": [["./app_bg.js", "one", "a"], ["env", "two", "b"]], "exports": []}"#;
        assert!(Names::read(two).unwrap_err().contains("env"));
    }
}
