use leptos::prelude::*;
use wristband_spa_auth::Value;
use wristband_spa_auth::leptos::use_auth;
#[component]
fn Name() -> impl IntoView {
    let auth = use_auth();
    let email = Memo::new(move |_| {
        auth.state().with(|s| s.signed_in().and_then(|s| s.claims.get("email")).and_then(Value::as_str).map(str::to_owned))
    });
    move || email.get()
}
fn main() {}
