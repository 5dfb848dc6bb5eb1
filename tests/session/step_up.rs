//! A login that has to prove more than the last one \[RFC 9470].

use crate::support::{APP, Endpoint, Fault, World, open_id};
use serde_json::json;
use wristband_spa_auth::protocol::challenge::Challenge;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::json::Value;
use wristband_spa_auth::session::{Answer, CallId, Login};

fn stepping_up(world: &mut World, login: Login) -> CallId {
    world.outlive_pages();
    world.open(APP);
    world.login(login);
    world.come_back_to_the_vault()
}

#[test]
fn the_state_says_how_and_when_the_user_authenticated() {
    let mut world = World::open_id();
    let call_id = stepping_up(&mut world, Login::new().acr_values(["urn:mfa", "urn:pwd"]).max_age(300));
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    let session = world.signed_in_as();
    assert_eq!(session.acr.as_deref(), Some("urn:mfa"));
    assert!(session.authenticated_at.is_some());
    let renewed = world.renew();
    assert_eq!(world.answer(renewed), &Ok(Answer::Done));
    assert_eq!(world.signed_in_as().acr.as_deref(), Some("urn:mfa"));
}

#[test]
fn law_5_an_id_token_has_to_satisfy_what_the_login_asked_for() {
    for (acr, detail) in
        [(json!("urn:pwd"), "none of the acrValues"), (json!(null), "missing"), (json!(""), "missing"), (json!(2), "missing")]
    {
        let mut world = World::open_id();
        world.provider.lies(move |draft| draft.claim("acr", acr.clone()));
        let call_id = stepping_up(&mut world, Login::new().acr_values(["urn:mfa", "urn:hwk"]));
        assert_eq!((world.code(call_id), world.error(call_id).detail()), (Code::IdTokenAcr, detail));
        assert_eq!(world.revoked().len(), 1);
    }
    let mut world = World::open_id();
    world.provider.lies(|draft| draft.claim("acr", "urn:hwk"));
    let call_id = stepping_up(&mut world, Login::new().acr_values(["urn:mfa", "urn:hwk"]));
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn), "any of the list will do");
}

#[test]
fn a_wish_among_the_parameters_need_not_be_fulfilled() {
    // Some providers have a meaning of their own for acr_values, such as the identity provider to use.
    let wish = Value::parse(br#"{"acr_values":"idp:google"}"#).unwrap();
    for settings in [open_id(), open_id().authorization_params(wish.clone())] {
        let mut world = World::with(settings);
        world.provider.lies(|draft| draft.claim("acr", json!(null)));
        let call_id = stepping_up(&mut world, Login::new().authorization_params(wish.clone()).unwrap());
        assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    }
}

#[test]
fn a_login_satisfies_what_the_refusal_of_an_api_says() {
    let header = r#"Bearer error="insufficient_user_authentication", acr_values="urn:mfa urn:hwk", max_age=60"#;
    let needed = Challenge::step_up(header, "the-token").unwrap();
    let mut world = World::with(open_id());
    world.outlive_pages();
    world.open(APP);
    world.login(Login::new().satisfying(&needed));
    let sent = world.last_navigation();
    assert_eq!((sent.need("acr_values"), sent.need("max_age")), ("urn:mfa urn:hwk", "60"));
}

#[test]
fn law_5_a_step_up_that_starts_again_still_has_to_be_satisfied() {
    let mut world = World::open_id();
    world.open(APP);
    world.login(Login::new().acr_values(["urn:mfa"]));
    world.provider.fails(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_grant"}"#));
    world.come_back();
    world.provider.lies(|draft| draft.claim("acr", "urn:pwd"));
    let call_id = world.come_back();
    assert_eq!(world.code(call_id), Code::IdTokenAcr);
}

#[test]
fn a_step_up_that_fails_leaves_the_session_as_it_was() {
    let mut world = World::with(open_id());
    world.outlive_pages();
    world.open(APP);
    world.login(Login::new());
    world.come_back_to_the_vault();
    let before = world.signed_in_as();
    world.provider.lies(|draft| draft.claim("acr", "urn:pwd"));
    let call_id = stepping_up(&mut world, Login::new().acr_values(["urn:mfa"]));
    assert_eq!(world.code(call_id), Code::IdTokenAcr);
    assert_eq!(world.signed_in_as().user_id, before.user_id);
    assert_eq!(world.signed_in_as().authenticated_at, before.authenticated_at);
}
