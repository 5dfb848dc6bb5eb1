//! After a reload: one redirect if the user was signed in, otherwise none.

use crate::support::{APP, Endpoint, Fault, World, seconds, wristband};
use wristband_spa_auth::protocol::config::Restore;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Input, Login, Logout, Reason, State};

const PAGE: &str = "https://app.example/invoices?page=2#top";

/// The user was signed in, and reloads a page.
fn reloaded() -> World {
    let mut world = World::new().signed_in();
    let call_id = world.reload(PAGE);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    world
}

#[test]
fn a_reload_after_a_session_causes_one_silent_redirect() {
    let world = reloaded();
    assert_eq!(world.state(), State::Loading, "the page is about to go");
    let address = world.last_navigation();
    assert_eq!(world.navigations().len(), 1);
    assert_eq!((address.host(), address.need("prompt")), ("acme-app-org.us.wristband.dev", "none"));
}

#[test]
fn the_session_is_restored_on_the_page_where_it_was_lost() {
    let mut world = reloaded();
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert_eq!(world.signed_in_as().user_id, "user-1");
    assert_eq!(world.addresses_shown().last(), Some(&"/invoices?page=2#top"));
}

#[test]
fn without_a_session_at_the_provider_the_user_is_signed_out_silently() {
    let mut world = reloaded();
    world.provider.remembers_the_person = false;
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.storage.hint_text(), None);
    assert_eq!(world.addresses_shown().last(), Some(&"/invoices?page=2#top"));
    world.events.clear();
    world.reload(PAGE);
    assert_eq!(world.navigations().len(), 0, "asked once is enough");
}

#[test]
fn the_hint_is_read_only_if_it_would_be_used() {
    let mut world = World::new();
    assert!(world.session.wants_hint(PAGE), "it is not known yet whether a user was signed in");
    world.open(PAGE);
    world.login(Login::to("acme"));
    let callback = world.callback();
    assert!(!world.session.wants_hint(&callback), "the session is coming");
    assert!(world.session.wants_hint(PAGE), "another page may find that a user was signed in elsewhere");
    world.come_back();
    assert!(!world.session.wants_hint(PAGE), "the session is there");
}

#[test]
fn with_a_running_vault_a_reload_needs_no_request() {
    let mut world = World::new().signed_in();
    let call_id = world.open(PAGE);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert!(world.is_signed_in());
    assert_eq!((world.sent().len(), world.navigations().len()), (0, 0));
}

#[test]
fn an_anonymous_visitor_is_never_redirected() {
    let mut world = World::new();
    let call_id = world.open(PAGE);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::NeverSignedIn));
    assert_eq!(world.events.len(), 1, "the answer, and nothing else");
}

#[test]
fn law_9_no_redirect_while_offline() {
    let mut world = World::new().signed_in();
    world.go_offline();
    let call_id = world.reload(PAGE);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert!(world.storage.hint_text().is_some(), "the next visit can ask");
}

#[test]
fn with_restore_off_a_reload_does_not_redirect() {
    let mut world = World::with(wristband().restore(Restore::None)).signed_in();
    world.reload(PAGE);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn law_9_restore_redirects_do_not_loop() {
    let mut world = World::new().signed_in();
    for _ in 0..50 {
        world.reload(PAGE);
    }
    assert_eq!(world.navigations().len(), 5, "as many as can be pending");
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    world.sleep(seconds(61));
    world.reload(PAGE);
    assert_eq!(world.navigations().len(), 6, "after a minute it may be tried again");
}

#[test]
fn law_9_a_provider_that_always_fails_causes_no_redirect_loop() {
    let mut world = World::new().signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Status(500, ""), usize::MAX);
    for _ in 0..20 {
        let before = world.navigations().len();
        world.reload(PAGE);
        if world.navigations().len() > before {
            world.come_back();
        }
    }
    assert_eq!(world.navigations().len(), 5);
}

#[test]
fn law_9_simultaneous_restores_of_several_tabs_are_no_loop() {
    let mut world = World::new().signed_in();
    let mut callbacks = Vec::new();
    for _ in 0..5 {
        world.reload(PAGE);
        assert_eq!(world.state(), State::Loading);
        callbacks.push(world.callback());
    }
    for callback in callbacks {
        world.reload(&callback);
        assert!(world.is_signed_in());
    }
    world.reload(PAGE);
    assert_eq!(world.state(), State::Loading, "what went well is no loop either");
}

#[test]
fn a_restored_session_can_be_restored_again() {
    let mut world = World::new().signed_in();
    for _ in 0..5 {
        world.reload(PAGE);
        world.come_back();
        assert!(world.is_signed_in());
    }
}

#[test]
fn law_7_the_tenants_custom_domain_is_confirmed_again() {
    let mut world = World::new();
    world.provider.custom_domains.insert("login.acme.example".into(), "acme".into());
    world.open(APP);
    world.login(Login::new().tenant_custom_domain("login.acme.example"));
    world.come_back();
    world.events.clear();
    world.reload(PAGE);
    assert_eq!(world.sent_to(Endpoint::Confirmation).len(), 1);
    assert_eq!(world.last_navigation().host(), "login.acme.example");
}

#[test]
fn a_restore_that_cannot_start_fails_silently() {
    let mut world = World::new().signed_in();
    world.storage.refuses = true;
    let call_id = world.reload(PAGE);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn a_restore_works_with_any_openid_provider() {
    let mut world = World::open_id().signed_in();
    world.reload(PAGE);
    assert_eq!(world.last_navigation().need("prompt"), "none");
    world.come_back();
    assert!(world.is_signed_in());
}

#[test]
fn a_restore_whose_discovery_fails_leaves_the_user_signed_out() {
    let mut world = World::open_id().signed_in();
    world.provider.fails(Endpoint::Metadata, Fault::Network);
    let call_id = world.reload(PAGE);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn law_8_the_hint_holds_the_tenant_and_a_digest_of_the_user() {
    let world = World::new().signed_in();
    let hint: serde_json::Value = serde_json::from_str(world.storage.hint_text().unwrap()).unwrap();
    let names: Vec<&String> = hint.as_object().unwrap().keys().collect();
    assert_eq!(names, ["activeAt", "attemptedAt", "attempts", "loginHint", "over", "tenantCustomDomain", "tenantName", "user"]);
    assert!(["activeAt", "loginHint", "over"].iter().all(|name| hint[*name].is_null()), "{hint}");
    assert_eq!(hint["user"].as_str().map(str::len), Some(43), "a SHA-256 digest");
    assert!(!world.storage.hint_text().unwrap().contains(&world.provider.subject));
    assert_eq!(hint["tenantName"], "acme");
}

#[test]
fn a_second_page_does_not_restore_what_a_first_is_signing_in() {
    let mut world = World::new().signed_in();
    world.reload(PAGE);
    let callback = world.callback();
    world.hold(Endpoint::Token);
    world.reload(&callback);
    world.events.clear();
    world.open(PAGE);
    assert_eq!(world.navigations().len(), 0);
    world.release(Endpoint::Token);
    assert!(world.is_signed_in());
}

#[test]
fn pages_do_not_wait_for_a_restoring_page_that_never_returns() {
    let mut world = World::new().signed_in();
    world.reload(PAGE);
    assert_eq!(world.state(), State::Loading);
    world.sleep(seconds(30));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn a_page_restored_from_the_bfcache_is_signed_out_even_during_a_login() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Confirmation);
    world.reload(PAGE);
    world.login_from_url("https://app.example/login?tenant_custom_domain=login.globex.example");
    world.input(Input::PageRestoredFromCache { online: true });
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn a_page_waits_for_another_page_that_left_to_restore_their_session() {
    let mut world = World::new().signed_in();
    world.reload(PAGE);
    let second = world.open(PAGE);
    assert!(!world.is_answered(second));
    assert_eq!(world.navigations().len(), 1, "one of them is enough");
    world.come_back_to_the_vault();
    assert_eq!(world.answer(second), &Ok(Answer::Done));
    assert!(world.is_signed_in());
}

#[test]
fn a_page_waits_for_a_restoring_page_for_a_bounded_time() {
    let mut world = World::new().signed_in();
    world.reload(PAGE);
    let second = world.open(PAGE);
    world.sleep(seconds(10));
    assert_eq!(world.answer(second), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn a_failed_sign_in_is_forgotten_by_a_shared_vault() {
    let mut world = World::new();
    world.open(PAGE);
    world.login(Login::to("acme"));
    world.provider.callback_parameters = vec![("code", None), ("error", Some("access_denied".into()))];
    world.come_back();
    assert_eq!(world.state().name(), "failed");
    world.open(PAGE);
    assert_eq!(world.state(), State::SignedOut(Reason::NeverSignedIn));
}

#[test]
fn a_shared_vault_restores_an_expired_session() {
    let mut world = World::new().signed_in();
    world.go_offline();
    world.reload(PAGE);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    world.go_online();
    world.open(PAGE);
    assert_eq!(world.state(), State::Loading);
    world.come_back_to_the_vault();
    assert!(world.is_signed_in());
}

#[test]
fn a_hint_still_being_deleted_after_a_logout_does_not_restore_the_session() {
    let mut world = World::new().signed_in();
    let hint = world.storage.hint(&wristband().build().unwrap());
    world.logout(Logout::new());
    world.events.clear();
    world.storage.write_hint(&hint.unwrap());
    world.open(PAGE);
    assert_eq!(world.state(), State::SignedOut(Reason::SignedOut));
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn law_11_a_page_that_lost_its_vault_does_not_redirect_while_in_use() {
    let mut world = World::new().signed_in();
    let call_id = world.lose_the_vault_under(PAGE);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    let call_id = world.login(Login::to("acme").automatic(true));
    assert_eq!(world.code(call_id), Code::VaultLost, "a guard asks the user");
    assert_eq!(world.navigations().len(), 0);
    // Another page has nothing to lose, so it restores the session for both.
    world.open(PAGE);
    assert_eq!(world.navigations().len(), 1);
    world.come_back();
    assert_eq!(world.signed_in_as().user_id, "user-1");
}

#[test]
fn a_page_that_lost_its_vault_lets_the_user_log_in() {
    let mut world = World::new().signed_in();
    world.lose_the_vault_under(PAGE);
    world.login(Login::to("acme"));
    world.come_back();
    assert_eq!(world.signed_in_as().user_id, "user-1");
}

#[test]
fn no_restore_is_tried_while_the_provider_is_down() {
    for fault in [Fault::Network, Fault::Timeout, Fault::Status(503, "")] {
        let mut world = World::new().signed_in();
        world.lose_the_vault();
        world.provider.fails(Endpoint::Keys, fault);
        let call_id = world.open(PAGE);
        assert_eq!(world.answer(call_id), &Ok(Answer::Done));
        assert_eq!(world.state(), State::SignedOut(Reason::Expired), "the app shows its public page");
        assert_eq!(world.navigations().len(), 0);
        world.reload(PAGE);
        assert_eq!(world.navigations().len(), 1, "the provider is back");
    }
}

#[test]
fn unreadable_provider_keys_are_fetched_once() {
    let mut world = World::new().signed_in();
    world.lose_the_vault();
    world.provider.fails(Endpoint::Keys, Fault::Status(404, ""));
    world.open(PAGE);
    assert_eq!(world.navigations().len(), 1, "it answers, so it can be gone to");
}

#[test]
fn law_9_two_apps_on_one_page_cause_no_restore_loop() {
    let mut world = reloaded();
    world.come_back();
    world.lose_the_vault();
    world.events.clear();
    // The URL is the callback of the other app.
    let call_id = world.open("https://app.example/callback?code=other&state=OtherOtherOtherOtherOtherOtherOtherOtherOth");
    assert_eq!(world.code(call_id), Code::StateUnknown);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.navigations().len(), 0);
    world.sleep(seconds(61));
    world.reload(PAGE);
    assert_eq!(world.navigations().len(), 1);
}

#[test]
fn a_page_opened_during_a_sign_in_waits_for_it() {
    let mut world = World::new();
    world.outlive_pages();
    world.open(PAGE);
    world.login(Login::to("acme"));
    world.hold(Endpoint::Token);
    world.come_back_to_the_vault();
    let call_id = world.open(PAGE);
    assert!(!world.is_answered(call_id), "the sign-in may still succeed");
    world.hold_no_more(Endpoint::Token);
    world.release(Endpoint::Token);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.signed_in_as().user_id, "user-1");
}
