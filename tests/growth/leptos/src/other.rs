//! `leptos_oidc`, which works only inside a router. It returns URLs, to which the buttons lead.

use leptos::prelude::*;
use leptos_oidc::{Auth, AuthParameters, AuthSignal, Challenge};
use leptos_router::components::Router;

use crate::buttons;

#[component]
pub(crate) fn App() -> impl IntoView {
    view! { <Router><Buttons /></Router> }
}

#[component]
fn Buttons() -> impl IntoView {
    let auth: AuthSignal = Auth::signal();
    provide_context(auth);
    let _ = Auth::init(AuthParameters {
        issuer: "https://provider.example".to_owned(),
        client_id: "client".to_owned(),
        redirect_uri: "https://app.example/callback".to_owned(),
        post_logout_redirect_uri: "https://app.example/".to_owned(),
        challenge: Challenge::S256,
        scope: Some("openid offline_access".to_owned()),
        audience: None,
    });
    buttons(
        move || follow(auth.with_untracked(|auth| auth.unauthenticated().map(|data| data.login_url()))),
        move || follow(auth.with_untracked(|auth| auth.authenticated().map(|data| data.logout_url()))),
        move || auth.with(|auth| auth.error().map(|error| error.to_string())),
    )
}

fn follow(address: Option<String>) {
    if let Some(address) = address {
        let _ = window().location().set_href(&address);
    }
}
