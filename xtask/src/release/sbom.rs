//! Writes the bill of materials of what is published, as CycloneDX 1.5 in JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::flags::Flags;
use crate::npm::{self, npm};
use crate::run::{Result, capture, cargo, read_text, say, write};
use crate::workspace::{LIBRARY, WASM, checksum, path};

/// A crate as `cargo tree` shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    licence: String,
}

/// The crates below one, that one first, and the dependencies of each.
#[derive(Debug, PartialEq, Eq)]
struct Tree {
    top: Crate,
    dependencies: BTreeMap<Crate, Vec<Crate>>,
}

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    Flags::read(arguments, &[], &[])?.no_words()?;
    of_crate("crate", &["-p", LIBRARY, "--features", "leptos,yew"])?;
    // What is compiled into `vault.wasm`, which npm does not know.
    of_crate("wasm", &["-p", "wristband-spa-auth-pkg"])?;
    of_package()
}

fn of_crate(name: &str, which: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.args(["tree", "--locked", "-e", "normal", "--target", WASM, "--prefix", "depth", "--format", "\t{p}\t{l}"]).args(which);
    let tree = read_tree(&capture(&mut command)?).ok_or("`cargo tree` did not print a tree.")?;
    save(name, &bill(&tree, &read_text(&path("Cargo.lock"))?))
}

/// The npm package, and what it is built and checked with. It has no dependencies.
fn of_package() -> Result<()> {
    npm::install("pkg")?;
    let printed = capture(npm().args(["sbom", "--sbom-format", "cyclonedx", "--loglevel=error"]).current_dir(path("pkg")))?;
    save("npm", &serde_json::from_str(&printed).map_err(|error| format!("`npm sbom` printed no JSON: {error}."))?)
}

fn save(name: &str, bill: &Value) -> Result<()> {
    let file = format!("target/sbom/{LIBRARY}.{name}.cdx.json");
    let count = bill["components"].as_array().map_or(0, Vec::len);
    write(&path(&file), format!("{bill:#}\n"))?;
    say(format_args!("{file}: {count} components"));
    Ok(())
}

/// Parses lines such as `1\tserde v1.0.229\tMIT OR Apache-2.0`. The dependencies of a crate are printed once.
fn read_tree(printed: &str) -> Option<Tree> {
    let mut above: Vec<Crate> = Vec::new();
    let mut dependencies: BTreeMap<Crate, Vec<Crate>> = BTreeMap::new();
    for line in printed.lines() {
        let mut parts = line.split('\t');
        let depth: usize = parts.next()?.parse().ok()?;
        let mut words = parts.next()?.split(' ');
        let name = words.next()?.to_owned();
        let version = words.next()?.strip_prefix('v')?.to_owned();
        let licence = parts.next()?.trim_end_matches(" (*)").replace('/', " OR ");
        let found = Crate { name, version, licence };
        above.truncate(depth);
        if let Some(user) = above.last() {
            let used = dependencies.entry(user.clone()).or_default();
            if !used.contains(&found) {
                used.push(found.clone());
            }
        }
        dependencies.entry(found.clone()).or_default();
        above.push(found);
    }
    Some(Tree { top: above.into_iter().next()?, dependencies })
}

/// The bill of materials. It contains no time and no serial number: the same contents have the same bill.
fn bill(tree: &Tree, lock: &str) -> Value {
    let others = tree.dependencies.keys().filter(|found| **found != tree.top);
    let components: Vec<Value> = others.map(|found| component(found, lock)).collect();
    let dependencies: Vec<Value> = tree
        .dependencies
        .iter()
        .map(|(user, used)| json!({ "ref": reference(user), "dependsOn": used.iter().map(reference).collect::<Vec<_>>() }))
        .collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": component(&tree.top, lock) },
        "components": components,
        "dependencies": dependencies,
    })
}

fn reference(found: &Crate) -> String {
    format!("pkg:cargo/{}@{}", found.name, found.version)
}

fn component(found: &Crate, lock: &str) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(found),
        "name": found.name,
        "version": found.version,
        "purl": reference(found),
        "licenses": [{ "expression": found.licence }],
    });
    // A crate of this repository has no archive, and so no checksum.
    if let Some(checksum) = checksum(lock, &found.name, &found.version) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "0\tapp v0.1.0 (/here/app)\tMIT\n\
                           1\tserde v1.0.2\tMIT/Apache-2.0\n\
                           2\tmacros v3.0.0 (proc-macro)\tMIT\n\
                           1\tmacros v3.0.0 (proc-macro)\tMIT (*)";
    const LOCK: &str = "[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n\n\
                        [[package]]\nname = \"serde\"\nversion = \"1.0.2\"\nsource = \"registry\"\nchecksum = \"abc\"\n";

    #[test]
    fn the_tree_lists_each_crate_once_with_its_dependencies() {
        let tree = read_tree(PRINTED).unwrap();
        let used: Vec<_> = tree.dependencies.iter().map(|(user, used)| (user.name.as_str(), used.len())).collect();
        assert_eq!((tree.top.name.as_str(), used), ("app", vec![("app", 2), ("macros", 0), ("serde", 1)]));
        assert_eq!(read_tree("nothing"), None);
    }

    #[test]
    fn the_sbom_names_versions_licences_and_checksums_and_no_local_path() {
        let bill = bill(&read_tree(PRINTED).unwrap(), LOCK);
        assert_eq!(bill["metadata"]["component"]["purl"], "pkg:cargo/app@0.1.0");
        let serde = &bill["components"][1];
        assert_eq!(serde["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(serde["hashes"][0]["content"], "abc");
        assert_eq!(bill["dependencies"][2]["dependsOn"], json!(["pkg:cargo/macros@3.0.0"]));
        assert!(!bill.to_string().contains("/here"));
    }
}
