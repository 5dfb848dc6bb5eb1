//! Shrinks wasm with Binaryen's wasm-opt.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;

use crate::build::names::Names;
use crate::npm;
use crate::run::{Result, capture, read, read_text, say, write};
use crate::workspace::{path, scratch};

const OPTIONS: &[&str] = &[
    SMALL,
    // Rebuilding a function's blocks from its control flow makes them fewer, and allows another round.
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    // Repetition compresses well: replacing it by a local or a call costs more.
    "--skip-pass=local-cse",
    "--skip-pass=merge-locals",
    "--always-inline-max-function-size=5",
    // The stack is lowest in Rust's memory, and its last bytes are reached only shortly before it
    // overflows. So no address in use wraps around, which allows folding of offsets.
    "--low-memory-unused",
    // An alignment hint that no engine uses; without it the encoding is always the same.
    "--dealign",
];

/// The only one of these that Trunk passes on.
const SMALL: &str = "-Oz";

const ALWAYS: &[&str] = &[
    // The features that Rust's target and wasm-bindgen may use. Without them wasm-opt refuses the module.
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    // Names and custom sections that only tools read. Cargo must leave them in, because wasm-bindgen is one of those tools.
    STRIP_NAMES,
    "--strip-producers",
    "--strip-target-features",
];

const STRIP_NAMES: &str = "--strip-debug";

/// Shortens the names of all imports and exports, and prints the map.
const SHORT_NAMES: &str = "--minify-imports-and-exports-and-modules";

/// Optimises a wasm file in place. The same input is optimised only once.
pub(crate) fn optimize(file: &Path) -> Result<()> {
    perform(file, &[OPTIONS, ALWAYS].concat()).map(drop)
}

/// Optimises a wasm file in place, as Trunk does for `data-wasm-opt="z"`.
pub(crate) fn optimize_as_trunk(file: &Path) -> Result<()> {
    perform(file, &[&[SMALL], ALWAYS].concat()).map(drop)
}

/// Optimises a wasm file in place, and returns the short names for its glue.
pub(crate) fn optimize_and_rename(file: &Path) -> Result<Names> {
    Names::read(&perform(file, &[OPTIONS, ALWAYS, &[SHORT_NAMES]].concat())?)
}

/// Optimises a wasm file in place, and keeps the names of functions.
pub(crate) fn optimize_and_name(file: &Path) -> Result<()> {
    let kept: Vec<&str> =
        [OPTIONS, ALWAYS].concat().into_iter().filter(|option| *option != STRIP_NAMES).chain(["--debuginfo"]).collect();
    perform(file, &kept).map(drop)
}

/// Returns what wasm-opt printed.
fn perform(file: &Path, options: &[&str]) -> Result<String> {
    let input = read(file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let cache = scratch("wasm-opt");
    let kept = cache.join(format!("{name}-{:016x}.wasm", key(&input, options)?));
    let printed = kept.with_extension("txt");
    let failed = |error| format!("{} could not be written: {error}.", file.display());
    if !kept.exists() {
        say(format_args!("Optimising {name}.wasm"));
        forget(&cache, &format!("{name}-"));
        fs::create_dir_all(&cache).map_err(|error| format!("{} could not be created: {error}.", cache.display()))?;
        let unfinished = kept.with_extension("tmp");
        write(&printed, capture(npm::tool("binaryen/bin/wasm-opt").arg(file).arg("-o").arg(&unfinished).args(options))?)?;
        fs::rename(&unfinished, &kept).map_err(failed)?;
    }
    fs::copy(&kept, file).map_err(failed)?;
    read_text(&printed)
}

/// A hash of everything that the result depends on.
fn key(input: &[u8], options: &[&str]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    options.hash(&mut hasher);
    read(&path("pkg/node_modules/binaryen/package.json"))?.hash(&mut hasher);
    input.hash(&mut hasher);
    Ok(hasher.finish())
}

/// Removes the results for older inputs, so that the cache does not grow.
fn forget(cache: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)) {
        let _ = fs::remove_file(entry.path());
    }
}
