//! Where a session may live, and which files that takes.

use wasm_bindgen::JsValue;

use crate::browser::global::{self, call, construct, member, with};

/// Where a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Home {
    /// In the page itself, where every script of the page can read the tokens.
    Page,
    /// In a worker that all tabs of the app share.
    Shared,
    /// In a worker of this tab alone.
    Worker,
}

impl Home {
    /// The word that the JavaScript face uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Shared => "shared",
            Self::Worker => "worker",
        }
    }
}

/// Where the vault of an app may live, and where its files are.
///
/// A worker is loaded from two files of the app's own origin: `vault.js` and `vault.wasm` of the
/// npm package, or what becomes of a binary whose `main` calls [`serve`](super::serve).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    homes: &'static [Home],
    wasm_url: Option<String>,
    worker_url: Option<String>,
}

impl Default for Vault {
    fn default() -> Self {
        Self::auto()
    }
}

impl Vault {
    /// The safest home that the browser and the app's files allow: a worker that all tabs share,
    /// else a worker of this tab, else the page.
    pub const fn auto() -> Self {
        Self::of(&[Home::Shared, Home::Worker, Home::Page])
    }

    /// The page itself, and nowhere else. Every script of the page can read the tokens.
    pub const fn page() -> Self {
        Self::of(&[Home::Page])
    }

    /// A worker that all tabs share, and nowhere else.
    pub const fn shared() -> Self {
        Self::of(&[Home::Shared])
    }

    /// A worker of this tab, and nowhere else.
    pub const fn worker() -> Self {
        Self::of(&[Home::Worker])
    }

    /// By the word that the JavaScript face uses: `auto`, `shared`, `worker` or `page`.
    pub fn named(word: &str) -> Option<Self> {
        let homes = [Self::page(), Self::shared(), Self::worker()].into_iter();
        if word == "auto" {
            Some(Self::auto())
        } else {
            homes.into_iter().find(|vault| vault.homes.iter().all(|home| home.as_str() == word))
        }
    }

    /// Where the worker's script is served, of the page's own origin. By default `vault.js` in the
    /// folder of the page's `<base>`, or at the root of the origin where the page has none.
    #[must_use]
    pub fn worker_url(mut self, address: impl Into<String>) -> Self {
        self.worker_url = Some(address.into());
        self
    }

    /// Where the worker's module is served: `vault.wasm` in the same place, by default. A worker of
    /// the app's own finds its module by itself.
    #[must_use]
    pub fn wasm_url(mut self, address: impl Into<String>) -> Self {
        self.wasm_url = Some(address.into());
        self
    }

    const fn of(homes: &'static [Home]) -> Self {
        Self { homes, wasm_url: None, worker_url: None }
    }

    /// The homes, the best first.
    pub(super) fn homes(&self) -> &'static [Home] {
        self.homes
    }

    /// The absolute addresses of the worker's script and of its module.
    pub(super) fn files(&self) -> (String, String) {
        (absolute(self.worker_url.as_deref(), "vault.js"), absolute(self.wasm_url.as_deref(), "vault.wasm"))
    }
}

/// The address that the app gave, or that of a file where the app begins, as the page reads it.
fn absolute(given: Option<&str>, file: &str) -> String {
    let document = global::get::<JsValue>("document").unwrap_or(JsValue::UNDEFINED);
    let base = member(&document, "baseURI").as_string().unwrap_or_default();
    let has_base = call(&document, "querySelector", with().text("base[href]")).is_ok_and(|found| found.is_object());
    // Without a base, the address of a page says nothing of where the app begins.
    let begin = if has_base { "./" } else { "/" };
    let address = given.map_or_else(|| [begin, file].concat(), str::to_owned);
    // What is no address leads to no worker, and that is told then.
    let url = construct("URL", with().text(&address).text(&base)).ok();
    url.and_then(|url| member(&url, "href").as_string()).unwrap_or(address)
}
