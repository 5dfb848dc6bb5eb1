//! Renewal: one at a time, before expiry and on demand, never in a storm (laws 2, 3 and 9).

use core::time::Duration;

use crate::support::provider::HTML;
use crate::support::{APP, Endpoint, Event, Fault, World, seconds, wristband};
use serde_json::json;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, CallId, Login, Reason, State};

const DAY: u64 = 86_400;

/// The user is signed in with access tokens of this lifetime.
fn signed_in_for(lifetime: u64) -> World {
    let mut world = World::new();
    world.provider.access_lifetime = json!(lifetime);
    world.signed_in()
}

/// The user is signed in without a refresh token.
fn signed_in_without_refresh_token() -> World {
    let mut world = World::new();
    world.provider.grants_refresh_tokens = false;
    world.signed_in()
}

#[test]
fn law_2_many_callers_wait_for_one_renewal() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Token);
    world.sleep(seconds(1740));
    assert!(world.signed_in_as().renewing, "the timer began it");
    let asks: Vec<CallId> = (0..500).map(|n| if n % 2 == 0 { world.renew() } else { world.token() }).collect();
    world.release(Endpoint::Token);
    assert!(asks.iter().all(|call_id| world.answer(*call_id).is_ok()));
    assert_eq!(world.renewals_sent(), 1);
}

#[test]
fn law_2_callers_with_an_expired_token_wait_for_one_renewal() {
    let mut world = World::new().signed_in();
    world.go_offline();
    world.sleep(seconds(1801));
    world.hold(Endpoint::Token);
    world.go_online();
    let asks: Vec<CallId> = (0..500).map(|_| world.token()).collect();
    assert!(asks.iter().all(|call_id| !world.is_answered(*call_id)));
    world.release(Endpoint::Token);
    assert!(asks.iter().all(|call_id| world.token_of(*call_id).1 == 1));
    assert_eq!(world.renewals_sent(), 1);
}

#[test]
fn law_2_a_token_refused_by_an_api_is_renewed_once_for_all_callers() {
    let mut world = World::new().signed_in();
    let call_id = world.token();
    let generation = world.token_of(call_id).1;
    world.hold(Endpoint::Token);
    let during: Vec<CallId> = (0..100).map(|_| world.token_refused(generation)).collect();
    world.release(Endpoint::Token);
    let after: Vec<CallId> = (0..100).map(|_| world.token_refused(generation)).collect();
    assert!(during.iter().chain(&after).all(|call_id| world.token_of(*call_id).1 == generation + 1));
    assert_eq!(world.renewals_sent(), 1);
}

#[test]
fn law_2_each_renewal_sends_the_newest_refresh_token() {
    let mut world = World::new().signed_in();
    for _ in 0..5 {
        let newest = world.provider.living_refresh_tokens()[0].to_owned();
        let call_id = world.renew();
        assert_eq!(world.answer(call_id), &Ok(Answer::Done));
        assert_eq!(world.sent_to(Endpoint::Token).last().unwrap().field("refresh_token"), Some(newest.as_str()));
    }
    assert_eq!(world.provider.reuses, 0);
    assert_eq!(world.signed_in_as().renewals, 5);
}

#[test]
fn a_provider_that_does_not_rotate_gets_the_same_refresh_token_again() {
    let mut world = World::new();
    world.provider.rotates = false;
    let mut world = world.signed_in();
    for _ in 0..3 {
        let call_id = world.renew();
        assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    }
    let first = world.sent_to(Endpoint::Token)[0].field("refresh_token").map(str::to_owned);
    assert!(world.sent_to(Endpoint::Token).iter().all(|sent| sent.field("refresh_token") == first.as_deref()));
}

#[test]
fn law_2_a_refresh_token_in_an_unusable_response_still_replaces_the_old_one() {
    for name in ["token_type", "access_token", "expires_in", "id_token"] {
        let mut world = World::new().signed_in();
        world.provider.answers_with(move |answer| answer[name] = json!([]));
        let call_id = world.renew();
        assert_eq!(world.code(call_id), Code::ProviderResponseInvalid, "{name}");
        world.provider.tells_the_truth();
        let call_id = world.renew();
        assert_eq!(world.provider.reuses, 0, "{name}: a replaced refresh token was sent again");
        assert_eq!(world.answer(call_id), &Ok(Answer::Done), "{name}");
    }
}

#[test]
fn a_renewal_sends_exactly_the_parameters_of_the_standard() {
    let mut world = World::new().signed_in();
    world.renew();
    let sent = world.sent_to(Endpoint::Token)[0];
    assert_eq!(sent.url, "https://app-org.us.wristband.dev/api/v1/oauth2/token");
    let names: Vec<&str> = sent.form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names, sent.bearer.as_deref()), (vec!["grant_type", "refresh_token", "client_id"], None));
}

#[test]
fn law_9_the_renewal_margin_is_at_most_a_quarter_of_the_lifetime() {
    for (lifetime, margin, renewed_at) in [(1800, 60, 1740), (1800, 0, 1800), (100, 60, 75), (5, 60, 3), (1800, 86_400, 1350)] {
        let mut world = World::with(wristband().renewal_margin(seconds(margin)));
        world.provider.access_lifetime = json!(lifetime);
        let mut world = world.signed_in();
        world.sleep(seconds(renewed_at) - Duration::from_millis(1));
        assert_eq!(world.renewals_sent(), 0, "{lifetime} s with a margin of {margin} s");
        world.sleep(seconds(1));
        assert_eq!(world.renewals_sent(), 1, "{lifetime} s with a margin of {margin} s");
    }
}

#[test]
fn law_9_no_token_lifetime_causes_a_renewal_storm() {
    for (lifetime, span, most) in [
        (json!(0), 60, 61),
        (json!(1), 60, 61),
        (json!(5), 3600, 1000),
        (json!(1800), DAY, 50),
        (json!(40 * DAY), 365 * DAY, 10),
        (json!(100 * 365 * DAY), 365 * DAY, 0),
        (json!(1e300), 365 * DAY, 0),
        (json!(null), 365 * DAY, 0),
    ] {
        let mut world = World::new();
        world.provider.access_lifetime = lifetime.clone();
        let mut world = world.signed_in();
        world.sleep(seconds(span));
        assert!(world.is_signed_in(), "{lifetime}");
        assert!(world.wakes <= most, "{lifetime}: woken {} times", world.wakes);
        assert!(world.renewals_sent() <= world.wakes, "{lifetime}");
    }
}

#[test]
fn law_3_only_invalid_grant_ends_the_session() {
    let mut world = World::new().signed_in();
    world.provider.revokes_everything();
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::InvalidGrant);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert!(world.storage.hint_text().is_some(), "the provider's own session may be alive: the next visit asks for it");
    assert_eq!(world.revoked(), [""; 0], "it is dead already");
}

#[test]
fn law_3_a_temporary_failure_keeps_the_session_and_backs_off() {
    for (fault, code) in [
        (Fault::Network, Code::Network),
        (Fault::Timeout, Code::Timeout),
        (Fault::Status(408, ""), Code::ProviderUnavailable),
        (Fault::Status(429, ""), Code::ProviderUnavailable),
        (Fault::Status(429, r#"{"error":"invalid_request"}"#), Code::ProviderUnavailable),
        (Fault::RetryAfter(429, seconds(30)), Code::ProviderUnavailable),
        (Fault::Status(500, r#"{"error":"invalid_grant"}"#), Code::ProviderUnavailable),
        (Fault::Status(502, "<html>"), Code::ProviderUnavailable),
        (Fault::Status(503, ""), Code::ProviderUnavailable),
        (Fault::Status(400, r#"{"error":"temporarily_unavailable"}"#), Code::ProviderRejected),
        (Fault::Status(400, r#"{"error":"server_error"}"#), Code::ProviderRejected),
        (Fault::Status(400, r#"{"error":"slow_down"}"#), Code::ProviderRejected),
        (HTML, Code::ProviderResponseInvalid),
        (Fault::Status(200, r#"{"access_token":"#), Code::ProviderResponseInvalid),
    ] {
        let mut world = World::new().signed_in();
        world.provider.fails_often(Endpoint::Token, fault.clone(), usize::MAX);
        world.sleep(seconds(1740));
        assert_eq!(world.renewals_sent(), 1, "{fault:?}");
        assert_eq!(world.signed_in_as().renewal_error.unwrap().code(), code, "{fault:?}");
        let call_id = world.token();
        assert!(world.answer(call_id).is_ok(), "{fault:?}: the token is still good");
        world.sleep(seconds(3600));
        assert!(world.is_signed_in(), "{fault:?}");
        assert!((30..=140).contains(&world.renewals_sent()), "{fault:?}: {} renewals in an hour", world.renewals_sent());
        let call_id = world.token();
        assert_eq!(world.code(call_id), code, "{fault:?}: now it is not");
        world.provider.recovers();
        world.sleep(seconds(61));
        assert_eq!(world.signed_in_as().renewal_error, None, "{fault:?}");
        let call_id = world.token();
        assert!(world.answer(call_id).is_ok(), "{fault:?}");
    }
}

/// Refusals that state a permanent reason.
const REFUSALS: [(u16, &str); 12] = [
    (400, r#"{"error":"interaction_required"}"#),
    (400, r#"{"error":"login_required"}"#),
    (400, r#"{"error":"consent_required"}"#),
    (400, r#"{"error":"invalid_request"}"#),
    (400, r#"{"error":"unauthorized_client"}"#),
    (400, r#"{"error":"unsupported_grant_type"}"#),
    (400, r#"{"error":"invalid_scope"}"#),
    (400, r#"{"error":"mfa_required"}"#),
    (401, r#"{"error":"invalid_client"}"#),
    (403, r#"{"error":"access_denied"}"#),
    (404, r#"{"code":"not_found","message":"no such client"}"#),
    (422, r#"{"error":"something_of_their_own"}"#),
];

#[test]
fn law_3_a_refused_renewal_ends_the_session_once_the_access_token_has_expired() {
    for (status, body) in REFUSALS {
        let mut world = World::new().signed_in();
        world.provider.fails_often(Endpoint::Token, Fault::Status(status, body), usize::MAX);
        world.sleep(seconds(1799));
        let call_id = world.token();
        assert!(world.answer(call_id).is_ok(), "{body}: a good token is used until its end");
        assert_eq!(world.navigations().len(), 0, "{body}");
        world.sleep(seconds(1));
        assert_eq!(world.state(), State::Loading, "{body}");
        assert_eq!(world.navigations().len(), 1, "{body}: the provider is asked once");
        assert_eq!(world.last_navigation().need("prompt"), "none", "{body}");
        let renewals = world.renewals_sent();
        world.sleep(seconds(DAY));
        assert_eq!(world.state(), State::SignedOut(Reason::Expired), "{body}");
        assert_eq!((world.navigations().len(), world.renewals_sent()), (1, renewals), "{body}: and then left alone");
        assert!(renewals < 20, "{body}: {renewals} renewals within a minute");
    }
}

#[test]
fn law_3_after_a_refused_renewal_the_session_is_restored_at_the_provider() {
    let mut world = World::new().signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Status(400, r#"{"error":"interaction_required"}"#), usize::MAX);
    world.sleep(seconds(1800));
    let callback = world.callback();
    world.provider.recovers();
    world.open(&callback);
    assert!(world.is_signed_in());
    let call_id = world.token();
    assert!(world.answer(call_id).is_ok());
}

#[test]
fn law_3_a_restore_answered_with_login_required_ends_the_session() {
    let mut world = World::new().signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Status(400, r#"{"error":"login_required"}"#), usize::MAX);
    world.provider.remembers_the_person = false;
    world.sleep(seconds(1800));
    let callback = world.callback();
    world.open(&callback);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn law_9_a_session_refused_right_after_a_restore_is_not_restored_again() {
    let mut world = World::new();
    world.provider.access_lifetime = json!(5);
    let mut world = world.signed_in();
    for _ in 0..50 {
        world.provider.fails_often(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_scope"}"#), usize::MAX);
        world.sleep(seconds(5));
        if world.state() == State::Loading && !world.navigations().is_empty() {
            let callback = world.callback();
            world.provider.recovers();
            world.open(&callback);
        }
    }
    assert_eq!(world.navigations().len(), 1);
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn law_3_with_restore_off_a_refused_renewal_ends_the_session_at_once() {
    let mut world = World::with(wristband().restore(wristband_spa_auth::Restore::None)).signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Status(401, r#"{"error":"invalid_client"}"#), usize::MAX);
    world.sleep(seconds(1800));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn law_3_an_unclear_refusal_ends_the_session_only_if_it_lasts() {
    for fault in [
        Fault::Status(404, ""),
        Fault::Status(403, "<html>Blocked by the company's proxy"),
        Fault::Status(400, "<html>invalid_grant</html>"),
        Fault::Status(302, ""),
        Fault::Status(200, r#"{"error":"invalid_grant"}"#),
        Fault::Status(200, r#"{"token_type":"Bearer"}"#),
    ] {
        let mut world = World::new().signed_in();
        world.provider.fails_often(Endpoint::Token, fault.clone(), usize::MAX);
        world.sleep(seconds(1740 + 599));
        assert!(world.is_signed_in(), "{fault:?}");
        world.sleep(seconds(1));
        assert_eq!(world.state(), State::Loading, "{fault:?}");
        world.sleep(seconds(DAY));
        assert_eq!(world.state(), State::SignedOut(Reason::Expired), "{fault:?}");

        let mut world = World::new().signed_in();
        world.provider.fails_often(Endpoint::Token, fault.clone(), usize::MAX);
        world.sleep(seconds(1740 + 500));
        world.provider.recovers();
        world.sleep(seconds(61));
        assert!(world.is_signed_in() && world.signed_in_as().renewal_error.is_none(), "{fault:?}: it went away");
    }
}

#[test]
fn law_3_a_refused_session_is_kept_while_offline_and_restored_online() {
    let mut world = World::new().signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_request"}"#), usize::MAX);
    world.sleep(seconds(1750));
    world.go_offline();
    world.sleep(seconds(DAY));
    assert!(world.is_signed_in());
    world.go_online();
    assert_eq!(world.state(), State::Loading);
}

#[test]
fn law_3_a_token_without_expiry_counts_as_expired_once_an_api_and_the_provider_refuse() {
    let mut world = World::new();
    world.provider.access_lifetime = json!(null);
    let mut world = world.signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_client"}"#), usize::MAX);
    world.renew();
    assert!(world.is_signed_in(), "no API says that the token has ended");
    world.sleep(seconds(120));
    let call_id = world.token_refused(0);
    assert_eq!(world.code(call_id), Code::ProviderRejected);
    assert_eq!(world.state(), State::Loading);
}

#[test]
fn law_3_a_refreshed_id_token_that_can_never_become_valid_ends_the_session() {
    let lies: [fn(&mut crate::support::Draft); 4] = [
        |draft| draft.claim("iss", "https://somebody.else"),
        |draft| draft.claim("aud", "another-client"),
        |draft| draft.claim("nonce", "of-another-login"),
        |draft| draft.claim("auth_time", 1),
    ];
    for (index, lie) in lies.into_iter().enumerate() {
        let mut world = World::new().signed_in();
        world.provider.lies(move |draft| {
            if draft.renewal {
                lie(draft)
            }
        });
        world.sleep(seconds(DAY));
        assert_eq!(world.state(), State::SignedOut(Reason::Expired), "{index}");
        assert!(world.renewals_sent() < 20, "{index}: {} good access tokens were thrown away", world.renewals_sent());
        assert_eq!(world.navigations().len(), 1, "{index}");
    }
}

#[test]
fn a_refreshed_id_token_without_the_time_of_the_sign_in_keeps_the_old_one() {
    let mut world = World::new().signed_in();
    let before = world.signed_in_as().authenticated_at;
    world.provider.lies(|draft| draft.without("auth_time"));
    world.renew();
    assert_eq!((world.signed_in_as().renewals, world.signed_in_as().authenticated_at), (1, before));
    world.provider.lies(|draft| draft.claim("auth_time", 1));
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::IdTokenAuthTime, "leaving it out once does not change it");
}

#[test]
fn law_3_a_user_who_signed_in_again_at_the_provider_stays_signed_in() {
    let mut world = World::new();
    world.provider.lies(|draft| {
        if draft.renewal {
            let now = draft.now;
            draft.claim("auth_time", now);
        }
    });
    let mut world = world.signed_in();
    let before = world.signed_in_as().authenticated_at.unwrap();
    world.sleep(seconds(1740));
    assert_eq!(world.signed_in_as().authenticated_at, Some(before.plus(seconds(1740))), "the later time is shown");
    world.sleep(seconds(DAY - 1740));
    assert!(world.is_signed_in());
    assert!((40..=60).contains(&world.renewals_sent()), "{} renewals in a day", world.renewals_sent());
    // The next ID token is compared with the last accepted one.
    world.provider.lies(|draft| {
        let earlier = draft.now - 40_000;
        draft.claim("auth_time", earlier);
    });
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::IdTokenAuthTime);
}

#[test]
fn law_9_retry_after_is_respected() {
    let mut world = World::new().signed_in();
    world.provider.fails(Endpoint::Token, Fault::RetryAfter(429, seconds(300)));
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::ProviderUnavailable);
    world.go_offline();
    world.go_online();
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::ProviderUnavailable, "not even a click, and not after a new connection");
    world.sleep(seconds(299));
    world.renew();
    assert_eq!(world.renewals_sent(), 1);
    world.sleep(seconds(1));
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
}

#[test]
fn retry_after_is_bounded() {
    let mut world = World::new().signed_in();
    world.provider.fails(Endpoint::Token, Fault::RetryAfter(503, seconds(365 * DAY)));
    world.renew();
    world.sleep(seconds(2 * 3600));
    assert_eq!(world.signed_in_as().renewal_error, None);
}

#[test]
fn an_explicit_renewal_skips_our_own_backoff() {
    let mut world = World::new().signed_in();
    world.provider.fails(Endpoint::Token, Fault::Network);
    world.renew();
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
}

#[test]
fn law_9_nothing_is_sent_while_offline_and_renewal_resumes_at_once_online() {
    let mut world = World::new().signed_in();
    world.go_offline();
    world.sleep(seconds(3 * 3600));
    let (token, renewal) = (world.token(), world.renew());
    assert_eq!((world.code(token), world.code(renewal)), (Code::Offline, Code::Offline));
    assert_eq!((world.renewals_sent(), world.wakes), (1, 0), "only what was asked for is tried: the device can be wrong");
    assert!(world.is_signed_in());
    world.go_online();
    assert_eq!(world.renewals_sent(), 2);
    let call_id = world.token();
    assert!(world.answer(call_id).is_ok());
}

#[test]
fn law_9_a_restored_connection_ends_our_own_backoff() {
    let mut world = World::new().signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Network, usize::MAX);
    world.sleep(seconds(2400));
    let before = world.renewals_sent();
    world.provider.recovers();
    world.go_offline();
    world.go_online();
    assert_eq!(world.renewals_sent(), before + 1);
    assert_eq!(world.signed_in_as().renewal_error, None);
}

#[test]
fn law_9_a_renewal_loop_in_the_app_is_rate_limited_per_minute() {
    let mut world = World::new().signed_in();
    let asks: Vec<CallId> = (0..200).map(|_| world.renew()).collect();
    assert_eq!(world.renewals_sent(), 60);
    assert_eq!(world.code(asks[199]), Code::TooManyRequests);
    assert!(world.is_signed_in());
    world.sleep(seconds(60));
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
}

/// An app calls this API with a valid token, and after a 401 once more with a newer one.
fn calls_an_api_that_refuses(world: &mut World, api: usize) {
    let call_id = world.token();
    let generation = world.token_of(call_id).1;
    world.token_refused_by(api, generation);
}

#[test]
fn law_9_an_api_that_refuses_every_token_causes_no_renewal_storm() {
    for pause in [0, 1, 10] {
        let mut world = World::new().signed_in();
        for _ in 0..100 {
            calls_an_api_that_refuses(&mut world, 0);
            world.sleep(seconds(pause));
        }
        let minutes = usize::try_from(pause * 100 / 60).unwrap();
        assert!(world.renewals_sent() <= 1 + minutes / 10, "{} renewals in {minutes} minutes", world.renewals_sent());
        let asks = [world.user_info(), world.token(), world.renew()];
        assert!(asks.iter().all(|call_id| world.answer(*call_id).is_ok()), "good calls are not held back");
    }
}

#[test]
fn law_9_several_apis_that_refuse_every_token_cause_no_renewal_storm() {
    let mut world = World::new().signed_in();
    for _ in 0..600 {
        for api in 0..3 {
            calls_an_api_that_refuses(&mut world, api);
        }
        world.sleep(seconds(1));
    }
    assert!(world.renewals_sent() <= 6, "{} renewals in ten minutes", world.renewals_sent());
}

#[test]
fn an_api_that_accepted_a_renewed_token_may_cause_another_renewal_later() {
    let mut world = World::new().signed_in();
    for round in 1..=5 {
        let call_id = world.token();
        let generation = world.token_of(call_id).1;
        let call_id = world.token_refused_by(0, generation);
        assert_eq!(world.token_of(call_id).1, generation + 1);
        assert_eq!(world.renewals_sent(), round);
        world.sleep(seconds(700));
    }
}

#[test]
fn an_api_that_refuses_every_token_does_not_block_renewals_for_others() {
    let mut world = World::new().signed_in();
    calls_an_api_that_refuses(&mut world, 0);
    let call_id = world.token_refused_by(0, 1);
    assert_eq!(world.code(call_id), Code::AccessTokenRefused);
    let call_id = world.token_refused_by(1, 1);
    assert_eq!(world.token_of(call_id).1, 2);
    assert!(world.is_signed_in());
}

#[test]
fn law_9_a_user_info_endpoint_that_refuses_every_token_causes_no_renewal_storm() {
    let mut world = World::new().signed_in();
    world.provider.fails_often(Endpoint::UserInfo, Fault::Status(401, ""), usize::MAX);
    for _ in 0..40 {
        let call_id = world.user_info();
        assert_eq!(world.code(call_id), Code::ProviderRejected);
    }
    assert_eq!(world.renewals_sent(), 1);
}

#[test]
fn a_short_lived_token_that_an_api_calls_expired_is_renewed() {
    let mut world = World::new();
    world.provider.access_lifetime = json!(20);
    let mut world = world.signed_in();
    for generation in 0..10 {
        world.sleep(seconds(12));
        let call_id = world.token_refused_by(0, generation);
        assert_eq!(world.token_of(call_id).1, generation + 1, "its clock is ahead");
    }
}

#[test]
fn a_session_without_refresh_token_ends_with_its_access_token() {
    let mut world = signed_in_without_refresh_token();
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::RefreshTokenMissing);
    world.sleep(seconds(1799));
    let call_id = world.token();
    assert!(world.answer(call_id).is_ok());
    world.sleep(seconds(1));
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.sent().len(), 0);
}

#[test]
fn without_a_refresh_token_a_refused_token_fails_with_refresh_token_missing() {
    let mut world = signed_in_without_refresh_token();
    let call_id = world.token_refused(0);
    assert_eq!(world.code(call_id), Code::RefreshTokenMissing);
    assert!(world.is_signed_in(), "one API is no proof");
}

#[test]
fn law_3_after_sleep_the_session_renews_on_wake() {
    let mut world = World::new().signed_in();
    world.machine_sleeps(seconds(8 * 3600));
    assert_eq!(world.renewals_sent(), 1);
    let call_id = world.token();
    assert_eq!(world.token_of(call_id).1, 1);
}

#[test]
fn law_3_a_wall_clock_jump_ends_no_session_and_causes_no_storm() {
    for off_by in [-365 * 86_400, -7200, 7200, 365 * 86_400] {
        let mut world = World::new().signed_in();
        world.set_wall_clock_off_by(off_by);
        world.sleep(seconds(3600));
        assert!(world.is_signed_in(), "{off_by}");
        assert!(world.renewals_sent() <= 140, "{off_by}: {} renewals in an hour", world.renewals_sent());
        world.set_wall_clock_off_by(0);
        world.sleep(seconds(120));
        let call_id = world.token();
        assert!(world.answer(call_id).is_ok(), "{off_by}: {:?}", world.answer(call_id));
        assert_eq!(world.provider.reuses, 0, "{off_by}");
    }
}

#[test]
fn law_3_a_wrong_issue_time_does_not_block_renewals() {
    let mut world = World::new();
    world.set_wall_clock_off_by(7200);
    let now = world.now().wall.as_millis() / 1000 - 7200;
    // Both clocks are two hours ahead when the user logs in. Then the provider's clock is corrected.
    world.provider.lies(move |draft| {
        draft.claim("iat", now + 7200);
        draft.claim("exp", now + 9000);
    });
    let mut world = world.signed_in();
    world.provider.tells_the_truth();
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
    assert_eq!(world.renewals_sent(), 1);
}

#[test]
fn law_3_a_wall_clock_that_jumps_back_keeps_a_valid_token_valid() {
    let mut world = World::new().signed_in();
    world.set_wall_clock_off_by(-86_400);
    let call_id = world.token();
    assert!(world.answer(call_id).is_ok());
    world.sleep(seconds(1739));
    assert_eq!(world.renewals_sent(), 0);
    world.sleep(seconds(1));
    assert_eq!(world.renewals_sent(), 1, "the monotonic clock says so");
}

#[test]
fn law_3_a_session_whose_rotation_response_is_lost_is_restored_by_one_redirect() {
    let mut world = World::new().signed_in();
    world.provider.fails(Endpoint::Token, Fault::LostAnswer);
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::Network);
    assert!(world.is_signed_in(), "a lost answer proves nothing");
    world.renew();
    // The provider takes it for a stolen token and refuses it. The user still has a session there.
    assert!(world.events.contains(&Event::Reopened));
    assert_eq!(world.state(), State::Loading);
    assert_eq!(world.last_navigation().need("prompt"), "none");
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert!(world.is_signed_in());
}

#[test]
fn law_3_a_session_is_restored_again_only_after_a_minute() {
    for (pause, redirects) in [(50, 1), (70, 2)] {
        let mut world = World::new().signed_in();
        let before = world.navigations().len();
        lose_a_renewal(&mut world);
        world.come_back();
        assert!(world.is_signed_in());
        world.sleep(seconds(pause));
        lose_a_renewal(&mut world);
        assert_eq!(world.navigations().len() - before, redirects, "after {pause} s");
        let ended = redirects == 1;
        assert_eq!(world.state() == State::SignedOut(Reason::Expired), ended, "after {pause} s");
    }
}

/// The response to a renewal does not arrive, and the provider refuses the old refresh token.
fn lose_a_renewal(world: &mut World) {
    world.provider.fails(Endpoint::Token, Fault::LostAnswer);
    world.renew();
    world.renew();
}

#[test]
fn law_3_a_session_that_cannot_be_restored_ends_after_one_redirect() {
    let mut world = World::new().signed_in();
    world.provider.fails(Endpoint::Token, Fault::LostAnswer);
    world.renew();
    world.renew();
    world.provider.callback_parameters = vec![("code", None), ("error", Some("login_required".into()))];
    world.come_back();
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
    assert_eq!(world.navigations().len(), 1);
}

#[test]
fn a_token_call_fails_while_signed_out() {
    let mut world = World::new();
    world.open(APP);
    let asks = [world.token(), world.renew(), world.user_info(), world.token_refused(0)];
    assert!(asks.iter().all(|call_id| world.code(*call_id) == Code::NotSignedIn));
    assert_eq!(world.sent().len(), 0);
}

#[test]
fn every_pending_call_receives_the_result_of_the_renewal() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Token);
    let waiting = [world.renew(), world.renew(), world.token_refused(0)];
    world.lose(Endpoint::Token);
    assert!(waiting.iter().all(|call_id| world.code(*call_id) == Code::Network));
}

#[test]
fn a_new_login_during_a_renewal_revokes_the_old_sessions_tokens() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Token);
    let waiting = world.renew();
    world.login(Login::to("acme"));
    let callback = world.callback();
    let call_id = world.open(&callback);
    world.release(Endpoint::Token);
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert!(world.is_answered(waiting));
    assert_eq!(world.provider.living_refresh_tokens().len(), 1);
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
}

#[test]
fn a_late_renewal_of_the_old_session_does_not_change_the_new_one() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Token);
    world.renew();
    world.hold_no_more(Endpoint::Token);
    world.login(Login::to("acme"));
    world.come_back_to_the_vault();
    let call_id = world.token();
    let mine = world.token_of(call_id).0.to_owned();
    world.release(Endpoint::Token);
    let call_id = world.token();
    assert_eq!(world.token_of(call_id), (mine.as_str(), 1));
    assert_eq!(world.provider.living_refresh_tokens().len(), 1, "that of the new session");
    let call_id = world.renew();
    assert_eq!(world.answer(call_id), &Ok(Answer::Done));
}

#[test]
fn the_state_shows_the_renewals_progress_and_no_token() {
    let mut world = World::new().signed_in();
    let before = world.signed_in_as();
    assert_eq!((before.renewals, before.renewing), (0, false));
    assert_eq!(before.expires_at, Some(world.now().wall.plus(seconds(1800))));
    assert_eq!(before.renews_at, Some(world.now().wall.plus(seconds(1740))));
    world.hold(Endpoint::Token);
    world.renew();
    assert!(world.signed_in_as().renewing);
    assert_eq!(world.wakes_in(), None, "there is nothing to do but wait");
    world.release(Endpoint::Token);
    assert_eq!((world.signed_in_as().renewals, world.signed_in_as().renewing), (1, false));
}

#[test]
fn renewals_are_jittered() {
    let pauses = |seed_of_pause: u64| {
        let mut world = signed_in_for(1800);
        world.provider.fails_often(Endpoint::Token, Fault::Network, usize::MAX);
        world.sleep(seconds(1740 + seed_of_pause));
        world.wakes_in().unwrap()
    };
    assert!(pauses(0) >= Duration::from_millis(500) && pauses(0) <= seconds(1));
    assert!(pauses(600) <= seconds(60));
}

#[test]
fn law_3_the_end_of_the_old_session_does_not_end_a_new_login() {
    let mut world = World::new().signed_in();
    world.provider.fails(Endpoint::Token, Fault::LostAnswer);
    world.renew();
    world.hold(Endpoint::Token);
    world.renew();
    world.login(Login::to("acme"));
    let callback = world.callback();
    let call_id = world.open(&callback);
    world.release(Endpoint::Token);
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert!(world.is_signed_in());
}
