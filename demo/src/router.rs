//! Which page is shown. Three pages and two URLs that Wristband redirects to need no router library.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The routes of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The page that says what is stored where.
    About,
    /// The demo, at the URL to which the provider redirects users after a login. The library replaces the URL.
    Callback,
    /// The page that checks the set-up.
    Check,
    /// The demo itself.
    Home,
    /// The demo, at the URL where Wristband expects the app to start a login.
    Login,
}

impl Route {
    /// The page that is shown at this route: the demo, unless it is one of the others.
    pub(crate) fn page(self) -> Self {
        match self {
            Self::About | Self::Check => self,
            Self::Callback | Self::Home | Self::Login => Self::Home,
        }
    }
}

/// The address bar, for components.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Router {
    folder: StoredValue<String>,
    route: RwSignal<Route>,
}

/// Follows the address bar, and provides the router as context.
pub(crate) fn provide_router() -> Router {
    let folder = folder().unwrap_or_else(|| "/".to_owned());
    let route = RwSignal::new(route_at(&folder));
    let router = Router { folder: StoredValue::new(folder), route };
    // Back, Forward, and the library when the user has returned from a login.
    let listening = window_event_listener(ev::popstate, move |_| router.follow());
    on_cleanup(move || listening.remove());
    provide_context(router);
    router
}

/// The router that [`provide_router`] provides.
pub(crate) fn use_router() -> Router {
    expect_context()
}

impl Router {
    /// The page that is shown.
    pub(crate) fn route(self) -> Route {
        self.route.get()
    }

    /// The page that is shown, without tracking changes.
    pub(crate) fn route_untracked(self) -> Route {
        self.route.get_untracked()
    }

    /// The absolute URL of the app's folder, with a slash at its end. Every URL of the app is one
    /// level below it, so one build works at any path.
    pub(crate) fn folder(self) -> String {
        self.folder.get_value()
    }

    /// The URL of a page.
    pub(crate) fn address_of(self, page: &str) -> String {
        self.folder.with_value(|folder| [folder, page].concat())
    }

    /// Shows another page.
    pub(crate) fn go(self, page: &str) {
        let address = self.address_of(page);
        if let Ok(history) = window().history()
            && history.push_state_with_url(&JsValue::NULL, "", Some(&address)).is_ok()
        {
            self.follow();
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Replaces the current URL by that of another page, in the history too.
    pub(crate) fn rename_to(self, page: &str) {
        let address = self.address_of(page);
        if let Ok(history) = window().history()
            && history.replace_state_with_url(&JsValue::NULL, "", Some(&address)).is_ok()
        {
            self.follow();
        }
    }

    fn follow(self) {
        self.folder.with_value(|folder| self.route.set(route_at(folder)));
    }
}

fn folder() -> Option<String> {
    let base = document().base_uri().ok().flatten()?;
    Some(web_sys::Url::new_with_base(".", &base).ok()?.href())
}

fn route_at(folder: &str) -> Route {
    let address = window().location().href().unwrap_or_default();
    let page = address.split(['?', '#']).next().and_then(|address| address.strip_prefix(folder));
    match page {
        Some("about") => Route::About,
        Some("callback") => Route::Callback,
        Some("check") => Route::Check,
        Some("login") => Route::Login,
        _ => Route::Home,
    }
}
