//! This library. Where the session may run is a feature of the crate.

use wristband_spa_auth::yew::{AuthProvider, use_auth};
use wristband_spa_auth::{Config, Login, Logout};
use yew::prelude::*;

use crate::buttons;

#[component]
pub(crate) fn App() -> Html {
    let config = Config::openid("https://provider.example", "client", "https://app.example/callback").build();
    config.map_or_else(|_| Html::default(), |config| html! { <AuthProvider {config}><Buttons /></AuthProvider> })
}

#[component]
fn Buttons() -> Html {
    let auth = use_auth();
    let error = auth.error().map(ToString::to_string);
    let leaving = auth.clone();
    buttons(move || auth.login(Login::new()), move || leaving.logout(Logout::new()), error)
}
