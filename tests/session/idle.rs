//! Idle logout: a session that nobody uses ends, counted over all tabs.

use core::time::Duration;

use crate::support::{APP, Event, World, open_id, seconds, wristband};
use wristband_spa_auth::protocol::authorize::Prompt;
use wristband_spa_auth::protocol::config::{Config, ConfigBuilder, IdleLogout};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Input, Login, Presence, Reason, State};

const MINUTE: Duration = Duration::from_secs(60);

fn idle(setting: IdleLogout) -> ConfigBuilder {
    wristband().idle_logout(setting)
}

/// A session that ends after ten minutes, and warns two minutes before.
fn signed_in() -> World {
    World::with(idle(IdleLogout::after(seconds(600)).warn(seconds(120)))).signed_in()
}

fn active(world: &mut World) {
    world.input(Input::Present(Presence::Active));
}

fn announced_end(world: &World) -> Option<i64> {
    world.signed_in_as().idle_logout_at.map(|at| at.as_millis())
}

#[test]
fn a_session_that_nobody_uses_ends_in_place_and_the_next_login_asks_for_the_password() {
    let mut world = signed_in();
    let before = world.navigations().len();
    world.sleep(10 * MINUTE - seconds(1));
    assert!(world.is_signed_in());
    let waiting = world.user_info();
    assert!(world.answer(waiting).is_ok(), "until then calls are made");
    world.sleep(seconds(2));
    assert_eq!(world.state(), State::SignedOut(Reason::Idle));
    assert_eq!((world.revoked().len(), world.navigations().len()), (1, before));
    let late = world.token();
    assert_eq!(world.code(late), Code::NotSignedIn);
    world.login(Login::to("acme"));
    assert_eq!(world.last_navigation().need("prompt"), "login");
    world.come_back();
    assert!(world.is_signed_in());
}

#[test]
fn activity_starts_the_countdown_again_until_the_warning_begins() {
    let mut world = signed_in();
    for _ in 0..20 {
        world.sleep(7 * MINUTE);
        active(&mut world);
    }
    assert_eq!(announced_end(&world), None);
    world.sleep(8 * MINUTE + seconds(1));
    let ends = announced_end(&world).expect("the warning");
    assert_eq!(ends - world.now().wall.as_millis(), 119_000);
    active(&mut world);
    assert_eq!(announced_end(&world), Some(ends), "a moving pointer does not answer the warning");
    let stays = world.stay();
    assert!(world.answer(stays).is_ok());
    assert_eq!(announced_end(&world), None);
    world.sleep(9 * MINUTE + seconds(50));
    assert!(world.is_signed_in());
    world.sleep(seconds(11));
    assert_eq!(world.state(), State::SignedOut(Reason::Idle));
    let late = world.stay();
    assert_eq!(world.code(late), Code::NotSignedIn);
}

#[test]
fn without_a_warning_activity_counts_until_the_end() {
    let mut world = World::with(idle(IdleLogout::after(seconds(600)))).signed_in();
    world.sleep(10 * MINUTE - seconds(1));
    assert_eq!(announced_end(&world), None);
    active(&mut world);
    world.sleep(10 * MINUTE - seconds(1));
    assert!(world.is_signed_in());
}

#[test]
fn sleep_counts_as_idle_and_what_happens_at_the_wake_up_comes_too_late() {
    let mut world = signed_in();
    world.time_stands_still_for_the_vault(11 * MINUTE);
    active(&mut world);
    assert_eq!(world.state(), State::SignedOut(Reason::Idle));

    let mut world = signed_in();
    world.machine_sleeps(11 * MINUTE);
    assert_eq!(world.state(), State::SignedOut(Reason::Idle));

    let mut world = signed_in();
    world.time_stands_still_for_the_vault(11 * MINUTE);
    let call_id = world.token();
    assert_eq!(world.code(call_id), Code::NotSignedIn, "no call is made in a session that should have ended");
}

#[test]
fn renewals_and_calls_of_the_app_are_no_activity() {
    let mut world = World::with(idle(IdleLogout::after(seconds(7_200))));
    world.provider.access_lifetime = serde_json::json!(300);
    let mut world = world.signed_in();
    for _ in 0..12 {
        world.sleep(10 * MINUTE);
        world.token();
        world.renew();
    }
    assert_eq!(world.state(), State::SignedOut(Reason::Idle));
}

#[test]
fn a_session_that_has_ended_as_idle_is_not_restored() {
    let mut world = signed_in();
    world.sleep(11 * MINUTE);
    let before = world.navigations().len();
    world.reload(APP);
    assert_eq!((world.state(), world.navigations().len()), (State::SignedOut(Reason::Idle), before));
    world.login(Login::to("acme"));
    assert_eq!(world.last_navigation().need("prompt"), "login");
}

#[test]
fn a_session_whose_vault_was_lost_is_restored_only_within_the_time_that_was_left() {
    let mut world = signed_in();
    world.sleep(5 * MINUTE);
    active(&mut world);
    world.lose_the_vault();
    world.time_stands_still_for_the_vault(11 * MINUTE);
    let before = world.navigations().len();
    world.open(APP);
    assert_eq!((world.state(), world.navigations().len()), (State::SignedOut(Reason::Idle), before));

    let mut world = signed_in();
    world.sleep(5 * MINUTE);
    active(&mut world);
    world.lose_the_vault();
    world.time_stands_still_for_the_vault(4 * MINUTE);
    world.open(APP);
    world.come_back();
    assert!(world.is_signed_in());
    world.sleep(6 * MINUTE + seconds(1));
    assert_eq!(world.state(), State::SignedOut(Reason::Idle), "a restore needs no user, so the countdown goes on");
}

#[test]
fn a_restore_that_comes_back_after_the_end_restores_nothing() {
    let mut world = signed_in();
    world.sleep(8 * MINUTE);
    world.reload(APP);
    assert_eq!(world.last_navigation().need("prompt"), "none");
    // The redirect takes longer than was left, and each page load has a vault of its own.
    world.time_stands_still_for_the_vault(3 * MINUTE);
    world.lose_the_vault();
    world.come_back();
    assert_eq!(world.state(), State::SignedOut(Reason::Idle));
    world.login(Login::to("acme"));
    assert_eq!(world.last_navigation().need("prompt"), "login");
    world.come_back();
    assert!(world.is_signed_in());
}

#[test]
fn a_login_that_began_before_the_end_signs_in_only_a_user_who_has_authenticated() {
    for is_asked in [false, true] {
        let mut world = signed_in();
        let authenticated = world.now().wall.as_millis() / 1000;
        world.sleep(9 * MINUTE);
        world.login(Login::to("acme"));
        world.time_stands_still_for_the_vault(2 * MINUTE);
        if !is_asked {
            // The provider's session still lives, and it shows no page.
            world.provider.lies(move |draft| draft.claim("auth_time", authenticated));
        }
        world.come_back_to_the_vault();
        assert_eq!(world.is_signed_in(), is_asked, "{:?}", world.state());
        if !is_asked {
            assert_eq!(world.last_navigation().need("prompt"), "login", "the login starts again, once, and asks");
        }
    }
}

#[test]
fn after_the_end_every_login_asks_for_the_password_whatever_the_app_prefers() {
    let mut world = signed_in();
    world.sleep(11 * MINUTE);
    let before = world.navigations().len();
    let none = world.login(Login::to("acme").prompt(Prompt::None));
    assert_eq!((world.code(none), world.navigations().len()), (Code::LoginRequired, before));
    for (own, sent) in
        [(Prompt::SelectAccount, "login select_account"), (Prompt::Consent, "login consent"), (Prompt::Login, "login")]
    {
        world.login(Login::to("acme").prompt(own));
        assert_eq!(world.last_navigation().need("prompt"), sent);
    }
}

#[test]
fn activity_is_stored_and_announced_sparsely() {
    let mut world = signed_in();
    let notes = |world: &World| world.events.iter().filter(|event| matches!(event, Event::HintWritten(_))).count();
    let before = notes(&world);
    for _ in 0..600 {
        world.sleep(seconds(1));
        active(&mut world);
    }
    assert!((9..=11).contains(&(notes(&world) - before)), "{}", notes(&world) - before);
    assert_eq!(world.presence_announced().len(), 600, "each report of a page, which reports sparsely itself");
}

#[test]
fn activity_in_a_tab_with_another_vault_counts_for_the_same_session_only() {
    let mut world = signed_in();
    active(&mut world);
    let key = world.presence_announced()[0].clone();
    let elsewhere = |presence| Input::PresentElsewhere { session: key.clone(), presence };
    world.sleep(7 * MINUTE);
    world.input(elsewhere(Presence::Active));
    world.sleep(9 * MINUTE);
    assert!(announced_end(&world).is_some());
    world.input(elsewhere(Presence::Active));
    assert!(announced_end(&world).is_some());
    world.input(elsewhere(Presence::Stays));
    assert_eq!(announced_end(&world), None, "the warning was answered in another tab");

    let mut other = World::with(open_id().idle_logout(IdleLogout::after(seconds(600)))).signed_in();
    other.sleep(9 * MINUTE);
    other.input(elsewhere(Presence::Stays));
    other.sleep(2 * MINUTE);
    assert_eq!(other.state(), State::SignedOut(Reason::Idle));
}

#[test]
fn without_the_setting_nothing_is_counted() {
    let mut world = World::with(wristband()).signed_in();
    active(&mut world);
    assert!(world.presence_announced().is_empty());
    world.sleep(100 * 60 * MINUTE);
    assert!(world.is_signed_in());
    let stays = world.stay();
    assert!(world.answer(stays).is_ok());
}

#[test]
fn the_setting_is_checked() {
    let build = |setting| Config::openid("https://id.example", "c", "https://app.example/").idle_logout(setting).build();
    for wrong in [
        IdleLogout::after(seconds(0)),
        IdleLogout::after(seconds(60)).warn(seconds(60)),
        IdleLogout::after(seconds(7 * 86_400 + 1)),
        IdleLogout::after(seconds(u64::MAX)),
    ] {
        let error = build(wrong).unwrap_err();
        assert!(error.code() == Code::ConfigInvalid && error.detail().starts_with("idleLogout"), "{error}");
    }
    let config = build(IdleLogout::after(seconds(900)).warn(seconds(60))).unwrap();
    assert_eq!(ConfigBuilder::from_json(&config.to_json()).and_then(ConfigBuilder::build), Ok(config));
}
