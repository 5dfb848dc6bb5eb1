//! The public API in a real browser, without a provider and without a worker's files.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::panic, clippy::unwrap_used)]

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use wristband_spa_auth::{Auth, Code, Config, ConfigBuilder, Login, Logout, Reason, State, VaultKind, VaultOptions};

wasm_bindgen_test_configure!(run_in_browser);

fn builder(client_id: &str) -> ConfigBuilder {
    let callback = web_sys::window().unwrap().location().origin().unwrap() + "/callback";
    Config::wristband("app-org.us.wristband.dev", client_id, callback).allow_insecure_loopback(true)
}

async fn start(config: Config) -> Auth {
    Auth::start_in(config, VaultOptions::page()).await.unwrap()
}

#[wasm_bindgen_test]
async fn law_12_without_worker_files_the_session_runs_in_the_page() {
    let auth = Auth::start(builder("no-files").build().unwrap()).await.unwrap();
    // On a first visit the page does not wait for the vault; a call does.
    assert_eq!(auth.state(), State::SignedOut(Reason::NeverSignedIn));
    assert_eq!(auth.renew().await.unwrap_err().code(), Code::NotSignedIn);
    assert_eq!(auth.vault_kind(), VaultKind::Page);
    let reason = auth.vault_fallback().unwrap();
    assert!(reason.contains("vault.js was answered with status 404"), "{reason}");
}

#[wasm_bindgen_test]
async fn law_12_a_worker_only_session_does_not_fall_back_to_the_page() {
    for vault in [VaultOptions::shared(), VaultOptions::worker(), VaultOptions::at_least(VaultKind::Worker)] {
        let auth = Auth::start_in(builder("only-a-worker").build().unwrap(), vault).await.unwrap();
        assert_eq!(auth.renew().await.unwrap_err().code(), Code::VaultUnavailable);
        let State::Failed(error) = auth.state() else { panic!("{auth:?}") };
        assert_eq!(error.code(), Code::VaultUnavailable);
        assert!(error.detail().contains("status 404"), "{error}");
    }
}

#[wasm_bindgen_test]
async fn starting_twice_with_the_same_settings_gives_the_same_session() {
    let config = builder("twice").build().unwrap();
    let (one, other) = (start(config.clone()).await, start(config).await);
    // Each handle is disposed separately.
    one.dispose();
    assert_eq!(one.renew().await.unwrap_err().code(), Code::Disposed);
    assert_eq!(other.renew().await.unwrap_err().code(), Code::NotSignedIn);
}

#[wasm_bindgen_test]
async fn an_anonymous_visitor_is_signed_out_and_stays_on_the_page() {
    let before = web_sys::window().unwrap().location().href().unwrap();
    let auth = start(builder("anonymous").build().unwrap()).await;
    assert_eq!(auth.state(), State::SignedOut(Reason::NeverSignedIn));
    assert_eq!(web_sys::window().unwrap().location().href().unwrap(), before);
}

#[wasm_bindgen_test]
async fn without_a_session_nothing_is_sent() {
    let auth = start(builder("signed-out").apis(["https://api.example/"]).build().unwrap()).await;
    assert_eq!(auth.get("https://api.example/me").await.unwrap_err().code(), Code::NotSignedIn);
    assert_eq!(auth.user_info().await.unwrap_err().code(), Code::NotSignedIn);
    assert_eq!(auth.renew().await.unwrap_err().code(), Code::NotSignedIn);
    assert_eq!(auth.access_token().await.unwrap_err().code(), Code::AccessTokenNotExposed);
}

#[wasm_bindgen_test]
async fn law_6_an_unlisted_url_is_refused() {
    let auth = start(builder("unlisted").apis(["https://api.example/v1/"]).build().unwrap()).await;
    for address in [
        "https://api.example/v2/me",
        "https://api.example/v1",
        "https://api.example/v1/../v2/me",
        "https://api.example.evil.example/v1/",
        "http://api.example/v1/me",
        "https://api.example:8443/v1/me",
        "/v1/me",
        "https://api.example/v1/%2e%2e/me",
        "https://api.example/v1/a%2Fb",
    ] {
        assert_eq!(auth.get(address).await.unwrap_err().code(), Code::AddressNotListed, "{address}");
    }
}

#[wasm_bindgen_test]
async fn a_login_that_this_origin_could_not_finish_is_not_started() {
    let config = Config::wristband("app-org.us.wristband.dev", "elsewhere", "https://other.example/callback");
    let auth = start(config.build().unwrap()).await;
    assert_eq!(auth.login(Login::to("acme")).await.unwrap_err().code(), Code::ConfigInvalid);
}

#[wasm_bindgen_test]
async fn law_7_a_login_with_an_invalid_tenant_name_stays_on_the_page() {
    let auth = start(builder("no-tenant").build().unwrap()).await;
    assert_eq!(auth.login(Login::to("evil.example/x?")).await.unwrap_err().code(), Code::TenantInvalid);
    let domain = Login::new().tenant_custom_domain("localhost");
    assert_eq!(auth.login(domain).await.unwrap_err().code(), Code::TenantInvalid);
}

#[wasm_bindgen_test]
async fn a_subscription_ends_when_it_is_dropped() {
    // The provider does not exist, so it has no logout page and the browser stays.
    let callback = web_sys::window().unwrap().location().origin().unwrap() + "/callback";
    let config = Config::openid("https://provider.invalid", "subscribed", callback).allow_insecure_loopback(true);
    let auth = start(config.build().unwrap()).await;
    let heard = Rc::new(Cell::new(0));
    let listen = || {
        let heard = Rc::clone(&heard);
        auth.subscribe(move |_| heard.set(heard.get() + 1))
    };
    let (kept, dropped) = (listen(), listen());
    drop(dropped);
    auth.logout(Logout::new()).await.unwrap();
    assert_eq!(auth.state(), State::SignedOut(Reason::SignedOut));
    assert_eq!(heard.get(), 1);
    drop(kept);
}

#[wasm_bindgen_test]
async fn every_call_of_a_disposed_session_fails_with_disposed() {
    let auth = start(builder("disposed").build().unwrap()).await;
    auth.dispose();
    assert_eq!(auth.renew().await.unwrap_err().code(), Code::Disposed);
}
