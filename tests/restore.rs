//! After a reload: one redirect for those who were signed in, none for anybody else.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use support::{APP, Endpoint, Fault, World, seconds, wristband};
use wristband_spa_auth::protocol::config::Restore;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Input, Login, Logout, Reason, State};

const PAGE: &str = "https://app.example/invoices?page=2#top";

/// Somebody was signed in, and reloads a page.
fn reloaded() -> World {
    let mut world = World::new().signed_in();
    let ask = world.reload(PAGE);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    world
}

#[test]
fn somebody_who_was_signed_in_is_asked_for_by_one_silent_redirect() {
    let world = reloaded();
    assert_eq!(world.state(), State::Loading, "the page is about to go");
    let address = world.last_navigation();
    assert_eq!(world.navigations().len(), 1);
    assert_eq!((address.host(), address.need("prompt")), ("acme-app-org.us.wristband.dev", "none"));
}

#[test]
fn the_session_is_restored_on_the_page_where_it_was_lost() {
    let mut world = reloaded();
    let ask = world.come_back();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.signed_in_as().user_id, "user-1");
    assert_eq!(world.addresses_shown().last(), Some(&"/invoices?page=2#top"));
}

#[test]
fn without_a_session_at_the_provider_the_person_is_signed_out_without_noise() {
    let mut world = reloaded();
    world.provider.remembers_the_person = false;
    let ask = world.come_back();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.storage.hint_text(), None);
    assert_eq!(world.addresses_shown().last(), Some(&"/invoices?page=2#top"));
    world.events.clear();
    world.reload(PAGE);
    assert_eq!(world.navigations().len(), 0, "asked once is enough");
}

#[test]
fn storage_is_read_for_a_hint_only_where_one_would_be_used() {
    let mut world = World::new();
    assert!(world.session.wants_hint(PAGE), "nobody knows yet whether somebody was signed in");
    world.open(PAGE);
    world.login(Login::to("acme"));
    let callback = world.callback();
    assert!(!world.session.wants_hint(&callback), "the session is coming");
    assert!(world.session.wants_hint(PAGE), "another page may find that somebody was signed in elsewhere");
    world.come_back();
    assert!(!world.session.wants_hint(PAGE), "the session is there");
}

#[test]
fn a_living_vault_needs_no_request_at_all() {
    let mut world = World::new().signed_in();
    let ask = world.open(PAGE);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert!(world.is_signed_in());
    assert_eq!((world.sent().len(), world.navigations().len()), (0, 0));
}

#[test]
fn an_anonymous_visitor_is_never_redirected() {
    let mut world = World::new();
    let ask = world.open(PAGE);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::NeverSignedIn));
    assert_eq!(world.events.len(), 1, "the answer, and nothing else");
}

#[test]
fn law_9_nobody_is_redirected_while_offline() {
    let mut world = World::new().signed_in();
    world.go_offline();
    let ask = world.reload(PAGE);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert!(world.storage.hint_text().is_some(), "the next visit can ask");
}

#[test]
fn an_app_can_do_without_redirects() {
    let mut world = World::with(wristband().restore(Restore::None)).signed_in();
    world.reload(PAGE);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn law_9_redirects_do_not_go_in_circles() {
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
fn law_9_a_provider_that_always_fails_is_not_asked_in_circles() {
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
fn law_9_tabs_that_are_restored_together_are_no_loop() {
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
fn a_restore_that_cannot_begin_ends_without_noise() {
    let mut world = World::new().signed_in();
    world.storage.refuses = true;
    let ask = world.reload(PAGE);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn another_provider_is_asked_as_well() {
    let mut world = World::open_id().signed_in();
    world.reload(PAGE);
    assert_eq!(world.last_navigation().need("prompt"), "none");
    world.come_back();
    assert!(world.is_signed_in());
}

#[test]
fn a_provider_that_cannot_be_found_leaves_the_visitor_signed_out() {
    let mut world = World::open_id().signed_in();
    world.provider.fails(Endpoint::Metadata, Fault::Network);
    let ask = world.reload(PAGE);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn law_8_the_hint_holds_nothing_but_the_tenant() {
    let world = World::new().signed_in();
    let hint: serde_json::Value = serde_json::from_str(world.storage.hint_text().unwrap()).unwrap();
    let names: Vec<&String> = hint.as_object().unwrap().keys().collect();
    assert_eq!(names, ["attemptedAt", "attempts", "tenantCustomDomain", "tenantName"]);
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
fn a_restoring_page_that_never_comes_back_is_not_waited_for() {
    let mut world = World::new().signed_in();
    world.reload(PAGE);
    assert_eq!(world.state(), State::Loading);
    world.sleep(seconds(30));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn a_page_from_the_browsers_cache_is_signed_out_whatever_else_is_under_way() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Confirmation);
    world.reload(PAGE);
    world.login_from_url("https://app.example/login?tenant_custom_domain=login.globex.example");
    world.input(Input::Returned { online: true });
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn a_page_waits_for_another_that_left_to_restore_the_session_of_both() {
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
fn a_page_that_waits_for_another_does_not_wait_for_ever() {
    let mut world = World::new().signed_in();
    world.reload(PAGE);
    let second = world.open(PAGE);
    world.sleep(seconds(10));
    assert_eq!(world.answer(second), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn a_sign_in_that_failed_is_forgotten_by_a_vault_that_outlives_the_page() {
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
fn a_vault_that_outlives_the_page_restores_a_session_that_has_expired() {
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
fn nobody_who_logged_out_is_brought_back_by_a_hint_that_is_not_gone_yet() {
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
fn law_11_a_page_that_lost_its_vault_is_not_sent_away_under_the_users_hands() {
    let mut world = World::new().signed_in();
    let ask = world.lose_the_vault_under(PAGE);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    let ask = world.login(Login::to("acme").automatic(true));
    assert_eq!(world.code(ask), Code::VaultLost, "a guard asks the user");
    assert_eq!(world.navigations().len(), 0);
    // Another page has nothing to lose, and the session comes back for both.
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
fn nothing_is_restored_while_the_provider_is_down() {
    for fault in [Fault::Network, Fault::Timeout, Fault::Status(503, "")] {
        let mut world = World::new().signed_in();
        world.lose_the_vault();
        world.provider.fails(Endpoint::Keys, fault);
        let ask = world.open(PAGE);
        assert_eq!(world.answer(ask), &Ok(Answer::Done));
        assert_eq!(world.state(), State::SignedOut(Reason::Expired), "the app shows its public page");
        assert_eq!(world.navigations().len(), 0);
        world.reload(PAGE);
        assert_eq!(world.navigations().len(), 1, "the provider is back");
    }
}

#[test]
fn a_provider_without_readable_keys_is_asked_for_them_once() {
    let mut world = World::new().signed_in();
    world.lose_the_vault();
    world.provider.fails(Endpoint::Keys, Fault::Status(404, ""));
    world.open(PAGE);
    assert_eq!(world.navigations().len(), 1, "it answers, so it can be gone to");
}

#[test]
fn law_9_two_apps_on_one_page_do_not_restore_their_sessions_in_turns() {
    let mut world = reloaded();
    world.come_back();
    world.lose_the_vault();
    world.events.clear();
    // The page is the callback of the other app.
    let ask = world.open("https://app.example/callback?code=other&state=OtherOtherOtherOtherOtherOtherOtherOtherOth");
    assert_eq!(world.code(ask), Code::StateUnknown);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.navigations().len(), 0);
    world.sleep(seconds(61));
    world.reload(PAGE);
    assert_eq!(world.navigations().len(), 1);
}

#[test]
fn a_page_that_is_opened_during_a_sign_in_waits_for_it() {
    let mut world = World::new();
    world.outlive_pages();
    world.open(PAGE);
    world.login(Login::to("acme"));
    world.hold(Endpoint::Token);
    world.come_back_to_the_vault();
    let ask = world.open(PAGE);
    assert!(!world.is_answered(ask), "the sign-in may still succeed");
    world.hold_no_more(Endpoint::Token);
    world.release(Endpoint::Token);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.signed_in_as().user_id, "user-1");
}
