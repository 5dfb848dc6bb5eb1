//! Pushed authorization requests \[RFC 9126].

use crate::support::{APP, Endpoint, Fault, ISSUER, World, open_id, seconds, wristband};
use serde_json::json;
use wristband_spa_auth::protocol::config::{ConfigBuilder, Use};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Login};

/// A world whose provider takes pushed requests.
fn pushing(settings: ConfigBuilder, requires: bool) -> World {
    let mut world = World::with(settings);
    world.provider.metadata["pushed_authorization_request_endpoint"] = json!(format!("{ISSUER}/par"));
    world.provider.metadata["require_pushed_authorization_requests"] = json!(requires);
    world
}

#[test]
fn the_browser_carries_only_a_reference() {
    for (settings, requires) in [
        (open_id().par(Use::Required), false),
        (open_id().par(Use::Auto), false),
        (open_id(), true),
        (open_id().par(Use::Auto), true),
    ] {
        let mut world = pushing(settings, requires);
        world.open(APP);
        world.login(Login::new().login_hint("ada@example.com"));
        let url = world.last_navigation();
        let names: Vec<&str> = ["client_id", "request_uri", "state", "nonce", "code_challenge", "login_hint", "scope"]
            .into_iter()
            .filter(|name| url.get(name).is_some())
            .collect();
        assert_eq!(names, ["client_id", "request_uri"]);
        let pushed = world.sent_to(Endpoint::Pushed)[0];
        assert_eq!(pushed.field("login_hint"), Some("ada@example.com"));
        assert_eq!(pushed.field("code_challenge_method"), Some("S256"));
        let call_id = world.come_back();
        assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    }
}

#[test]
fn nothing_is_pushed_unless_it_is_wanted() {
    for settings in [open_id(), open_id().par(Use::Off)] {
        let world = pushing(settings, false).signed_in();
        assert_eq!(world.provider.proofs.pushed, 0);
    }
    let world = World::with(open_id().par(Use::Auto)).signed_in();
    assert_eq!(world.provider.proofs.pushed, 0);
}

#[test]
fn without_an_endpoint_a_required_push_starts_no_login() {
    for settings in [open_id().par(Use::Required), wristband().par(Use::Required)] {
        let mut world = World::with(settings);
        world.open(APP);
        let tenant =
            if world.provider.kind == crate::support::provider::Kind::Wristband { Login::to("acme") } else { Login::new() };
        let call_id = world.login(tenant);
        assert_eq!(world.code(call_id), Code::ParUnsupported);
        assert!(world.navigations().is_empty());
    }
}

#[test]
fn after_a_refusal_the_request_is_sent_in_no_other_way() {
    for (fault, code) in [
        (Fault::Status(400, r#"{"error":"invalid_request"}"#), Code::ProviderRejected),
        (Fault::Status(405, ""), Code::ProviderRejected),
        (Fault::Status(429, ""), Code::ProviderUnavailable),
        (Fault::Status(503, ""), Code::ProviderUnavailable),
        (Fault::Status(201, r#"{"expires_in":60}"#), Code::ProviderResponseInvalid),
        (Fault::Status(201, r#"{"request_uri":"urn:x","expires_in":0}"#), Code::ProviderResponseInvalid),
        (Fault::Status(201, r#"{"request_uri":"","expires_in":60}"#), Code::ProviderResponseInvalid),
        (Fault::Status(201, r#"{"request_uri":"urn:x y","expires_in":60}"#), Code::ProviderResponseInvalid),
        (Fault::Network, Code::Network),
        (Fault::Timeout, Code::Timeout),
    ] {
        for mode in [Use::Auto, Use::Required] {
            let mut world = pushing(open_id().par(mode), false);
            world.provider.fails(Endpoint::Pushed, fault.clone());
            world.open(APP);
            let call_id = world.login(Login::new());
            assert_eq!(world.code(call_id), code, "{fault:?}");
            assert!(world.navigations().is_empty());
        }
    }
}

#[test]
fn every_login_pushes_a_request_of_its_own() {
    let mut world = pushing(open_id().par(Use::Required), false);
    world.outlive_pages();
    world.open(APP);
    // The user comes back with the Back button, and logs in again later than the first reference lasts.
    world.login(Login::new());
    world.sleep(seconds(120));
    world.login(Login::new());
    let [first, second] = [0, 1].map(|index| world.navigations()[index].need("request_uri").to_owned());
    assert_ne!(first, second);
    let call_id = world.come_back_to_the_vault();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
}

#[test]
fn a_pushed_request_names_the_key_of_the_code() {
    let mut world = pushing(open_id().par(Use::Required).dpop(Use::Required), false);
    world.provider.proofs.binds = true;
    world.outlive_pages();
    world.open(APP);
    world.login(Login::new());
    assert_eq!(world.sent_to(Endpoint::Pushed)[0].field("dpop_jkt").map(str::len), Some(43));
    let call_id = world.come_back_to_the_vault();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
}

#[test]
fn a_restore_is_pushed_too_and_a_refusal_ends_it_silently() {
    let mut world = pushing(open_id().par(Use::Required), false).signed_in();
    world.reload(APP);
    assert_eq!(world.sent_to(Endpoint::Pushed)[0].field("prompt"), Some("none"));
    world.come_back();
    assert!(world.is_signed_in());
    world.provider.fails(Endpoint::Pushed, Fault::Status(400, r#"{"error":"invalid_request"}"#));
    let call_id = world.reload(APP);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state().name(), "signed-out");
}
