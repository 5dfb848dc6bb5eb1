use wasm_bindgen_futures::spawn_local;
use wristband_spa_auth::yew::use_auth;
use yew::prelude::*;
#[component]
fn Me() -> Html {
    let auth = use_auth();
    let text = use_state(String::new);
    use_effect_with((), move |()| {
        let request = auth.get("https://api.example/v1/me");
        spawn_local(async move {
            if let Ok(r) = request.await {
                text.set(r.text().await.unwrap_or_default());
            }
        });
    });
    html! {}
}
fn main() {}
