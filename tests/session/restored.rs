//! A native app restores its session from a stored record, and shares it with its other processes (laws 2, 3, 5 and 13).

use core::time::Duration;

use crate::support::{Endpoint, Fault, World, open_id, seconds, wristband};
use serde_json::json;
use wristband_spa_auth::protocol::config::{Config, ConfigBuilder, Restore, Use};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Login, Logout, Reason, State};

/// The settings that the native driver uses: no browser window opens without the user's doing.
fn settings() -> ConfigBuilder {
    wristband().restore(Restore::None)
}

fn signed_in_with(settings: ConfigBuilder) -> World {
    World::with(settings).remembering().signed_in_natively()
}

fn signed_in() -> World {
    signed_in_with(settings())
}

/// The access token expires while no process runs.
fn expire(world: &mut World) {
    world.time_stands_still_for_the_vault(seconds(1801));
}

/// Another process of the same app, with the record that the first one has stored. The provider goes along.
fn another_process(first: &mut World) -> World {
    let mut other = World::with(settings()).remembering();
    hand_over(first, &mut other);
    other.restart();
    other
}

/// The provider and the record are where the next thing happens.
fn hand_over(from: &mut World, to: &mut World) {
    std::mem::swap(&mut from.provider, &mut to.provider);
    std::mem::swap(&mut from.record, &mut to.record);
}

fn token(world: &mut World) -> String {
    let call_id = world.token();
    world.token_of(call_id).0.to_owned()
}

#[test]
fn a_login_is_stored_and_restored_without_a_request() {
    let mut world = signed_in();
    let before = token(&mut world);
    world.events.clear();
    let call_id = world.restart();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.signed_in_as().user_id, "user-1");
    assert_eq!(world.signed_in_as().tenant.name.unwrap().as_str(), "acme");
    assert_eq!(token(&mut world), before);
    assert_eq!((world.sent().len(), world.navigations().len()), (0, 0));
}

#[test]
fn an_expired_access_token_is_renewed_before_the_session_is_shown() {
    let mut world = signed_in();
    expire(&mut world);
    world.events.clear();
    world.hold(Endpoint::Token);
    let call_id = world.restart();
    assert_eq!(world.state(), State::Loading);
    let waiting = world.token();
    assert!(!world.is_answered(call_id) && !world.is_answered(waiting));
    world.release(Endpoint::Token);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert!(world.is_signed_in() && world.answer(waiting).is_ok());
    assert_eq!((world.renewals_sent(), world.navigations().len()), (1, 0));
    assert!(!world.record.is_locked);
}

#[test]
fn law_3_a_refresh_token_that_is_over_ends_the_session_and_removes_the_record() {
    let mut world = signed_in();
    expire(&mut world);
    world.provider.revokes_everything();
    let call_id = world.restart();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.record.text, None);
    world.restart();
    assert_eq!(world.state(), State::SignedOut(Reason::NeverSignedIn));
}

#[test]
fn law_3_without_a_network_at_the_start_the_record_stays_and_the_renewal_is_retried() {
    let mut world = signed_in();
    expire(&mut world);
    let before = world.record.text.clone();
    world.provider.fails_often(Endpoint::Token, Fault::Network, 2);
    let call_id = world.restart();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.signed_in_as().renewal_error.unwrap().code(), Code::Network);
    assert_eq!(world.record.text, before);
    let call_id = world.token();
    assert_eq!(world.code(call_id), Code::Network);
    world.sleep(seconds(60));
    assert_eq!(world.signed_in_as().renewal_error, None);
    assert_ne!(world.record.text, before);
}

#[test]
fn law_5_a_renewal_after_a_restart_must_be_for_the_same_user() {
    for claim in ["sub", "tnt_id", "iss"] {
        let mut world = signed_in();
        expire(&mut world);
        world.provider.lies(move |draft| draft.claims[claim] = json!("https://other.example"));
        world.restart();
        assert_eq!(world.state().name(), "signed-out", "{claim}");
        assert_eq!(world.record.text, None, "{claim}");
    }
}

#[test]
fn law_5_a_renewal_after_a_restart_must_not_be_of_an_earlier_sign_in() {
    let mut world = signed_in();
    expire(&mut world);
    world.provider.lies(|draft| draft.claims["auth_time"] = json!(1));
    world.restart();
    assert_eq!(world.state().name(), "signed-out");
}

#[test]
fn a_record_that_was_changed_is_refused() {
    let world = signed_in();
    let text = world.record.text.clone().unwrap();
    let config = settings().build().unwrap();
    assert!(world.record.read(&config).is_some());
    let changes = [
        ("user-1", "user-2"),
        ("acme", "evil"),
        ("\"version\":1", "\"version\":2"),
        ("\"revision\":1", "\"revision\":9"),
        ("}", ""),
    ];
    for (from, to) in changes {
        let mut changed = World::with(settings()).remembering();
        assert!(text.contains(from), "{from}");
        changed.record.text = Some(text.replacen(from, to, 1));
        assert!(changed.record.read(&config).is_none(), "{from}");
    }
    for damaged in ["", "{}", "[]", "null", "\0", &text[..text.len() / 2], &"[".repeat(300_000)] {
        let mut changed = World::with(settings()).remembering();
        changed.record.text = Some(damaged.to_owned());
        assert!(changed.record.read(&config).is_none());
    }
}

#[test]
fn a_record_of_another_configuration_is_refused() {
    let world = signed_in();
    let others: [fn() -> Config; 3] = [
        || settings().scopes(["openid"]).build().unwrap(),
        || Config::wristband("other-org.us.wristband.dev", "spa-client", "https://app.example/callback").build().unwrap(),
        || settings().apis(["https://api.example/"]).build().unwrap(),
    ];
    for other in others {
        assert!(world.record.read(&other()).is_none());
    }
}

#[test]
fn law_1_a_record_does_not_print_itself() {
    let mut world = World::with(settings()).remembering().print_everything().signed_in_natively();
    let access_token = token(&mut world);
    world.restart();
    let refresh_tokens: Vec<String> = world.provider.living_refresh_tokens().into_iter().map(str::to_owned).collect();
    assert!(!refresh_tokens.is_empty() && world.transcript().contains("StoredSession([redacted])"));
    for secret in refresh_tokens.iter().chain([&access_token]) {
        assert!(!world.transcript().contains(secret.as_str()));
    }
}

#[test]
fn law_2_the_new_refresh_token_is_saved_before_anything_else_happens() {
    let mut world = signed_in();
    let before = world.record.saves;
    world.hold(Endpoint::Keys);
    world.provider.grants_refresh_tokens = true;
    world.sleep(seconds(1741));
    assert!(world.record.saves > before, "the new refresh token is stored");
    // The process ends here, whatever was still to be checked.
    expire(&mut world);
    world.hold_no_more(Endpoint::Keys);
    world.restart();
    assert!(world.is_signed_in());
    assert_eq!(world.provider.reuses, 0);
}

#[test]
fn a_session_whose_record_cannot_be_saved_goes_on_in_memory() {
    let mut world = signed_in();
    world.record.is_full = true;
    for _ in 0..3 {
        world.sleep(seconds(1801));
        assert!(world.is_signed_in());
    }
    assert_eq!(world.provider.reuses, 0, "the stored refresh token is an old one, and is not used");
    world.record.is_full = false;
    world.sleep(seconds(1801));
    world.restart();
    assert!(world.is_signed_in(), "the storage works again");
    assert_eq!(world.provider.reuses, 0);
}

#[test]
fn without_a_place_for_records_nothing_is_stored() {
    let world = World::with(settings()).signed_in();
    assert_eq!((world.record.text.as_ref(), world.record.saves), (None, 0));
}

#[test]
fn law_2_another_process_finds_the_new_tokens_and_sends_no_request() {
    let mut first = signed_in();
    let mut second = another_process(&mut first);
    expire(&mut first);
    expire(&mut second);
    second.events.clear();
    let renewed = token(&mut second);
    assert_eq!(second.renewals_sent(), 1);
    hand_over(&mut second, &mut first);
    first.events.clear();
    assert_eq!(token(&mut first), renewed);
    assert_eq!((first.renewals_sent(), first.provider.reuses), (0, 0));
    assert_eq!(first.signed_in_as().user_id, "user-1");
    // And so on, in turns.
    for _ in 0..5 {
        expire(&mut first);
        expire(&mut second);
        let renewed = token(&mut first);
        hand_over(&mut first, &mut second);
        assert_eq!(token(&mut second), renewed);
        hand_over(&mut second, &mut first);
    }
    assert_eq!(first.provider.reuses, 0);
}

#[test]
fn law_2_a_refused_token_that_another_process_has_replaced_is_not_renewed_again() {
    let mut first = signed_in();
    let mut second = another_process(&mut first);
    let call_id = second.renew();
    assert_eq!(second.answer(call_id), &Ok(Answer::Done));
    hand_over(&mut second, &mut first);
    first.events.clear();
    let call_id = first.token();
    let generation = first.token_of(call_id).1;
    let call_id = first.token_refused(generation);
    assert!(first.answer(call_id).is_ok());
    assert_eq!(first.renewals_sent(), 0);
}

#[test]
fn a_logout_in_another_process_ends_the_session_at_its_next_renewal() {
    let mut first = signed_in();
    let mut second = another_process(&mut first);
    second.logout(Logout::default());
    assert_eq!(second.record.text, None);
    hand_over(&mut second, &mut first);
    expire(&mut first);
    first.events.clear();
    let call_id = first.token();
    assert_eq!(first.code(call_id), Code::NotSignedIn);
    assert_eq!(first.state(), State::SignedOut(Reason::SignedOut));
    assert_eq!((first.renewals_sent(), first.revoked().len()), (0, 0), "the other one has revoked it");
}

#[test]
fn a_logout_revokes_the_refresh_token_that_another_process_got() {
    let mut first = signed_in();
    let mut second = another_process(&mut first);
    second.renew();
    hand_over(&mut second, &mut first);
    first.events.clear();
    first.logout(Logout::default());
    assert_eq!(first.record.text, None);
    assert_eq!(first.revoked().len(), 2, "its own, and the one that is still valid");
}

#[test]
fn law_13_a_logout_does_not_remove_the_record_of_another_login() {
    let mut first = signed_in();
    let mut second = another_process(&mut first);
    second.provider.subject = "user-2".to_owned();
    second.login(Login::to("acme"));
    second.come_back_to_the_vault();
    let stored = second.record.text.clone();
    hand_over(&mut second, &mut first);
    // It has not renewed since, and does not know of the other login.
    first.logout(Logout::default());
    assert_eq!(first.record.text, stored);
    hand_over(&mut first, &mut second);
    expire(&mut second);
    let call_id = second.token();
    assert!(second.answer(call_id).is_ok(), "the second user is still signed in");
}

#[test]
fn law_13_a_record_of_another_login_is_neither_used_nor_overwritten() {
    let mut first = signed_in();
    let mut second = another_process(&mut first);
    second.provider.subject = "user-2".to_owned();
    second.login(Login::to("acme"));
    second.come_back_to_the_vault();
    assert_eq!(second.signed_in_as().user_id, "user-2");
    let stored = second.record.text.clone();
    hand_over(&mut second, &mut first);
    first.provider.subject = "user-1".to_owned();
    expire(&mut first);
    let call_id = first.token();
    assert!(first.answer(call_id).is_ok() || first.code(call_id) == Code::InvalidGrant);
    assert_eq!(first.record.text, stored);
    first.logout(Logout::default());
    assert_eq!(first.record.text, stored);
}

#[test]
fn law_13_a_record_of_another_login_of_the_same_user_is_not_taken_over() {
    let mut first = signed_in();
    let before = token(&mut first);
    let mut second = another_process(&mut first);
    second.login(Login::to("acme"));
    second.come_back_to_the_vault();
    let stored = second.record.text.clone();
    hand_over(&mut second, &mut first);
    let call_id = first.renew();
    assert!(first.answer(call_id).is_ok() || first.code(call_id) == Code::InvalidGrant);
    assert_eq!(first.record.text, stored);
    if first.is_signed_in() {
        assert_ne!(token(&mut first), before);
        assert!(!stored.unwrap().contains(&token(&mut first)));
    }
}

#[test]
fn law_11_a_lock_that_is_not_to_be_had_fails_the_renewal_for_now() {
    let mut world = signed_in();
    world.record.is_busy = true;
    expire(&mut world);
    let call_id = world.token();
    assert_eq!(world.code(call_id), Code::StorageUnavailable);
    assert!(world.is_signed_in());
    world.record.is_busy = false;
    world.sleep(seconds(60));
    assert_eq!(world.signed_in_as().renewal_error, None);
}

#[test]
fn a_logout_removes_the_record_and_gives_the_lock_back() {
    let mut world = signed_in();
    world.hold(Endpoint::Token);
    let renewing = world.renew();
    assert!(world.record.is_locked);
    world.logout(Logout::default());
    assert_eq!(world.code(renewing), Code::NotSignedIn);
    assert_eq!(world.record.text, None);
    assert!(!world.record.is_locked);
    world.release(Endpoint::Token);
    assert_eq!(world.record.text, None, "a late response brings nothing back");
}

#[test]
fn a_clock_that_was_set_back_does_not_make_an_old_token_new() {
    let mut world = signed_in();
    world.set_wall_clock_off_by(-7200);
    world.lose_the_vault();
    world.events.clear();
    world.restart();
    assert!(world.is_signed_in());
    assert_eq!(world.renewals_sent(), 1);
}

#[test]
fn a_provider_with_discovery_is_asked_for_its_metadata_first() {
    let mut world = signed_in_with(open_id().restore(Restore::None));
    world.events.clear();
    world.hold(Endpoint::Metadata);
    let call_id = world.restart();
    assert_eq!(world.state(), State::Loading);
    world.release(Endpoint::Metadata);
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert!(world.is_signed_in());
    assert_eq!((world.sent().len(), world.renewals_sent()), (1, 0));
    world.logout(Logout::default());
    assert_eq!(world.revoked().len(), 1);
}

#[test]
fn law_3_a_provider_whose_metadata_cannot_be_fetched_ends_nothing() {
    let mut world = signed_in_with(open_id().restore(Restore::None));
    world.provider.fails_often(Endpoint::Metadata, Fault::Network, 2);
    let call_id = world.restart();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert!(world.is_signed_in());
    world.sleep(Duration::from_secs(120));
    assert_eq!(world.signed_in_as().renewal_error, None);
}

#[test]
fn tokens_stay_bound_to_their_key_after_a_restart() {
    let mut world = World::with(open_id().restore(Restore::None).dpop(Use::Required)).remembering();
    world.provider.metadata["dpop_signing_alg_values_supported"] = json!(["ES256"]);
    (world.provider.proofs.binds, world.provider.proofs.requires) = (true, true);
    let mut world = world.signed_in_natively();
    assert!(world.signed_in_as().is_bound);
    world.restart();
    assert!(world.signed_in_as().is_bound);
    assert_eq!(world.keys.count(), 1);
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
}
