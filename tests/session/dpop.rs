//! Tokens that are bound to a key of the vault \[RFC 9449].

use crate::support::{APP, Endpoint, Fault, World, open_id, seconds, wristband};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use wristband_spa_auth::protocol::config::{ConfigBuilder, Restore, Use};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Input, Login, Logout, State};

/// A world whose provider binds tokens.
fn binding(settings: ConfigBuilder) -> World {
    let mut world = World::with(settings);
    world.provider.metadata["dpop_signing_alg_values_supported"] = json!(["RS256", "ES256"]);
    world.provider.proofs.binds = true;
    world.provider.proofs.requires = true;
    world
}

fn required() -> ConfigBuilder {
    open_id().dpop(Use::Required)
}

/// The claims of a request's proof.
fn claims(proof: &str) -> Value {
    use base64::Engine as _;
    let part = proof.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The claims of all proofs for an endpoint.
fn proofs_for(world: &World, endpoint: Endpoint) -> Vec<Value> {
    world.sent_to(endpoint).iter().filter_map(|sent| sent.proof.as_deref()).map(claims).collect()
}

#[test]
fn law_5_every_request_with_a_grant_or_a_token_is_proven_and_no_proof_is_used_twice() {
    let mut world = binding(required()).signed_in();
    assert!(world.signed_in_as().is_bound);
    for _ in 0..3 {
        let renewed = world.renew();
        assert_eq!(world.answer(renewed), &Ok(Answer::Done));
        let info = world.user_info();
        assert!(matches!(world.answer(info), Ok(Answer::UserInfo(_))));
        world.sleep(seconds(2));
    }
    let sent = [Endpoint::Token, Endpoint::UserInfo].map(|endpoint| (world.sent_to(endpoint).len(), proofs_for(&world, endpoint)));
    let [(tokens, of_tokens), (infos, of_infos)] = sent;
    assert_eq!((tokens, infos), (of_tokens.len(), of_infos.len()), "no request without a proof");
    assert!(of_tokens.iter().all(|claims| claims["ath"].is_null() && claims["htm"] == "POST"));
    assert!(of_infos.iter().all(|claims| claims["ath"].is_string() && claims["htm"] == "GET"));
    let ids: BTreeSet<&str> = of_tokens.iter().chain(&of_infos).map(|claims| claims["jti"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), of_tokens.len() + of_infos.len());
}

#[test]
fn nothing_is_proven_unless_the_app_asks_for_it() {
    for settings in [open_id(), open_id().dpop(Use::Off)] {
        let mut world = binding(settings);
        world.provider.proofs.requires = false;
        let world = world.signed_in();
        assert!(!world.signed_in_as().is_bound);
        assert_eq!(world.keys.count(), 0);
    }
}

#[test]
fn auto_follows_the_metadata() {
    let mut world = World::with(open_id().dpop(Use::Auto));
    world.provider.proofs.binds = true;
    let world = world.signed_in();
    assert!(!world.signed_in_as().is_bound, "the metadata does not offer it");
    let world = binding(open_id().dpop(Use::Auto)).signed_in();
    assert!(world.signed_in_as().is_bound);
    let mut world = binding(open_id().dpop(Use::Auto));
    (world.provider.proofs.binds, world.provider.proofs.requires) = (false, false);
    let world = world.signed_in();
    assert!(!world.signed_in_as().is_bound, "the metadata offers it, and the provider does not do it for this client");
}

#[test]
fn law_5_a_bearer_token_is_refused_where_a_bound_one_is_required() {
    for binds in [false, true] {
        let mut world = binding(required());
        (world.provider.proofs.binds, world.provider.proofs.requires) = (binds, false);
        if binds {
            // It is called a bearer token, and cannot be used as one.
            world.provider.answers_with(|answer| answer["token_type"] = json!("Bearer"));
        }
        world.open(APP);
        world.login(Login::new());
        let call_id = world.come_back();
        assert_eq!(world.code(call_id), Code::DpopUnsupported);
        assert_eq!(world.revoked().len(), 1, "the granted tokens do not stay valid");
        assert_eq!(world.keys.count(), 0, "its key is forgotten");
    }
}

#[test]
fn law_5_a_bound_session_is_never_continued_with_bearer_tokens() {
    for mode in [Use::Auto, Use::Required] {
        let mut world = binding(open_id().dpop(mode)).signed_in();
        world.provider.answers_with(|answer| answer["token_type"] = json!("Bearer"));
        let renewed = world.renew();
        assert_eq!(world.code(renewed), Code::DpopUnsupported, "{mode}");
        assert!(world.signed_in_as().is_bound);
        world.provider.tells_the_truth();
        world.sleep(seconds(600));
        let renewed = world.renew();
        assert_eq!(world.answer(renewed), &Ok(Answer::Done), "the refresh token of the refused answer is used");
        assert_eq!(world.provider.reuses, 0);
    }
}

#[test]
fn law_5_a_bound_token_is_not_taken_for_a_bearer_token() {
    let mut world = World::open_id();
    world.provider.answers_with(|answer| answer["token_type"] = json!("DPoP"));
    world.open(APP);
    world.login(Login::new());
    let call_id = world.come_back();
    assert_eq!((world.code(call_id), world.error(call_id).detail()), (Code::ProviderResponseInvalid, "token_type"));
}

#[test]
fn tokens_of_an_unknown_type_are_not_used() {
    for token_type in ["", "mac", "N_A", "Bearer ", "DPoP Bearer"] {
        for mode in [Use::Off, Use::Auto, Use::Required] {
            let mut world = binding(open_id().dpop(mode));
            (world.provider.proofs.binds, world.provider.proofs.requires) = (false, false);
            world.provider.answers_with(move |answer| answer["token_type"] = json!(token_type));
            world.open(APP);
            world.login(Login::new());
            let call_id = world.come_back();
            let expected = if mode == Use::Required { Code::DpopUnsupported } else { Code::ProviderResponseInvalid };
            assert_eq!(world.code(call_id), expected, "{token_type}, {mode:?}");
        }
    }
}

#[test]
fn a_provider_whose_algorithms_the_library_lacks_signs_nobody_in() {
    let mut world = binding(required());
    world.provider.metadata["dpop_signing_alg_values_supported"] = json!(["ES256K"]);
    world.open(APP);
    let call_id = world.login(Login::new());
    assert_eq!(
        world.answer(call_id).as_ref().map_err(|error| error.code()),
        Ok(&Answer::Done),
        "an unknown name is as good as none"
    );
    let mut world = binding(required());
    world.provider.metadata["dpop_signing_alg_values_supported"] = json!(["PS512"]);
    world.open(APP);
    let call_id = world.login(Login::new());
    assert_eq!(world.code(call_id), Code::DpopUnsupported);
    assert!(world.navigations().is_empty());
}

#[test]
fn wristband_is_asked_for_bound_tokens_if_the_app_requires_them() {
    let mut world = World::with(wristband().dpop(Use::Required));
    (world.provider.proofs.binds, world.provider.proofs.requires) = (true, true);
    let world = world.signed_in();
    assert!(world.signed_in_as().is_bound);
}

// Nonces.

#[test]
fn law_2_a_request_is_sent_again_once_with_the_nonce_that_the_server_wants() {
    let mut world = binding(required());
    world.provider.proofs.nonce = Some("nonce-1".to_owned());
    let mut world = world.signed_in();
    assert!(proofs_for(&world, Endpoint::Token).is_empty(), "the history of the login was cleared");
    // The nonce is known by now.
    let renewed = world.renew();
    assert_eq!(world.answer(renewed), &Ok(Answer::Done));
    assert_eq!(proofs_for(&world, Endpoint::Token).iter().map(|claims| claims["nonce"].clone()).collect::<Vec<_>>(), ["nonce-1"]);
    world.provider.proofs.nonce = Some("nonce-2".to_owned());
    let renewed = world.renew();
    assert_eq!(world.answer(renewed), &Ok(Answer::Done));
    let nonces: Vec<Value> = proofs_for(&world, Endpoint::Token).iter().map(|claims| claims["nonce"].clone()).collect();
    assert_eq!(nonces, ["nonce-1", "nonce-1", "nonce-2"]);
    assert_eq!(world.provider.reuses, 0, "the provider had done nothing with the refresh token");
    world.provider.proofs.nonce = Some("nonce-3".to_owned());
    let info = world.user_info();
    assert!(matches!(world.answer(info), Ok(Answer::UserInfo(_))));
    assert_eq!(world.sent_to(Endpoint::UserInfo).len(), 2);
}

#[test]
fn a_nonce_is_used_for_its_own_server_only() {
    let mut world = binding(required());
    world.provider.proofs.nonce = Some("of-the-provider".to_owned());
    let mut world = world.signed_in();
    let token = world.token();
    let &Ok(Answer::Token { key: Some(key), .. }) = world.answer(token) else { panic!("no token that is bound") };
    assert!(world.note_nonce("https://api.example/v1/me", "of-the-api"));
    let mut nonce = |url: &str| claims(&world.prove(key, url))["nonce"].clone();
    assert_eq!(nonce("https://api.example/v2/other?x"), "of-the-api");
    assert_eq!(nonce("https://api.example:8443/v1/me"), Value::Null);
    assert_eq!(nonce("http://api.example/v1/me"), Value::Null);
    assert_eq!(nonce("https://other.example/v1/me"), Value::Null);
    assert_eq!(nonce("https://id.example/realm/token"), "of-the-provider");
}

#[test]
fn law_13_a_proof_that_is_wanted_after_the_logout_is_not_made() {
    let mut world = binding(required()).signed_in();
    world.provider.proofs.nonce = Some("nonce-1".to_owned());
    world.hold(Endpoint::Token);
    world.renew();
    world.logout(Logout::new());
    world.release(Endpoint::Token);
    assert_eq!(world.sent_to(Endpoint::Token).len(), 1);
}

#[test]
fn law_9_a_server_that_always_wants_another_nonce_is_asked_twice() {
    let mut world = binding(required()).signed_in();
    world.provider.proofs.nonce = Some("never-the-right-one\u{7f}".to_owned());
    let renewed = world.renew();
    assert_eq!(world.code(renewed), Code::ProviderRejected, "that is no nonce");
    assert_eq!(world.sent_to(Endpoint::Token).len(), 1);
    world.events.clear();
    world.sleep(seconds(600));
    world.events.clear();
    world.provider.proofs.nonce = Some("hidden".to_owned());
    world.provider.proofs.hides_nonce = true;
    let renewed = world.renew();
    assert_eq!(world.code(renewed), Code::ProviderRejected);
    assert_eq!(world.sent_to(Endpoint::Token).len(), 1, "without a nonce there is nothing to try");
    assert!(world.is_signed_in(), "law 3: that proves nothing");
}

#[test]
fn the_time_of_a_proof_is_the_server_s() {
    let mut world = binding(required());
    world.set_wall_clock_off_by(-7200);
    world.provider.proofs.requires = true;
    world.open(APP);
    world.login(Login::new());
    let call_id = world.come_back();
    // The first proof was two hours old, and was refused.
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert_eq!(world.sent_to(Endpoint::Token).len(), 2);
    assert_eq!(world.signed_in_as().clock_skew, 7200);
    let renewed = world.renew();
    assert_eq!(world.answer(renewed), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Token).len(), 3, "it knows the time now");
}

#[test]
fn a_wrong_clock_and_a_nonce_are_both_learned() {
    let mut world = binding(required());
    world.set_wall_clock_off_by(-7200);
    world.provider.proofs.nonce = Some("nonce-1".to_owned());
    world.open(APP);
    world.login(Login::new());
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    world.set_wall_clock_off_by(-3600);
    world.provider.proofs.nonce = Some("nonce-2".to_owned());
    let renewed = world.renew();
    assert_eq!(world.answer(renewed), &Ok(Answer::Done));
}

#[test]
fn law_3_no_wrong_clock_ends_a_bound_session_whatever_the_provider_calls_the_refusal() {
    for refusal in ["invalid_dpop_proof", "invalid_request"] {
        // A clock that is right enough for ID tokens can be too wrong for proofs.
        for (window, seconds_off) in [(60, -300), (60, 300), (25, -45), (15, 30)] {
            let mut world = binding(required()).signed_in();
            world.provider.proofs.refusal = Some(refusal);
            world.provider.proofs.window = window;
            world.set_wall_clock_off_by(seconds_off);
            world.sleep(seconds(3000));
            assert!(world.is_signed_in(), "{refusal}, {seconds_off} s: {:?}", world.state());
            let renewed = world.renew();
            assert_eq!(world.answer(renewed), &Ok(Answer::Done));
        }
    }
}

#[test]
fn a_proof_that_is_refused_at_the_right_time_is_not_sent_again() {
    let mut world = binding(required()).signed_in();
    world.provider.fails(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_dpop_proof"}"#));
    let renewed = world.renew();
    assert_eq!(world.code(renewed), Code::ProviderRejected);
    assert_eq!(world.sent_to(Endpoint::Token).len(), 1);
    assert!(world.is_signed_in(), "law 3: that proves nothing");
}

// Keys.

#[test]
fn a_nonce_that_comes_with_the_second_answer_is_kept() {
    let mut world = binding(required()).signed_in();
    // A server that tells the next nonce with each success.
    world.handle = |session, now, input| match input {
        Input::Fetched { request, outcome: Ok(mut response) } if response.status == 200 => {
            response.dpop_nonce = Some("next".to_owned());
            session.handle(now, Input::Fetched { request, outcome: Ok(response) })
        }
        input => session.handle(now, input),
    };
    world.provider.proofs.nonce = Some("first".to_owned());
    world.renew();
    assert_eq!(world.sent_to(Endpoint::Token).len(), 2);
    let token = world.token();
    let &Ok(Answer::Token { key: Some(key), .. }) = world.answer(token) else { panic!("no token that is bound") };
    assert_eq!(claims(&world.prove(key, "https://id.example/realm/token"))["nonce"], "next");
}

#[test]
fn a_device_that_is_wrong_about_being_offline_still_learns_the_nonce() {
    let mut world = binding(required()).signed_in();
    world.device_is_wrong_about_being_offline();
    world.provider.proofs.nonce = Some("nonce-1".to_owned());
    let renewed = world.renew();
    assert_eq!(world.answer(renewed), &Ok(Answer::Done));
}

#[test]
fn a_refused_proof_is_no_lost_response() {
    let mut world = binding(required()).signed_in();
    world.provider.proofs.nonce = Some("nonce-1".to_owned());
    world.hold(Endpoint::Token);
    world.renew();
    world.go_offline();
    world.release(Endpoint::Token);
    world.go_online();
    world.provider.revokes_everything();
    world.sleep(seconds(600));
    world.renew();
    assert!(matches!(world.state(), State::SignedOut(_)), "the refresh token is known to be over: {:?}", world.state());
}

#[test]
fn the_code_is_not_bound_where_nobody_would_start_the_login_again_or_the_vault_may_end_soon() {
    let mut world = binding(required().restore(Restore::None));
    world.outlive_pages();
    world.open(APP);
    world.login(Login::new());
    assert_eq!(world.last_navigation().get("dpop_jkt"), None, "no login starts again");

    let mut world = binding(required());
    world.outlive_pages();
    world.open(APP);
    world.login(Login::new().silent(true));
    assert_eq!(world.last_navigation().get("dpop_jkt"), None, "no user waits");
    world.come_back_to_the_vault();
    assert!(world.is_signed_in());
    world.login(Login::new().max_age(0));
    assert_eq!(world.last_navigation().get("dpop_jkt"), None, "a vault with tokens ends earlier");

    let mut world = binding(required()).signed_in();
    world.lose_the_vault();
    world.outlive_pages();
    world.open(APP);
    assert_eq!(world.last_navigation().get("prompt"), Some("none"));
    assert_eq!(world.last_navigation().get("dpop_jkt"), None, "a restore has to fail silently");
}

#[test]
fn a_login_whose_key_the_browser_cannot_make_fails_and_says_so() {
    let mut world = binding(required());
    world.outlive_pages();
    world.keys.refuses = true;
    world.open(APP);
    let call_id = world.login(Login::new());
    assert_eq!(world.code(call_id), Code::InsecureContext);
    assert!(world.navigations().is_empty());
}

#[test]
fn law_8_keys_of_abandoned_logins_end() {
    let mut world = binding(required());
    world.outlive_pages();
    world.open(APP);
    for _ in 0..40 {
        world.login(Login::new());
    }
    assert_eq!(world.keys.count(), 16);
    world.sleep(seconds(3601));
    world.login(Login::new());
    assert_eq!(world.keys.count(), 1);
}

#[test]
fn the_code_is_bound_where_the_vault_keeps_its_keys() {
    let mut world = binding(required());
    world.outlive_pages();
    world.open(APP);
    world.login(Login::new());
    let asked = world.last_navigation();
    assert_eq!(asked.need("dpop_jkt").len(), 43);
    assert_eq!(world.keys.count(), 1);
    let call_id = world.come_back_to_the_vault();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert_eq!(world.keys.count(), 1, "the same key");
}

#[test]
fn a_code_whose_key_ended_with_the_vault_starts_the_login_again_once_and_unbound() {
    let mut world = binding(required());
    world.outlive_pages();
    world.open(APP);
    world.login(Login::new());
    world.come_back();
    assert!(world.sent_to(Endpoint::Token).is_empty(), "the provider would refuse the code");
    assert_eq!(world.navigations().len(), 2);
    assert_eq!(world.last_navigation().get("dpop_jkt"), None);
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert!(world.signed_in_as().is_bound);
}

#[test]
fn law_13_each_session_has_its_own_key_which_ends_with_it() {
    let mut world = binding(required());
    world.outlive_pages();
    let mut thumbprints = BTreeSet::new();
    for _ in 0..3 {
        world.open(APP);
        world.login(Login::new());
        world.come_back_to_the_vault();
        assert!(world.is_signed_in());
        assert_eq!(world.keys.count(), 1);
        let token = world.token();
        let &Ok(Answer::Token { key: Some(key), .. }) = world.answer(token) else { panic!("no token that is bound") };
        thumbprints.insert(world.keys.make(key).unwrap());
    }
    assert_eq!(thumbprints.len(), 3);
    world.logout(Logout::new());
    assert!(matches!(world.state(), State::SignedOut(_)));
    assert_eq!(world.keys.count(), 0);
}

#[test]
fn an_exchange_that_is_tried_again_keeps_its_key_and_makes_a_new_proof() {
    let mut world = binding(required());
    world.provider.fails(Endpoint::Token, Fault::Status(503, ""));
    world.open(APP);
    world.login(Login::new());
    let call_id = world.come_back();
    world.sleep(seconds(10));
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    let proofs: Vec<_> = world.sent_to(Endpoint::Token).iter().filter_map(|sent| sent.proof.clone()).collect();
    let key = |proof: &str| proof.split('.').next().unwrap().to_owned();
    assert_eq!(proofs.len(), 2);
    assert_eq!(key(&proofs[0]), key(&proofs[1]));
    assert_ne!(claims(&proofs[0])["jti"], claims(&proofs[1])["jti"]);
}
