//! This library. Where the session may run is a feature of the crate.

use leptos::prelude::*;
use wristband_spa_auth::leptos::{AuthProvider, use_auth};
use wristband_spa_auth::{Config, Login, Logout};

use crate::buttons;

#[component]
pub(crate) fn App() -> impl IntoView {
    let config = Config::openid("https://provider.example", "client", "https://app.example/callback").build();
    config.map(|config| view! { <AuthProvider config><Buttons /></AuthProvider> })
}

#[component]
fn Buttons() -> impl IntoView {
    let auth = use_auth();
    let error = auth.error();
    buttons(
        move || auth.login(Login::new()),
        move || auth.logout(Logout::new()),
        move || error.get().map(|error| error.to_string()),
    )
}
