//! A login, from the call to the moment when the browser navigates.

use crate::support::keys::base64url;
use crate::support::{APP, CALLBACK, CLIENT, Endpoint, Event, World, seconds, subdomains, vectors, wristband};
use wristband_spa_auth::protocol::authorize::Prompt;
use wristband_spa_auth::protocol::config::Restore;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::json::Value;
use wristband_spa_auth::session::{Answer, Login, Logout, MAX_PENDING};

fn opened() -> World {
    let mut world = World::new();
    world.open(APP);
    world
}

#[test]
fn the_authorization_request_has_every_parameter_that_wristband_requires() {
    let mut world = opened();
    let call_id =
        world.login(Login::to("acme").login_hint("me@acme.example").idp_hint("google").prompt(Prompt::Login).max_age(600));
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    let address = world.last_navigation();
    assert_eq!(address.origin(), "https://acme-app-org.us.wristband.dev");
    assert_eq!(address.path(), "/api/v1/oauth2/authorize");
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", CALLBACK),
        ("scope", "openid offline_access email"),
        ("code_challenge_method", "S256"),
        ("login_hint", "me@acme.example"),
        ("idp_hint", "google"),
        ("prompt", "login"),
        ("max_age", "600"),
    ] {
        assert_eq!(address.need(name), value, "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(address.need(name).len(), 43, "{name}");
    }
    assert_eq!(address.parameters.len(), 12, "nothing else is sent");
}

#[test]
fn unset_login_options_are_not_sent() {
    let mut world = opened();
    world.login(Login::to("acme"));
    for name in ["login_hint", "idp_hint", "prompt", "max_age"] {
        assert_eq!(world.last_navigation().get(name), None, "{name}");
    }
}

#[test]
fn the_code_challenge_is_the_hash_of_the_stored_verifier() {
    let mut world = opened();
    world.login(Login::to("acme"));
    let address = world.last_navigation();
    let pending = world.storage.pending(address.need("state")).unwrap();
    let verifier = pending["verifier"].as_str().unwrap();
    let hash = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    assert_eq!(verifier.len(), 43);
    assert_eq!(address.need("code_challenge"), base64url(hash.as_ref()));
    assert_eq!(address.need("nonce"), pending["nonce"]);
    assert!(!address.url.to_string().contains(verifier), "the verifier stays");
}

#[test]
fn the_pending_login_is_stored_before_the_browser_leaves() {
    let mut world = opened();
    world.storage_is_slow = true;
    let call_id = world.login(Login::to("acme"));
    assert_eq!(world.navigations().len(), 0);
    assert!(!world.is_answered(call_id));
    world.release_storage();
    assert_eq!(world.navigations().len(), 1);
    assert!(matches!(world.events.as_slice(), [.., Event::PendingStored, Event::Navigated(_), Event::Answered(_)]));
}

#[test]
fn two_logins_differ_in_every_random_part() {
    let mut world = opened();
    world.login(Login::to("acme"));
    let first = world.last_navigation();
    world.login(Login::to("acme"));
    let second = world.last_navigation();
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(first.need(name), second.need(name), "{name}");
    }
    assert_ne!(first.need("state"), first.need("nonce"));
}

#[test]
fn a_vault_stays_five_minutes_for_a_user_who_left_to_log_in() {
    let mut world = opened();
    assert_eq!(world.session.login_grace_period(world.now()), seconds(0));
    world.login(Login::to("acme"));
    assert_eq!(world.session.login_grace_period(world.now()), seconds(300));
    world.sleep(seconds(100));
    assert_eq!(world.session.login_grace_period(world.now()), seconds(200));
    world.sleep(seconds(200));
    assert_eq!(world.session.login_grace_period(world.now()), seconds(0));
    world.login(Login::to("acme"));
    let refused = world.callback().replace("code=", "error=access_denied&was=");
    world.open(&refused);
    assert_eq!(world.state().name(), "failed");
    assert_eq!(world.session.login_grace_period(world.now()), seconds(0), "they have come back");
}

#[test]
fn law_1_tokens_are_not_kept_for_a_user_who_left_to_log_in() {
    let mut world = opened();
    world.login(Login::to("acme"));
    world.hold(Endpoint::Token);
    world.come_back_to_the_vault();
    assert_eq!(world.session.login_grace_period(world.now()), seconds(0), "they are on their way");
    world.login(Login::to("acme"));
    assert_eq!(world.session.login_grace_period(world.now()), seconds(0), "they still are, although the user left again");
    world.release(Endpoint::Token);
    assert_eq!(world.state().name(), "signed-in");
    world.login(Login::to("acme"));
    assert_eq!(world.session.login_grace_period(world.now()), seconds(0), "they are those of the session before");
    world.go_offline();
    world.logout(Logout::new());
    assert_eq!(world.session.login_grace_period(world.now()), seconds(0), "one could not be revoked yet");
    world.go_online();
    assert_eq!(world.session.login_grace_period(world.now()), seconds(300), "none is left");
}

#[test]
fn a_login_needs_storage() {
    let mut world = opened();
    world.storage.refuses = true;
    let call_id = world.login(Login::to("acme"));
    assert_eq!(world.code(call_id), Code::StorageUnavailable);
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn law_9_no_redirect_while_offline() {
    let mut world = opened();
    world.go_offline();
    let call_id = world.login(Login::to("acme"));
    assert_eq!(world.code(call_id), Code::Offline);
    assert_eq!(world.storage.pending_texts().len(), 0);
}

#[test]
fn law_9_a_login_does_not_redirect_if_the_network_is_lost_while_it_is_stored() {
    let mut world = opened();
    world.storage_is_slow = true;
    let call_id = world.login(Login::to("acme"));
    world.go_offline();
    world.release_storage();
    assert_eq!(world.code(call_id), Code::Offline);
}

#[test]
fn law_9_a_login_does_not_redirect_if_the_network_is_lost_while_a_domain_is_confirmed() {
    let mut world = World::with(subdomains());
    world.open("https://www.app.example/");
    world.provider.custom_domains.insert("login.acme.example".into(), "acme".into());
    world.hold(Endpoint::Confirmation);
    let call_id = world.login(Login::to("acme").tenant_custom_domain("login.acme.example"));
    world.go_offline();
    // The response was on its way already. The next step would be the redirect to the tenant's subdomain.
    world.release(Endpoint::Confirmation);
    assert_eq!(world.code(call_id), Code::Offline);
}

#[test]
fn a_login_needs_a_page() {
    let mut world = World::new();
    let call_id = world.login(Login::to("acme"));
    assert_eq!(world.code(call_id), Code::ConfigInvalid);
}

#[test]
fn law_7_a_return_address_is_same_origin_or_dropped() {
    for (wish, kept) in vectors::return_addresses() {
        let (wish, kept) = (wish.as_str(), kept.as_deref());
        let mut world = opened();
        world.login(Login::to("acme").return_to(wish));
        assert_eq!(world.storage.only_pending()["returnTo"].as_str(), kept, "{wish}");
        world.come_back();
        assert!(world.is_signed_in(), "a bad return address is no reason to fail");
        assert_eq!(world.addresses_shown().last(), Some(&kept.unwrap_or("/callback")), "{wish}");
    }
}

#[test]
fn the_app_receives_the_return_address_and_no_event_for_the_url_cleanup() {
    let mut world = opened();
    world.login(Login::to("acme").return_to("/invoices"));
    world.come_back();
    let announced =
        |event: &Event| if let Event::AddressReplaced { path, announce } = event { Some((path.clone(), *announce)) } else { None };
    let shown: Vec<_> = world.events.iter().filter_map(announced).collect();
    assert_eq!(shown, [("/callback".to_owned(), false), ("/invoices".to_owned(), true)]);
}

#[test]
fn law_8_at_most_five_logins_are_pending_and_the_oldest_is_dropped() {
    let mut world = opened();
    for _ in 0..=MAX_PENDING {
        world.login(Login::to("acme"));
        world.sleep(seconds(1));
    }
    assert_eq!(world.storage.pending_texts().len(), MAX_PENDING);
    let oldest = world.navigations()[0].need("state").to_owned();
    assert_eq!(world.storage.pending(&oldest), None);
}

#[test]
fn law_8_a_pending_login_is_deleted_after_an_hour() {
    let mut world = opened();
    world.login(Login::to("acme"));
    world.sleep(seconds(3601));
    world.login(Login::to("acme"));
    assert_eq!(world.storage.pending_texts().len(), 1);
}

#[test]
fn an_openid_provider_is_discovered_once_and_used_at_its_own_endpoint() {
    let mut world = World::open_id();
    world.open(APP);
    assert_eq!(world.sent().len(), 0, "no request before a login");
    world.login(Login::new());
    world.login(Login::new());
    assert_eq!(world.last_navigation().origin() + world.last_navigation().path(), "https://id.example/realm/authorize");
    assert_eq!(world.sent_to(Endpoint::Metadata).len(), 1);
    let call_id = world.login(Login::to("acme"));
    assert_eq!(world.code(call_id), Code::TenantInvalid, "it has no tenants");
}

#[test]
fn the_query_of_the_authorization_endpoint_is_kept() {
    let mut world = World::open_id();
    world.provider.metadata["authorization_endpoint"] = "https://id.example/authorize?tenant=a%26b".into();
    world.open(APP);
    world.login(Login::new());
    assert_eq!(world.last_navigation().need("tenant"), "a&b");
    assert_eq!(world.last_navigation().need("client_id"), CLIENT);
}

#[test]
fn scopes_are_those_of_the_configuration() {
    let mut world = World::with(wristband().scopes(["openid", "roles"]).restore(Restore::None));
    world.open(APP);
    world.login(Login::to("acme"));
    assert_eq!(world.last_navigation().need("scope"), "openid roles");
}

#[test]
fn law_9_logins_in_a_loop_are_rate_limited() {
    let mut world = World::open_id();
    world.provider.fails_often(Endpoint::Metadata, crate::support::Fault::Status(503, ""), 1000);
    world.open(APP);
    for _ in 0..200 {
        world.login(Login::new());
    }
    assert!(world.sent().len() <= 60, "{} requests within one minute", world.sent().len());
}

#[test]
fn a_login_brings_back_the_apps_own_value() {
    let mut world = World::new();
    world.open(APP);
    let cart = || Value::object([("cart", Value::Integer(7)), ("from", "pricing".into())]);
    world.login(Login::to("acme").custom_state(cart()));
    assert!(!world.last_navigation().url.to_string().contains("pricing"), "it stays in the browser");
    world.come_back();
    assert_eq!(world.signed_in_as().custom_state, cart());
    world.reload(APP);
    world.come_back();
    assert_eq!(world.signed_in_as().custom_state, Value::Null, "a restored session had no such login");
    let long = "x".repeat(1023);
    let call_id = world.login(Login::to("acme").custom_state(long.as_str()));
    assert_eq!(
        (world.code(call_id), world.error(call_id).detail()),
        (Code::ConfigInvalid, "login: customState: 1024 bytes at most")
    );
}
