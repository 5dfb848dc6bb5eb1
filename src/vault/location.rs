//! Where a vault may run, and which files that takes.

use wasm_bindgen::JsValue;

use crate::browser::global::{self, call, construct, member, with};

/// Where a vault runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultKind {
    /// In the page itself, where every script of the page can read the tokens.
    Page,
    /// In a worker that all tabs of the app share.
    Shared,
    /// In a worker of this tab alone.
    Worker,
}

impl VaultKind {
    /// Every location, the best first.
    pub(super) const ALL: &'static [Self] = &[Self::Shared, Self::Worker, Self::Page];

    /// The word that the JavaScript API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Shared => "shared",
            Self::Worker => "worker",
        }
    }
}

/// Where the vault of an app may run, and where its files are.
///
/// A worker is loaded from two files of the app's own origin: `vault.js` and `vault.wasm` of the
/// npm package, or what becomes of a binary whose `main` calls [`serve`](super::serve).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultOptions {
    candidates: &'static [VaultKind],
    wasm_url: Option<String>,
    worker_url: Option<String>,
}

impl Default for VaultOptions {
    fn default() -> Self {
        Self::auto()
    }
}

impl VaultOptions {
    /// The safest location that is available: a worker that all tabs share, else a worker of this
    /// tab, else the page. A location that only takes long to load is available.
    pub const fn auto() -> Self {
        Self::of(VaultKind::ALL)
    }

    /// The safest location that is available, but none weaker than this one.
    pub const fn at_least(kind: VaultKind) -> Self {
        Self::of(match kind {
            VaultKind::Page => VaultKind::ALL,
            VaultKind::Shared => &[VaultKind::Shared],
            VaultKind::Worker => &[VaultKind::Shared, VaultKind::Worker],
        })
    }

    /// The page itself, and nowhere else. Every script of the page can read the tokens.
    pub const fn page() -> Self {
        Self::of(&[VaultKind::Page])
    }

    /// A worker that all tabs share, and nowhere else.
    pub const fn shared() -> Self {
        Self::of(&[VaultKind::Shared])
    }

    /// A worker of this tab, and nowhere else.
    pub const fn worker() -> Self {
        Self::of(&[VaultKind::Worker])
    }

    /// By the word that the JavaScript API uses: `auto`, `shared`, `worker` or `page`.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "auto" => Self::auto(),
            "page" => Self::page(),
            "shared" => Self::shared(),
            "worker" => Self::worker(),
            _ => return None,
        })
    }

    /// Where the worker's script is served, of the page's own origin. By default `vault.js` in the
    /// folder of the page's `<base>`, or at the root of the origin where the page has none.
    #[must_use]
    pub fn worker_url(mut self, url: impl Into<String>) -> Self {
        self.worker_url = Some(url.into());
        self
    }

    /// Where the worker's module is served: `vault.wasm` in the same place, by default. A worker of
    /// the app's own finds its module by itself.
    #[must_use]
    pub fn wasm_url(mut self, url: impl Into<String>) -> Self {
        self.wasm_url = Some(url.into());
        self
    }

    const fn of(candidates: &'static [VaultKind]) -> Self {
        Self { candidates, wasm_url: None, worker_url: None }
    }

    /// The locations, the best first.
    pub(super) fn candidates(&self) -> &'static [VaultKind] {
        self.candidates
    }

    /// The absolute URLs of the worker's script and of its module.
    pub(super) fn files(&self) -> (String, String) {
        (absolute(self.worker_url.as_deref(), "vault.js"), absolute(self.wasm_url.as_deref(), "vault.wasm"))
    }
}

/// The URL that the app gave, or that of a file where the app begins, as the page reads it.
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
