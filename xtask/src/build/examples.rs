//! Builds the examples that are written in Rust, as Trunk would.

use crate::build::optimize::optimize;
use crate::build::page;
use crate::build::standard::Std;
use crate::build::{bind, compile, copy, replace, snippets};
use crate::run::{Result, read_text, say, write};
use crate::workspace::{path, scratch};

const EXAMPLES: [&str; 2] = ["leptos", "yew"];

/// Builds `examples/leptos/dist` and `examples/yew/dist`, static sites for the root of a host.
pub(crate) fn build(is_dev: bool) -> Result<()> {
    EXAMPLES.iter().try_for_each(|name| example(name, is_dev))
}

fn example(name: &str, is_dev: bool) -> Result<()> {
    say(format_args!("Building examples/{name}"));
    let folder = path("examples").join(name);
    let wasm = compile(&format!("wristband-spa-auth-{name}-example"), is_dev, &Std::Ordinary)?;
    let staged = scratch("example-dist");
    bind(&wasm, &staged, "app", &["--no-typescript"])?;
    if !is_dev {
        optimize(&staged.join("app_bg.wasm"))?;
    }
    copy(&folder.join("public"), &staged)?;
    write(&staged.join("start.js"), page::START_JS)?;
    let index = page::index_html(&read_text(&folder.join("index.html"))?, &snippets(&staged)?.0)?;
    write(&staged.join("index.html"), at_root(&index))?;
    replace(&staged, &folder.join("dist"))
}

/// The page with absolute paths: its routes have more than one level.
pub(crate) fn at_root(page: &str) -> String {
    page.replace("\"./", "\"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_the_examples_load_the_app_from_any_depth() {
        for source in [include_str!("../../../examples/leptos/index.html"), include_str!("../../../examples/yew/index.html")] {
            let page = at_root(&page::index_html(source, &["snippets/a/client.js".to_owned()]).unwrap());
            assert!(page.contains("src=\"/start.js\"") && page.contains("href=\"/style.css\""), "{page}");
            assert!(!page.contains("data-trunk") && !page.contains("\"./"), "{page}");
        }
    }
}
