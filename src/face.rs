//! What the components of Leptos and of Yew have in common.

use wasm_bindgen::JsValue;
use web_sys::{PopStateEvent, Url, Window};

use crate::{Auth, Code, Config, Error, Reason, State, Subscription, VaultOptions};

/// The session of a component that starts one.
#[derive(Debug)]
pub(crate) struct Mounted {
    auth: Result<Auth, Error>,
    _subscription: Option<Subscription>,
}

impl Mounted {
    /// Starts a session. Calls back after every change of its state.
    pub(crate) fn start(config: Config, vault: VaultOptions, changed: impl Fn(&State) + 'static) -> Self {
        let auth = Auth::open(config, vault);
        let subscription = auth.as_ref().ok().map(|auth| auth.subscribe(changed));
        Self { auth, _subscription: subscription }
    }

    /// The session, or why there is none. It can be called from the beginning: calls wait for the vault.
    pub(crate) fn auth(&self) -> Result<Auth, Error> {
        self.auth.clone()
    }

    pub(crate) fn state(&self) -> State {
        self.auth.as_ref().map_or_else(|error| State::Failed(error.clone()), Auth::state)
    }

    /// Ends what waits for the session: its component is gone.
    pub(crate) fn end(&self) {
        if let Ok(auth) = &self.auth {
            auth.dispose();
        }
    }
}

/// What a guard or a route needs to know of the state. It changes much less often.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Standing {
    Failed(Error),
    In,
    Out(Reason),
    Unknown,
}

impl From<&State> for Standing {
    fn from(state: &State) -> Self {
        match state {
            State::Failed(error) => Self::Failed(error.clone()),
            State::Loading => Self::Unknown,
            State::SignedIn(_) => Self::In,
            State::SignedOut(reason) => Self::Out(*reason),
        }
    }
}

/// Who is signed in, as far as answers to their requests depend on it: the person, and the tenant.
pub(crate) type Person = Option<(String, Option<String>)>;

pub(crate) fn person(state: &State) -> Person {
    state.signed_in().map(|session| (session.user_id.clone(), session.tenant_id.clone()))
}

/// What a failure is called where the app does not say it in its own words.
pub(crate) fn sentence(error: &Error) -> String {
    let sentence = error.code().sentence();
    let mut rest = sentence.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(rest).chain(['.']).collect()
}

/// What the button is called that begins a login again.
pub(crate) fn invitation(error: &Error) -> &'static str {
    if error.code() == Code::NotSignedIn { "Log in" } else { "Try again" }
}

/// The page. There is none on a server, where nothing of the browser may be called.
fn window() -> Option<Window> {
    if cfg!(target_arch = "wasm32") { web_sys::window() } else { None }
}

/// The whole address of the page.
pub(crate) fn address() -> String {
    window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// The path of the page's address.
pub(crate) fn path() -> Option<String> {
    window()?.location().pathname().ok()
}

/// The folder that the page is in.
pub(crate) fn folder() -> Option<String> {
    let address = window()?.location().href().ok()?;
    Some(Url::new_with_base(".", &address).ok()?.pathname())
}

/// Shows another path in the address bar. The app's router hears of it as if the person had gone
/// back. On a page of another path than `from` the person is where they want to be.
pub(crate) fn leave_path(from: &str, to: &str) {
    let Some(window) = window().filter(|_| path().as_deref() == Some(from)) else { return };
    let replaced = window.history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(to)));
    if let (Ok(()), Ok(event)) = (replaced, PopStateEvent::new("popstate")) {
        let _ = window.dispatch_event(&event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_in_a_sentence() {
        assert_eq!(sentence(&Code::Offline.into()), "The device is offline.");
    }
}
