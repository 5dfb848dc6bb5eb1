//! Law 4: a callback is used at most once, and only a valid one reaches the token endpoint.

use crate::support::provider::HTML;
use crate::support::{APP, CALLBACK, Endpoint, Event, Fault, World, address, open_id, seconds, wristband};
use wristband_spa_auth::protocol::config::{Config, ConfigBuilder, Restore};
use wristband_spa_auth::protocol::error::{Blame, Code};
use wristband_spa_auth::protocol::json::Value;
use wristband_spa_auth::session::{Answer, CallId, Login, Logout, Reason, State};

/// The user is at the provider, about to return to the app.
fn logging_in() -> (World, String) {
    logging_in_with(wristband())
}

/// The same, in an app whose pages are redirected by users only.
fn logging_in_without_redirects() -> (World, String) {
    logging_in_with(wristband().restore(Restore::None))
}

fn logging_in_with(settings: ConfigBuilder) -> (World, String) {
    let mut world = World::with(settings);
    world.open(APP);
    world.login(Login::to("acme").return_to("/invoices"));
    let callback = world.callback();
    world.lose_the_vault();
    world.events.clear();
    (world, callback)
}

fn assert_refused_without_a_request(world: &World, call_id: CallId, code: Code) {
    assert_eq!(world.code(call_id), code);
    assert_eq!(world.state().name(), "failed");
    assert_eq!(world.sent_to(Endpoint::Token).len(), 0, "the token endpoint heard of it");
}

/// Only the page that opened the URL is notified; nothing else changes.
fn assert_told_to_the_page_alone(world: &World, call_id: CallId, code: Code) {
    let error = world.error(call_id);
    assert_eq!((error.code(), error.oauth()), (code, None), "the words of a stranger are not told");
    assert_eq!(world.state(), State::SignedOut(Reason::NeverSignedIn), "{error}");
    assert_eq!(world.sent_to(Endpoint::Token).len(), 0, "the token endpoint heard of it");
}

#[test]
fn law_4_the_url_is_cleaned_before_any_request() {
    let (mut world, callback) = logging_in();
    let call_id = world.open(&format!("{callback}&keep=1"));
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert_eq!(world.events[0], Event::AddressReplaced { path: "/callback?keep=1".into(), announce: false });
    assert_eq!(world.events[1], Event::PendingClaimed);
    assert_eq!(world.addresses_shown().last(), Some(&"/invoices"));
}

#[test]
fn law_4_a_malformed_callback_is_removed_from_the_address_bar() {
    let (mut world, callback) = logging_in();
    let call_id = world.open(&format!("{callback}&code=another"));
    assert_refused_without_a_request(&world, call_id, Code::CallbackInvalid);
    assert_eq!(world.addresses_shown(), ["/callback", "/invoices"], "and the user is brought back to where they were");
}

#[test]
fn law_4_the_code_exchange_sends_exactly_the_parameters_of_the_standard() {
    let (mut world, callback) = logging_in();
    world.open(&callback);
    let exchange = world.sent_to(Endpoint::Token)[0];
    assert_eq!(exchange.url, "https://app-org.us.wristband.dev/api/v1/oauth2/token");
    assert_eq!(exchange.field("redirect_uri"), Some(CALLBACK));
    let names: Vec<&str> = exchange.form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["grant_type", "code", "redirect_uri", "code_verifier", "client_id"]);
}

#[test]
fn law_4_an_unknown_state_never_reaches_the_token_endpoint() {
    let (mut world, callback) = logging_in_without_redirects();
    let state = address::Address::parse(&callback).need("state").to_owned();
    let call_id = world.open(&callback.replace(&state, &"x".repeat(43)));
    assert_told_to_the_page_alone(&world, call_id, Code::StateUnknown);
    assert_eq!(world.storage.pending_texts().len(), 1, "the real one can still come");
}

#[test]
fn law_4_a_url_without_a_state_is_no_callback() {
    for query in ["code=WELCOME10", "error=not_found", "code=x&state=", "error=access_denied&error_description=Call+555"] {
        for page in [CALLBACK, APP] {
            let mut world = World::with(Config::wristband(crate::support::VANITY, crate::support::CLIENT, page));
            let call_id = world.open(&format!("{page}?{query}"));
            assert_eq!(world.answer(call_id), &Ok(Answer::Done), "{query}");
            assert_eq!(world.state(), State::SignedOut(Reason::NeverSignedIn), "{query}");
            assert_eq!(world.events.len(), 1, "{query}: the parameters are the app's own, and stay in the address bar");
        }
    }
}

#[test]
fn law_4_a_foreign_callback_does_not_prevent_a_restore() {
    for query in
        ["code=WELCOME10", "error=not_found", "code=x&state=theirs", "error=access_denied&state=theirs", "code=x&state=a&state=b"]
    {
        let mut world = World::with(Config::wristband(crate::support::VANITY, crate::support::CLIENT, APP)).signed_in();
        let call_id = world.reload(&format!("{APP}?{query}&page=2"));
        assert_eq!(world.last_navigation().need("prompt"), "none", "{query}");
        assert_eq!(world.answer(call_id).is_err(), query.contains("state"), "{query}: a foreign callback fails the call");
        let pending = world.storage.only_pending();
        let expected = if query.contains("state") { "/?page=2".to_owned() } else { format!("/?{query}&page=2") };
        assert_eq!(pending["returnTo"], expected, "{query}");
    }
}

#[test]
fn law_4_a_foreign_callback_changes_nothing_for_other_pages() {
    for query in ["code=x&state=theirs", "error=access_denied&error_description=Call+555&state=theirs", "code=x&state=a&state=b"] {
        let mut world = World::with(wristband().restore(Restore::None));
        world.outlive_pages();
        world.open(APP);
        let before = world.state();
        let call_id = world.open(&format!("{CALLBACK}?{query}"));
        assert_eq!(world.state(), before, "{query}");
        assert!(world.error(call_id).oauth().is_none() && !world.error(call_id).to_string().contains("555"), "{query}");
        assert_eq!(world.changes.len(), 1, "{query}: {:?}", world.changes);
    }
}

#[test]
fn law_4_a_callback_with_a_trailing_slash_added_by_the_host_finishes_the_login() {
    for (path, served) in
        [("/callback?", "/callback/?"), ("/callback?", "/callback.html?"), ("/callback?", "/callback/index.html?")]
    {
        let (mut world, callback) = logging_in();
        let call_id = world.open(&callback.replace(path, served));
        assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn), "{served}");
        assert!(world.is_signed_in(), "{served}");
        assert_eq!(world.sent_to(Endpoint::Token)[0].field("redirect_uri"), Some(CALLBACK), "as it is registered");
    }
}

#[test]
fn law_4_an_expired_state_never_reaches_the_token_endpoint() {
    let (mut world, callback) = logging_in();
    world.sleep(seconds(3601));
    let call_id = world.open(&callback);
    assert_refused_without_a_request(&world, call_id, Code::StateExpired);
}

#[test]
fn a_login_may_take_an_hour() {
    let (mut world, callback) = logging_in();
    world.sleep(seconds(3599));
    world.open(&callback);
    assert!(world.is_signed_in());
}

#[test]
fn law_4_a_state_from_the_future_never_reaches_the_token_endpoint() {
    let (mut world, callback) = logging_in();
    world.set_wall_clock_off_by(-3600);
    let call_id = world.open(&callback);
    assert_refused_without_a_request(&world, call_id, Code::StateExpired);
}

#[test]
fn law_4_a_replayed_callback_never_reaches_the_token_endpoint() {
    let (mut world, callback) = logging_in_without_redirects();
    world.open(&callback);
    world.events.clear();
    world.storage.clear_hint();
    let call_id = world.reload(&callback);
    assert_told_to_the_page_alone(&world, call_id, Code::StateUnknown);
}

#[test]
fn law_4_a_second_open_with_the_same_callback_is_harmless() {
    let (mut world, callback) = logging_in();
    world.open(&callback);
    let call_id = world.open(&callback);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done), "the session is there: nothing is wrong");
    assert!(world.is_signed_in());
    assert_eq!(world.sent_to(Endpoint::Token).len(), 1);
}

#[test]
fn law_4_a_second_open_during_the_code_exchange_is_harmless() {
    let (mut world, callback) = logging_in();
    world.hold(Endpoint::Token);
    let first = world.open(&callback);
    world.open(&callback);
    assert_eq!(world.state().name(), "loading", "the first call may still succeed");
    world.release(Endpoint::Token);
    assert_eq!(world.answer(first), &Ok(Answer::SignedIn));
    assert!(world.is_signed_in());
    assert_eq!(world.sent_to(Endpoint::Token).len(), 1);
}

#[test]
fn budget_keys_and_tokens_are_requested_in_parallel() {
    let (mut world, callback) = logging_in();
    world.hold(Endpoint::Token);
    world.open(&callback);
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
    world.release(Endpoint::Token);
    assert!(world.is_signed_in());
    assert_eq!(world.sent().len(), 2, "one request for the tokens, and one for the keys");
}

#[test]
fn law_4_a_login_of_another_configuration_cannot_be_finished() {
    for settings in [
        wristband().application_vanity_domain("other-org.us.wristband.dev"),
        open_id(),
        Config::wristband(crate::support::VANITY, "other-client", CALLBACK),
    ] {
        let (mut mine, callback) = logging_in();
        let mut foreign = World::with(settings.restore(Restore::None));
        std::mem::swap(&mut mine.storage, &mut foreign.storage);
        let call_id = foreign.open(&callback);
        assert_told_to_the_page_alone(&foreign, call_id, Code::StateUnknown);
    }
}

#[test]
fn law_4_a_login_finishes_only_under_the_settings_that_started_it() {
    let settings = wristband().build().unwrap().to_json();
    let changed: &[(&str, serde_json::Value)] = &[
        ("allowInsecureLoopback", true.into()),
        ("allowTenantChange", false.into()),
        ("apis", vec!["https://api.example/"].into()),
        ("applicationAuthorization", true.into()),
        ("applicationCustomDomainActive", true.into()),
        ("applicationLoginPage", "https://app.example/find-my-tenant".into()),
        ("applicationVanityDomain", "other-org.us.wristband.dev".into()),
        ("authorizationParams", serde_json::json!({"organization": "acme"})),
        ("clientId", "other-client".into()),
        ("clockTolerance", 61.into()),
        ("defaultTenantCustomDomain", "login.acme.example".into()),
        ("defaultTenantName", "acme".into()),
        ("dpop", "auto".into()),
        ("exposeAccessToken", true.into()),
        ("idleLogout", serde_json::json!({"after": 900, "warn": 60})),
        ("linger", 31.into()),
        ("loginUrl", "https://app.example/login".into()),
        ("par", "auto".into()),
        ("postLogoutUrl", "https://app.example/bye".into()),
        ("redirectUri", "https://app.example/callback?x=1".into()),
        ("renewalMargin", 61.into()),
        ("restore", "none".into()),
        ("scopes", vec!["openid"].into()),
        ("tenantFromRootDomain", "app.example".into()),
        ("tokenParams", serde_json::json!({"resource": "https://api.example/"})),
    ];
    let tried: Vec<&str> = changed.iter().map(|(name, _)| *name).collect();
    assert_eq!(settings.members().map(|(name, _)| name).filter(|name| !tried.contains(name)).collect::<Vec<_>>(), [""; 0]);
    for (name, value) in changed {
        let mut other: serde_json::Value = serde_json::from_str(&settings.to_text()).unwrap();
        other[name] = value.clone();
        if *name == "tenantFromRootDomain" {
            other["redirectUri"] = "https://{tenant_name}.app.example/callback".into();
        }
        let other = Value::parse(other.to_string().as_bytes()).unwrap();
        let (mut mine, callback) = logging_in();
        let mut foreign = World::with(ConfigBuilder::from_json(&other).unwrap());
        std::mem::swap(&mut mine.storage, &mut foreign.storage);
        foreign.open(&callback);
        assert!(!foreign.is_signed_in(), "{name}");
        assert_eq!(foreign.sent_to(Endpoint::Token).len(), 0, "{name}");
        // The browser that started the login can still finish it.
        std::mem::swap(&mut mine.storage, &mut foreign.storage);
        mine.open(&callback);
        assert!(mine.is_signed_in(), "{name}");
    }
}

#[test]
fn law_4_the_code_is_not_sent_before_the_record_is_removed() {
    let (mut world, callback) = logging_in();
    world.outlive_pages();
    world.storage_is_slow = true;
    world.open(&callback);
    assert_eq!(world.sent().len(), 0, "not even where the vault has started this login itself");
    world.release_storage();
    assert!(world.is_signed_in());
}

#[test]
fn law_4_a_forged_callback_ends_no_session() {
    let mut world = World::new().signed_in();
    for (query, is_told) in [
        ("code=x&state=forged", false),
        ("error=access_denied&state=forged", false),
        ("code=x", false),
        ("code=x&state=y&state=z", true),
    ] {
        let call_id = world.open(&format!("{CALLBACK}?{query}"));
        assert_eq!(world.answer(call_id).is_err(), is_told, "{query}");
        assert!(world.is_signed_in(), "{query}");
    }
    assert_eq!(world.sent().len(), 0);
}

#[test]
fn unreadable_storage_is_blamed_on_the_user() {
    let (mut world, callback) = logging_in();
    world.storage.refuses = true;
    let call_id = world.open(&callback);
    assert_refused_without_a_request(&world, call_id, Code::StorageUnavailable);
    assert_eq!(world.error(call_id).blame(), Blame::User);
}

#[test]
fn an_error_response_keeps_the_providers_code_and_description() {
    for (error, code) in [
        ("access_denied", Code::AccessDenied),
        ("login_required", Code::LoginRequired),
        ("LOGIN_REQUIRED", Code::LoginRequired),
        ("interaction_required", Code::LoginRequired),
        ("server_error", Code::ProviderUnavailable),
        ("temporarily_unavailable", Code::ProviderUnavailable),
        ("invalid_scope", Code::AuthorizationFailed),
        ("something_new", Code::AuthorizationFailed),
    ] {
        let mut world = World::with(wristband().restore(Restore::None));
        world.open(APP);
        world.login(Login::to("acme"));
        let refusal = [("code", None), ("error", Some(error.into())), ("error_description", Some("because".into()))];
        world.provider.callback_parameters.extend(refusal);
        let call_id = world.come_back();
        assert_refused_without_a_request(&world, call_id, code);
        let oauth = world.error(call_id).oauth().unwrap();
        assert_eq!((oauth.error(), oauth.description()), (error, Some("because")));
        assert_eq!(world.storage.pending_texts().len(), 0, "this login is over");
    }
}

#[test]
fn a_callback_from_another_tenant_is_refused_where_the_app_allows_no_change() {
    for (name, value) in [("tenant_name", "globex"), ("tenant_domain", "globex"), ("tenant_custom_domain", "login.globex.example")]
    {
        let mut world = World::with(wristband().allow_tenant_change(false));
        world.provider.custom_domains.insert("login.acme.example".into(), "acme".into());
        world.open(APP);
        world.login(Login::to("acme").tenant_custom_domain("login.acme.example"));
        world.provider.callback_parameters.push((name, Some(value.into())));
        if name == "tenant_domain" {
            world.provider.callback_parameters.push(("tenant_name", None));
        }
        let call_id = world.come_back();
        assert_refused_without_a_request(&world, call_id, Code::TenantMismatch);
    }
}

#[test]
fn a_user_may_change_the_tenant_on_the_way() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    world.provider.callback_parameters.push(("tenant_name", Some("globex".into())));
    world.come_back();
    assert_eq!(world.signed_in_as().tenant.name.unwrap().as_str(), "globex");
    world.logout(Logout::new());
    assert_eq!(world.last_navigation().host(), "globex-app-org.us.wristband.dev", "its session is the one that ends");
}

#[test]
fn unusable_metadata_is_named_in_the_error() {
    for (name, value) in [
        ("token_endpoint", serde_json::Value::Null),
        ("token_endpoint", "http://id.example/token".into()),
        ("authorization_endpoint", "javascript:alert(1)".into()),
        ("jwks_uri", 7.into()),
        ("response_types_supported", vec!["token"].into()),
        ("code_challenge_methods_supported", vec!["plain"].into()),
    ] {
        let mut world = World::open_id();
        world.provider.metadata[name] = value;
        world.open(APP);
        let call_id = world.login(Login::new());
        let expected = ["https://id.example/realm/.well-known/openid-configuration: ", name].concat();
        assert_eq!((world.code(call_id), world.error(call_id).detail()), (Code::MetadataInvalid, expected.as_str()));
    }
}

#[test]
fn each_token_endpoint_failure_has_its_own_code() {
    for (fault, code) in [
        (Fault::Truncated, Code::ProviderResponseInvalid),
        (HTML, Code::ProviderResponseInvalid),
        (Fault::Status(200, "[]"), Code::ProviderResponseInvalid),
        (Fault::Status(200, r#"{"token_type":"Bearer"}"#), Code::ProviderResponseInvalid),
        (Fault::Status(400, r#"{"error":"invalid_grant"}"#), Code::InvalidGrant),
        (Fault::Status(400, r#"{"error":"invalid_client"}"#), Code::ProviderRejected),
        (Fault::Status(401, ""), Code::ProviderRejected),
        (Fault::Status(302, ""), Code::ProviderRejected),
    ] {
        let (mut world, callback) = logging_in_without_redirects();
        world.provider.fails(Endpoint::Token, fault.clone());
        let call_id = world.open(&callback);
        assert_eq!(world.code(call_id), code, "{fault:?}");
        assert_eq!(world.state().name(), "failed", "{fault:?}");
        assert_eq!(world.sent_to(Endpoint::Token).len(), 1, "a code is sent once: {fault:?}");
        assert_eq!(world.storage.hint_text(), None, "{fault:?}");
        assert_eq!(world.addresses_shown().last(), Some(&"/invoices"), "{fault:?}: the user is where they were");
    }
}

/// Failures that go away without any action.
const TROUBLE: [(Fault, Code); 8] = [
    (Fault::Network, Code::Network),
    (Fault::Timeout, Code::Timeout),
    (Fault::Status(408, ""), Code::ProviderUnavailable),
    (Fault::Status(429, ""), Code::ProviderUnavailable),
    (Fault::RetryAfter(429, seconds(5)), Code::ProviderUnavailable),
    (Fault::Status(500, r#"{"error":"invalid_grant"}"#), Code::ProviderUnavailable),
    (Fault::Status(502, "<html>"), Code::ProviderUnavailable),
    (Fault::Status(503, "<html>"), Code::ProviderUnavailable),
];

#[test]
fn a_failed_code_exchange_is_retried_while_the_code_is_valid() {
    for endpoint in [Endpoint::Token, Endpoint::Keys] {
        for (fault, _) in TROUBLE {
            for restoring in [false, true] {
                let (mut world, callback) = if restoring {
                    let mut world = World::new().signed_in();
                    world.reload("https://app.example/invoices");
                    let callback = world.callback();
                    (world, callback)
                } else {
                    logging_in()
                };
                world.lose_the_vault();
                world.events.clear();
                world.provider.fails_often(endpoint, fault.clone(), 2);
                let call_id = world.open(&callback);
                assert_eq!(world.state().name(), "loading", "{endpoint:?} {fault:?}");
                world.sleep(seconds(15));
                assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn), "{endpoint:?} {fault:?}");
                assert!(world.is_signed_in(), "{endpoint:?} {fault:?}");
                assert_eq!(world.sent_to(endpoint).len(), 3, "{endpoint:?} {fault:?}");
                assert_eq!(world.addresses_shown().last(), Some(&"/invoices"), "{endpoint:?} {fault:?}");
            }
        }
    }
}

#[test]
fn law_11_retries_of_a_code_exchange_are_bounded() {
    for (fault, code) in TROUBLE {
        let (mut world, callback) = logging_in();
        world.provider.fails_often(Endpoint::Token, fault.clone(), usize::MAX);
        let call_id = world.open(&callback);
        world.sleep(seconds(31));
        assert_eq!(world.code(call_id), code, "{fault:?}");
        assert_eq!(world.state().name(), "failed", "{fault:?}");
        assert!(world.sent_to(Endpoint::Token).len() <= 10, "{fault:?}");
        assert_eq!(world.addresses_shown().last(), Some(&"/invoices"), "{fault:?}");
        assert_eq!(world.wakes_in(), None, "{fault:?}");
    }
}

#[test]
fn a_restore_that_keeps_failing_ends_silently_on_the_users_page() {
    for (fault, _) in TROUBLE {
        let mut world = World::new().signed_in();
        world.reload("https://app.example/invoices?page=2");
        let callback = world.callback();
        world.provider.fails_often(Endpoint::Token, fault.clone(), usize::MAX);
        let call_id = world.reload(&callback);
        world.sleep(seconds(31));
        assert_eq!(world.answer(call_id), &Ok(Answer::Done), "{fault:?}");
        assert_eq!(world.state(), State::SignedOut(Reason::Expired), "{fault:?}");
        assert_eq!(world.addresses_shown().last(), Some(&"/invoices?page=2"), "{fault:?}");
        assert!(world.storage.hint_text().is_some(), "{fault:?}: the next visit can ask");
    }
}

#[test]
fn a_sign_in_waits_for_the_network_for_a_bounded_time() {
    for comes_back in [true, false] {
        let (mut world, callback) = logging_in();
        world.go_offline();
        let call_id = world.open(&callback);
        assert!(!world.is_answered(call_id));
        world.sleep(seconds(20));
        assert_eq!(world.sent_to(Endpoint::Token).len(), 1, "nothing is sent while offline");
        if comes_back {
            world.go_online();
            assert!(world.is_signed_in());
        } else {
            world.sleep(seconds(11));
            assert_eq!(world.code(call_id), Code::Offline);
        }
    }
}

#[test]
fn a_logout_cancels_a_code_exchange_that_waits_for_a_retry() {
    for endpoint in [Endpoint::Token, Endpoint::Keys] {
        let (mut world, callback) = logging_in();
        world.provider.fails(endpoint, Fault::Network);
        let call_id = world.open(&callback);
        world.logout(Logout::new());
        assert_eq!(world.code(call_id), Code::NotSignedIn);
        world.sleep(seconds(60));
        assert_eq!(world.state(), State::SignedOut(Reason::SignedOut));
        assert_eq!(world.provider.living_refresh_tokens(), [""; 0]);
    }
}

#[test]
fn a_refresh_token_in_an_unusable_response_is_revoked() {
    let (mut world, callback) = logging_in();
    world.provider.answers_with(|answer| answer["token_type"] = "DPoP".into());
    let call_id = world.open(&callback);
    assert_eq!(world.code(call_id), Code::ProviderResponseInvalid);
    assert_eq!(world.provider.living_refresh_tokens(), [""; 0]);
}

#[test]
fn a_new_login_replaces_the_session() {
    let mut world = World::new().signed_in();
    let before = world.provider.living_refresh_tokens()[0].to_owned();
    world.provider.subject = "user-2".into();
    world.login(Login::to("globex"));
    world.come_back_to_the_vault();
    assert_eq!(world.signed_in_as().user_id, "user-2");
    assert_eq!(world.revoked(), [before.as_str()]);
}

#[test]
fn the_user_can_log_in_after_a_failed_callback() {
    let (mut world, callback) = logging_in();
    world.provider.fails(Endpoint::Token, HTML);
    world.open(&callback);
    world.login(Login::to("acme"));
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
}

#[test]
fn a_callback_that_fails_after_a_logout_leaves_the_user_signed_out() {
    let (mut world, callback) = logging_in();
    world.hold(Endpoint::Token);
    let call_id = world.open(&callback);
    world.logout(Logout::new());
    world.lose(Endpoint::Token);
    assert!(world.answer(call_id).is_err());
    assert_eq!(world.state().name(), "signed-out");
}

#[test]
fn law_4_a_callback_made_by_an_attacker_finishes_no_login() {
    let (_, callback) = logging_in_without_redirects();
    let address = address::Address::parse(&callback);
    let (code, state) = (address.need("code"), address.need("state"));
    let long = "x".repeat(100_000);
    for (query, expected) in [
        // Another user's login, planted in this browser.
        (format!("?code={code}&state={long}"), Some(Code::StateUnknown)),
        (format!("?code={code}&state={state}%00"), Some(Code::StateUnknown)),
        (format!("?code={code}&state=%20{state}"), Some(Code::StateUnknown)),
        (format!("?code={code}&state={}", state.to_lowercase()), Some(Code::StateUnknown)),
        // The same parameter twice, in different spellings.
        (format!("?code={code}&state={state}&%73tate=x"), Some(Code::CallbackInvalid)),
        (format!("?%63ode=x&code={code}&state={state}"), Some(Code::CallbackInvalid)),
        (format!("?code={code}&state={state}&iss=a&iss=b"), Some(Code::CallbackInvalid)),
        (format!("?code={code}&error=access_denied&state={state}"), Some(Code::CallbackInvalid)),
        // Parameters that other flows and other clients would read.
        (format!("#code={code}&state={state}"), None),
        (format!("?state={state}#code={code}"), None),
        (format!("?code[]={code}&state={state}"), None),
        (format!("?CODE={code}&state={state}"), None),
        (format!("?id_token=x&access_token=y&state={state}"), None),
        (format!("//?code={code}&state={state}"), None),
        (format!("/../callback?code={code}&state={state}"), None),
        (format!("%2f?code={code}&state={state}"), None),
    ] {
        let (mut world, _) = logging_in_without_redirects();
        let call_id = world.open(&format!("{CALLBACK}{query}"));
        let seen = world.answer(call_id).as_ref().err().map(|error| error.code());
        assert_eq!(seen, expected, "{query:.200}");
        assert!(!world.is_signed_in(), "{query:.200}");
        assert_eq!(world.sent_to(Endpoint::Token).len(), 0, "{query:.200}: the token endpoint heard of it");
    }
}

#[test]
fn law_4_the_code_of_another_login_is_refused_by_the_provider() {
    let (_, theirs) = logging_in_without_redirects();
    let theirs = address::Address::parse(&theirs).need("code").to_owned();
    let (mut world, mine) = logging_in_without_redirects();
    let own = address::Address::parse(&mine).need("code").to_owned();
    let call_id = world.open(&mine.replace(&own, &format!("{theirs}x")));
    assert_eq!(world.code(call_id), Code::InvalidGrant, "the provider holds the code against the verifier");
    assert!(!world.is_signed_in());
}

#[test]
fn it_can_plant_a_login_that_signs_the_user_in_as_the_attacker() {
    // A script of the origin copies the record of its own login into the storage of this browser.
    let (mut theirs, link) = logging_in();
    let mut world = World::new();
    std::mem::swap(&mut world.storage, &mut theirs.storage);
    std::mem::swap(&mut world.provider, &mut theirs.provider);
    world.open(&link);
    assert!(world.is_signed_in(), "SECURITY.md says so");
}

#[test]
fn law_4_a_pending_login_of_other_settings_is_ignored_under_any_key() {
    let (mut world, callback) = logging_in_without_redirects();
    let other = wristband().expose_access_token(true).build().unwrap().digest();
    world.storage.edit_pending(|record| record["owner"] = other.as_str().into());
    let call_id = world.open(&callback);
    assert_told_to_the_page_alone(&world, call_id, Code::StateUnknown);
}

#[test]
fn law_4_the_record_of_a_finished_login_cannot_finish_another() {
    let (mut world, callback) = logging_in_without_redirects();
    world.storage.edit_pending(|record| record["finished"] = true.into());
    let call_id = world.open(&callback);
    assert_told_to_the_page_alone(&world, call_id, Code::StateUnknown);
}
