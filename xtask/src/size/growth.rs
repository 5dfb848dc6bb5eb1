//! What a Rust app grows by: the same small app without a library to sign in, with this one and with another.

use std::fmt::{self, Display, Formatter};

use crate::build::optimize::optimize_as_trunk;
use crate::build::{bind, cargo_rustc, module, snippets};
use crate::run::{Result, read, read_text, say, write};
use crate::size;
use crate::workspace::{apart, locked_version, path, scratch};

/// The apps, in a separate workspace because of the other libraries' dependencies.
pub(crate) const WORKSPACE: &str = "tests/growth";

/// A framework with its app, and the other library for it.
struct Framework {
    name: &'static str,
    package: &'static str,
    other: &'static str,
}

const FRAMEWORKS: [Framework; 2] = [
    Framework { name: "Leptos", package: "leptos", other: "leptos_oidc" },
    Framework { name: "Yew", package: "yew", other: "yew-oauth2" },
];

/// The bytes of one app, in its four variants.
#[derive(Debug, PartialEq, Eq)]
struct Sizes {
    alone: u64,
    client: u64,
    page: u64,
    /// `None` if it cannot be built here: its dependencies need a C compiler for WebAssembly.
    other: Option<u64>,
}

/// Builds all apps and prints the table of `docs/sizes.md`.
pub(crate) fn report() -> Result<()> {
    let lock = read_text(&path(WORKSPACE).join("Cargo.lock"))?;
    let version = |package| locked_version(&lock, package).ok_or_else(|| format!("{WORKSPACE}/Cargo.lock has no {package}."));
    let mut rows = Vec::new();
    let mut versions = Vec::new();
    for framework in &FRAMEWORKS {
        rows.extend(framework.rows(&framework.measure()?, &version(framework.other)?));
        versions.push([framework.name, &version(framework.package)?].join(" "));
    }
    say("\n| app | wasm and JavaScript | grows by | ours is smaller by |\n|---|--:|--:|--:|");
    rows.iter().for_each(say);
    say(format_args!("\n{}, wasm-bindgen {}.", versions.join(", "), version("wasm-bindgen")?));
    Ok(())
}

impl Framework {
    fn measure(&self) -> Result<Sizes> {
        let [alone, client, page, other] = ["", "client", "page", "other"].map(|feature| self.built(feature));
        let other = other.inspect_err(|problem| say(format_args!("{problem} Its row is left out: it needs clang."))).ok();
        Ok(Sizes { alone: alone?, client: client?, page: page?, other })
    }

    /// Builds the app with a feature, and returns the bytes that a browser has to load for it. The glue stays
    /// as wasm-bindgen writes it, as Trunk serves it.
    fn built(&self, feature: &str) -> Result<u64> {
        let package = format!("growth-{}", self.package);
        let name = format!("{package}-{}", if feature.is_empty() { "alone" } else { feature });
        say(format_args!("Building {name}"));
        let mut build = cargo_rustc(&package);
        build.args(apart(WORKSPACE)).args(["--release", "--features", feature]);
        // All have the same name, which occurs in both files.
        let folder = scratch("growth");
        bind(&module(&mut build, &package)?, &folder, "app", &["--no-typescript"])?;
        let wasm = scratch(&[&name, ".wasm"].concat());
        write(&wasm, read(&folder.join("app_bg.wasm"))?)?;
        optimize_as_trunk(&wasm)?;
        // The worker's script is not loaded by the page.
        let (imported, _) = snippets(&folder)?;
        let scripts = imported.iter().map(|name| folder.join(name)).chain([folder.join("app.js")]);
        let all: Vec<String> = scripts.chain([wasm]).map(|file| file.to_string_lossy().into_owned()).collect();
        size::brotli(&all.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn rows(&self, sizes: &Sizes, version: &str) -> Vec<String> {
        let Sizes { alone, client, page, other } = *sizes;
        let [by_client, by_page] = [client, page].map(|size| size.saturating_sub(alone));
        let mut rows = vec![
            format!("| {} alone | {} | | |", self.name, Grouped(alone)),
            format!("| **with this library** | {} | **{}** | |", Grouped(client), Grouped(by_client)),
            format!("| **with the feature `page`** | {} | **{}** | |", Grouped(page), Grouped(by_page)),
        ];
        rows.extend(other.map(|other| {
            let by_other = other.saturating_sub(alone);
            let times = [times(by_other, by_client), times(by_other, by_page)].join(" and ");
            format!("| with {} {version} | {} | {} | {times} times |", self.other, Grouped(other), Grouped(by_other))
        }));
        rows
    }
}

/// The ratio of the two, with one decimal.
fn times(larger: u64, smaller: u64) -> String {
    let tenths = (larger * 10 + smaller / 2) / smaller.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A number with thousands separators, as in the documentation.
struct Grouped(u64);

impl Display for Grouped {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            number @ 0..1000 => write!(formatter, "{number}"),
            number => write!(formatter, "{},{:03}", Self(number / 1000), number % 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_the_added_size_and_the_other_librarys_excess() {
        let sizes = Sizes { alone: 28_963, client: 79_688, page: 128_143, other: Some(206_524) };
        let rows = FRAMEWORKS[0].rows(&sizes, "0.9.0");
        assert_eq!(rows[0], "| Leptos alone | 28,963 | | |");
        assert_eq!(rows[2], "| **with the feature `page`** | 128,143 | **99,180** | |");
        assert_eq!(rows[3], "| with leptos_oidc 0.9.0 | 206,524 | 177,561 | 3.5 and 1.8 times |");
    }

    #[test]
    fn thousands_are_grouped() {
        let grouped = [7, 1_000, 28_963, 1_002_003].map(|number| Grouped(number).to_string());
        assert_eq!(grouped, ["7", "1,000", "28,963", "1,002,003"]);
    }

    /// Only one version of wasm-bindgen's tools is installed.
    #[test]
    fn the_apps_use_the_librarys_wasm_bindgen_version() {
        let [ours, theirs] = [include_str!("../../../Cargo.lock"), include_str!("../../../tests/growth/Cargo.lock")];
        assert_eq!(locked_version(ours, "wasm-bindgen"), locked_version(theirs, "wasm-bindgen"));
    }
}
