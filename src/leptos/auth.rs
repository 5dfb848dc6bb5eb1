//! The session, for components.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::reactive::graph::Observer;
use leptos::task::spawn_local;

use crate::face::{Mounted, Person, Standing};
use crate::{Auth, Code, Error, Login, Logout, Request, Response, State, UserInfo};

/// Signing in, for components. A handle that can be copied into any closure.
#[derive(Clone, Copy, Debug)]
pub struct UseAuth {
    /// How many actions are under way.
    pub(super) busy: RwSignal<u32>,
    pub(super) error: RwSignal<Option<Error>>,
    /// Counts the actions, so that an old one's outcome does not stand for a new one's.
    pub(super) last_action: StoredValue<u32>,
    pub(super) person: Memo<Person>,
    /// `None` on a server, where nothing starts.
    pub(super) session: Option<StoredValue<Rc<Mounted>, LocalStorage>>,
    pub(super) standing: Memo<Standing>,
    pub(super) state: RwSignal<State>,
}

/// The session of the nearest [`AuthProvider`](super::AuthProvider).
///
/// # Panics
/// Without an `AuthProvider` above: that is a mistake in the app, found when it is first run.
pub fn use_auth() -> UseAuth {
    expect_context()
}

/// What the provider tells about the person: asked again when somebody else is signed in.
///
/// While nobody is signed in, it is the error `not_signed_in`.
pub fn use_user_info() -> LocalResource<Result<UserInfo, Error>> {
    let auth = use_auth();
    LocalResource::new(move || auth.user_info())
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

    /// Begins the login that an address asks for. [`LoginRoute`](super::LoginRoute) does so with
    /// the page's own.
    pub fn login_from_url(&self, address: impl Into<String>) {
        let address = address.into();
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

    /// Asks the provider about the person, once the session has started.
    ///
    /// In a `LocalResource` it is asked again when somebody else is signed in.
    ///
    /// # Errors
    /// As [`Auth::user_info`].
    pub fn user_info(&self) -> impl Future<Output = Result<UserInfo, Error>> + use<> {
        let session = self.session_of_person();
        async move { session?.user_info().await }
    }

    /// Sends a request with the access token, once the session has started.
    ///
    /// In a `LocalResource` it is sent again when somebody else is signed in.
    ///
    /// # Errors
    /// As [`Auth::fetch`].
    pub fn fetch(&self, request: Request) -> impl Future<Output = Result<Response, Error>> + use<> {
        let session = self.session_of_person();
        async move { session?.fetch(request).await }
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`Auth::get`].
    pub fn get(&self, address: &str) -> impl Future<Output = Result<Response, Error>> + use<> {
        let (session, address) = (self.session_of_person(), address.to_owned());
        async move { session?.get(&address).await }
    }

    /// The session itself, for all that is not here. `None` on a server, and where it cannot start.
    pub fn auth(&self) -> Option<Auth> {
        self.session().ok()
    }

    /// The session, for an answer that depends on who is signed in.
    fn session_of_person(&self) -> Result<Auth, Error> {
        if Observer::get().is_some() {
            self.person.track();
        }
        self.session()
    }

    /// The session, or why there is none. A component that is gone has none.
    fn session(&self) -> Result<Auth, Error> {
        let session = self.session.and_then(|session| session.try_get_value());
        session.map_or_else(|| Err(Code::Disposed.into()), |session| session.auth())
    }

    fn act(&self, action: impl AsyncFnOnce(Auth) -> Result<(), Error> + 'static) {
        let performed = self.perform(action);
        spawn_local(async move { drop(performed.await) });
    }

    /// Does what the app or a component wants, and tells everybody that it goes on and what came of it.
    pub(super) fn perform<A>(&self, action: A) -> impl Future<Output = Result<(), Error>> + use<A>
    where
        A: AsyncFnOnce(Auth) -> Result<(), Error>,
    {
        let (this, session) = (*self, self.session());
        // The component that holds the signals may be gone, now or later.
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
