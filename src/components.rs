//! Code shared by the Leptos and Yew components.

use wasm_bindgen::JsValue;
use web_sys::{PopStateEvent, Url, Window};

use crate::{Auth, Code, Config, Error, Reason, State, Subscription, VaultOptions};

/// The session that an `AuthProvider` has started.
#[derive(Debug)]
pub(crate) struct Mounted {
    auth: Result<Auth, Error>,
    _subscription: Option<Subscription>,
}

impl Mounted {
    /// Starts a session. Calls `changed` after every state change.
    pub(crate) fn start(config: Config, vault: VaultOptions, changed: impl Fn(&State) + 'static) -> Self {
        let auth = Auth::open(config, vault);
        let subscription = auth.as_ref().ok().map(|auth| auth.subscribe(changed));
        Self { auth, _subscription: subscription }
    }

    /// The session, or why it could not start. It accepts calls at once; they wait for the vault.
    pub(crate) fn auth(&self) -> Result<Auth, Error> {
        self.auth.clone()
    }

    pub(crate) fn state(&self) -> State {
        self.auth.as_ref().map_or_else(|error| State::Failed(error.clone()), Auth::state)
    }

    /// The component was unmounted: pending calls fail with `disposed`.
    pub(crate) fn end(&self) {
        if let Ok(auth) = &self.auth {
            auth.dispose();
        }
    }
}

/// The part of the state that guards and routes need. It changes much less often than the state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Status {
    Failed(Error),
    In,
    Out(Reason),
    Unknown,
}

impl From<&State> for Status {
    fn from(state: &State) -> Self {
        match state {
            State::Failed(error) => Self::Failed(error.clone()),
            State::Loading => Self::Unknown,
            State::SignedIn(_) => Self::In,
            State::SignedOut(reason) => Self::Out(*reason),
        }
    }
}

/// The user and tenant that are signed in. Responses to the app's requests depend on them.
pub(crate) type Identity = Option<(String, Option<String>)>;

pub(crate) fn identity(state: &State) -> Identity {
    state.signed_in().map(|session| (session.user_id.clone(), session.tenant_id.clone()))
}

/// The default label of the button that starts another login.
pub(crate) fn retry_label(error: &Error) -> &'static str {
    if error.code() == Code::NotSignedIn { "Log in" } else { "Try again" }
}

/// The page's window. `None` on a server, where no browser API may be called.
fn window() -> Option<Window> {
    if cfg!(target_arch = "wasm32") { web_sys::window() } else { None }
}

/// The page's URL. Empty on a server.
pub(crate) fn address() -> String {
    window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// The path of the page's URL.
pub(crate) fn path() -> Option<String> {
    window()?.location().pathname().ok()
}

/// The folder of the page's URL.
pub(crate) fn folder() -> Option<String> {
    let address = window()?.location().href().ok()?;
    Some(Url::new_with_base(".", &address).ok()?.pathname())
}

/// Replaces the path in the address bar, and dispatches `popstate` so that the app's router follows. Does
/// nothing if the path is no longer `from`: the user has gone elsewhere.
pub(crate) fn leave_path(from: &str, to: &str) {
    let Some(window) = window().filter(|_| path().as_deref() == Some(from)) else { return };
    let replaced = window.history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(to)));
    if let (Ok(()), Ok(event)) = (replaced, PopStateEvent::new("popstate")) {
        let _ = window.dispatch_event(&event);
    }
}
