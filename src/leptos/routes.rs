//! The two routes of an app to which the provider sends the browser.

use leptos::children::ViewFn;
use leptos::prelude::*;

use super::failure::{Failure, FailureFn, Views};
use super::guard::Attempt;
use super::use_auth;
use crate::components::{self, Status};
use crate::{Auth, Login};

/// The view of the route that `redirectUri` names.
///
/// [`AuthProvider`](super::AuthProvider) completes the login, and the router goes to the page where the login
/// started. This view is shown until then, and if the login failed. If there is no login to complete, the user
/// is sent to `home`.
#[component]
pub fn CallbackRoute(
    /// How to log in when the user tries again, or a signal of it. By default, to the tenant of the configuration.
    #[prop(optional, into)]
    login: Signal<Login>,
    /// The path of the app's start page. By default, the folder of the callback.
    #[prop(optional, into)]
    home: Option<String>,
    /// What to show until the login is complete. By default, what `AuthProvider` names.
    #[prop(optional, into)]
    fallback: Option<ViewFn>,
    /// What to show when the login failed. By default, what `AuthProvider` names.
    #[prop(optional, into)]
    failure: Option<FailureFn>,
) -> impl IntoView {
    let status = use_auth().status;
    let here = components::path().unwrap_or_default();
    let home = home.or_else(components::folder).unwrap_or_else(|| "/".to_owned());
    let views = Views::of(fallback, failure);
    let returning = home.clone();
    let attempt = Attempt::new(move |_| {
        let login = login.get_untracked().return_to(returning.clone());
        async move |auth: Auth| auth.login(login).await
    });
    Effect::new(move |_| {
        // The URL is replaced before the state changes. The router may not have followed yet.
        if matches!(status.get(), Status::In | Status::Out(_)) {
            components::leave_path(&here, &home);
        }
    });
    let shown = Memo::new(move |_| match status.get() {
        Status::Failed(error) => Some(attempt.error().unwrap_or(error)),
        _ => attempt.error(),
    });
    move || match shown.get() {
        Some(error) => views.failure.run(Failure { error, retry: attempt.again() }),
        None => views.fallback.run(),
    }
}

/// The view of the app's login route, `loginUrl`. Starts the login that the URL asks for, even if a user is
/// already signed in. Neither the login nor the Back button returns to this route.
#[component]
pub fn LoginRoute(
    /// What to show until the browser has left. By default, what `AuthProvider` names.
    #[prop(optional, into)]
    fallback: Option<ViewFn>,
    /// What to show when the login failed. By default, what `AuthProvider` names.
    #[prop(optional, into)]
    failure: Option<FailureFn>,
) -> impl IntoView {
    let status = use_auth().status;
    let views = Views::of(fallback, failure);
    let attempt = Attempt::new(|_| async |auth: Auth| auth.login_from_url(components::address()).await);
    // The state may change again, but only one login is started.
    let is_known = Memo::new(move |_| status.with(|status| *status != Status::Unknown));
    Effect::new(move |_| {
        if is_known.get() {
            attempt.begin();
        }
    });
    move || match attempt.error() {
        Some(error) => views.failure.run(Failure { error, retry: attempt.again() }),
        None => views.fallback.run(),
    }
}
