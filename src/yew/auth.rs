//! The session, for components.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::face::{self, Mounted, Standing};
use crate::{Auth, Code, Error, Login, Logout, Request, Response, State, UserInfo};

/// Signing in, for components: the state as it was when the component was rendered, and what can be
/// done. It changes when the state, the error or `busy` does.
#[derive(Clone, Debug)]
pub struct UseAuth {
    pub(super) change: UseReducerDispatcher<Shown>,
    /// Counts the actions.
    pub(super) last_action: Rc<Cell<u32>>,
    /// `None` on a server, where nothing starts.
    pub(super) session: Rc<Option<Mounted>>,
    pub(super) shown: Rc<Shown>,
}

impl PartialEq for UseAuth {
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown && Rc::ptr_eq(&self.session, &other.session)
    }
}

/// What components show.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// How many actions are under way.
    busy: u32,
    error: Option<Error>,
    /// The action that was last begun: an older one's outcome does not stand for it.
    last_action: u32,
    state: State,
}

/// What changes it.
pub(super) enum Change {
    Began(u32),
    Ended(u32, Result<(), Error>),
    State(State),
}

impl Reducible for Shown {
    type Action = Change;

    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        let mut shown = Rc::unwrap_or_clone(self);
        match change {
            Change::Began(action) => {
                shown.busy += 1;
                shown.error = None;
                shown.last_action = action;
            }
            Change::Ended(action, outcome) => {
                shown.busy -= 1;
                if shown.last_action == action {
                    shown.error = outcome.err();
                }
            }
            Change::State(state) => shown.state = state,
        }
        Rc::new(shown)
    }
}

/// The session of the nearest [`AuthProvider`](super::AuthProvider).
///
/// # Panics
/// Without an `AuthProvider` above: that is a mistake in the app, found when it is first run.
#[hook]
pub fn use_auth() -> UseAuth {
    #[expect(clippy::expect_used, reason = "nothing could be shown instead")]
    use_context().expect("use_auth needs an AuthProvider above")
}

/// What the provider tells about the person: asked again when somebody else is signed in, `None`
/// until there is an answer.
///
/// While nobody is signed in, it is the error `not_signed_in`.
#[hook]
pub fn use_user_info() -> Option<Result<UserInfo, Error>> {
    let auth = use_auth();
    let answer = use_state(|| None);
    let (person, shown) = (face::person(auth.state()), answer.clone());
    use_effect_with(person, move |_| {
        let is_wanted = Rc::new(Cell::new(true));
        let still = Rc::clone(&is_wanted);
        shown.set(None);
        spawn_local(async move {
            let info = auth.user_info().await;
            // Somebody else may be signed in by now, or the component may be gone.
            if still.get() {
                shown.set(Some(info));
            }
        });
        move || is_wanted.set(false)
    });
    (*answer).clone()
}

impl UseAuth {
    /// Who is signed in, if anybody is.
    pub fn state(&self) -> &State {
        &self.shown.state
    }

    /// Why the last login, logout or renewal came to nothing; empty again when the next one begins.
    pub fn error(&self) -> Option<&Error> {
        self.shown.error.as_ref()
    }

    /// Whether a login, logout or renewal is under way.
    pub fn busy(&self) -> bool {
        self.shown.busy > 0
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
    /// # Errors
    /// As [`Auth::user_info`].
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        self.session()?.user_info().await
    }

    /// Sends a request with the access token, once the session has started.
    ///
    /// # Errors
    /// As [`Auth::fetch`].
    pub async fn fetch(&self, request: Request) -> Result<Response, Error> {
        self.session()?.fetch(request).await
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`Auth::get`].
    pub async fn get(&self, address: &str) -> Result<Response, Error> {
        self.session()?.get(address).await
    }

    /// The session itself, for all that is not here. `None` on a server, and where it cannot start.
    pub fn auth(&self) -> Option<Auth> {
        self.session().ok()
    }

    /// The session, or why there is none.
    fn session(&self) -> Result<Auth, Error> {
        (*self.session).as_ref().map_or_else(|| Err(Code::Disposed.into()), Mounted::auth)
    }

    pub(super) fn standing(&self) -> Standing {
        self.state().into()
    }

    fn act(&self, action: impl AsyncFnOnce(Auth) -> Result<(), Error> + 'static) {
        self.perform(action, drop);
    }

    /// Does what the app or a component wants, and tells everybody that it goes on and what came of it.
    pub(super) fn perform<A>(&self, action: A, done: impl FnOnce(Result<(), Error>) + 'static)
    where
        A: AsyncFnOnce(Auth) -> Result<(), Error> + 'static,
    {
        let (change, session) = (self.change.clone(), self.session());
        let action_number = self.last_action.get().wrapping_add(1);
        self.last_action.set(action_number);
        change.dispatch(Change::Began(action_number));
        spawn_local(async move {
            let outcome = match session {
                Ok(auth) => action(auth).await,
                Err(error) => Err(error),
            };
            change.dispatch(Change::Ended(action_number, outcome.clone()));
            done(outcome);
        });
    }
}
