//! A guard for pages that need a signed-in user.

use std::time::Duration;

use leptos::children::ViewFn;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::failure::{Failure, FailureFn, Views};
use super::{UseAuth, use_auth};
use crate::components::Status;
use crate::{Auth, Code, Error, Login};

/// Renders its children while a user is signed in. Otherwise starts a login that returns to the current URL,
/// with query and fragment.
///
/// Put it around the view of a route, in any router:
/// `<Route path=path!("/invoices/:id") view=|| view! { <RequireAuth><Invoice /></RequireAuth> } />`.
///
/// After a failed sign-in, and if the user logs out while the page is shown, it starts no login: it shows
/// `failure` and waits for the user.
#[component]
pub fn RequireAuth(
    /// How to log in, or a signal of it: a login that depends on the URL. By default, to the tenant of the configuration.
    #[prop(optional, into)]
    login: Signal<Login>,
    /// What to show while the state is loading, and until the browser has left. By default, what `AuthProvider` names.
    #[prop(optional, into)]
    fallback: Option<ViewFn>,
    /// What to show when a login failed. By default, what `AuthProvider` names.
    #[prop(optional, into)]
    failure: Option<FailureFn>,
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let (status, identity) = (use_auth().status, use_auth().identity);
    let views = Views::of(fallback, failure);
    let attempt = Attempt::new(move |is_automatic| {
        let login = login.get_untracked().automatic(is_automatic);
        async move |auth: Auth| auth.login(login).await
    });
    Effect::new(move |was_signed_in: Option<bool>| match status.get() {
        Status::Failed(_) | Status::Unknown => was_signed_in == Some(true),
        Status::In => true,
        // Another tab may be about to log out at the provider. A login now could still find that session.
        Status::Out(reason) if was_signed_in == Some(true) && reason.waits_for_user() => {
            attempt.fail(Code::NotSignedIn.into());
            false
        }
        Status::Out(_) => {
            attempt.begin();
            false
        }
    });
    let shown = Memo::new(move |_| match status.get() {
        Status::Failed(error) => Err(attempt.error().unwrap_or(error)),
        // Another user gets children of their own.
        Status::In => Ok(identity.get()),
        Status::Out(_) => attempt.error().map_or(Ok(None), Err),
        Status::Unknown => Ok(None),
    });
    move || match shown.get() {
        Ok(Some(_)) => children(),
        Ok(None) => views.fallback.run(),
        Err(error) => views.failure.run(Failure { error, retry: attempt.again() }),
    }
}

/// What one attempt runs. Each attempt makes a new one.
type Action = std::pin::Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// A login that a component starts automatically, and its error.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    auth: UseAuth,
    /// Makes what an attempt runs. The flag says whether the login is automatic.
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

    /// Why the last attempt failed.
    pub(super) fn error(&self) -> Option<Error> {
        self.error.get()
    }

    pub(super) fn fail(&self, error: Error) {
        let _ = self.error.try_set(Some(error));
    }

    /// Starts the login automatically, if the component is still mounted a moment later: a router may show a
    /// page before the address bar has its URL, to which the login returns.
    pub(super) fn begin(&self) {
        self.start(true);
    }

    fn start(&self, is_automatic: bool) {
        let this = *self;
        let _ = this.error.try_set(None);
        set_timeout(move || this.start_now(is_automatic), Duration::ZERO);
    }

    /// The callback of the retry button.
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
