//! Where a vault may run, and the files that it needs.

use wasm_bindgen::JsValue;

use crate::browser::global::{self, call, construct, member, with};

/// Where a vault runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VaultKind {
    /// In the page itself, where every script of the page can read the tokens.
    Page,
    /// In a worker that all tabs of the app share.
    Shared,
    /// In a worker of this tab only.
    Worker,
}

impl VaultKind {
    /// Every location, best first.
    pub(super) const ALL: &'static [Self] = &[Self::Shared, Self::Worker, Self::Page];

    /// The location that a state names.
    pub(super) fn of_state(shown: &JsValue) -> Self {
        let word = member(shown, "vault").as_string();
        Self::ALL.iter().copied().find(|kind| Some(kind.as_str()) == word.as_deref()).unwrap_or(Self::Page)
    }

    /// The name that the JavaScript API uses.
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
/// The worker's script comes with the app (feature `worker`, on by default): wasm-bindgen puts it into `snippets`, beside the
/// page's client. An app may name another script on its own origin: `vault.js` of the npm package, with `vault.wasm`, or one
/// built from a binary whose `main` calls [`serve`](crate::server::serve).
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
    /// The safest location that is available: a worker that all tabs share, else a worker of this tab, else the
    /// page. A location that is only slow to load counts as available.
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

    /// The options for a name of the JavaScript API: `auto`, `shared`, `worker` or `page`. `None` for any
    /// other.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "auto" => Self::auto(),
            "page" => Self::page(),
            "shared" => Self::shared(),
            "worker" => Self::worker(),
            _ => return None,
        })
    }

    /// The URL of the worker's script, on the page's own origin. By default, the script that comes with the app; without the
    /// feature `worker`, `vault.js` in the folder of the page's `<base>`, or at the root of the origin if the page has no
    /// `<base>`.
    #[must_use]
    pub fn worker_url(mut self, url: impl Into<String>) -> Self {
        self.worker_url = Some(url.into());
        self
    }

    /// The URL of the module that `vault.js` of the npm package loads. By default, `vault.wasm` in the folder of the page's
    /// `<base>`, or at the root. The other scripts do not use it.
    #[must_use]
    pub fn wasm_url(mut self, url: impl Into<String>) -> Self {
        self.wasm_url = Some(url.into());
        self
    }

    const fn of(candidates: &'static [VaultKind]) -> Self {
        Self { candidates, wasm_url: None, worker_url: None }
    }

    /// The locations, best first.
    pub(super) fn candidates(&self) -> &'static [VaultKind] {
        self.candidates
    }

    /// What runs a vault in the page. A script of the app's own serves workers only.
    pub(super) fn serve_in_page(&self) -> Option<JsValue> {
        #[cfg(feature = "page")]
        return Some(crate::server::in_page());
        #[cfg(not(feature = "page"))]
        self.worker_url.is_none().then(|| super::handle::serve_from(&self.files().0).into())
    }

    /// The absolute URL of the checks of `diagnose`: in the script that comes with the app, or beside any other.
    pub(super) fn checks(&self) -> String {
        let (script, _) = self.files();
        if self.is_with_app() {
            return script;
        }
        let folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
        [folder, "/checks.js"].concat()
    }

    /// Whether the worker is the one that comes with the app.
    fn is_with_app(&self) -> bool {
        cfg!(has_worker) && self.worker_url.is_none()
    }

    /// The absolute URLs of the worker's script and of its module. The script that comes with the app contains its module.
    pub(super) fn files(&self) -> (String, String) {
        #[cfg(has_worker)]
        if self.is_with_app() {
            return (super::handle::beside("./vault.js"), String::new());
        }
        (absolute(self.worker_url.as_deref(), "vault.js"), absolute(self.wasm_url.as_deref(), "vault.wasm"))
    }
}

/// The URL that the app gave, or that of a file in the app's root folder, resolved by the page.
fn absolute(given: Option<&str>, file: &str) -> String {
    let document = global::get::<JsValue>("document").unwrap_or(JsValue::UNDEFINED);
    let base = member(&document, "baseURI").as_string().unwrap_or_default();
    let has_base = call(&document, "querySelector", with().text("base[href]")).is_ok_and(|found| found.is_object());
    // Without a `<base>`, the page's URL does not show where the app's root folder is.
    let begin = if has_base { "./" } else { "/" };
    let address = given.map_or_else(|| [begin, file].concat(), str::to_owned);
    // With an invalid URL no worker can start, and that is reported then.
    let url = construct("URL", with().text(&address).text(&base)).ok();
    url.and_then(|url| member(&url, "href").as_string()).unwrap_or(address)
}
