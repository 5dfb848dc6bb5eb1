//! The hooks, and the handle to the session that they use.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::reactive::graph::Observer;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;

use crate::components::{Identity, Mounted, Status};
use crate::{Auth, Code, Error, IntoRequest, LastSignIn, Login, Logout, Response, State, UserInfo};

/// A handle to the session, for components. It is `Copy`, so it can be moved into any closure.
#[derive(Clone, Copy, Debug)]
pub struct UseAuth {
    /// The number of actions in progress.
    pub(super) busy: RwSignal<u32>,
    pub(super) error: RwSignal<Option<Error>>,
    /// The number of the last action. The outcome of an older one is not shown.
    pub(super) last_action: StoredValue<u32>,
    pub(super) identity: Memo<Identity>,
    /// `None` on a server, where no session starts.
    pub(super) session: Option<StoredValue<Rc<Mounted>, LocalStorage>>,
    pub(super) status: Memo<Status>,
    pub(super) state: RwSignal<State>,
}

/// The session of the nearest [`AuthProvider`](super::AuthProvider).
///
/// # Panics
/// If the component is not inside an `AuthProvider`: a bug in the app.
pub fn use_auth() -> UseAuth {
    expect_context()
}

/// The provider's user info about the signed-in user \[OIDC Core §5.3]. Fetched again when the user or the
/// tenant changes.
///
/// The error `not_signed_in` if no user is signed in.
pub fn use_user_info() -> LocalResource<Result<UserInfo, Error>> {
    let auth = use_auth();
    LocalResource::new(move || auth.user_info())
}

/// The JSON of an API's response to a `GET` request with the access token. Fetched again when the URL changes, and when the
/// user or the tenant does.
///
/// # Errors
/// As [`Auth::get_json`].
pub fn use_api<T>(url: impl Into<Signal<String>>) -> LocalResource<Result<T, Error>>
where
    T: DeserializeOwned + 'static,
{
    let (auth, url) = (use_auth(), url.into());
    LocalResource::new(move || auth.get_json(&url.get()))
}

impl UseAuth {
    /// The state: loading, signed in, signed out or failed.
    pub fn state(&self) -> Signal<State> {
        self.state.into()
    }

    /// Why the last login, logout or renewal failed. `None` again when the next one starts.
    pub fn error(&self) -> Signal<Option<Error>> {
        self.error.into()
    }

    /// Whether a login, logout or renewal is in progress.
    pub fn busy(&self) -> Signal<bool> {
        let busy = self.busy;
        Signal::derive(move || busy.get() > 0)
    }

    /// Sends the browser to the provider to log in. [`error`](Self::error) reports a failure.
    pub fn login(&self, login: Login) {
        self.act(async move |auth| auth.login(login).await);
    }

    /// Starts the login that a URL of the login route asks for. [`LoginRoute`](super::LoginRoute) does this
    /// with the page's own URL.
    pub fn login_from_url(&self, address: impl Into<String>) {
        let address = address.into();
        self.act(async move |auth| auth.login_from_url(address).await);
    }

    /// Logs the user out of the app and at the provider. [`error`](Self::error) reports a failure.
    pub fn logout(&self, logout: Logout) {
        self.act(async move |auth| auth.logout(logout).await.map(drop));
    }

    /// Renews the tokens now. [`error`](Self::error) reports a failure.
    pub fn renew(&self) {
        self.act(async |auth| auth.renew().await);
    }

    /// Keeps a session that would end because nobody uses it. [`error`](Self::error) reports a failure.
    pub fn stay(&self) {
        self.act(async |auth| auth.stay().await);
    }

    /// Fetches the user info from the provider, once the session has started.
    ///
    /// In a `LocalResource`, it is fetched again when the user or the tenant changes.
    ///
    /// # Errors
    /// As [`Auth::user_info`].
    pub fn user_info(&self) -> impl Future<Output = Result<UserInfo, Error>> + Send + use<> {
        let session = self.session_of_person();
        SendWrapper::new(async move { session?.user_info().await })
    }

    /// Sends a request with the access token, once the session has started.
    ///
    /// In a `LocalResource`, it is sent again when the user or the tenant changes.
    ///
    /// # Errors
    /// As [`Auth::fetch`].
    pub fn fetch<R: IntoRequest>(&self, request: R) -> impl Future<Output = Result<Response, Error>> + Send + use<R> {
        let session = self.session_of_person();
        SendWrapper::new(async move { session?.fetch(request).await })
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`Auth::get`].
    pub fn get(&self, address: &str) -> impl Future<Output = Result<Response, Error>> + Send + use<> {
        let (session, address) = (self.session_of_person(), address.to_owned());
        SendWrapper::new(async move { session?.get(&address).await })
    }

    /// Sends a `GET` request, and decodes the JSON of the response.
    ///
    /// # Errors
    /// As [`Auth::get_json`].
    pub fn get_json<T: DeserializeOwned>(&self, address: &str) -> impl Future<Output = Result<T, Error>> + Send + use<T> {
        let (session, address) = (self.session_of_person(), address.to_owned());
        SendWrapper::new(async move { session?.get_json(&address).await })
    }

    /// A claim of the ID token, decoded into one of the app's types. `None` if no user is signed in, if the claim is missing,
    /// or if it has another type.
    pub fn claim<T>(&self, name: &'static str) -> Memo<Option<T>>
    where
        T: DeserializeOwned + PartialEq + Send + Sync + 'static,
    {
        let state = self.state;
        Memo::new(move |_| state.with(|state| T::deserialize(state.signed_in()?.claims.get(name)?).ok()))
    }

    /// What the sign-in that this page load has finished came to, as soon as the session has started: see
    /// [`Auth::last_sign_in`].
    pub fn last_sign_in(&self) -> Option<LastSignIn> {
        self.status.track();
        self.session().ok()?.last_sign_in()
    }

    /// The session itself, for everything that this handle does not offer. `None` on a server, and if the
    /// session cannot start. A reactive observer runs again when the user or the tenant changes.
    pub fn auth(&self) -> Option<Auth> {
        self.session_of_person().ok()
    }

    /// The session, for a result that depends on the user: a reactive observer runs again when the user or the
    /// tenant changes.
    fn session_of_person(&self) -> Result<Auth, Error> {
        if Observer::get().is_some() {
            self.identity.track();
        }
        self.session()
    }

    /// The session, or why there is none: `disposed` on a server, and after the `AuthProvider` is unmounted.
    fn session(&self) -> Result<Auth, Error> {
        let session = self.session.and_then(|session| session.try_get_value());
        session.map_or_else(|| Err(Code::Disposed.into()), |session| session.auth())
    }

    fn act(&self, action: impl AsyncFnOnce(Auth) -> Result<(), Error> + 'static) {
        let performed = self.perform(action);
        spawn_local(async move { drop(performed.await) });
    }

    /// Runs an action of the app or of a component. Updates `busy` and `error`.
    pub(super) fn perform<A>(&self, action: A) -> impl Future<Output = Result<(), Error>> + use<A>
    where
        A: AsyncFnOnce(Auth) -> Result<(), Error>,
    {
        let (this, session) = (*self, self.session());
        // The component that owns the signals may be unmounted, now or later.
        let action_number = this.last_action.try_update_value(|last| {
            *last += 1;
            *last
        });
        let _ = this.error.try_set(None);
        let _ = this.busy.try_update(|busy| *busy += 1);
        async move {
            let outcome = match session {
                Ok(auth) => action(auth).await,
                Err(error) => Err(error),
            };
            if this.last_action.try_get_value() == action_number {
                let _ = this.error.try_set(outcome.clone().err());
            }
            let _ = this.busy.try_update(|busy| *busy -= 1);
            outcome
        }
    }
}
