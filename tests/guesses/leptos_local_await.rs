use leptos::prelude::*;
use leptos::task::spawn_local;
use wristband_spa_auth::Request;
use wristband_spa_auth::leptos::use_auth;
#[component]
fn Save() -> impl IntoView {
    let auth = use_auth();
    let answer = RwSignal::new(None);
    let save = move |_| {
        spawn_local(async move {
            // What is wrong with a request is reported by `fetch`.
            let request = Request::post("https://api.example/v1/x").body("1");
            answer.set(Some(auth.fetch(request).await.map(|response| response.status())));
        });
    };
    view! { <button on:click=save>"save"</button><p>{move || answer.get().map(|answer| format!("{answer:?}"))}</p> }
}
fn main() {}
