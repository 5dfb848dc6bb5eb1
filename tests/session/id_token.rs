//! Law 5, as far as it takes more than one ID token. The attacks by a single ID token are in `tests/vectors`.

use crate::support::keys::SigningKey;
use crate::support::{APP, Draft, Endpoint, Fault, ISSUER, World};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth::session::{Answer, Login, Logout};

type Edit = fn(&mut Draft);

#[test]
fn law_5_the_expected_issuer_is_that_of_the_configured_provider() {
    let mut world = World::open_id().signed_in();
    assert_eq!(world.signed_in_as().claims.get("iss").unwrap().as_str(), Some(ISSUER));
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
}

#[test]
fn keys_are_prefetched_while_the_user_is_at_the_provider() {
    let mut world = World::new();
    world.outlive_pages();
    world.open(APP);
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 0, "a visitor needs none");
    world.login(Login::to("acme"));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
    let call_id = world.come_back_to_the_vault();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1, "they are there");
}

#[test]
fn keys_whose_prefetch_failed_are_fetched_with_the_tokens() {
    let mut world = World::new();
    world.outlive_pages();
    world.open(APP);
    world.provider.fails(Endpoint::Keys, Fault::Network);
    world.login(Login::to("acme"));
    let call_id = world.come_back_to_the_vault();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert_eq!((world.state().name(), world.sent_to(Endpoint::Keys).len()), ("signed-in", 2));
}

#[test]
fn a_logout_fetches_no_keys() {
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
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_keys_that_changed_under_the_same_kid_are_fetched_once() {
    let mut world = World::new().signed_in();
    world.provider.keys = vec![SigningKey::new(Algorithm::Es256, "first")];
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_an_unknown_kid_causes_one_key_refetch() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.header("kid", "nobody's"));
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::IdTokenKey);
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_a_claim_omitted_by_one_renewal_is_still_compared_at_the_next() {
    let steps: [(&str, Edit, Edit); 1] = [("tnt_id", |t| t.without("tnt_id"), |t| t.claim("tnt_id", "tenant-globex"))];
    for (name, omit, change) in steps {
        let mut world = World::new().signed_in();
        world.provider.lies(omit);
        let call_id = world.renew();
        assert_eq!(world.answer(call_id), &Ok(Answer::Done), "{name} may be left out");
        world.provider.lies(change);
        let call_id = world.renew();
        assert!(world.answer(call_id).is_err(), "{name} changed by way of leaving it out once");
    }
}

#[test]
fn a_renewed_id_token_without_tenant_keeps_the_known_tenant() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.without("tnt_id"));
    world.renew();
    assert_eq!(world.signed_in_as().tenant_id.as_deref(), Some("tenant-acme"));
}
