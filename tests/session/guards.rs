//! Guards against loops and hostile links: logins that a page starts automatically (law 9), custom domains
//! (law 7), rate limits, and the device's report about its network.

use crate::support::{APP, CALLBACK, Endpoint, Event, Fault, World, seconds, wristband};
use wristband_spa_auth::protocol::config::Config;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Input, Login, Logout, MAX_PENDING, Reason, State};

const DOMAIN: &str = "login.acme.example";

fn automatic() -> Login {
    Login::to("acme").automatic(true)
}

/// What a route guard does on every page load: it starts a login if the user is signed out.
fn guarded_page_loads(world: &mut World, address: &str) -> Option<Code> {
    world.reload(address);
    if world.is_signed_in() {
        return None;
    }
    let call_id = world.login(automatic());
    world.answer(call_id).as_ref().err().map(|error| error.code())
}

// Law 9: logins that a page starts automatically.

#[test]
fn law_9_an_automatic_login_that_loses_every_callback_stops() {
    let mut world = World::new();
    let mut codes = Vec::new();
    for _ in 0..50 {
        // The app's router drops the query, so no callback ever arrives.
        codes.extend(guarded_page_loads(&mut world, APP));
        world.sleep(seconds(1));
    }
    assert_eq!(world.navigations().len(), 5);
    assert_eq!(codes[0], Code::LoginLoop);
    let call_id = world.login(Login::to("acme"));
    assert_eq!(world.answer(call_id), &Ok(Answer::Done), "a user who clicks gets through");
}

#[test]
fn law_9_an_automatic_login_that_the_provider_declines_stops() {
    let mut world = World::new();
    world.provider.callback_parameters = vec![("code", None), ("error", Some("access_denied".into()))];
    for _ in 0..50 {
        let before = world.navigations().len();
        guarded_page_loads(&mut world, APP);
        if world.navigations().len() > before {
            // The failure is shown on the page to which the user returns, and the vault is lost there.
            world.come_back();
        }
        world.sleep(seconds(1));
    }
    assert_eq!(world.navigations().len(), 5);
}

#[test]
fn law_9_an_automatic_login_whose_sessions_end_at_once_stops() {
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
    let call_id = world.login(automatic());
    assert_eq!(world.code(call_id), Code::AccessDenied, "the cause, and not that there is a loop");
    assert_eq!(world.navigations().len(), 0);
    world.login(Login::to("acme"));
    assert_eq!(world.navigations().len(), 1, "a user can try again");
}

#[test]
fn law_9_simultaneous_automatic_logins_of_several_tabs_are_no_loop() {
    let mut world = World::new();
    let mut callbacks = Vec::new();
    for _ in 0..MAX_PENDING {
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
fn law_8_the_record_of_an_automatic_login_holds_no_secret_and_expires_after_a_minute() {
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
fn an_automatic_login_leaves_no_history_entry_and_is_not_tried_offline() {
    let mut world = World::new();
    world.open(APP);
    world.device_is_wrong_about_being_offline();
    let call_id = world.login(automatic());
    assert_eq!(world.code(call_id), Code::Offline);
    assert_eq!(world.sent().len(), 0);
}

// The device's report about its network.

#[test]
fn law_9_a_user_can_log_in_if_the_device_wrongly_reports_offline() {
    for world in [World::new(), World::open_id()] {
        let mut world = world;
        world.device_is_wrong_about_being_offline();
        world.open(APP);
        let call_id = world.login(Login::new().return_to("/invoices"));
        assert_eq!(world.answer(call_id), &Ok(Answer::Done));
        assert_eq!(world.navigations().len(), 1);
    }
}

#[test]
fn law_9_a_login_while_offline_does_not_leave_the_page() {
    for world in [World::new(), World::open_id()] {
        let mut world = world;
        world.open(APP);
        world.go_offline();
        let call_id = world.login(Login::new());
        assert_eq!(world.code(call_id), Code::Offline);
        assert_eq!(world.navigations().len(), 0);
    }
}

#[test]
fn a_successful_renewal_overrides_the_devices_offline_report() {
    let mut world = World::new().signed_in();
    world.device_is_wrong_about_being_offline();
    assert!(world.signed_in_as().offline);
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert!(!world.signed_in_as().offline);
    world.open(APP);
    assert!(!world.signed_in_as().offline, "it says the same as before, which was found to be wrong");
    world.sleep(seconds(1740));
    assert_eq!(world.renewals_sent(), 2, "and renewals continue automatically");
    world.input(Input::Online(true));
    world.input(Input::Online(false));
    assert!(world.signed_in_as().offline, "a new word is heard");
}

#[test]
fn a_response_to_an_earlier_request_does_not_override_an_offline_report() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Token);
    world.renew();
    world.go_offline();
    world.release(Endpoint::Token);
    assert!(world.signed_in_as().offline);
}

/// A page is loaded, or comes back from the browser's back/forward cache.
fn page_comes(world: &mut World, returns: bool, online: bool) {
    if returns {
        world.input(Input::PageRestoredFromCache { online });
    } else {
        world.open(APP);
    }
}

#[test]
fn a_network_that_returned_while_no_page_listened_is_noticed_by_the_next_page() {
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
fn law_7_a_domain_planted_in_a_pending_login_is_confirmed_before_a_logout_redirects_there() {
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
fn law_7_a_domain_planted_in_the_hint_is_confirmed_before_a_redirect_to_it() {
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
fn law_7_a_domain_stays_unconfirmed_offline_or_without_a_response() {
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
fn law_9_the_confirmation_of_a_domain_is_cached_for_ten_minutes() {
    for known in [false, true] {
        let mut world = if known { with_domain() } else { World::new() };
        world.open(APP);
        for _ in 0..20 {
            world.login(Login::new().tenant_custom_domain(DOMAIN));
        }
        assert_eq!(world.sent_to(Endpoint::Confirmation).len(), 1);
        assert_eq!(world.navigations().len(), 20);
        assert_eq!(world.last_navigation().host(), if known { DOMAIN } else { "app-org.us.wristband.dev" });
        world.sleep(seconds(601));
        world.login(Login::new().tenant_custom_domain(DOMAIN));
        assert_eq!(world.sent_to(Endpoint::Confirmation).len(), 2);
    }
}

#[test]
fn a_failed_domain_confirmation_is_not_cached() {
    let mut world = with_domain();
    world.open(APP);
    world.provider.fails(Endpoint::Confirmation, Fault::Status(503, ""));
    world.login(Login::new().tenant_custom_domain(DOMAIN));
    assert_eq!(world.last_navigation().host(), "app-org.us.wristband.dev");
    world.login(Login::new().tenant_custom_domain(DOMAIN));
    assert_eq!(world.last_navigation().host(), DOMAIN);
}

// Rate limits: what an attacker can cause does not delay anything else.

/// Links to the login route, each with another domain.
fn strangers_send_links(world: &mut World) {
    for number in 0..200 {
        world.login_from_url(&format!("https://app.example/login?tenant_custom_domain=x{number}.evil.example"));
    }
}

#[test]
fn law_9_login_links_of_an_attacker_cause_few_requests_and_delay_no_sign_in() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    let callback = world.callback();
    world.events.clear();
    strangers_send_links(&mut world);
    assert_eq!(world.sent().len(), 10);
    let call_id = world.open(&callback);
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert!(world.is_signed_in());
}

#[test]
fn law_9_login_links_of_an_attacker_delay_no_renewal_user_info_or_revocation() {
    let mut world = World::new().signed_in();
    strangers_send_links(&mut world);
    let asks = [world.renew(), world.user_info()];
    assert!(asks.iter().all(|call_id| world.answer(*call_id).is_ok()));
    world.logout(Logout::new());
    assert_eq!(world.provider.living_refresh_tokens(), [""; 0]);
}

#[test]
fn law_9_each_kind_of_call_has_its_own_rate_limit() {
    let mut world = World::new().signed_in();
    for _ in 0..100 {
        world.user_info();
    }
    let call_id = world.user_info();
    assert_eq!(world.code(call_id), Code::TooManyRequests);
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    for _ in 0..100 {
        world.renew();
    }
    world.login(Login::to("acme"));
    let call_id = world.come_back_to_the_vault();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
}

// Due work.

#[test]
fn law_11_a_page_that_waits_for_a_sign_in_is_notified_at_once_when_it_ends() {
    let mut world = World::new().signed_in();
    // The maximum number of code exchanges in a minute.
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
fn law_11_pages_do_not_wait_for_a_sign_in_started_before_a_logout() {
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
    let call_id = world.open("https://app.example/other");
    world.sleep(seconds(12));
    world.release(Endpoint::Token);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn law_11_a_deadline_missed_while_the_vault_was_suspended_runs_before_the_next_input() {
    let mut world = World::new().signed_in();
    world.reload(APP);
    assert_eq!(world.state(), State::Loading, "a page left to restore the session");
    // The page is in the back/forward cache, and no timer runs.
    world.time_stands_still_for_the_vault(seconds(180));
    world.events.clear();
    let call_id = world.open("https://app.example/other");
    assert_eq!(world.navigations().len(), 1, "no page waits for the one that left three minutes ago");
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
}

#[test]
fn law_11_a_session_that_expired_during_sleep_hands_out_no_token() {
    let mut world = World::new();
    world.provider.grants_refresh_tokens = false;
    let mut world = world.signed_in();
    world.time_stands_still_for_the_vault(seconds(1801));
    let call_id = world.token();
    assert_eq!(world.code(call_id), Code::NotSignedIn);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

// Bounds on strings from a page.

#[test]
fn every_string_from_a_page_has_a_bound_and_an_error_that_names_it() {
    let long = || "x".repeat(3000);
    let mut world = World::new();
    world.open(APP);
    for (login, name) in [
        (Login::to("acme").login_hint(long()), "login: loginHint"),
        (Login::to("acme").idp_hint(long()), "login: idpHint"),
        (Login::to("acme").return_to("/x".repeat(40_000)), "login: returnTo"),
    ] {
        let call_id = world.login(login);
        assert_eq!(world.code(call_id), Code::ConfigInvalid);
        assert!(world.error(call_id).detail().starts_with(name), "{}", world.error(call_id));
    }
    for (login, name) in [(Login::to(long()), "tenantName"), (Login::new().tenant_custom_domain(long()), "tenantCustomDomain")] {
        let call_id = world.login(login);
        assert_eq!((world.code(call_id), world.error(call_id).detail()), (Code::TenantInvalid, name));
    }
    let call_id = world.login_from_url(&format!("https://app.example/login?tenant_name=acme&login_hint={}", long()));
    assert_eq!(world.code(call_id), Code::CallbackInvalid);
    let call_id = world.login_from_url(&format!("https://app.example/login?tenant_name=acme&x={}", "x".repeat(200_000)));
    assert_eq!(world.code(call_id), Code::CallbackInvalid);
    for (logout, name) in
        [(Logout::new().state(long()), "logout: state"), (Logout::new().return_to("/x".repeat(40_000)), "logout: returnTo")]
    {
        let call_id = world.logout(logout);
        assert!(world.error(call_id).detail().starts_with(name), "{}", world.error(call_id));
    }
    assert_eq!((world.navigations().len(), world.sent().len()), (0, 0));
    let call_id = world.login(Login::to("acme").login_hint("x".repeat(2000)).return_to("/x".repeat(20_000)));
    assert_eq!(world.answer(call_id), &Ok(Answer::Done), "a return address that is too long for a URL is dropped");
}

#[test]
fn a_page_at_a_very_long_url_is_opened_and_its_session_restored() {
    let mut world = World::new().signed_in();
    let call_id = world.reload(&format!("https://app.example/?{}", "x".repeat(300_000)));
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.navigations().len(), 1);
    assert!(world.storage.only_pending()["returnTo"].is_null());
}

#[test]
fn a_callback_with_a_very_long_state_is_not_looked_up() {
    let mut world = World::with(Config::wristband(crate::support::VANITY, crate::support::CLIENT, CALLBACK));
    let call_id = world.open(&format!("{CALLBACK}?code=c&state={}", "x".repeat(300_000)));
    assert_eq!(world.code(call_id), Code::StateUnknown);
    assert!(!world.events.contains(&Event::PendingClaimed));
    assert_eq!(world.addresses_shown(), ["/callback"]);
}
