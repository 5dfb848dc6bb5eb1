use wristband_spa_auth::Login;
use wristband_spa_auth::yew::use_auth;
use yew::prelude::*;
#[component]
fn Buttons() -> Html {
    let auth = use_auth();
    let renew = {
        // Yew's handles are cloned for each callback.
        let auth = auth.clone();
        move |_| auth.renew()
    };
    html! { <><button onclick={move |_| auth.login(Login::new())}>{ "in" }</button><button onclick={renew}>{ "renew" }</button></> }
}
fn main() {}
