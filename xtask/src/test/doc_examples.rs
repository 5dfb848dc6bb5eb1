//! Compiles every Rust block of the documentation, and what people write before they have read it.

use crate::build::docs::{blocks, files_below};
use crate::build::empty;
use crate::run::{Result, cargo, read, read_text, run, write};
use crate::workspace::{WASM, path, scratch};

/// Documents outside of `docs` with blocks in Rust.
const BESIDE: &[&str] = &["README.md", "src/front.md", "examples/leptos/README.md", "examples/yew/README.md"];

/// What people guessed that the library's names are. A guess that cannot work says what to write instead.
const GUESSES: &str = "tests/guesses";

/// What the blocks use, in the versions of the workspace.
const MANIFEST: &str = r#"[package]
name = "doc-examples"
version = "0.0.0"
edition = "2024"

[dependencies]
gloo-net = "0.6"
leptos = { version = "0.8", features = ["csr"] }
leptos_router = "0.8"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
wasm-bindgen-futures = "0.4"
web-sys = { version = "0.3", features = ["HtmlElement"] }
wristband-spa-auth = { path = "LIBRARY", features = ["leptos", "testing", "yew"] }
yew = { version = "0.23", features = ["csr"] }
yew-router = "0.20"

[workspace]
"#;

/// The same for blocks that are marked `rust,native`.
const NATIVE_MANIFEST: &str = r#"[package]
name = "native-doc-examples"
version = "0.0.0"
edition = "2024"

[dependencies]
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
wristband-spa-auth = { path = "LIBRARY", default-features = false, features = ["native"] }

[workspace]
"#;

/// Every block compiles for a browser, or for this machine.
pub(crate) fn check() -> Result<()> {
    check_native()?;
    let folder = scratch("doc-examples");
    empty(&folder)?;
    write(&folder.join("Cargo.toml"), MANIFEST.replace("LIBRARY", &path("").to_string_lossy().replace('\\', "/")))?;
    write(&folder.join("Cargo.lock"), read(&path("Cargo.lock"))?)?;
    write(&folder.join("src/lib.rs"), "")?;
    for file in files_below("docs")?.into_iter().chain(BESIDE.iter().map(|file| (*file).to_owned())) {
        if !file.ends_with(".md") {
            continue;
        }
        let name = file.trim_end_matches(".md").replace(['/', '-'], "_");
        for (index, block) in blocks(&read_text(&path(&file))?, "rust").into_iter().enumerate() {
            write(&folder.join(format!("examples/{name}_{index}.rs")), program(block))?;
        }
    }
    for file in files_below(GUESSES)? {
        let name = file.trim_start_matches(GUESSES).trim_start_matches('/');
        write(&folder.join("examples").join(["guess_", name].concat()), program(&read_text(&path(&file))?))?;
    }
    let manifest = folder.join("Cargo.toml");
    let mut command = cargo();
    command.args(["check", "--examples", "--keep-going", "--quiet", "--target", WASM, "--manifest-path"]).arg(manifest);
    run(command.env("CARGO_TARGET_DIR", path("target")))
}

fn check_native() -> Result<()> {
    let folder = scratch("native-doc-examples");
    empty(&folder)?;
    write(&folder.join("Cargo.toml"), NATIVE_MANIFEST.replace("LIBRARY", &path("").to_string_lossy().replace('\\', "/")))?;
    write(&folder.join("Cargo.lock"), read(&path("Cargo.lock"))?)?;
    write(&folder.join("src/lib.rs"), "")?;
    for file in files_below("docs")?.into_iter().filter(|file| file.ends_with(".md")) {
        let name = file.trim_end_matches(".md").replace(['/', '-'], "_");
        for (index, block) in blocks(&read_text(&path(&file))?, "rust,native").into_iter().enumerate() {
            write(&folder.join(format!("examples/{name}_{index}.rs")), program(block))?;
        }
    }
    let manifest = folder.join("Cargo.toml");
    let mut command = cargo();
    command.args(["check", "--examples", "--keep-going", "--quiet", "--manifest-path"]).arg(manifest);
    run(command.env("CARGO_TARGET_DIR", path("target")))
}

/// A block as a program. As in rustdoc, a line that starts with `# ` is hidden from readers, and a block without `main`
/// is the body of one.
fn program(block: &str) -> String {
    let lines = block.lines().map(|line| line.strip_prefix("# ").unwrap_or(if line == "#" { "" } else { line }));
    let code = lines.collect::<Vec<_>>().join("\n");
    let allowed = "#![allow(dead_code, unused)]\n";
    if code.contains("fn main()") { [allowed, &code].concat() } else { [allowed, "fn main() {\n", &code, "\n}\n"].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_lines_count_and_a_block_becomes_a_program() {
        assert_eq!(
            program("# use a::B;\n#\nlet b = B;"),
            "#![allow(dead_code, unused)]\nfn main() {\nuse a::B;\n\nlet b = B;\n}\n"
        );
        assert_eq!(program("fn main() {}"), "#![allow(dead_code, unused)]\nfn main() {}");
    }
}
