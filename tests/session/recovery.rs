//! Logins that start again: after a foreign callback, after `login_required` and after `invalid_grant`, once.

use crate::support::{APP, CALLBACK, Endpoint, Fault, World, open_id, seconds, wristband};
use wristband_spa_auth::protocol::config::Restore;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, CallId, Login, Logout, Reason, State};

/// The callback of a magic link that was requested in another browser.
const FOREIGN: &str = "https://app.example/callback?code=theirs&state=0123456789012345678901234567890&tenant_name=acme";

/// The browser was redirected to the provider's login page at this host.
fn assert_shows_login_page(world: &World, host: &str) {
    let url = world.last_navigation();
    assert_eq!((url.host(), url.path()), (host, "/api/v1/oauth2/authorize"));
    assert_eq!(url.get("prompt"), Some("login"));
}

fn fails_with(world: &World, call_id: CallId, code: Code) {
    assert_eq!(world.code(call_id), code);
    assert_eq!(world.sent_to(Endpoint::Token).len(), 0);
}

#[test]
fn a_magic_link_opened_in_another_browser_ends_signed_in_there() {
    let mut world = World::new();
    let call_id = world.open(FOREIGN);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Token).len(), 0, "the foreign code is not used");
    assert_shows_login_page(&world, "acme-app-org.us.wristband.dev");
    world.come_back();
    assert!(world.is_signed_in());
    assert_eq!(world.addresses_shown().last(), Some(&"/callback"));
}

#[test]
fn law_4_a_planted_session_at_the_provider_is_not_used_silently() {
    // An attacker's magic link has left the attacker's session at the provider.
    let mut world = World::new();
    world.provider.subject = "attacker".into();
    world.open(FOREIGN);
    assert_shows_login_page(&world, "acme-app-org.us.wristband.dev");
    // A provider that ignores `prompt=login` says itself that no one has authenticated since.
    world.provider.lies(|draft| draft.claim("auth_time", draft.now - 3600));
    let call_id = world.come_back();
    assert_eq!(world.code(call_id), Code::IdTokenAuthTime);
    assert!(!world.is_signed_in());
}

#[test]
fn law_9_a_foreign_callback_redirects_once() {
    let mut world = World::new();
    world.open(FOREIGN);
    world.lose_the_vault();
    let again = world.open(FOREIGN);
    fails_with(&world, again, Code::StateUnknown);
    assert_eq!(world.navigations().len(), 1);
    assert_eq!(world.state().name(), "failed");
    world.sleep(seconds(601));
    world.lose_the_vault();
    let later = world.open(FOREIGN);
    assert_eq!(world.answer(later), &Ok(Answer::Done));
}

#[test]
fn a_foreign_callback_that_a_login_would_not_resolve_redirects_nowhere() {
    for query in [
        "error=access_denied&state=theirs",
        "code=x&state=theirs&iss=https%3A%2F%2Fevil.example",
        "code=x&state=a&state=b&tenant_name=acme",
        "code=x&error=y&state=theirs",
        &format!("code=x&state={}", "x".repeat(513)),
    ] {
        let mut world = World::new();
        let call_id = world.open(&format!("{CALLBACK}?{query}"));
        assert!(world.answer(call_id).is_err(), "{query}");
        assert_eq!(world.navigations().len(), 0, "{query}");
    }
}

#[test]
fn law_5_a_foreign_callback_of_another_issuer_redirects_nowhere() {
    let mut world = World::with(open_id());
    let call_id = world.open(&format!("{CALLBACK}?code=x&state=theirs&iss=https%3A%2F%2Fevil.example"));
    assert_eq!(world.code(call_id), Code::StateUnknown);
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn a_callback_of_wristband_without_a_state_is_recovered_from() {
    let mut world = World::new();
    world.open(&format!("{CALLBACK}?code=theirs&tenant_name=acme"));
    assert_shows_login_page(&world, "acme-app-org.us.wristband.dev");
    let mut world = World::with(open_id());
    let call_id = world.open(&format!("{CALLBACK}?code=belongs-to-the-app"));
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.navigations().len(), 0, "another provider's callback without a state is none");
}

#[test]
fn a_user_who_was_signed_in_here_is_restored_instead() {
    let mut world = World::new().signed_in();
    world.sleep(seconds(120));
    world.reload(FOREIGN);
    assert_eq!(world.last_navigation().get("prompt"), Some("none"));
}

#[test]
fn a_live_session_is_not_disturbed() {
    let mut world = World::new().signed_in();
    let call_id = world.open(FOREIGN);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn login_required_shows_the_login_page_once() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme").return_to("/invoices"));
    let refusal = [("code", None), ("error", Some("login_required".into()))];
    world.provider.callback_parameters.extend(refusal);
    world.come_back();
    assert_shows_login_page(&world, "acme-app-org.us.wristband.dev");
    let again = world.come_back();
    fails_with(&world, again, Code::LoginRequired);
    assert_eq!(world.state().name(), "failed");
    assert_eq!(world.addresses_shown().last(), Some(&"/invoices"));
}

#[test]
fn login_required_is_the_answer_to_an_app_that_asked_for_no_page() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme").prompt(wristband_spa_auth::Prompt::None));
    world.provider.callback_parameters.extend([("code", None), ("error", Some("login_required".into()))]);
    let call_id = world.come_back();
    fails_with(&world, call_id, Code::LoginRequired);
}

#[test]
fn a_refused_code_starts_the_login_again_once() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme").return_to("/invoices").max_age(600));
    world.provider.fails_often(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_grant"}"#), 2);
    world.come_back();
    let again = world.last_navigation();
    assert_eq!((again.get("prompt"), again.get("max_age")), (None, Some("600")), "the provider's session is used");
    let second = world.come_back();
    assert_eq!(world.code(second), Code::InvalidGrant);
    assert_eq!(world.state().name(), "failed");

    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme").return_to("/invoices"));
    world.provider.fails(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_grant"}"#));
    world.come_back();
    world.come_back();
    assert!(world.is_signed_in());
    assert_eq!(world.addresses_shown().last(), Some(&"/invoices"));
}

#[test]
fn an_app_whose_pages_are_redirected_by_users_only_gets_the_error() {
    let mut world = World::with(wristband().restore(Restore::None));
    let call_id = world.open(FOREIGN);
    fails_with(&world, call_id, Code::StateUnknown);
}

#[test]
fn offline_nothing_is_recovered() {
    let mut world = World::new();
    world.go_offline();
    let call_id = world.open(FOREIGN);
    fails_with(&world, call_id, Code::StateUnknown);
}

#[test]
fn a_logout_ends_a_recovery() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    world.provider.fails(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_grant"}"#));
    world.hold(Endpoint::Token);
    let call_id = world.come_back();
    world.logout(Logout::new());
    let logged_out = world.navigations().len();
    world.release(Endpoint::Token);
    assert!(world.answer(call_id).is_err());
    assert_eq!(world.navigations().len(), logged_out);
    assert_eq!(world.state(), State::SignedOut(Reason::SignedOut));
}

#[test]
fn law_4_a_session_is_restored_for_its_own_user_only() {
    let mut world = World::new().signed_in();
    world.reload(APP);
    world.provider.subject = "attacker".into();
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.storage.hint_text(), None);
    let living = world.provider.living_refresh_tokens();
    assert!(living.len() <= 1, "what was granted to the other user is revoked: {living:?}");
    world.login(Login::to("acme"));
    world.come_back();
    assert!(world.is_signed_in(), "a user who wants to may sign in as another one");
}

// Landings: pages to which the provider sends users who have a session there.

#[test]
fn a_silent_login_signs_in_a_user_who_has_a_session_at_the_provider() {
    let mut world = World::new();
    world.open("https://app.example/welcome");
    world.login(Login::to("acme").silent(true).return_to("/welcome"));
    assert_eq!(world.last_navigation().get("prompt"), Some("none"));
    world.come_back();
    assert!(world.is_signed_in());
    assert_eq!(world.addresses_shown().last(), Some(&"/welcome"));
}

#[test]
fn law_9_a_silent_login_without_a_session_comes_back_signed_out_and_is_not_repeated() {
    let mut world = World::new();
    world.open("https://app.example/welcome");
    world.login(Login::to("acme").silent(true).return_to("/welcome"));
    world.provider.callback_parameters.extend([("code", None), ("error", Some("login_required".into()))]);
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::NeverSignedIn));
    assert_eq!(world.addresses_shown().last(), Some(&"/welcome"));
    let before = world.navigations().len();
    let again = world.login(Login::to("acme").silent(true));
    assert_eq!(world.answer(again), &Ok(Answer::Done));
    assert_eq!(world.navigations().len(), before, "the answer is known");
    world.sleep(seconds(61));
    world.login(Login::to("acme").silent(true));
    assert_eq!(world.navigations().len(), before + 1);
}

#[test]
fn a_silent_login_never_shows_a_page_that_asks_for_the_tenant() {
    let mut world = World::new();
    world.open(APP);
    let call_id = world.login(Login::new().silent(true));
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.navigations().len(), 0);
}
