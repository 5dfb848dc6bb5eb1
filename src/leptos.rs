//! Components and hooks for Leptos 0.8.
//!
//! [`AuthProvider`] starts the session and gives it to everything below; [`use_auth`] takes it up.
//! No token is ever in a signal.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{Request, Response};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::user_info::UserInfo;
use crate::session::{Login, Logout, State};
use crate::vault::{Auth, Subscription};

/// Signing in, for components. A handle that can be copied into any closure.
#[derive(Clone, Copy, Debug)]
pub struct UseAuth {
    auth: StoredValue<Option<Auth>, LocalStorage>,
    /// How many actions are under way.
    busy: RwSignal<u32>,
    error: RwSignal<Option<Error>>,
    /// Counts the actions, so that an old one's outcome does not stand for a new one's.
    last_action: StoredValue<u32>,
    state: RwSignal<State>,
}

impl UseAuth {
    /// Who is signed in, if anybody is.
    pub fn state(&self) -> Signal<State> {
        self.state.into()
    }

    /// Why the last login, logout or renewal came to nothing; empty again when the next one begins.
    pub fn error(&self) -> Signal<Option<Error>> {
        self.error.into()
    }

    /// Whether a login, logout or renewal is under way.
    pub fn busy(&self) -> Signal<bool> {
        let busy = self.busy;
        Signal::derive(move || busy.get() > 0)
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

    /// Asks the provider about the person. Fits a `LocalResource`.
    ///
    /// # Errors
    /// As [`Auth::user_info`]; `not_signed_in` before the session has started.
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        self.auth()?.user_info().await
    }

    /// Sends a request with the access token. Fits a `LocalResource`.
    ///
    /// # Errors
    /// As [`Auth::fetch`]; `not_signed_in` before the session has started.
    pub async fn fetch(&self, request: Request) -> Result<Response, Error> {
        self.auth()?.fetch(request).await
    }

    fn auth(&self) -> Result<Auth, Error> {
        self.auth.try_get_value().flatten().ok_or_else(|| Code::NotSignedIn.into())
    }

    fn act<F: Future<Output = Result<(), Error>> + 'static>(&self, action: impl FnOnce(Auth) -> F + 'static) {
        let (this, auth) = (*self, self.auth());
        this.error.set(None);
        this.busy.update(|busy| *busy += 1);
        this.last_action.update_value(|last| *last += 1);
        let action_number = this.last_action.get_value();
        spawn_local(async move {
            let outcome = match auth {
                Ok(auth) => action(auth).await,
                Err(error) => Err(error),
            };
            // The component that held the signals may be gone by now.
            if this.last_action.try_get_value() == Some(action_number) {
                let _ = this.error.try_set(outcome.err());
            }
            let _ = this.busy.try_update(|busy| *busy -= 1);
        });
    }
}

/// Starts the session, and gives it to everything below.
///
/// The children are shown at once; what depends on the state is up to them.
#[component]
pub fn AuthProvider(
    /// The settings.
    config: Config,
    /// Where the session lives.
    #[prop(optional)]
    vault: crate::vault::Vault,
    /// What may use the session.
    children: Children,
) -> impl IntoView {
    let this = UseAuth {
        auth: StoredValue::new_local(None),
        busy: RwSignal::new(0),
        error: RwSignal::new(None),
        last_action: StoredValue::new(0),
        state: RwSignal::new(State::Loading),
    };
    let subscription: StoredValue<Option<Subscription>, LocalStorage> = StoredValue::new_local(None);
    provide_context(this);
    spawn_local(async move {
        match Auth::start_in(config, vault).await {
            Ok(auth) => {
                let state = this.state;
                let listening = auth.subscribe(move |changed| drop(state.try_set(changed.clone())));
                let _ = subscription.try_set_value(Some(listening));
                let now = auth.state();
                let _ = this.auth.try_set_value(Some(auth));
                let _ = state.try_set(now);
            }
            Err(error) => drop(this.state.try_set(State::Failed(error))),
        }
    });
    children()
}

/// The session of the nearest [`AuthProvider`].
///
/// # Panics
/// Without an `AuthProvider` above: that is a mistake in the app, found when it is first run.
pub fn use_auth() -> UseAuth {
    expect_context()
}

/// Shows its children while somebody is signed in.
#[component]
pub fn SignedIn(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let state = use_auth().state();
    let signed_in = Memo::new(move |_| state.with(|state| state.signed_in().is_some()));
    move || signed_in.get().then(|| children())
}

/// Shows its children while nobody is signed in: not while that is still being found out.
#[component]
pub fn SignedOut(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let state = use_auth().state();
    let signed_out = Memo::new(move |_| state.with(|state| matches!(state, State::Failed(_) | State::SignedOut(_))));
    move || signed_out.get().then(|| children())
}

/// Shows its children while somebody is signed in, and otherwise begins a login that comes back to
/// this very address. After a sign-in that failed it waits for the person.
#[component]
pub fn RequireAuth(
    /// How to log in. To the tenant of the configuration, by default.
    #[prop(optional)]
    login: Login,
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let auth = use_auth();
    let state = auth.state();
    let signed_out = Memo::new(move |_| state.with(|state| matches!(state, State::SignedOut(_))));
    Effect::new(move |_| {
        if signed_out.get() {
            auth.login(login.clone());
        }
    });
    view! { <SignedIn children /> }
}
