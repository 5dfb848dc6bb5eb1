//! The page: its address, and where the browser goes. The only part that needs a window.

use std::rc::Rc;

use futures_channel::oneshot;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{PopStateEvent, Window};

use super::driver::Driver;
use crate::protocol::error::{Code, Error};
use crate::session::Input;

/// What a session may want of a page of the app, be it here or on the other side of a port.
pub(crate) trait Page {
    /// Sends the browser away, to come back by the back button or not.
    fn navigate(&self, url: &str, keep_in_history: bool);

    /// Has the page open the session again, from where it is.
    fn reopen(self: Rc<Self>, driver: &Rc<Driver>);

    /// Shows another path in the address bar. An app's router hears of it as if the person had
    /// gone back. What is returned tells when that is done, if it is not done at once.
    fn replace_address(&self, path: &str, announce: bool) -> Option<oneshot::Receiver<()>>;
}

/// The page that this code runs in.
#[derive(Clone, Debug)]
pub(super) struct ThisPage(Window);

impl ThisPage {
    /// The page that this code runs in.
    pub(super) fn new() -> Result<Self, Error> {
        let window = web_sys::window().ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "there is no page here"))?;
        Ok(Self(window))
    }

    /// The address, as the browser spells it.
    pub(super) fn address(&self) -> String {
        self.0.location().href().unwrap_or_default()
    }
}

impl Page for ThisPage {
    fn navigate(&self, url: &str, keep_in_history: bool) {
        let location = self.0.location();
        // The address was made by this library; where a policy of the page forbids leaving, the
        // browser says so in its console, and the page stays as it is.
        let _ = if keep_in_history { location.assign(url) } else { location.replace(url) };
    }

    fn reopen(self: Rc<Self>, driver: &Rc<Driver>) {
        let driver = Rc::clone(driver);
        spawn_local(async move {
            let address = self.address();
            let page: Rc<dyn Page> = self;
            // Without randomness there is no redirect: the session is over.
            if driver.open(&page, address).await.is_err() {
                driver.handle(Input::Returned);
            }
        });
    }

    fn replace_address(&self, path: &str, announce: bool) -> Option<oneshot::Receiver<()>> {
        let replaced = self.0.history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(path)));
        if let (Ok(()), true, Ok(event)) = (replaced, announce, PopStateEvent::new("popstate")) {
            let _ = self.0.dispatch_event(&event);
        }
        None
    }
}
