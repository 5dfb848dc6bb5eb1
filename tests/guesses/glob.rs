use leptos::prelude::*;
use wristband_spa_auth::prelude::*;
#[component]
fn App() -> impl IntoView {
    view! { <p>"x"</p> }
}
fn main() {
    leptos::mount::mount_to_body(App)
}
