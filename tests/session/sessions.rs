//! Law 13: a call belongs to the session in which it was made.

use crate::support::{APP, Endpoint, World, open_id};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, CallId, Login, Logout, SessionNumber};

/// A page's call, made in the session that the page believes to be current.
type Call = fn(&mut World, Option<SessionNumber>) -> CallId;

const CALLS: [(&str, Call); 4] = [
    ("token", |world, session| world.token_in(session)),
    ("token refused", |world, session| world.token_refused_in(session, 0)),
    ("renew", |world, session| world.renew_in(session)),
    ("user info", |world, session| world.user_info_in(session)),
];

/// A way in which a session ends or is replaced.
type Change = fn(&mut World);

const CHANGES: [(&str, Change); 5] = [
    ("another user", |world| {
        world.provider.subject = "user-2".into();
        world.login(Login::to("acme"));
        world.come_back_to_the_vault();
    }),
    ("another tenant", |world| {
        world.login(Login::to("globex"));
        world.come_back_to_the_vault();
    }),
    ("the same user, signed in again", |world| {
        world.login(Login::to("acme"));
        world.come_back_to_the_vault();
    }),
    ("a logout", |world| {
        world.logout(Logout::new());
    }),
    ("a logout, and the same user", |world| {
        world.logout(Logout::new());
        world.login(Login::to("acme"));
        world.come_back_to_the_vault();
    }),
];

/// The number of requests sent to the provider on behalf of a call.
fn calls_sent(world: &World) -> usize {
    world.renewals_sent() + world.sent_to(Endpoint::UserInfo).len()
}

#[test]
fn law_13_a_call_of_an_ended_session_fails_before_anything_is_sent() {
    for (change, happens) in CHANGES {
        for (name, call) in CALLS {
            let mut world = World::new().signed_in();
            let session = world.session.number();
            assert!(session.is_some());
            happens(&mut world);
            let before = calls_sent(&world);
            let call_id = call(&mut world, session);
            assert_eq!(world.code(call_id), Code::NotSignedIn, "{name} after {change}");
            assert_eq!(calls_sent(&world), before, "{name} after {change}");
        }
    }
}

#[test]
fn law_13_a_call_that_waits_for_a_renewal_does_not_continue_in_the_next_session() {
    for (change, happens) in CHANGES {
        for (name, call) in CALLS {
            for says_its_session in [true, false] {
                let mut world = World::new().signed_in();
                let session = world.session.number().filter(|_| says_its_session);
                world.sleep(crate::support::seconds(1700));
                world.hold(Endpoint::Token);
                world.renew();
                // The token is valid for another minute and a half; only then does a call have to wait.
                world.go_offline();
                world.sleep(crate::support::seconds(101));
                world.go_online();
                let call_id = call(&mut world, session);
                assert!(!world.is_answered(call_id), "{name}");
                world.hold_no_more(Endpoint::Token);
                happens(&mut world);
                assert_eq!(world.code(call_id), Code::NotSignedIn, "{name} during {change}");
                world.events.clear();
                world.release(Endpoint::Token);
                assert_eq!(calls_sent(&world), 0, "{name} during {change}");
            }
        }
    }
}

#[test]
fn law_13_the_replay_after_a_401_belongs_to_the_session_of_the_first_try() {
    for (change, happens) in CHANGES {
        let mut world = World::new().signed_in();
        let call_id = world.token();
        let (generation, session) = match world.answer(call_id) {
            Ok(Answer::Token { generation, session, .. }) => (generation.0, *session),
            other => panic!("{other:?}"),
        };
        happens(&mut world);
        let call_id = world.token_refused_in(Some(session), generation);
        assert_eq!(world.code(call_id), Code::NotSignedIn, "{change}: no token of the next session");
    }
}

#[test]
fn law_13_a_call_of_a_lost_vault_is_not_replayed_by_the_next() {
    let mut world = World::new().signed_in();
    let session = world.session.number();
    world.provider.subject = "user-2".into();
    world.lose_the_vault();
    world.open(APP);
    world.login(Login::to("acme"));
    world.come_back();
    let call_id = world.token();
    assert_eq!(world.token_of(call_id).1, 0, "its tokens are counted from the start again");
    for call_id in
        [world.token_refused_in(session, 0), world.token_in(session), world.renew_in(session), world.user_info_in(session)]
    {
        assert_eq!(world.code(call_id), Code::NotSignedIn);
    }
}

#[test]
fn law_13_user_info_of_one_session_is_not_returned_in_the_next() {
    for (change, happens) in CHANGES {
        let mut world = World::new().signed_in();
        world.hold(Endpoint::UserInfo);
        let call_id = world.user_info();
        happens(&mut world);
        world.release(Endpoint::UserInfo);
        assert_eq!(world.code(call_id), Code::NotSignedIn, "{change}");
    }
}

#[test]
fn law_13_a_401_to_user_info_is_not_replayed_in_the_next_session() {
    for (change, happens) in CHANGES {
        let mut world = World::new().signed_in();
        world.provider.refuses_access_tokens();
        world.hold(Endpoint::UserInfo);
        let call_id = world.user_info();
        happens(&mut world);
        world.events.clear();
        world.release(Endpoint::UserInfo);
        assert_eq!(world.code(call_id), Code::NotSignedIn, "{change}");
        assert_eq!(calls_sent(&world), 0, "{change}");
    }
}

#[test]
fn a_call_in_the_current_session_is_served_with_or_without_its_number() {
    for world in [World::new(), World::with(open_id())] {
        let mut world = world.signed_in();
        for session in [world.session.number(), None] {
            let asks = [world.token_in(session), world.renew_in(session), world.user_info_in(session)];
            assert!(asks.iter().all(|call_id| world.answer(*call_id).is_ok()), "{session:?}");
        }
        assert!(world.session.number().is_some(), "a renewal starts no session");
    }
}

#[test]
fn law_13_no_two_sessions_have_the_same_number() {
    let mut world = World::new();
    world.open(APP);
    assert_eq!(world.session.number(), None, "the user is signed out");
    let mut seen = Vec::new();
    for round in 0..30 {
        world.login(Login::to("acme"));
        // Every third time the vault is a new one.
        let _ = if round % 3 == 0 { world.come_back() } else { world.come_back_to_the_vault() };
        let number = world.session.number().unwrap();
        assert_eq!(SessionNumber::from_u64(number.as_u64()), number);
        assert!(number.as_u64() < 1 << 53, "JavaScript holds it exactly");
        assert!(!seen.contains(&number), "{round}: {seen:?}");
        seen.push(number);
    }
}
