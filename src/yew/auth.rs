//! The hooks, and the handle to the session that they use.

use std::cell::Cell;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::components::{self, Mounted, Status};
use crate::{Auth, Code, Error, IntoRequest, LastSignIn, Login, Logout, Response, State, UserInfo};

/// A handle to the session, for components: the state at the time of rendering, and the actions. It changes
/// when the state, the error or `busy` changes.
#[derive(Clone, Debug)]
pub struct UseAuth {
    pub(super) change: UseReducerDispatcher<Shown>,
    /// The number of the last action.
    pub(super) last_action: Rc<Cell<u32>>,
    /// `None` on a server, where no session starts.
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
    /// The number of actions in progress.
    busy: u32,
    error: Option<Error>,
    /// The last action that was started. The outcome of an older one is not shown.
    last_action: u32,
    state: State,
}

/// A change to [`Shown`].
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
/// If the component is not inside an `AuthProvider`: a bug in the app.
#[hook]
pub fn use_auth() -> UseAuth {
    #[expect(clippy::expect_used, reason = "nothing could be shown instead")]
    use_context().expect("use_auth needs an AuthProvider above")
}

/// The provider's user info about the signed-in user \[OIDC Core §5.3]. `None` until the provider has answered.
/// Fetched again when the user or the tenant changes.
///
/// The error `not_signed_in` if no user is signed in.
#[hook]
pub fn use_user_info() -> Option<Result<UserInfo, Error>> {
    use_answer((), |auth, ()| auth.user_info())
}

/// The JSON of an API's response to a `GET` request with the access token. `None` until the API has answered. Fetched again
/// when the URL changes, and when the user or the tenant does.
///
/// The errors are those of [`Auth::get_json`].
#[hook]
pub fn use_api<T>(url: &str) -> Option<Result<T, Error>>
where
    T: Clone + DeserializeOwned + 'static,
{
    use_answer(url.to_owned(), |auth, url| auth.get_json(url))
}

/// The answer to a question of the signed-in user. It is asked again for another user, and if the question changes.
#[hook]
fn use_answer<Q, T, F>(question: Q, ask: impl FnOnce(&UseAuth, &Q) -> F + 'static) -> Option<Result<T, Error>>
where
    Q: Clone + PartialEq + 'static,
    T: Clone + 'static,
    F: Future<Output = Result<T, Error>> + 'static,
{
    let auth = use_auth();
    let asked = (components::identity(auth.state()), question);
    let answer = use_state(|| None);
    let shown = answer.clone();
    use_effect_with(asked.clone(), move |asked| {
        let is_wanted = Rc::new(Cell::new(true));
        let (still, asked) = (Rc::clone(&is_wanted), asked.clone());
        spawn_local(async move {
            let result = ask(&auth, &asked.1).await;
            // Another user may be signed in by now, or the component may be unmounted.
            if still.get() {
                shown.set(Some((asked, result)));
            }
        });
        move || is_wanted.set(false)
    });
    // This user is never shown the answer to another one, not even until the next one comes.
    let (for_whom, result) = (*answer).as_ref()?;
    (*for_whom == asked).then(|| result.clone())
}

impl UseAuth {
    /// The state: loading, signed in, signed out or failed.
    pub fn state(&self) -> &State {
        &self.shown.state
    }

    /// Why the last login, logout or renewal failed. `None` again when the next one starts.
    pub fn error(&self) -> Option<&Error> {
        self.shown.error.as_ref()
    }

    /// Whether a login, logout or renewal is in progress.
    pub fn busy(&self) -> bool {
        self.shown.busy > 0
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
    /// # Errors
    /// As [`Auth::user_info`].
    pub fn user_info(&self) -> impl Future<Output = Result<UserInfo, Error>> + use<> {
        let session = self.session();
        async move { session?.user_info().await }
    }

    /// Sends a request with the access token, once the session has started.
    ///
    /// # Errors
    /// As [`Auth::fetch`].
    pub fn fetch<R: IntoRequest>(&self, request: R) -> impl Future<Output = Result<Response, Error>> + use<R> {
        let session = self.session();
        async move { session?.fetch(request).await }
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`Auth::get`].
    pub fn get(&self, address: &str) -> impl Future<Output = Result<Response, Error>> + use<> {
        let (session, address) = (self.session(), address.to_owned());
        async move { session?.get(&address).await }
    }

    /// Sends a `GET` request, and decodes the JSON of the response.
    ///
    /// # Errors
    /// As [`Auth::get_json`].
    pub fn get_json<T: DeserializeOwned>(&self, address: &str) -> impl Future<Output = Result<T, Error>> + use<T> {
        let (session, address) = (self.session(), address.to_owned());
        async move { session?.get_json(&address).await }
    }

    /// What the sign-in that this page load has finished came to, as soon as the session has started: see
    /// [`Auth::last_sign_in`].
    pub fn last_sign_in(&self) -> Option<LastSignIn> {
        self.auth()?.last_sign_in()
    }

    /// The session itself, for everything that this handle does not offer. `None` on a server, and if the
    /// session cannot start.
    pub fn auth(&self) -> Option<Auth> {
        self.session().ok()
    }

    /// The session, or why there is none.
    fn session(&self) -> Result<Auth, Error> {
        (*self.session).as_ref().map_or_else(|| Err(Code::Disposed.into()), Mounted::auth)
    }

    pub(super) fn status(&self) -> Status {
        self.state().into()
    }

    fn act(&self, action: impl AsyncFnOnce(Auth) -> Result<(), Error> + 'static) {
        self.perform(action, drop);
    }

    /// Runs an action of the app or of a component. Updates `busy` and `error`.
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
