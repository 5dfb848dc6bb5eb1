//! A page for people who are signed in.

use yew::prelude::*;

use super::failure::{self, Failure};
use super::use_auth;
use crate::face::Standing;
use crate::{Auth, Code, Error, Login, Reason};

/// What is protected, and what is shown instead.
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct RequireAuthProps {
    /// What to show.
    pub children: Html,
    /// What to show when a login came to nothing. A sentence and a button, by default.
    #[prop_or_default]
    pub failure: Option<Callback<Failure, Html>>,
    /// What to show while it is being found out who is there, and while the browser leaves.
    #[prop_or_default]
    pub fallback: Html,
    /// How to log in. To the tenant of the configuration, by default.
    #[prop_or_default]
    pub login: Login,
}

/// Shows its children while somebody is signed in, and otherwise begins a login that comes back to
/// this very address, with query and fragment.
///
/// It goes around a page in the function of a `Switch`, of any router:
/// `Route::Invoice { id } => html! { <RequireAuth><Invoice {id} /></RequireAuth> }`.
///
/// After a sign-in that failed, and when the person logs out while the page is shown, it waits for
/// the person: `failure` says why.
#[component]
pub fn RequireAuth(props: &RequireAuthProps) -> Html {
    let standing = use_auth().standing();
    let was_signed_in = use_mut_ref(|| false);
    let login = props.login.clone();
    let attempt = use_attempt(move |is_automatic| {
        let login = login.clone().automatic(is_automatic);
        async move |auth: Auth| auth.login(login).await
    });
    let (begin, error) = (attempt.begin.clone(), attempt.error.clone());
    use_effect_with(standing.clone(), move |standing| match standing {
        Standing::Failed(_) | Standing::Unknown => {}
        Standing::In => drop(was_signed_in.replace(true)),
        // Another tab may be about to end the session at the provider: a login now could find it there.
        Standing::Out(reason) if was_signed_in.replace(false) && *reason == Reason::SignedOut => {
            error.set(Some(Code::NotSignedIn.into()));
        }
        Standing::Out(_) => begin.emit(()),
    });
    let problem = match &standing {
        Standing::In => return props.children.clone(),
        Standing::Failed(error) => attempt.error().or(Some(error)),
        Standing::Out(_) => attempt.error(),
        Standing::Unknown => None,
    };
    match problem {
        Some(error) => failure::show(props.failure.as_ref(), error, &attempt.retry),
        None => props.fallback.clone(),
    }
}

/// A login that a component begins by itself, and how that went.
pub(super) struct Attempt {
    /// Starts the login automatically.
    pub(super) begin: Callback<()>,
    /// Starts it because the user wants that.
    pub(super) retry: Callback<()>,
    error: UseStateHandle<Option<Error>>,
}

impl Attempt {
    /// Why the last attempt came to nothing.
    pub(super) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
}

/// Such a login. `action` makes what an attempt does, anew for every try.
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
