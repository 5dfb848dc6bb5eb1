//! Components and hooks for Yew 0.23, with the same words as those for Leptos.
//!
//! [`AuthProvider`] starts the session and gives it to everything below; [`use_auth`] takes it up.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser::{Request, Response};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::user_info::UserInfo;
use crate::session::{Login, Logout, State};
use crate::vault::Auth;

/// Signing in, for components. It changes when the state does.
#[derive(Clone, Debug)]
pub struct UseAuth {
    auth: Option<Auth>,
    error: UseStateHandle<Option<Error>>,
    state: Rc<State>,
}

impl PartialEq for UseAuth {
    fn eq(&self, other: &Self) -> bool {
        self.state == other.state && self.error == other.error && self.auth.is_some() == other.auth.is_some()
    }
}

impl UseAuth {
    /// Who is signed in, if anybody is.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Why the last login, logout or renewal came to nothing; empty again when the next one begins.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Sends the browser to the provider. What goes wrong is in [`error`](Self::error).
    pub fn login(&self, login: Login) {
        self.act(async move |auth| auth.login(login).await);
    }

    /// Begins the login that the page's address asks for: for the app's login route.
    pub fn login_from_url(&self, address: String) {
        self.act(async move |auth| auth.login_from_url(address).await);
    }

    /// Logs out here, and at the provider. What goes wrong is in [`error`](Self::error).
    pub fn logout(&self, logout: Logout) {
        self.act(async move |auth| auth.logout(logout).await);
    }

    /// Renews the tokens now. What goes wrong is in [`error`](Self::error).
    pub fn renew(&self) {
        self.act(async |auth| auth.renew().await);
    }

    /// Asks the provider about the person.
    ///
    /// # Errors
    /// As [`Auth::user_info`]; `not_signed_in` before the session has started.
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        self.auth()?.user_info().await
    }

    /// Sends a request with the access token.
    ///
    /// # Errors
    /// As [`Auth::fetch`]; `not_signed_in` before the session has started.
    pub async fn fetch(&self, request: Request) -> Result<Response, Error> {
        self.auth()?.fetch(request).await
    }

    fn auth(&self) -> Result<Auth, Error> {
        self.auth.clone().ok_or_else(|| Code::NotSignedIn.into())
    }

    fn act<F: Future<Output = Result<(), Error>> + 'static>(&self, action: impl FnOnce(Auth) -> F + 'static) {
        let (error, auth) = (self.error.clone(), self.auth());
        error.set(None);
        spawn_local(async move {
            let outcome = match auth {
                Ok(auth) => action(auth).await,
                Err(error) => Err(error),
            };
            error.set(outcome.err());
        });
    }
}

/// The settings, and what may use the session.
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct AuthProviderProps {
    /// What may use the session.
    pub children: Html,
    /// The settings. A change of them after the start changes nothing.
    pub config: Config,
}

/// Starts the session, and gives it to everything below.
#[component]
pub fn AuthProvider(props: &AuthProviderProps) -> Html {
    let state = use_state(|| Rc::new(State::Loading));
    let auth = use_state(|| None::<Auth>);
    let error = use_state(|| None::<Error>);
    {
        let (state, auth, config) = (state.clone(), auth.clone(), props.config.clone());
        use_effect_with((), move |()| {
            let subscription = Rc::new(std::cell::RefCell::new(None));
            let kept = Rc::clone(&subscription);
            spawn_local(async move {
                match Auth::start(config).await {
                    Ok(started) => {
                        let changing = state.clone();
                        let listening = started.subscribe(move |changed| changing.set(Rc::new(changed.clone())));
                        kept.replace(Some(listening));
                        state.set(Rc::new(started.state()));
                        auth.set(Some(started));
                    }
                    Err(error) => state.set(Rc::new(State::Failed(error))),
                }
            });
            move || drop(subscription.take())
        });
    }
    let context = UseAuth { auth: (*auth).clone(), error, state: Rc::clone(&state) };
    html! { <ContextProvider<UseAuth> {context}>{ props.children.clone() }</ContextProvider<UseAuth>> }
}

/// The session of the nearest [`AuthProvider`]. `None` without one above.
#[hook]
pub fn use_auth() -> Option<UseAuth> {
    use_context()
}

/// What a component shows when its condition holds.
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct ConditionProps {
    /// What to show.
    pub children: Html,
}

/// Shows its children while somebody is signed in.
#[component]
pub fn SignedIn(props: &ConditionProps) -> Html {
    let signed_in = use_auth().is_some_and(|auth| auth.state().signed_in().is_some());
    if signed_in { props.children.clone() } else { Html::default() }
}

/// Shows its children while nobody is signed in: not while that is still being found out.
#[component]
pub fn SignedOut(props: &ConditionProps) -> Html {
    let signed_out = use_auth().is_some_and(|auth| matches!(auth.state(), State::Failed(_) | State::SignedOut(_)));
    if signed_out { props.children.clone() } else { Html::default() }
}

/// Shows its children while somebody is signed in, and otherwise begins a login that comes back to
/// this very address. After a sign-in that failed it waits for the person.
#[component]
pub fn RequireAuth(props: &ConditionProps) -> Html {
    let auth = use_auth();
    let signed_out = auth.as_ref().is_some_and(|auth| matches!(auth.state(), State::SignedOut(_)));
    use_effect_with(signed_out, move |signed_out| {
        if let (true, Some(auth)) = (*signed_out, auth) {
            auth.login(Login::new());
        }
    });
    html! { <SignedIn>{ props.children.clone() }</SignedIn> }
}
