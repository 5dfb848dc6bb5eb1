//! A page for people who are signed in.

use std::time::Duration;

use leptos::children::ViewFn;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::failure::{Failure, FailureFn};
use super::{UseAuth, use_auth};
use crate::face::Standing;
use crate::{Auth, Code, Error, Login, Reason};

/// Shows its children while somebody is signed in, and otherwise begins a login that comes back to
/// this very address, with query and fragment.
///
/// It goes around the view of a route, of any router:
/// `<Route path=path!("/invoices/:id") view=|| view! { <RequireAuth><Invoice /></RequireAuth> } />`.
///
/// After a sign-in that failed, and when the person logs out while the page is shown, it waits for
/// the person: `failure` says why.
#[component]
pub fn RequireAuth(
    /// How to log in. To the tenant of the configuration, by default.
    #[prop(optional)]
    login: Login,
    /// What to show while it is being found out who is there, and while the browser leaves.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What to show when a login came to nothing.
    #[prop(optional, into)]
    failure: FailureFn,
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let standing = use_auth().standing;
    let attempt = Attempt::new(move |is_automatic| {
        let login = login.clone().automatic(is_automatic);
        async move |auth: Auth| auth.login(login).await
    });
    Effect::new(move |was_signed_in: Option<bool>| match standing.get() {
        Standing::Failed(_) | Standing::Unknown => was_signed_in == Some(true),
        Standing::In => true,
        // Another tab may be about to end the session at the provider: a login now could find it there.
        Standing::Out(Reason::SignedOut) if was_signed_in == Some(true) => {
            attempt.fail(Code::NotSignedIn.into());
            false
        }
        Standing::Out(_) => {
            attempt.begin();
            false
        }
    });
    let shown = Memo::new(move |_| match standing.get() {
        Standing::Failed(error) => Err(attempt.error().unwrap_or(error)),
        Standing::In => Ok(true),
        Standing::Out(_) => attempt.error().map_or(Ok(false), Err),
        Standing::Unknown => Ok(false),
    });
    move || match shown.get() {
        Ok(true) => children(),
        Ok(false) => fallback.run(),
        Err(error) => failure.run(Failure { error, retry: attempt.again() }),
    }
}

/// What an attempt does: made anew for every try.
type Action = std::pin::Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// A login that a component begins by itself, and how that went.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    auth: UseAuth,
    /// What it does, made for a login that is automatic or for one that the user has asked for.
    action: StoredValue<Box<dyn Fn(UseAuth, bool) -> Action + Send + Sync>>,
    error: RwSignal<Option<Error>>,
}

impl Attempt {
    pub(super) fn new<A>(action: impl Fn(bool) -> A + Send + Sync + 'static) -> Self
    where
        A: AsyncFnOnce(Auth) -> Result<(), Error> + 'static,
    {
        let action = move |auth: UseAuth, is_automatic| Box::pin(auth.perform(action(is_automatic))) as Action;
        Self { auth: use_auth(), action: StoredValue::new(Box::new(action)), error: RwSignal::new(None) }
    }

    /// Why the last attempt came to nothing.
    pub(super) fn error(&self) -> Option<Error> {
        self.error.get()
    }

    pub(super) fn fail(&self, error: Error) {
        let _ = self.error.try_set(Some(error));
    }

    /// Starts the login automatically, if the component is still there a moment later. A router may
    /// show a page before the address bar has its URL, which is the one to come back to.
    pub(super) fn begin(&self) {
        self.start(true);
    }

    fn start(&self, is_automatic: bool) {
        let this = *self;
        let _ = this.error.try_set(None);
        set_timeout(move || this.start_now(is_automatic), Duration::ZERO);
    }

    /// For the button that tries again.
    pub(super) fn again(&self) -> Callback<()> {
        let this = *self;
        Callback::new(move |()| this.start(false))
    }

    fn start_now(self, is_automatic: bool) {
        let Some(outcome) = self.action.try_with_value(|action| action(self.auth, is_automatic)) else { return };
        spawn_local(async move {
            if let Err(error) = outcome.await {
                self.fail(error);
            }
        });
    }
}
