//! A guard for pages that need a signed-in user.

use yew::prelude::*;

use super::failure::{Failure, use_views};
use super::signed_in::of_user;
use super::use_auth;
use crate::components::{self, Status};
use crate::{Auth, Code, Error, Login};

/// The properties of [`RequireAuth`].
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct RequireAuthProps {
    /// What to show.
    pub children: Html,
    /// What to show when a login failed. By default, what `AuthProvider` names.
    #[prop_or_default]
    pub failure: Option<Callback<Failure, Html>>,
    /// What to show while the state is loading, and until the browser has left. By default, what `AuthProvider` names.
    #[prop_or_default]
    pub fallback: Option<Html>,
    /// How to log in. By default, to the tenant of the configuration.
    #[prop_or_default]
    pub login: Login,
}

/// Renders its children while a user is signed in. Otherwise starts a login that returns to the current URL,
/// with query and fragment.
///
/// Put it around a page in the function of a `Switch`, in any router:
/// `Route::Invoice { id } => html! { <RequireAuth><Invoice {id} /></RequireAuth> }`.
///
/// After a failed sign-in, and if the user logs out while the page is shown, it starts no login: it shows
/// `failure` and waits for the user.
#[component]
pub fn RequireAuth(props: &RequireAuthProps) -> Html {
    let auth = use_auth();
    let views = use_views(&props.fallback, &props.failure);
    let status = auth.status();
    let was_signed_in = use_mut_ref(|| false);
    let login = props.login.clone();
    let attempt = use_attempt(move |is_automatic| {
        let login = login.clone().automatic(is_automatic);
        async move |auth: Auth| auth.login(login).await
    });
    let (begin, error) = (attempt.begin.clone(), attempt.error.clone());
    use_effect_with(status.clone(), move |status| match status {
        Status::Failed(_) | Status::Unknown => {}
        Status::In => drop(was_signed_in.replace(true)),
        // Another tab may be about to log out at the provider. A login now could still find that session.
        Status::Out(reason) if was_signed_in.replace(false) && reason.waits_for_user() => {
            error.set(Some(Code::NotSignedIn.into()));
        }
        Status::Out(_) => begin.emit(()),
    });
    let problem = match &status {
        Status::In => return of_user(components::identity(auth.state()), &props.children).unwrap_or_default(),
        Status::Failed(error) => attempt.error().or(Some(error)),
        Status::Out(_) => attempt.error(),
        Status::Unknown => None,
    };
    views.show(problem, &attempt.retry)
}

/// A login that a component starts automatically, and its error.
pub(super) struct Attempt {
    /// Starts the login automatically.
    pub(super) begin: Callback<()>,
    /// Starts the login at the user's request.
    pub(super) retry: Callback<()>,
    error: UseStateHandle<Option<Error>>,
}

impl Attempt {
    /// Why the last attempt failed.
    pub(super) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
}

/// Makes an [`Attempt`]. `action` makes what each attempt runs; its argument says whether the login is
/// automatic.
#[hook]
pub(super) fn use_attempt<A>(action: impl Fn(bool) -> A + 'static) -> Attempt
where
    A: AsyncFnOnce(Auth) -> Result<(), Error> + 'static,
{
    let auth = use_auth();
    let error = use_state(|| None);
    let failed = error.clone();
    let start = Callback::from(move |is_automatic| {
        let failed = failed.clone();
        failed.set(None);
        auth.perform(action(is_automatic), move |outcome| failed.set(outcome.err()));
    });
    Attempt { begin: start.reform(|()| true), retry: start.reform(|()| false), error }
}
