//! Everything that can change the state, tried in every state.

use wristband_spa_auth::Restore;
use wristband_spa_auth::protocol::config::{Api, IdleLogout};
use wristband_spa_auth::session::{CallId, Input, Login, Logout};

use super::support::{APP, CALLBACK, Draft, Endpoint, Event, Fault, World, open_id, seconds, wristband};

pub(crate) type Setting = fn() -> World;
pub(crate) type Happening = fn(&mut World);

/// An event, the states in which it is tried, and the ways in which it can happen.
pub(crate) struct Case {
    /// For the table: a sentence.
    pub(crate) what: &'static str,
    /// For the diagram: a few words.
    pub(crate) short: &'static str,
    pub(crate) settings: &'static [Setting],
    pub(crate) ways: &'static [Happening],
}

pub(crate) const CASES: &[Case] = &[
    Case {
        what: "A page is opened. No user was signed in before.",
        short: "a page opens",
        settings: &[World::new, failed],
        ways: &[opens],
    },
    Case {
        what: "A page is opened after an earlier session. The browser is redirected to the provider once, to restore it.",
        short: "a page opens: restoring",
        settings: &[expired, failed_after_a_session, signed_in_elsewhere],
        ways: &[opens],
    },
    Case {
        what: "A page is opened after an earlier session, and no redirect is possible: the device is offline, \
               `restore` is `\"none\"`, or it was tried five times within the last minute.",
        short: "a page opens: no restoring",
        settings: &[hinted_offline, hinted_without_restoring, failed_offline_after_a_session],
        ways: &[opens],
    },
    Case {
        what: "A page is opened after a logout that ended no session at the provider: it has no logout, or the device was offline.",
        short: "a page opens: logged out",
        settings: &[logged_out_offline, failed_after_such_a_logout],
        ways: &[opens],
    },
    Case {
        what: "A page is opened with a callback that matches no pending login. It is treated like any other page, \
               and receives the error.",
        short: "a foreign callback",
        settings: &[foreign_callback, foreign_callback_after_a_failure, foreign_callback_after_a_session],
        ways: &[login_is_not_found],
    },
    Case {
        what: "Such a callback has already started a login here, within the last ten minutes.",
        short: "not again",
        settings: &[
            foreign_callback_again,
            foreign_callback_again_in_one_vault,
            foreign_callback_again_after_a_session,
            refused_code_after_a_logout,
        ],
        ways: &[login_is_not_started_again],
    },
    Case {
        what: "The provider has no session for the user, or the browser could not be redirected to it, or did not \
               come back within ten seconds.",
        short: "nothing to restore",
        settings: &[leaving],
        ways: &[login_required, storage_refuses, metadata_is_missing, waits_in_vain, returns],
    },
    Case {
        what: "A login comes back, and its ID token passes every check.",
        short: "a login passes",
        settings: &[coming_back, leaving, never_signed_in, signed_out, expired, failed, renewing, in_trouble],
        ways: &[login_passes, login_passes_by_the_time_of_others],
    },
    Case {
        what: "The same, and the device went offline meanwhile.",
        short: "passes, offline",
        settings: &[coming_back, leaving, never_signed_in, signed_out, expired, failed],
        ways: &[login_passes_offline, login_passes_offline_by_the_time_of_others],
    },
    Case {
        what: "A login comes back that was refused, is too late, or fails a check.",
        short: "a login fails",
        settings: &[coming_back, leaving, never_signed_in, signed_out, expired, failed],
        ways: &[damaged_callback, declined, exchange_fails, exchange_is_given_up, signature_fails, time_fails],
    },
    Case {
        what: "The user logs out: `logout()`.",
        short: "logout",
        settings: &[coming_back, leaving, never_signed_in, expired, failed, signed_in, renewing, in_trouble, offline],
        ways: &[logs_out],
    },
    Case {
        what: "The user logs out of this session in another tab.",
        short: "logout elsewhere",
        settings: &[signed_in, renewing, in_trouble, offline],
        ways: &[logs_out_elsewhere],
    },
    Case {
        what: "Nobody has used the session for as long as `idleLogout` allows. The reason is `idle`.",
        short: "nobody is there",
        settings: &[signed_in_with_idle_logout],
        ways: &[nobody_is_there],
    },
    Case {
        what: "The access token is about to expire, or the backoff after a failed renewal is over.",
        short: "renewal is due",
        settings: &[signed_in, in_trouble],
        ways: &[renewal_is_due],
    },
    Case {
        what: "New tokens are needed sooner: `renew()`, or a 401 from an API or from the user info endpoint.",
        short: "tokens are needed",
        settings: &[signed_in, in_trouble],
        ways: &[renews, token_is_refused, user_info_is_refused],
    },
    Case {
        what: "An API with a token of its own is called, and has none yet.",
        short: "an API's first call",
        settings: &[signed_in_with_two_apis, in_trouble_with_two_apis],
        ways: &[second_api_is_called],
    },
    Case {
        what: "The new tokens arrive, and pass every check.",
        short: "new tokens pass",
        settings: &[renewing],
        ways: &[tokens_arrive, tokens_arrive_without_id_token, tokens_arrive_and_the_clock_is_wrong],
    },
    Case {
        what: "The renewal fails: no response, an inconclusive error, or tokens that fail a check. It is retried.",
        short: "renewal fails",
        settings: &[renewing],
        ways: &[renewal_is_lost, renewed_id_token_is_wrong, renewed_id_token_is_wrong_about_time],
    },
    Case {
        what: "The renewal is not sent, because too many requests were made within a minute. It is retried.",
        short: "too many requests",
        settings: &[signed_in_after_sixty_renewals],
        ways: &[renews, token_is_refused, renewal_is_due, user_info_is_refused],
    },
    Case {
        what: "The provider answers `invalid_grant`, or the new tokens are about another user.",
        short: "refused for good",
        settings: &[renewing, offline_while_renewing],
        ways: &[invalid_grant, another_subject, another_subject_and_the_clock_is_wrong],
    },
    Case {
        what: "The provider answers `invalid_grant` after a lost response: it is asked once more, with a redirect.",
        short: "refused after a loss",
        settings: &[renewing, offline_while_renewing],
        ways: &[invalid_grant_after_a_loss],
    },
    Case {
        what: "The access token has expired, and the provider refuses to renew it: it is asked once more, with a redirect.",
        short: "refused at the end",
        settings: &[
            refused,
            renewing_at_the_end,
            renewing_at_the_end_for_another_issuer,
            renewing_at_the_end_for_an_earlier_sign_in,
            offline_and_refused,
            refused_without_a_stated_end,
        ],
        ways: &[refusal_counts],
    },
    Case {
        what: "The access token has expired, the provider refuses to renew it, and no redirect is possible: \
               `restore` is `\"none\"`, or the session was restored within the last minute.",
        short: "refused: no restoring",
        settings: &[
            refused_without_restoring,
            renewing_at_the_end_without_restoring,
            renewing_at_the_end_for_another_issuer_without_restoring,
            renewing_at_the_end_for_an_earlier_sign_in_without_restoring,
            offline_and_refused_without_restoring,
            refused_without_a_stated_end_or_restoring,
        ],
        ways: &[refusal_counts],
    },
    Case {
        what: "The access token has expired, and there is no refresh token.",
        short: "no more tokens",
        settings: &[signed_in_for_once, offline_for_once],
        ways: &[token_ends, ended_token_is_refused],
    },
    Case {
        what: "The device goes offline.",
        short: "offline",
        settings: &[signed_in, renewing, in_trouble],
        ways: &[goes_offline, is_found_offline_by_a_page, is_found_offline_at_the_return],
    },
    Case {
        what: "The device is online again. Work that is due is done at once.",
        short: "online",
        settings: &[offline, offline_and_due, offline_in_trouble],
        ways: &[goes_online, is_found_online_by_a_page, is_found_online_at_the_return],
    },
];

// The states, each reached as an app would.

fn never_signed_in() -> World {
    let mut world = World::new();
    world.open(APP);
    world
}

/// The user is at the provider, and the page was left.
fn coming_back() -> World {
    let mut world = never_signed_in();
    world.login(Login::to("acme"));
    world.lose_the_vault();
    world
}

fn signed_in() -> World {
    World::new().signed_in()
}

fn signed_out() -> World {
    let mut world = signed_in();
    world.logout(Logout::new());
    world
}

fn expired() -> World {
    let mut world = signed_in();
    world.provider.revokes_everything();
    world.renew();
    world
}

fn failed() -> World {
    let mut world = coming_back();
    declined(&mut world);
    world.events.clear();
    world
}

/// A sign-in failed in a page without a vault, after an earlier session.
fn failed_after_a_session() -> World {
    let mut world = signed_in();
    world.login(Login::to("acme"));
    world.lose_the_vault();
    declined(&mut world);
    world.events.clear();
    world
}

fn failed_offline_after_a_session() -> World {
    let mut world = failed_after_a_session();
    world.go_offline();
    world
}

/// The user was signed out here, and then signed in in another vault.
fn signed_in_elsewhere() -> World {
    let mut world = never_signed_in();
    world.storage = signed_in().storage;
    world
}

/// A page was opened with a made-up callback.
fn foreign_callback_in(mut world: World) -> World {
    world.storage_is_slow = true;
    world.open(&format!("{CALLBACK}?code=one&state=made-up-by-somebody-else"));
    world
}

fn foreign_callback() -> World {
    foreign_callback_in(World::with(wristband().restore(Restore::None)))
}

const FOREIGN: &str = "https://app.example/callback?code=one&state=of-another-browser&tenant_name=acme";

/// A callback of no pending login, after another one has started a login.
fn foreign_callback_again() -> World {
    let mut world = World::new();
    world.open(FOREIGN);
    world.lose_the_vault();
    world.storage_is_slow = true;
    world.open(FOREIGN);
    world
}

fn foreign_callback_again_in_one_vault() -> World {
    let mut world = World::new();
    world.open(FOREIGN);
    world.sleep(seconds(11));
    world.lose_the_vault();
    world.open(APP);
    world.storage_is_slow = true;
    world.open(FOREIGN);
    world
}

fn foreign_callback_again_after_a_session() -> World {
    let mut world = expired();
    world.storage.clear_hint();
    world.open(FOREIGN);
    world.sleep(seconds(11));
    world.storage_is_slow = true;
    world.open(FOREIGN);
    world
}

/// A user who has logged out logs in, and the code is refused twice.
fn refused_code_after_a_logout() -> World {
    let mut world = signed_out();
    world.login(Login::to("acme"));
    let refusal = || Fault::Status(400, r#"{"error":"invalid_grant"}"#);
    world.provider.fails(Endpoint::Token, refusal());
    world.come_back_to_the_vault();
    world.login(Login::to("acme"));
    world.provider.fails(Endpoint::Token, refusal());
    let callback = world.callback();
    world.storage_is_slow = true;
    world.open(&callback);
    world
}

fn foreign_callback_after_a_failure() -> World {
    foreign_callback_in(failed())
}

fn foreign_callback_after_a_session() -> World {
    foreign_callback_in(failed_after_a_session())
}

fn hinted_offline() -> World {
    let mut world = signed_in();
    world.go_offline();
    world.lose_the_vault();
    world
}

fn logged_out_offline() -> World {
    let mut world = signed_in();
    world.go_offline();
    world.logout(Logout::new());
    world.lose_the_vault();
    world
}

fn failed_after_such_a_logout() -> World {
    let mut world = logged_out_offline();
    world.go_online();
    world.open(APP);
    world.login(Login::to("acme"));
    world.lose_the_vault();
    declined(&mut world);
    world.events.clear();
    world
}

fn hinted_without_restoring() -> World {
    let mut world = World::with(wristband().restore(Restore::None)).signed_in();
    world.lose_the_vault();
    world
}

/// A page that is about to redirect, to restore a session.
fn leaving() -> World {
    let mut world = signed_in();
    world.reload(APP);
    world
}

/// A renewal waits for its response.
fn renewing() -> World {
    let mut world = signed_in();
    world.hold(Endpoint::Token);
    world.renew();
    world
}

fn in_trouble() -> World {
    let mut world = signed_in();
    world.provider.fails(Endpoint::Token, Fault::Status(503, ""));
    world.renew();
    world
}

fn offline() -> World {
    let mut world = signed_in();
    world.go_offline();
    world
}

fn offline_and_due() -> World {
    let mut world = offline();
    world.sleep(seconds(1740));
    world.hold(Endpoint::Token);
    world
}

fn offline_in_trouble() -> World {
    let mut world = in_trouble();
    world.go_offline();
    world
}

fn offline_while_renewing() -> World {
    let mut world = renewing();
    world.go_offline();
    world
}

fn without_restoring() -> World {
    World::with(wristband().restore(Restore::None))
}

/// The provider refuses to renew, and the access token is about to expire.
fn refused_in(world: World) -> World {
    let mut world = world.signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_scope"}"#), usize::MAX);
    world.sleep(seconds(1799));
    world
}

fn refused() -> World {
    refused_in(World::new())
}

fn refused_without_restoring() -> World {
    refused_in(without_restoring())
}

/// The provider refuses to renew an access token without an expiry.
fn refused_without_a_stated_end_in(mut world: World) -> World {
    world.provider.access_lifetime = serde_json::Value::Null;
    let mut world = world.signed_in();
    world.provider.fails_often(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_scope"}"#), usize::MAX);
    world.renew();
    world
}

fn refused_without_a_stated_end() -> World {
    refused_without_a_stated_end_in(World::new())
}

fn refused_without_a_stated_end_or_restoring() -> World {
    refused_without_a_stated_end_in(without_restoring())
}

fn offline_and_refused_in(world: World) -> World {
    let mut world = refused_in(world);
    world.go_offline();
    world.sleep(seconds(60));
    world
}

fn offline_and_refused() -> World {
    offline_and_refused_in(World::new())
}

fn offline_and_refused_without_restoring() -> World {
    offline_and_refused_in(without_restoring())
}

/// A renewal waits for its response, which is a refusal, and the access token has expired.
fn renewing_at_the_end_in(world: World, refuses: fn(&mut World)) -> World {
    let mut world = world.signed_in();
    world.go_offline();
    world.sleep(seconds(1801));
    refuses(&mut world);
    world.hold(Endpoint::Token);
    world.go_online();
    world
}

fn refuses(world: &mut World) {
    world.provider.fails(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_scope"}"#));
}

fn names_another_issuer(world: &mut World) {
    world.provider.lies(|draft| draft.claim("iss", "https://somebody.else"));
}

fn tells_an_earlier_sign_in(world: &mut World) {
    world.provider.lies(|draft| draft.claim("auth_time", 1));
}

fn renewing_at_the_end() -> World {
    renewing_at_the_end_in(World::new(), refuses)
}

fn renewing_at_the_end_for_another_issuer() -> World {
    renewing_at_the_end_in(World::new(), names_another_issuer)
}

fn renewing_at_the_end_for_an_earlier_sign_in() -> World {
    renewing_at_the_end_in(World::new(), tells_an_earlier_sign_in)
}

fn renewing_at_the_end_without_restoring() -> World {
    renewing_at_the_end_in(without_restoring(), refuses)
}

fn renewing_at_the_end_for_another_issuer_without_restoring() -> World {
    renewing_at_the_end_in(without_restoring(), names_another_issuer)
}

fn renewing_at_the_end_for_an_earlier_sign_in_without_restoring() -> World {
    renewing_at_the_end_in(without_restoring(), tells_an_earlier_sign_in)
}

/// The user is signed in without a refresh token.
fn signed_in_for_once() -> World {
    let mut world = World::new();
    world.provider.grants_refresh_tokens = false;
    world.signed_in()
}

fn signed_in_with_two_apis() -> World {
    let own = "https://own.example/";
    World::with(open_id().apis(["https://api.example/"]).api(Api::new(own).resource(own))).signed_in()
}

/// The backoff is over, and nothing else has been due since.
fn in_trouble_with_two_apis() -> World {
    let mut world = signed_in_with_two_apis();
    world.provider.fails(Endpoint::Token, Fault::Network);
    second_api_is_called(&mut world);
    world.release(Endpoint::Token);
    world.sleep(seconds(120));
    world
}

fn offline_for_once() -> World {
    let mut world = signed_in_for_once();
    world.go_offline();
    world
}

/// Shortly before the next renewal, this many were made within a moment.
fn signed_in_after_sixty_renewals() -> World {
    let mut world = World::new();
    world.provider.access_lifetime = 4.into();
    let mut world = world.signed_in();
    for _ in 0..60 {
        world.renew();
    }
    world
}

// The events.

fn opens(world: &mut World) {
    world.open(APP);
}

/// The user is at the redirect's target, or goes there now, and comes back.
fn comes_back(world: &mut World) {
    let is_away = world.navigations().last().is_some_and(|address| address.path().ends_with("/authorize"));
    if !is_away {
        world.login(Login::to("acme"));
    }
    world.changes.clear();
    world.come_back_to_the_vault();
}

fn login_passes(world: &mut World) {
    world.hold_no_more(Endpoint::Token);
    comes_back(world);
}

fn login_passes_by_the_time_of_others(world: &mut World) {
    world.set_wall_clock_off_by(3000);
    login_passes(world);
}

fn login_passes_offline(world: &mut World) {
    world.hold(Endpoint::Token);
    comes_back(world);
    world.go_offline();
    world.release(Endpoint::Token);
}

fn login_passes_offline_by_the_time_of_others(world: &mut World) {
    world.set_wall_clock_off_by(3000);
    login_passes_offline(world);
}

fn damaged_callback(world: &mut World) {
    world.provider.callback_parameters = vec![("tenant_name", Some("a/b".into()))];
    comes_back(world);
    world.provider.callback_parameters.clear();
}

fn declined(world: &mut World) {
    world.provider.callback_parameters = vec![("code", None), ("error", Some("access_denied".into()))];
    comes_back(world);
    world.provider.callback_parameters.clear();
}

fn exchange_fails(world: &mut World) {
    world.provider.fails(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_client"}"#));
    comes_back(world);
}

fn exchange_is_given_up(world: &mut World) {
    world.provider.fails_often(Endpoint::Token, Fault::Network, usize::MAX);
    comes_back(world);
    // A restore that is given up ends silently.
    if world.storage.hint_text().is_none() {
        world.go_offline();
        world.sleep(seconds(31));
    }
}

fn signature_fails(world: &mut World) {
    world.provider.lies(|draft| draft.claim("iss", "https://somebody.else"));
    comes_back(world);
}

fn time_fails(world: &mut World) {
    world.provider.lies(is_from_the_future);
    comes_back(world);
}

fn is_from_the_future(draft: &mut Draft) {
    draft.claim("iat", draft.now + 7200);
}

fn login_is_not_found(world: &mut World) {
    world.release_storage();
}

fn login_is_not_started_again(world: &mut World) {
    world.release_storage();
    world.release_storage();
}

fn login_required(world: &mut World) {
    world.provider.callback_parameters = vec![("code", None), ("error", Some("login_required".into()))];
    comes_back(world);
}

fn storage_refuses(world: &mut World) {
    world.lose_the_vault();
    world.storage = signed_in().storage;
    world.storage.refuses = true;
    world.open(APP);
}

fn metadata_is_missing(world: &mut World) {
    *world = World::open_id().signed_in();
    world.lose_the_vault();
    world.provider.fails(Endpoint::Metadata, Fault::Network);
    world.changes.clear();
    world.open(APP);
}

fn waits_in_vain(world: &mut World) {
    world.sleep(seconds(11));
}

fn returns(world: &mut World) {
    world.input(Input::PageRestoredFromCache { online: true });
}

fn logs_out(world: &mut World) {
    world.logout(Logout::new());
}

fn logs_out_elsewhere(world: &mut World) {
    let mut other_tab = signed_in();
    other_tab.logout(Logout::new());
    let announced = other_tab.events.into_iter().find_map(|event| match event {
        Event::LogoutAnnounced(session) => Some(session),
        _ => None,
    });
    world.input(Input::SignedOutElsewhere { session: announced.unwrap() });
}

fn signed_in_with_idle_logout() -> World {
    World::with(wristband().idle_logout(IdleLogout::after(seconds(600)))).signed_in()
}

fn nobody_is_there(world: &mut World) {
    world.sleep(seconds(600));
}

fn renewal_is_due(world: &mut World) {
    world.hold(Endpoint::Token);
    while world.changes.is_empty() {
        world.sleep(world.wakes_in().unwrap());
    }
}

fn renews(world: &mut World) {
    world.hold(Endpoint::Token);
    world.renew();
}

fn second_api_is_called(world: &mut World) {
    world.hold(Endpoint::Token);
    world.input(Input::Token { call_id: CallId(900), session: None, api: Some(1) });
}

fn token_is_refused(world: &mut World) {
    world.hold(Endpoint::Token);
    let renewals = world.signed_in_as().renewals;
    world.token_refused(renewals);
}

fn user_info_is_refused(world: &mut World) {
    world.hold(Endpoint::Token);
    world.provider.refuses_access_tokens();
    world.user_info();
}

/// The provider's response to a renewal that was requested in this world.
fn renewal_is_answered(world: &mut World, by: impl FnOnce(&mut World)) {
    let offline = world.signed_in_as().offline;
    *world = signed_in();
    by(world);
    world.hold(Endpoint::Token);
    world.renew();
    if offline {
        world.go_offline();
    }
    world.changes.clear();
    world.release(Endpoint::Token);
}

fn tokens_arrive(world: &mut World) {
    renewal_is_answered(world, |_| {});
}

fn tokens_arrive_without_id_token(world: &mut World) {
    renewal_is_answered(world, |world| world.provider.id_token_on_renewal = false);
}

fn tokens_arrive_and_the_clock_is_wrong(world: &mut World) {
    renewal_is_answered(world, |world| {
        world.hold(Endpoint::Token);
        world.set_wall_clock_off_by(3000);
    });
}

fn renewal_is_lost(world: &mut World) {
    renewal_is_answered(world, |world| world.provider.fails(Endpoint::Token, Fault::Network));
}

fn renewed_id_token_is_wrong(world: &mut World) {
    renewal_is_answered(world, |world| world.provider.lies(|draft| draft.claim("iss", "https://somebody.else")));
}

fn renewed_id_token_is_wrong_about_time(world: &mut World) {
    renewal_is_answered(world, |world| world.provider.lies(is_from_the_future));
}

fn invalid_grant(world: &mut World) {
    renewal_is_answered(world, |world| world.provider.revokes_everything());
}

fn another_subject(world: &mut World) {
    renewal_is_answered(world, |world| world.provider.subject = "user-2".into());
}

fn another_subject_and_the_clock_is_wrong(world: &mut World) {
    renewal_is_answered(world, |world| {
        world.provider.subject = "user-2".into();
        world.hold(Endpoint::Token);
        world.set_wall_clock_off_by(3000);
    });
}

fn invalid_grant_after_a_loss(world: &mut World) {
    renewal_is_answered(world, |world| {
        world.provider.fails(Endpoint::Token, Fault::LostAnswer);
        world.renew();
    });
}

/// Does whatever makes the refusal count.
fn refusal_counts(world: &mut World) {
    let session = world.signed_in_as();
    if session.offline {
        world.go_online();
    } else if session.renewing {
        world.release(Endpoint::Token);
    } else if session.expires_at.is_none() {
        // Only an API can say that the token has expired.
        world.token_refused(0);
    } else {
        world.sleep(seconds(1));
    }
}

fn token_ends(world: &mut World) {
    world.sleep(seconds(1801));
}

/// An API and the wall clock agree that it has expired.
fn ended_token_is_refused(world: &mut World) {
    world.set_wall_clock_off_by(1801);
    world.token_refused(0);
}

fn goes_offline(world: &mut World) {
    world.go_offline();
}

fn is_found_offline_by_a_page(world: &mut World) {
    world.network_goes_unheard(false);
    world.open(APP);
}

fn is_found_offline_at_the_return(world: &mut World) {
    world.network_goes_unheard(false);
    world.input(Input::PageRestoredFromCache { online: false });
}

fn is_found_online_by_a_page(world: &mut World) {
    world.network_goes_unheard(true);
    world.open(APP);
}

fn is_found_online_at_the_return(world: &mut World) {
    world.network_goes_unheard(true);
    world.input(Input::PageRestoredFromCache { online: true });
}

fn goes_online(world: &mut World) {
    world.go_online();
}
