//! The page: its address, and where the browser goes. The only part that needs a window.

use wasm_bindgen::JsValue;
use web_sys::{PopStateEvent, Window};

use crate::protocol::error::{Code, Error};

/// The page of the app.
#[derive(Debug)]
pub(super) struct Page(Window);

impl Page {
    /// The page that this code runs in.
    pub(super) fn of_this_window() -> Result<Self, Error> {
        let window = web_sys::window().ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "there is no page here"))?;
        Ok(Self(window))
    }

    /// The address, as the browser spells it.
    pub(super) fn address(&self) -> String {
        self.0.location().href().unwrap_or_default()
    }

    /// Whether the device has a network, as far as the browser knows.
    pub(super) fn is_online(&self) -> bool {
        self.0.navigator().on_line()
    }

    /// Sends the browser away, to come back by the back button or not.
    pub(super) fn navigate(&self, url: &str, keep_in_history: bool) {
        let location = self.0.location();
        // The address was made by this library; where a policy of the page forbids leaving, the
        // browser says so in its console, and the page stays as it is.
        let _ = if keep_in_history { location.assign(url) } else { location.replace(url) };
    }

    /// Shows another path in the address bar. An app's router hears of it as if the person had
    /// gone back.
    pub(super) fn replace_address(&self, path: &str, announce: bool) {
        let replaced = self.0.history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(path)));
        if let (Ok(()), true, Ok(event)) = (replaced, announce, PopStateEvent::new("popstate")) {
            let _ = self.0.dispatch_event(&event);
        }
    }
}
