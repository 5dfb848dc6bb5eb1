//! Makes wasm small with Binaryen's wasm-opt.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;

use crate::npm;
use crate::run::{Result, read, run, say};
use crate::workspace::{path, scratch};

const OPTIONS: &[&str] = &[
    "-Oz",
    // What Rust's target may use by itself, and wasm-bindgen with it. Without them wasm-opt refuses the module.
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    // Names and notes that only tools read. Cargo must leave them in, because wasm-bindgen is one of those tools.
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Optimises a wasm file in its place. The same input is optimised once only.
pub(crate) fn optimize(file: &Path) -> Result<()> {
    let input = read(file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let cache = scratch("wasm-opt");
    let kept = cache.join(format!("{name}-{:016x}.wasm", key(&input)?));
    if !kept.exists() {
        say(format_args!("Optimising {name}.wasm"));
        forget(&cache, &format!("{name}-"));
        fs::create_dir_all(&cache).map_err(|error| format!("{} could not be made: {error}.", cache.display()))?;
        let unfinished = kept.with_extension("tmp");
        run(npm::tool("binaryen/bin/wasm-opt").arg(file).arg("-o").arg(&unfinished).args(OPTIONS))?;
        fs::rename(&unfinished, &kept).map_err(|error| format!("{} could not be written: {error}.", kept.display()))?;
    }
    fs::copy(&kept, file).map(drop).map_err(|error| format!("{} could not be written: {error}.", file.display()))
}

/// Tells apart everything that the result depends on.
fn key(input: &[u8]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    OPTIONS.hash(&mut hasher);
    read(&path("pkg/node_modules/binaryen/package.json"))?.hash(&mut hasher);
    input.hash(&mut hasher);
    Ok(hasher.finish())
}

/// Removes what an older input became, so that the cache does not grow.
fn forget(cache: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)) {
        let _ = fs::remove_file(entry.path());
    }
}
