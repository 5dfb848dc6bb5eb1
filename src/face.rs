//! What the components of Leptos and of Yew have in common.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::{PopStateEvent, Url, Window};

use crate::browser::oneshot;
use crate::{Auth, Code, Config, Error, Reason, State, Subscription, Vault};

/// A session that is being started, and whoever waits for it.
#[derive(Debug, Default)]
pub(crate) struct Starting {
    outcome: RefCell<Option<Result<(Auth, Subscription), Error>>>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

impl Starting {
    /// The session has started, or cannot. Answers the state to show, if anybody wants to know: a
    /// session that was forgotten meanwhile ends here.
    pub(crate) fn ended(&self, outcome: Result<(Auth, Subscription), Error>) -> Option<State> {
        if self.outcome.borrow().is_some() {
            return None;
        }
        let state = outcome.as_ref().map_or_else(|error| State::Failed(error.clone()), |(auth, _)| auth.state());
        self.conclude(outcome);
        Some(state)
    }

    /// Lets go of the session: the component that had it started is gone.
    pub(crate) fn forget(&self) {
        self.conclude(Err(Code::Disposed.into()));
    }

    fn conclude(&self, outcome: Result<(Auth, Subscription), Error>) {
        let before = self.outcome.replace(Some(outcome));
        // That the senders are dropped is the message.
        self.waiting.take();
        drop(before);
    }

    /// The session, once it has started.
    pub(crate) async fn auth(&self) -> Result<Auth, Error> {
        if self.outcome.borrow().is_none() {
            let (sender, receiver) = oneshot::channel();
            self.waiting.borrow_mut().push(sender);
            let _ = receiver.await;
        }
        match &*self.outcome.borrow() {
            Some(Ok((auth, _))) => Ok(auth.clone()),
            Some(Err(error)) => Err(error.clone()),
            None => Err(Code::Disposed.into()),
        }
    }

    /// The session, if it has started.
    pub(crate) fn started(&self) -> Option<Auth> {
        let outcome = self.outcome.borrow();
        outcome.as_ref()?.as_ref().ok().map(|(auth, _)| auth.clone())
    }
}

/// Starts a session, and has every change of its state told.
pub(crate) async fn start(config: Config, vault: Vault, changed: impl Fn(&State) + 'static) -> Result<(Auth, Subscription), Error> {
    let auth = Auth::start_in(config, vault).await?;
    let subscription = auth.subscribe(changed);
    Ok((auth, subscription))
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
