//! The page in which a component is tested.

use js_sys::{Function, Promise};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement};
use wristband_spa_auth::Config;
use wristband_spa_auth::testing::FakeAuth;

/// What the component under test asks for.
pub(crate) const ME: &str = "https://api.example/v1/me";

/// The settings of the app under test. Each test has its own, so that it has its own fake.
pub(crate) fn settings(client_id: &str) -> Config {
    let config = Config::openid("https://id.example", client_id, "https://app.example/callback");
    config.apis(["https://api.example/v1/"]).build().unwrap()
}

/// An empty element for a component.
pub(crate) fn place() -> HtmlElement {
    let document = web_sys::window().unwrap().document().unwrap();
    let place = document.create_element("div").unwrap();
    document.body().unwrap().append_child(&place).unwrap();
    place.unchecked_into()
}

/// Waits until the element says this.
pub(crate) async fn says(place: &Element, text: &str) {
    let said = || place.text_content().unwrap_or_default();
    until(|| said() == text, || format!("it says {:?}, not {text:?}", said())).await;
}

/// Waits until something is so. Components act a moment later.
pub(crate) async fn until(is_so: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    for _ in 0..200 {
        if is_so() {
            return;
        }
        let soon = Promise::new(&mut |resolve: Function, _| {
            web_sys::window().unwrap().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 10).unwrap();
        });
        JsFuture::from(soon).await.unwrap();
    }
    panic!("{}", otherwise());
}

/// Waits until the app has called a command this often.
pub(crate) async fn called(fake: &FakeAuth, command: &str, times: usize) {
    until(|| fake.count(command) == times, || format!("{:?}", fake.calls())).await;
}

/// Clicks the only button.
pub(crate) fn click(place: &Element) {
    place.query_selector("button").unwrap().expect("a button").unchecked_into::<HtmlElement>().click();
}
