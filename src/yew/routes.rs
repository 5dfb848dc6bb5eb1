//! The two addresses of an app to which the provider sends people.

use yew::prelude::*;

use super::failure::{self, Failure};
use super::guard::use_attempt;
use super::use_auth;
use crate::face::{self, Standing};
use crate::{Auth, Login};

/// What is shown at the callback.
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "a view has none")]
pub struct CallbackRouteProps {
    /// What to show when the login came to nothing. A sentence and a button, by default.
    #[prop_or_default]
    pub failure: Option<Callback<Failure, Html>>,
    /// What to show while the login is being finished.
    #[prop_or_default]
    pub fallback: Html,
    /// The path of the app's first page. The folder of the callback, by default.
    #[prop_or_default]
    pub home: Option<AttrValue>,
    /// How to log in when the person tries again. To the tenant of the configuration, by default.
    #[prop_or_default]
    pub login: Login,
}

/// The page of the route that `redirectUri` names.
///
/// [`AuthProvider`](super::AuthProvider) finishes the login, and the router follows to the page
/// where it was begun. This is what is shown meanwhile, and when it came to nothing. Whoever comes
/// here without a login to finish is sent to `home`.
#[component]
pub fn CallbackRoute(props: &CallbackRouteProps) -> Html {
    let standing = use_auth().standing();
    let here = use_memo((), |()| face::path().unwrap_or_default());
    let home = props.home.as_ref().map(ToString::to_string).or_else(face::folder).unwrap_or_else(|| "/".to_owned());
    let login = props.login.clone().return_to(home.clone());
    let attempt = use_attempt(move |_| {
        let login = login.clone();
        async move |auth: Auth| auth.login(login).await
    });
    use_effect_with(standing.clone(), move |standing| {
        // The address is replaced before the state changes. The router may only be about to follow.
        if matches!(standing, Standing::In | Standing::Out(_)) {
            face::leave_path(&here, &home);
        }
    });
    let error = match &standing {
        Standing::Failed(error) => attempt.error().or(Some(error)),
        _ => attempt.error(),
    };
    match error {
        Some(error) => failure::show(props.failure.as_ref(), error, &attempt.retry),
        None => props.fallback.clone(),
    }
}

/// What is shown at the login route.
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "a view has none")]
pub struct LoginRouteProps {
    /// What to show when the login came to nothing. A sentence and a button, by default.
    #[prop_or_default]
    pub failure: Option<Callback<Failure, Html>>,
    /// What to show while the browser leaves.
    #[prop_or_default]
    pub fallback: Html,
}

/// The page of the app's login route, `loginUrl`: begins the login that the address asks for, also
/// when somebody is signed in already. The browser does not come back to it.
#[component]
pub fn LoginRoute(props: &LoginRouteProps) -> Html {
    // The state may still change; one login is enough.
    let is_known = use_auth().standing() != Standing::Unknown;
    let attempt = use_attempt(|_| async |auth: Auth| auth.login_from_url(face::address()).await);
    let begin = attempt.begin.clone();
    use_effect_with(is_known, move |is_known| {
        if *is_known {
            begin.emit(());
        }
    });
    match attempt.error() {
        Some(error) => failure::show(props.failure.as_ref(), error, &attempt.retry),
        None => props.fallback.clone(),
    }
}
