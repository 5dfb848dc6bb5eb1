//! The table of vectors: every attack is refused, every valid variant is accepted, and the session ends in the state that
//! the table names (laws 3, 4 and 5).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod page;
#[path = "../support/mod.rs"]
mod support;

use std::sync::OnceLock;

use support::keys::SigningKey;
use support::provider::Kind;
use support::vectors::{self, Case};
use support::{APP, Endpoint, World, seconds};
use wristband_spa_auth::protocol::config::Restore;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth::session::{Answer, CallId, Login};

/// A world whose provider signs and answers as the demo's provider does.
fn world(case: &Case) -> World {
    let mut world = if case.kind == Kind::OpenId {
        World::with(support::open_id().restore(Restore::None))
    } else {
        World::with(support::wristband().allow_tenant_change(false).restore(Restore::None))
    };
    world.provider.keys = vec![SigningKey::new(Algorithm::Rs256, "first")];
    world.provider.is_thorough = true;
    world
}

fn login(case: &Case) -> Login {
    let login = if case.kind == Kind::Wristband { Login::to("acme") } else { Login::new() };
    match case.login["maxAge"].as_u64() {
        Some(seconds) => login.max_age(u32::try_from(seconds).unwrap()),
        None => login,
    }
}

/// The error code that the user received, and the state of the session.
fn outcome(world: &World, call_id: CallId) -> String {
    let code = world.answer(call_id).as_ref().map_or_else(|error| error.code().as_str(), |_| "accepted");
    format!("{code}, {}", world.state().name())
}

/// Plays the vector at its moment, and returns the outcome.
fn tell(case: &Case) -> String {
    let world = match case.moment.as_str() {
        "departure" => at_the_departure(case),
        "callback" => at_the_callback(case),
        "login" => at_the_login(case),
        "renewal" => at_the_renewal(case),
        "user info" => at_the_user_info(case),
        moment => panic!("{moment}: no moment of a vector"),
    };
    assert_asked_nobody_else(&world.0, case);
    outcome(&world.0, world.1)
}

fn at_the_departure(case: &Case) -> (World, CallId) {
    let mut world = world(case);
    world.open(APP);
    case.tell(&mut world);
    let call_id = world.login(login(case));
    assert_eq!(world.navigations().is_empty(), world.answer(call_id).is_err(), "{}", case.id());
    (world, call_id)
}

fn at_the_login(case: &Case) -> (World, CallId) {
    let mut world = world(case);
    world.open(APP);
    world.login(login(case));
    case.tell(&mut world);
    let call_id = world.come_back();
    // Temporary failures are waited for, and then they are over.
    world.sleep(seconds(31));
    if world.answer(call_id).is_err() {
        assert_eq!(world.storage.hint_text(), None, "{}", case.id());
        assert_eq!(world.storage.pending_texts().len(), usize::from(is_unclaimed(&world, call_id)), "{}", case.id());
        assert!(
            case.hides_tokens() || world.provider.living_refresh_tokens().is_empty(),
            "{}: a refresh token lives on",
            case.id()
        );
    }
    (world, call_id)
}

/// A lie before any token is requested never leads to the token endpoint.
fn at_the_callback(case: &Case) -> (World, CallId) {
    let (world, call_id) = at_the_login(case);
    let asked = world.sent_to(Endpoint::Token).len();
    assert!(world.answer(call_id).is_ok() || asked == 0 || world.code(call_id).as_str().starts_with("id_token_"), "{}", case.id());
    (world, call_id)
}

fn at_the_renewal(case: &Case) -> (World, CallId) {
    let mut world = signed_in(case);
    let call_id = world.token();
    let before = world.token_of(call_id).0.to_owned();
    case.tell(&mut world);
    let call_id = world.renew();
    world.provider.tells_the_truth();
    if world.is_signed_in() && world.answer(call_id).is_err() {
        let token = world.token();
        assert_eq!(world.token_of(token).0, before, "{}: the new access token is not used", case.id());
        assert!(case.hides_tokens() || is_mended(&mut world), "{}: the newest refresh token is sent", case.id());
    } else if !world.is_signed_in() && world.code(call_id) == Code::SubjectChanged {
        assert_eq!(world.provider.living_refresh_tokens(), [""; 0], "{}: a refresh token lives on", case.id());
        assert_eq!(world.storage.hint_text(), None, "{}: the next visit restores no session", case.id());
    }
    (world, call_id)
}

/// Whether the session still recovers after the lie, with the refresh token that came along with it.
fn is_mended(world: &mut World) -> bool {
    let call_id = world.renew();
    world.answer(call_id).is_ok() && world.provider.reuses == 0
}

fn at_the_user_info(case: &Case) -> (World, CallId) {
    let mut world = signed_in(case);
    case.tell(&mut world);
    let call_id = world.user_info();
    (world, call_id)
}

/// Whether the callback claimed no pending login, so that the real callback can still arrive.
fn is_unclaimed(world: &World, call_id: CallId) -> bool {
    matches!(world.code(call_id), Code::CallbackInvalid | Code::StateUnknown) && !world.storage.pending_texts().is_empty()
}

fn signed_in(case: &Case) -> World {
    let mut world = world(case);
    world.open(APP);
    world.login(login(case));
    let call_id = world.come_back();
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn), "{}", case.id());
    world
}

/// Asserts that no URL in a token, a key or a document is requested unless it is the provider's own.
fn assert_asked_nobody_else(world: &World, case: &Case) {
    let own = world.provider.issuer();
    assert!(world.sent().iter().all(|sent| sent.url.starts_with(&own)), "{}", case.id());
}

/// Every case, and its outcome.
fn all_told() -> &'static [(Case, String)] {
    static TOLD: OnceLock<Vec<(Case, String)>> = OnceLock::new();
    TOLD.get_or_init(|| vectors::cases().into_iter().map(|case| (case.clone(), tell(&case))).collect())
}

#[test]
fn law_5_every_attack_vector_is_refused_and_every_valid_vector_accepted() {
    let wrong: Vec<String> = all_told()
        .iter()
        .filter(|(case, seen)| case.expected != *seen)
        .map(|(case, seen)| format!("{}: {} was expected, and seen was {seen}", case.id(), case.expected))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_vector_has_one_name_and_every_attack_an_expected_refusal() {
    let cases = vectors::cases();
    for case in &cases {
        let of_this_row = |other: &&Case| (&other.chapter, &other.name) == (&case.chapter, &case.name);
        let refused = cases.iter().filter(of_this_row).any(|other| !other.expected.starts_with("accepted"));
        assert!(refused || !case.is_lie, "{} is expected to be believed", case.id());
        assert_eq!(cases.iter().filter(|other| other.id() == case.id()).count(), 1, "{}", case.id());
    }
}

#[test]
fn the_table_in_the_documentation_is_this_table() {
    let page = page::of(all_told());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(page::PATH, &page).unwrap();
    }
    let written = std::fs::read_to_string(page::PATH).unwrap().replace("\r\n", "\n");
    assert!(written == page, "docs/conformance.md is not what the table says: run this test with UPDATE_DOCS=1");
}
