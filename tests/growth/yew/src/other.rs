//! `yew-oauth2`, with the part of it that reads ID tokens.

use yew::prelude::*;
use yew_oauth2::openid::{Config, OAuth2, use_auth_agent};
use yew_oauth2::prelude::{OAuth2Context, OAuth2Operations as _, use_auth_state};

use crate::buttons;

#[component]
pub(crate) fn App() -> Html {
    let config = Config::new("client", "https://provider.example").with_after_logout_url("https://app.example/");
    html! { <OAuth2 {config} scopes={vec!["openid".to_owned()]}><Buttons /></OAuth2> }
}

#[component]
fn Buttons() -> Html {
    let agent = use_auth_agent();
    let error = match use_auth_state() {
        Some(OAuth2Context::Failed(message)) => Some(message),
        _ => None,
    };
    let leaving = agent.clone();
    buttons(
        move || drop(agent.as_ref().map(|agent| agent.start_login())),
        move || drop(leaving.as_ref().map(|agent| agent.logout())),
        error,
    )
}
