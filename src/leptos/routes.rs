//! The two addresses of an app to which the provider sends people.

use leptos::children::ViewFn;
use leptos::prelude::*;

use super::failure::{Failure, FailureFn};
use super::guard::Attempt;
use super::use_auth;
use crate::face::{self, Standing};
use crate::{Auth, Login};

/// The view of the route that `redirectUri` names.
///
/// [`AuthProvider`](super::AuthProvider) finishes the login, and the router follows to the page
/// where it was begun. This is what is shown meanwhile, and when it came to nothing. Whoever comes
/// here without a login to finish is sent to `home`.
#[component]
pub fn CallbackRoute(
    /// How to log in when the person tries again. To the tenant of the configuration, by default.
    #[prop(optional)]
    login: Login,
    /// The path of the app's first page. The folder of the callback, by default.
    #[prop(optional, into)]
    home: Option<String>,
    /// What to show while the login is being finished.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What to show when it came to nothing.
    #[prop(optional, into)]
    failure: FailureFn,
) -> impl IntoView {
    let standing = use_auth().standing;
    let here = face::path().unwrap_or_default();
    let home = home.or_else(face::folder).unwrap_or_else(|| "/".to_owned());
    let login = login.return_to(home.clone());
    let attempt = Attempt::new(move |_| {
        let login = login.clone();
        async move |auth: Auth| auth.login(login).await
    });
    Effect::new(move |_| {
        // The address is replaced before the state changes. The router may only be about to follow.
        if matches!(standing.get(), Standing::In | Standing::Out(_)) {
            face::leave_path(&here, &home);
        }
    });
    let shown = Memo::new(move |_| match standing.get() {
        Standing::Failed(error) => Some(attempt.error().unwrap_or(error)),
        _ => attempt.error(),
    });
    move || match shown.get() {
        Some(error) => failure.run(Failure { error, retry: attempt.again() }),
        None => fallback.run(),
    }
}

/// The view of the app's login route, `loginUrl`: begins the login that the address asks for, also
/// when somebody is signed in already. The browser does not come back to it.
#[component]
pub fn LoginRoute(
    /// What to show while the browser leaves.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What to show when the login came to nothing.
    #[prop(optional, into)]
    failure: FailureFn,
) -> impl IntoView {
    let standing = use_auth().standing;
    let attempt = Attempt::new(|_| async |auth: Auth| auth.login_from_url(face::address()).await);
    // The state may still change; one login is enough.
    let is_known = Memo::new(move |_| standing.with(|standing| *standing != Standing::Unknown));
    Effect::new(move |_| {
        if is_known.get() {
            attempt.begin();
        }
    });
    move || match attempt.error() {
        Some(error) => failure.run(Failure { error, retry: attempt.again() }),
        None => fallback.run(),
    }
}
