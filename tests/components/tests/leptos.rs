//! Leptos components with a fake session.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod page;

use leptos::mount::mount_to;
use leptos::prelude::*;
use page::{ME, called, click, place, says, settings};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use wristband_spa_auth::leptos::{AuthProvider, Failure, RequireAuth, use_api, use_auth};
use wristband_spa_auth::testing::{Call, FakeAuth, signed_in};
use wristband_spa_auth::{Code, Config, Login, Reason};

wasm_bindgen_test_configure!(run_in_browser);

/// The component under test: what an API says about the user. It asks once, when it is rendered.
#[component]
fn Me() -> impl IntoView {
    let auth = use_auth();
    let answer = LocalResource::new(move || {
        let request = auth.get(ME);
        async move { request.await?.text().await }
    });
    move || answer.get().map(|answer| answer.unwrap_or_else(|error| error.code().to_string()))
}

#[component]
fn App(config: Config) -> impl IntoView {
    view! { <AuthProvider config><RequireAuth fallback=|| "One moment…"><Me /></RequireAuth></AuthProvider> }
}

#[wasm_bindgen_test]
async fn a_user_sees_what_the_api_says_and_a_visitor_is_sent_to_log_in() {
    let (config, place) = (settings("leptos-1"), place());
    let fake = FakeAuth::new(config.clone());
    let mounted = mount_to(place.clone(), move || view! { <App config /> });
    says(&place, "One moment…").await;
    called(&fake, "login", 1).await;
    fake.respond(ME, 200, "\"Ada\"");
    fake.sign_in(signed_in("ada"));
    says(&place, "\"Ada\"").await;
    drop(mounted);
}

#[wasm_bindgen_test]
async fn after_a_switch_of_the_user_nothing_shows_the_previous_one() {
    let (config, place) = (settings("leptos-2"), place());
    let fake = FakeAuth::new(config.clone());
    fake.sign_in(signed_in("ada"));
    fake.respond(ME, 200, "\"Ada\"");
    let mounted = mount_to(place.clone(), move || view! { <App config /> });
    says(&place, "\"Ada\"").await;
    fake.respond(ME, 200, "\"Hank\"");
    fake.sign_in(signed_in("hank"));
    says(&place, "\"Hank\"").await;
    assert_eq!(fake.count("fetch"), 2);
    drop(mounted);
}

#[wasm_bindgen_test]
async fn after_a_logout_the_user_has_to_click() {
    let (config, place) = (settings("leptos-3"), place());
    let fake = FakeAuth::new(config.clone());
    fake.sign_in(signed_in("ada"));
    fake.respond(ME, 200, "\"Ada\"");
    let mounted = mount_to(place.clone(), move || view! { <App config /> });
    says(&place, "\"Ada\"").await;
    for reason in [Reason::SignedOut, Reason::Idle] {
        fake.sign_out(reason);
        says(&place, "No user is signed in.Log in").await;
        assert_eq!(fake.count("login"), 0, "{reason:?}");
        fake.sign_in(signed_in("ada"));
        says(&place, "\"Ada\"").await;
    }
    fake.sign_out(Reason::SignedOut);
    says(&place, "No user is signed in.Log in").await;
    click(&place);
    says(&place, "One moment…").await;
    called(&fake, "login", 1).await;
    drop(mounted);
}

#[wasm_bindgen_test]
async fn an_error_is_shown_with_its_sentence() {
    let (config, place) = (settings("leptos-4"), place());
    let fake = FakeAuth::new(config.clone());
    fake.fail(Code::AccessDenied.into());
    let mounted = mount_to(place.clone(), move || view! { <App config /> });
    says(&place, "The sign-in was declined at the provider.Try again").await;
    fake.refuse("login", &Code::Offline.into());
    click(&place);
    says(&place, "The device is offline.Try again").await;
    drop(mounted);
}

#[wasm_bindgen_test]
async fn guards_show_what_the_provider_names_and_log_in_as_a_signal_says() {
    let (config, place) = (settings("leptos-5"), place());
    let fake = FakeAuth::new(config.clone());
    fake.refuse("login", &Code::Offline.into());
    let tenant = RwSignal::new("acme");
    let mounted = mount_to(place.clone(), move || {
        let failure =
            |Failure { error, retry }| view! { <button on:click=move |_| retry.run(())>{error.code().to_string()}</button> };
        let login = Signal::derive(move || Login::to(tenant.get()));
        view! { <AuthProvider config fallback=|| "Wait…" failure><RequireAuth login><Me /></RequireAuth></AuthProvider> }
    });
    says(&place, "Wait…").await;
    says(&place, "offline").await;
    tenant.set("globex");
    click(&place);
    called(&fake, "login", 2).await;
    let tenant_of = |call: &Call| call.given.get("options")?.get("tenantName")?.as_str().map(str::to_owned);
    let tenants: Vec<_> = fake.calls().iter().filter_map(tenant_of).collect();
    assert_eq!(tenants, ["acme", "globex"]);
    drop(mounted);
}

/// What the API says about the user at a URL that changes.
#[component]
fn Named(url: RwSignal<String>) -> impl IntoView {
    let name = use_api::<String>(url);
    move || name.get().map(|name| name.unwrap_or_else(|error| error.code().to_string()))
}

#[wasm_bindgen_test]
async fn law_13_an_answer_of_the_api_belongs_to_the_user_and_to_the_url() {
    let (config, place) = (settings("leptos-6"), place());
    let fake = FakeAuth::new(config.clone());
    fake.sign_in(signed_in("ada"));
    fake.respond(ME, 200, "\"Ada\"");
    let url = RwSignal::new(ME.to_owned());
    let mounted = mount_to(place.clone(), move || view! { <AuthProvider config><Named url /></AuthProvider> });
    says(&place, "Ada").await;
    fake.respond(ME, 200, "\"Hank\"");
    fake.sign_in(signed_in("hank"));
    says(&place, "Hank").await;
    let other = [ME, "/boss"].concat();
    fake.respond(&other, 403, "{}");
    url.set(other);
    says(&place, "api_refused").await;
    drop(mounted);
}
