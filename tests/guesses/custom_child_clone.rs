use leptos::prelude::*;
use wristband_spa_auth::leptos::RequireAuth;
#[component]
fn Page(title: String) -> impl IntoView {
    // Children are rendered again after a logout and for another user, so they clone what they show.
    view! { <RequireAuth><h1>{title.clone()}</h1></RequireAuth> }
}
fn main() {}
