use leptos::prelude::*;
use wristband_spa_auth::leptos::{Failure, RequireAuth};
#[component]
fn Page() -> impl IntoView {
    // The parameter needs its type: the property takes any function.
    view! { <RequireAuth failure=|failure: Failure| view! { <p>{failure.error.message()}</p> }>"x"</RequireAuth> }
}
fn main() {}
