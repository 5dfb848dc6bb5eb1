//! Yew components with a fake session.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod page;

use page::{ME, called, click, place, says, settings};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;
use wristband_spa_auth::testing::{FakeAuth, signed_in};
use wristband_spa_auth::yew::{AuthProvider, Failure, RequireAuth, use_api, use_auth};
use wristband_spa_auth::{Code, Config, Error, Reason};
use yew::prelude::*;

wasm_bindgen_test_configure!(run_in_browser);

/// The component under test: what an API says about the user. It asks once, when it is mounted.
#[component]
fn Me() -> Html {
    let (auth, shown) = (use_auth(), use_state(String::new));
    let show = shown.setter();
    use_effect_with((), move |()| {
        spawn_local(async move {
            let answer = async { auth.get(ME).await?.text().await };
            show.set(answer.await.unwrap_or_else(|error: Error| error.code().to_string()));
        });
    });
    html! { (*shown).clone() }
}

#[derive(PartialEq, Properties)]
struct AppProps {
    config: Config,
}

#[component]
fn App(props: &AppProps) -> Html {
    let fallback = html! { "One moment…" };
    html! { <AuthProvider config={props.config.clone()}><RequireAuth {fallback}><Me /></RequireAuth></AuthProvider> }
}

fn render(config: Config, place: &HtmlElement) -> AppHandle<App> {
    yew::Renderer::<App>::with_root_and_props(place.clone().into(), AppProps { config }).render()
}

#[wasm_bindgen_test]
async fn a_visitor_is_sent_to_log_in_and_a_user_sees_the_page() {
    let (config, place) = (settings("yew-1"), place());
    let fake = FakeAuth::new(config.clone());
    let app = render(config, &place);
    says(&place, "One moment…").await;
    called(&fake, "login", 1).await;
    fake.respond(ME, 200, "Ada");
    fake.sign_in(signed_in("ada"));
    says(&place, "Ada").await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn after_a_switch_of_the_user_nothing_shows_the_previous_one() {
    let (config, place) = (settings("yew-4"), place());
    let fake = FakeAuth::new(config.clone());
    fake.respond(ME, 200, "Ada");
    fake.sign_in(signed_in("ada"));
    let app = render(config, &place);
    says(&place, "Ada").await;
    fake.respond(ME, 200, "Hank");
    fake.sign_in(signed_in("hank"));
    says(&place, "Hank").await;
    assert_eq!(fake.count("fetch"), 2);
    app.destroy();
}

#[wasm_bindgen_test]
async fn after_a_logout_the_user_has_to_click() {
    let (config, place) = (settings("yew-2"), place());
    let fake = FakeAuth::new(config.clone());
    fake.respond(ME, 200, "Ada");
    fake.sign_in(signed_in("ada"));
    let app = render(config, &place);
    says(&place, "Ada").await;
    fake.sign_out(Reason::Idle);
    says(&place, "No user is signed in.Log in").await;
    assert_eq!(fake.count("login"), 0);
    click(&place);
    says(&place, "One moment…").await;
    called(&fake, "login", 1).await;
    app.destroy();
}

#[wasm_bindgen_test]
async fn an_error_is_shown_with_its_sentence() {
    let (config, place) = (settings("yew-3"), place());
    let fake = FakeAuth::new(config.clone());
    fake.fail(Code::AccessDenied.into());
    let app = render(config, &place);
    says(&place, "The sign-in was declined at the provider.Try again").await;
    app.destroy();
}

#[component]
fn InItsOwnWords(props: &AppProps) -> Html {
    let failure = Callback::from(|Failure { error, .. }: Failure| html! { error.code() });
    html! {
        <AuthProvider config={props.config.clone()} fallback={html! { "Wait…" }} {failure}>
            <RequireAuth><Me /></RequireAuth>
        </AuthProvider>
    }
}

#[wasm_bindgen_test]
async fn guards_show_what_the_provider_names() {
    let (config, place) = (settings("yew-5"), place());
    let fake = FakeAuth::new(config.clone());
    let root = place.clone().into();
    let app = yew::Renderer::<InItsOwnWords>::with_root_and_props(root, AppProps { config }).render();
    says(&place, "Wait…").await;
    fake.fail(Code::AccessDenied.into());
    says(&place, "access_denied").await;
    app.destroy();
}

thread_local! {
    /// Who was signed in and whose answer was shown, at each rendering.
    static SHOWN: std::cell::RefCell<Vec<(Option<String>, String)>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[component]
fn Named() -> Html {
    let user = use_auth().state().signed_in().map(|session| session.user_id.clone());
    let name = use_api::<String>(ME).map_or_else(|| "…".to_owned(), |name| name.unwrap_or_else(|error| error.code().to_string()));
    SHOWN.with_borrow_mut(|shown| shown.push((user, name.clone())));
    html! { name }
}

#[component]
fn Unguarded(props: &AppProps) -> Html {
    html! { <AuthProvider config={props.config.clone()}><Named /></AuthProvider> }
}

#[wasm_bindgen_test]
async fn law_13_no_rendering_shows_the_api_s_answer_to_another_user() {
    let (config, place) = (settings("yew-6"), place());
    let fake = FakeAuth::new(config.clone());
    fake.respond(ME, 200, "\"Ada\"");
    fake.sign_in(signed_in("ada"));
    let app = yew::Renderer::<Unguarded>::with_root_and_props(place.clone().into(), AppProps { config }).render();
    says(&place, "Ada").await;
    fake.respond(ME, 200, "\"Hank\"");
    fake.sign_in(signed_in("hank"));
    says(&place, "Hank").await;
    let of_hank = SHOWN.take().into_iter().filter(|(user, _)| user.as_deref() == Some("hank"));
    assert!(of_hank.map(|(_, name)| name).all(|name| name != "Ada"));
    app.destroy();
}
