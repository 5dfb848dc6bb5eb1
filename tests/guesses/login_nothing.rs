use leptos::prelude::*;
use wristband_spa_auth::leptos::use_auth;
use wristband_spa_auth::{Login, Logout};
#[component]
fn Page() -> impl IntoView {
    let auth = use_auth();
    // Not `auth.login()`: a login names its tenant, or says that it names none.
    view! {
        <button on:click=move |_| auth.login(Login::new())>"in"</button>
        <button on:click=move |_| auth.logout(Logout::new())>"out"</button>
    }
}
fn main() {}
