//! Guards against loops and strangers: logins that a page starts by itself (law 9), custom domains
//! (law 7), budgets of requests, and the device's word about its network.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use support::{APP, CALLBACK, Endpoint, Event, Fault, World, seconds, wristband};
use wristband_spa_auth::protocol::config::Config;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Input, Login, Logout, MOST_PENDING, Reason, State};

const DOMAIN: &str = "login.acme.example";

fn automatic() -> Login {
    Login::to("acme").automatic(true)
}

/// What a guard of a route does on every page that it loads: it logs in when nobody is signed in.
fn guarded_page_loads(world: &mut World, address: &str) -> Option<Code> {
    world.reload(address);
    if world.is_signed_in() {
        return None;
    }
    let ask = world.login(automatic());
    world.answer(ask).as_ref().err().map(|error| error.code())
}

// Law 9: logins that a page starts by itself.

#[test]
fn law_9_a_page_that_logs_in_by_itself_and_loses_every_callback_stops() {
    let mut world = World::new();
    let mut codes = Vec::new();
    for _ in 0..50 {
        // The app's router drops the query, so no callback ever arrives.
        codes.extend(guarded_page_loads(&mut world, APP));
        world.sleep(seconds(1));
    }
    assert_eq!(world.navigations().len(), 5);
    assert_eq!(codes[0], Code::LoginLoop);
    let ask = world.login(Login::to("acme"));
    assert_eq!(world.answer(ask), &Ok(Answer::Done), "a user who clicks gets through");
}

#[test]
fn law_9_a_page_that_logs_in_by_itself_at_a_provider_that_declines_stops() {
    let mut world = World::new();
    world.provider.callback_parameters = vec![("code", None), ("error", Some("access_denied".into()))];
    for _ in 0..50 {
        let before = world.navigations().len();
        guarded_page_loads(&mut world, APP);
        if world.navigations().len() > before {
            // The failure is shown on the page to which the user is brought back, and the vault is lost there.
            world.come_back();
        }
        world.sleep(seconds(1));
    }
    assert_eq!(world.navigations().len(), 5);
}

#[test]
fn law_9_a_page_whose_sessions_end_at_once_stops() {
    let mut world = World::new();
    world.provider.grants_refresh_tokens = false;
    world.provider.access_lifetime = 1.into();
    for _ in 0..50 {
        let before = world.navigations().len();
        guarded_page_loads(&mut world, APP);
        if world.navigations().len() > before && world.last_navigation().get("prompt").is_none() {
            world.come_back();
        }
        world.storage.clear_hint();
        world.sleep(seconds(1));
    }
    assert!(world.navigations().len() <= 6, "{} logins", world.navigations().len());
}

#[test]
fn law_9_a_login_that_follows_a_failure_without_a_users_action_is_refused() {
    let mut world = World::new();
    world.open(APP);
    world.login(automatic());
    world.provider.callback_parameters = vec![("code", None), ("error", Some("access_denied".into()))];
    world.come_back();
    world.events.clear();
    let ask = world.login(automatic());
    assert_eq!(world.code(ask), Code::AccessDenied, "the cause, and not that there is a loop");
    assert_eq!(world.navigations().len(), 0);
    world.login(Login::to("acme"));
    assert_eq!(world.navigations().len(), 1, "a user can try again");
}

#[test]
fn law_9_tabs_that_log_in_by_themselves_together_are_no_loop() {
    let mut world = World::new();
    let mut callbacks = Vec::new();
    for _ in 0..MOST_PENDING {
        assert_eq!(guarded_page_loads(&mut world, APP), None);
        callbacks.push(world.callback());
    }
    for callback in callbacks {
        world.reload(&callback);
        assert!(world.is_signed_in());
    }
}

#[test]
fn an_automatic_login_is_possible_again_after_a_minute() {
    let mut world = World::new();
    for _ in 0..10 {
        guarded_page_loads(&mut world, APP);
    }
    assert_eq!(world.navigations().len(), 5);
    world.sleep(seconds(61));
    assert_eq!(guarded_page_loads(&mut world, APP), None);
}

#[test]
fn law_8_what_is_kept_of_an_automatic_login_holds_no_secret_and_ends_after_a_minute() {
    let mut world = World::new();
    world.open(APP);
    world.login(automatic().return_to("/invoices"));
    let verifier = world.storage.only_pending()["verifier"].as_str().unwrap().to_owned();
    let callback = world.callback();
    world.reload(&callback);
    assert!(world.is_signed_in());
    let kept = world.storage.only_pending();
    assert_eq!((&kept["finished"], &kept["verifier"], &kept["nonce"]), (&true.into(), &"".into(), &"".into()));
    assert!(!kept.to_string().contains(&verifier) && kept["tenantName"].is_null() && kept["returnTo"].is_null());
    world.sleep(seconds(61));
    world.login(Login::to("acme"));
    assert_eq!(world.storage.pending_texts().len(), 1, "only the new one");
}

#[test]
fn an_automatic_login_is_not_kept_in_history_and_not_tried_offline() {
    let mut world = World::new();
    world.open(APP);
    world.device_is_wrong_about_being_offline();
    let ask = world.login(automatic());
    assert_eq!(world.code(ask), Code::Offline);
    assert_eq!(world.sent().len(), 0);
}

// The device's word about its network.

#[test]
fn law_9_a_user_who_logs_in_is_believed_more_than_the_device() {
    for world in [World::new(), World::open_id()] {
        let mut world = world;
        world.device_is_wrong_about_being_offline();
        world.open(APP);
        let ask = world.login(Login::new().return_to("/invoices"));
        assert_eq!(world.answer(ask), &Ok(Answer::Done));
        assert_eq!(world.navigations().len(), 1);
    }
}

#[test]
fn law_9_offline_nobody_is_sent_away_even_if_they_ask() {
    for world in [World::new(), World::open_id()] {
        let mut world = world;
        world.open(APP);
        world.go_offline();
        let ask = world.login(Login::new());
        assert_eq!(world.code(ask), Code::Offline);
        assert_eq!(world.navigations().len(), 0);
    }
}

#[test]
fn a_renewal_that_succeeds_proves_the_device_wrong() {
    let mut world = World::new().signed_in();
    world.device_is_wrong_about_being_offline();
    assert!(world.signed_in_as().offline);
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert!(!world.signed_in_as().offline);
    world.open(APP);
    assert!(!world.signed_in_as().offline, "it says the same as before, which was found to be wrong");
    world.sleep(seconds(1740));
    assert_eq!(world.renewals_sent(), 2, "and renewals go on by themselves");
    world.input(Input::Online(true));
    world.input(Input::Online(false));
    assert!(world.signed_in_as().offline, "a new word is heard");
}

#[test]
fn an_answer_to_a_request_of_before_proves_nothing() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Token);
    world.renew();
    world.go_offline();
    world.release(Endpoint::Token);
    assert!(world.signed_in_as().offline);
}

/// A page is loaded, or comes back from the browser's cache.
fn page_comes(world: &mut World, returns: bool, online: bool) {
    if returns {
        world.input(Input::Returned { online });
    } else {
        world.open(APP);
    }
}

#[test]
fn a_network_that_came_back_while_no_page_listened_is_found_by_the_next_page() {
    for returns in [false, true] {
        let mut world = World::new().signed_in();
        world.go_offline();
        world.network_goes_unheard(true);
        page_comes(&mut world, returns, true);
        assert!(!world.signed_in_as().offline);
        world.network_goes_unheard(false);
        page_comes(&mut world, returns, false);
        assert!(world.signed_in_as().offline);
    }
}

// Law 7: tenant custom domains.

fn with_domain() -> World {
    let mut world = World::new();
    world.provider.custom_domains.insert(DOMAIN.into(), "acme".into());
    world
}

#[test]
fn law_7_a_domain_that_a_script_added_to_a_pending_login_is_confirmed_before_a_logout_leads_there() {
    for known in [false, true] {
        let mut world = if known { with_domain() } else { World::new() };
        world.open(APP);
        world.login(Login::to("acme"));
        world.provider.callback_parameters.push(("tenant_custom_domain", None));
        world.storage.edit_pending(|record| record["tenantCustomDomain"] = DOMAIN.into());
        world.come_back();
        assert!(world.is_signed_in());
        world.events.clear();
        world.logout(Logout::new());
        assert_eq!(world.sent_to(Endpoint::Confirmation).len(), 1);
        assert_eq!(world.last_navigation().host() == DOMAIN, known);
    }
}

#[test]
fn law_7_a_domain_that_a_script_added_to_the_hint_is_confirmed_before_the_browser_goes_there() {
    for logs_out in [false, true] {
        let mut world =
            World::with(if logs_out { wristband().restore(wristband_spa_auth::Restore::None) } else { wristband() }).signed_in();
        world.storage.edit_hint(|hint| hint["tenantCustomDomain"] = "evil.example".into());
        world.reload(APP);
        if logs_out {
            world.logout(Logout::new());
        }
        assert_eq!(world.sent_to(Endpoint::Confirmation).len(), 1);
        assert_eq!(world.last_navigation().host(), "acme-app-org.us.wristband.dev");
    }
}

#[test]
fn law_7_a_domain_is_not_taken_for_confirmed_offline_or_without_an_answer() {
    for fault in
        [Fault::Network, Fault::Timeout, Fault::Status(503, ""), Fault::Status(200, "<html>"), Fault::Status(200, r#"{"valid":1}"#)]
    {
        let mut world = with_domain();
        world.open(APP);
        world.login(Login::to("acme").tenant_custom_domain(DOMAIN));
        world.come_back();
        world.provider.fails(Endpoint::Confirmation, fault.clone());
        world.logout(Logout::new());
        assert_eq!(world.last_navigation().host(), "acme-app-org.us.wristband.dev", "{fault:?}");
    }
}

#[test]
fn law_9_what_the_application_said_of_a_domain_is_remembered_for_a_while() {
    for known in [false, true] {
        let mut world = if known { with_domain() } else { World::new() };
        world.open(APP);
        for _ in 0..20 {
            world.login(Login::new().tenant_custom_domain(DOMAIN));
        }
        assert_eq!(world.sent_to(Endpoint::Confirmation).len(), 1);
        assert_eq!(world.navigations().len(), if known { 20 } else { 0 });
        world.sleep(seconds(601));
        world.login(Login::new().tenant_custom_domain(DOMAIN));
        assert_eq!(world.sent_to(Endpoint::Confirmation).len(), 2);
    }
}

#[test]
fn a_failure_to_ask_about_a_domain_is_not_remembered() {
    let mut world = with_domain();
    world.open(APP);
    world.provider.fails(Endpoint::Confirmation, Fault::Status(503, ""));
    let ask = world.login(Login::new().tenant_custom_domain(DOMAIN));
    assert_eq!(world.code(ask), Code::ProviderUnavailable);
    let ask = world.login(Login::new().tenant_custom_domain(DOMAIN));
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
}

// Budgets: what strangers can cause takes nothing away from others.

/// Links to the login route, each with another domain.
fn strangers_send_links(world: &mut World) {
    for number in 0..200 {
        world.login_from_url(&format!("https://app.example/login?tenant_custom_domain=x{number}.evil.example"));
    }
}

#[test]
fn law_9_links_of_strangers_cause_few_requests_and_hold_back_no_sign_in() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    let callback = world.callback();
    world.events.clear();
    strangers_send_links(&mut world);
    assert_eq!(world.sent().len(), 10);
    let ask = world.open(&callback);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert!(world.is_signed_in());
}

#[test]
fn law_9_links_of_strangers_hold_back_no_renewal_user_info_or_revocation() {
    let mut world = World::new().signed_in();
    strangers_send_links(&mut world);
    let asks = [world.renew(), world.user_info()];
    assert!(asks.iter().all(|ask| world.answer(*ask).is_ok()));
    world.logout(Logout::new());
    assert_eq!(world.provider.living_refresh_tokens(), [""; 0]);
}

#[test]
fn law_9_no_kind_of_call_holds_back_another() {
    let mut world = World::new().signed_in();
    for _ in 0..100 {
        world.user_info();
    }
    let ask = world.user_info();
    assert_eq!(world.code(ask), Code::TooManyRequests);
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    for _ in 0..100 {
        world.renew();
    }
    world.login(Login::to("acme"));
    let ask = world.come_back_to_the_vault();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
}

// Due work.

#[test]
fn law_11_a_page_that_waits_for_a_sign_in_hears_of_its_end_at_once() {
    let mut world = World::new().signed_in();
    // As many exchanges as may be made within a minute.
    for _ in 0..20 {
        world.login(Login::to("acme"));
        world.come_back_to_the_vault();
    }
    world.provider.fails(Endpoint::Token, Fault::LostAnswer);
    world.renew();
    world.renew();
    assert_eq!(world.state(), State::Loading, "the session is lost, and a page left to restore it");
    let callback = world.callback();
    world.storage_is_slow = true;
    let first = world.open(&callback);
    let second = world.open("https://app.example/other");
    world.release_storage();
    assert!(!world.is_answered(first) && !world.is_answered(second), "the exchange waits for its turn");
    world.sleep(seconds(31));
    assert!(world.is_answered(first) && world.is_answered(second), "it is given up, and both hear of it");
    assert_eq!(world.wakes_in(), None);
}

#[test]
fn law_11_pages_do_not_wait_for_a_sign_in_of_before_a_logout() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    let callback = world.callback();
    world.hold(Endpoint::Token);
    world.open(&callback);
    world.logout(Logout::new());
    world.hold_no_more(Endpoint::Token);
    world.login(Login::to("acme"));
    world.come_back_to_the_vault();
    assert!(world.is_signed_in());
    world.provider.fails(Endpoint::Token, Fault::LostAnswer);
    world.renew();
    world.renew();
    assert_eq!(world.state(), State::Loading);
    let ask = world.open("https://app.example/other");
    world.sleep(seconds(12));
    world.release(Endpoint::Token);
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn law_11_a_deadline_that_passed_while_the_vault_stood_still_comes_before_the_next_input() {
    let mut world = World::new().signed_in();
    world.reload(APP);
    assert_eq!(world.state(), State::Loading, "a page left to restore the session");
    // The page is in the browser's cache, and no timer runs.
    world.time_stands_still_for_the_vault(seconds(180));
    world.events.clear();
    let ask = world.open("https://app.example/other");
    assert_eq!(world.navigations().len(), 1, "nobody waits for the page that left three minutes ago");
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
}

#[test]
fn law_11_a_session_whose_end_was_slept_through_is_over_before_it_is_asked_for_a_token() {
    let mut world = World::new();
    world.provider.grants_refresh_tokens = false;
    let mut world = world.signed_in();
    world.time_stands_still_for_the_vault(seconds(1801));
    let ask = world.token();
    assert_eq!(world.code(ask), Code::NotSignedIn);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

// Bounds on what a page says.

#[test]
fn every_text_of_a_page_has_a_bound_and_an_error_that_names_it() {
    let long = || "x".repeat(3000);
    let mut world = World::new();
    world.open(APP);
    for (login, name) in [
        (Login::to("acme").login_hint(long()), "login: loginHint"),
        (Login::to("acme").idp_hint(long()), "login: idpHint"),
        (Login::to("acme").return_to("/x".repeat(40_000)), "login: returnTo"),
    ] {
        let ask = world.login(login);
        assert_eq!(world.code(ask), Code::ConfigInvalid);
        assert!(world.error(ask).detail().starts_with(name), "{}", world.error(ask));
    }
    for (login, name) in [(Login::to(long()), "tenantName"), (Login::new().tenant_custom_domain(long()), "tenantCustomDomain")] {
        let ask = world.login(login);
        assert_eq!((world.code(ask), world.error(ask).detail()), (Code::TenantInvalid, name));
    }
    let ask = world.login_from_url(&format!("https://app.example/login?tenant_name=acme&login_hint={}", long()));
    assert_eq!(world.code(ask), Code::CallbackInvalid);
    let ask = world.login_from_url(&format!("https://app.example/login?tenant_name=acme&x={}", "x".repeat(200_000)));
    assert_eq!(world.code(ask), Code::CallbackInvalid);
    for (logout, name) in
        [(Logout::new().state(long()), "logout: state"), (Logout::new().return_to("/x".repeat(40_000)), "logout: returnTo")]
    {
        let ask = world.logout(logout);
        assert!(world.error(ask).detail().starts_with(name), "{}", world.error(ask));
    }
    assert_eq!((world.navigations().len(), world.sent().len()), (0, 0));
    let ask = world.login(Login::to("acme").login_hint("x".repeat(2000)).return_to("/x".repeat(20_000)));
    assert_eq!(world.answer(ask), &Ok(Answer::Done), "a return address that is too long for a URL is dropped");
}

#[test]
fn a_page_at_a_very_long_url_is_opened_and_its_session_restored() {
    let mut world = World::new().signed_in();
    let ask = world.reload(&format!("https://app.example/?{}", "x".repeat(300_000)));
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.navigations().len(), 1);
    assert!(world.storage.only_pending()["returnTo"].is_null());
}

#[test]
fn a_callback_with_a_very_long_state_is_not_looked_up() {
    let mut world = World::with(Config::builder(support::CLIENT, CALLBACK).application_vanity_domain(support::VANITY));
    let ask = world.open(&format!("{CALLBACK}?code=c&state={}", "x".repeat(300_000)));
    assert_eq!(world.code(ask), Code::StateUnknown);
    assert!(!world.events.contains(&Event::PendingClaimed));
    assert_eq!(world.addresses_shown(), ["/callback"]);
}
