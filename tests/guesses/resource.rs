use leptos::prelude::*;
use wristband_spa_auth::leptos::use_auth;
#[component]
fn App() -> impl IntoView {
    let auth = use_auth();
    let me = Resource::new(
        || (),
        move |_| async move {
            let response = auth.get("https://api.example/v1/me").await.map_err(|e| e.to_string())?;
            response.text().await.map_err(|e| e.to_string())
        },
    );
    move || me.get()
}
fn main() {}
