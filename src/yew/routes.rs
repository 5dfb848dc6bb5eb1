//! The two routes of an app to which the provider sends the browser.

use yew::prelude::*;

use super::failure::{Failure, use_views};
use super::guard::use_attempt;
use super::use_auth;
use crate::components::{self, Status};
use crate::{Auth, Login};

/// The properties of [`CallbackRoute`].
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "a view has none")]
pub struct CallbackRouteProps {
    /// What to show when the login failed. By default, what `AuthProvider` names.
    #[prop_or_default]
    pub failure: Option<Callback<Failure, Html>>,
    /// What to show until the login is complete. By default, what `AuthProvider` names.
    #[prop_or_default]
    pub fallback: Option<Html>,
    /// The path of the app's start page. By default, the folder of the callback.
    #[prop_or_default]
    pub home: Option<AttrValue>,
    /// How to log in when the user tries again. By default, to the tenant of the configuration.
    #[prop_or_default]
    pub login: Login,
}

/// The page of the route that `redirectUri` names.
///
/// [`AuthProvider`](super::AuthProvider) completes the login, and the router goes to the page where the login
/// started. This view is shown until then, and if the login failed. If there is no login to complete, the user
/// is sent to `home`.
#[component]
pub fn CallbackRoute(props: &CallbackRouteProps) -> Html {
    let status = use_auth().status();
    let views = use_views(&props.fallback, &props.failure);
    let here = use_memo((), |()| components::path().unwrap_or_default());
    let home = props.home.as_ref().map(ToString::to_string).or_else(components::folder).unwrap_or_else(|| "/".to_owned());
    let login = props.login.clone().return_to(home.clone());
    let attempt = use_attempt(move |_| {
        let login = login.clone();
        async move |auth: Auth| auth.login(login).await
    });
    use_effect_with(status.clone(), move |status| {
        // The URL is replaced before the state changes. The router may not have followed yet.
        if matches!(status, Status::In | Status::Out(_)) {
            components::leave_path(&here, &home);
        }
    });
    let error = match &status {
        Status::Failed(error) => attempt.error().or(Some(error)),
        _ => attempt.error(),
    };
    views.show(error, &attempt.retry)
}

/// The properties of [`LoginRoute`].
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "a view has none")]
pub struct LoginRouteProps {
    /// What to show when the login failed. By default, what `AuthProvider` names.
    #[prop_or_default]
    pub failure: Option<Callback<Failure, Html>>,
    /// What to show until the browser has left. By default, what `AuthProvider` names.
    #[prop_or_default]
    pub fallback: Option<Html>,
}

/// The page of the app's login route, `loginUrl`. Starts the login that the URL asks for, even if a user is
/// already signed in. Neither the login nor the Back button returns to this route.
#[component]
pub fn LoginRoute(props: &LoginRouteProps) -> Html {
    // The state may change again, but only one login is started.
    let is_known = use_auth().status() != Status::Unknown;
    let views = use_views(&props.fallback, &props.failure);
    let attempt = use_attempt(|_| async |auth: Auth| auth.login_from_url(components::address()).await);
    let begin = attempt.begin.clone();
    use_effect_with(is_known, move |is_known| {
        if *is_known {
            begin.emit(());
        }
    });
    views.show(attempt.error(), &attempt.retry)
}
