//! Law 5: what one ID token alone does not show. The lies that it can tell are in `tests/lies`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use support::keys::SigningKey;
use support::{APP, Draft, Endpoint, Fault, ISSUER, World};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth::session::{Answer, Login, Logout};

type Edit = fn(&mut Draft);

#[test]
fn law_5_the_issuer_of_another_provider_is_its_own() {
    let mut world = World::open_id().signed_in();
    assert_eq!(world.signed_in_as().claims.get("iss").unwrap().as_str(), Some(ISSUER));
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
}

#[test]
fn the_keys_come_while_the_person_is_away() {
    let mut world = World::new();
    world.outlive_pages();
    world.open(APP);
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 0, "a visitor needs none");
    world.login(Login::to("acme"));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
    let ask = world.come_back_to_the_vault();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1, "they are there");
}

#[test]
fn keys_that_did_not_come_meanwhile_are_fetched_with_the_tokens() {
    let mut world = World::new();
    world.outlive_pages();
    world.open(APP);
    world.provider.fails(Endpoint::Keys, Fault::Network);
    world.login(Login::to("acme"));
    let ask = world.come_back_to_the_vault();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!((world.state().name(), world.sent_to(Endpoint::Keys).len()), ("signed-in", 2));
}

#[test]
fn nobody_who_logs_out_has_the_keys_fetched() {
    let mut world = World::new();
    world.outlive_pages();
    world.open(APP);
    world.logout(Logout::default());
    assert_eq!((world.navigations().len(), world.sent_to(Endpoint::Keys).len()), (1, 0));
}

#[test]
fn law_5_changed_keys_are_fetched_once() {
    let mut world = World::new().signed_in();
    world.provider.keys = vec![SigningKey::new(Algorithm::Es256, "second")];
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_keys_that_changed_under_the_same_kid_are_fetched_once() {
    let mut world = World::new().signed_in();
    world.provider.keys = vec![SigningKey::new(Algorithm::Es256, "first")];
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_an_unknown_key_is_looked_for_once() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.header("kid", "nobody's"));
    let ask = world.renew();
    assert_eq!(world.code(ask), Code::IdTokenKey);
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_what_a_renewed_token_leaves_out_is_still_held_against_the_next() {
    let steps: [(&str, Edit, Edit); 1] = [("tnt_id", |t| t.without("tnt_id"), |t| t.claim("tnt_id", "tenant-globex"))];
    for (name, omit, change) in steps {
        let mut world = World::new().signed_in();
        world.provider.lies(omit);
        let ask = world.renew();
        assert_eq!(world.answer(ask), &Ok(Answer::Done), "{name} may be left out");
        world.provider.lies(change);
        let ask = world.renew();
        assert!(world.answer(ask).is_err(), "{name} changed by way of leaving it out once");
    }
}

#[test]
fn a_renewed_token_that_leaves_the_tenant_out_does_not_make_the_app_forget_it() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.without("tnt_id"));
    world.renew();
    assert_eq!(world.signed_in_as().tenant_id.as_deref(), Some("tenant-acme"));
}
