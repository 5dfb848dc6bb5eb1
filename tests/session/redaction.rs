//! Law 1: no printed output holds a secret.

use crate::support::{APP, Endpoint, Fault, World, seconds, wristband};
use wristband_spa_auth::session::{Login, Logout};

/// A whole session life with everything printed on the way: logins, renewals, user info, failures, logouts.
fn a_whole_life() -> World {
    let mut world = World::with(wristband().expose_access_token(true)).print_everything();
    world.open(APP);
    world.login(Login::to("acme").return_to("/invoices"));
    let callback = world.callback();
    world.hold(Endpoint::Keys);
    world.reload(&callback);
    world.release(Endpoint::Keys);
    world.open(&callback);
    world.token();
    world.user_info();
    world.sleep(seconds(1740));
    world.token_refused(1);
    repeat_every_secret_in_an_error(&mut world);
    world.provider.lies(|t| t.claim("iss", "https://evil.example"));
    world.renew();
    world.provider.tells_the_truth();
    world.provider.answers_with(|answer| answer["token_type"] = "DPoP".into());
    world.login(Login::to("globex"));
    world.come_back();
    world.provider.tells_the_truth();
    world.reload(APP);
    world.come_back_to_the_vault();
    world.go_offline();
    world.logout(Logout::new().state("x"));
    world.go_online();
    world.provider.callback_parameters = vec![("code", None), ("error", Some("access_denied".into()))];
    world.login(Login::to("acme"));
    world.come_back();
    world
}

/// A careless provider echoes the request in every field that an error has for a message.
fn repeat_every_secret_in_an_error(world: &mut World) {
    for (_, secret) in world.provider.secrets.clone() {
        for endpoint in [Endpoint::Token, Endpoint::UserInfo] {
            let body = serde_json::json!({"error": secret, "error_description": format!("\"{secret}\" is wrong, {secret}")});
            world.provider.fails(endpoint, Fault::Status(400, body.to_string().leak()));
        }
        world.renew();
        world.user_info();
        world.sleep(seconds(10));
    }
    world.provider.recovers();
}

/// The kinds of secrets that occur in `text`.
fn leaks(world: &World, text: &str) -> Vec<&'static str> {
    let mut kinds: Vec<_> =
        world.provider.secrets.iter().filter(|(_, secret)| text.contains(secret.as_str())).map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[test]
fn law_1_tokens_are_never_printed() {
    let world = a_whole_life();
    for kind in leaks(&world, world.transcript()) {
        assert!(!["access", "refresh", "id token", "verifier"].contains(&kind), "{kind} was printed");
    }
}

#[test]
fn law_1_authorization_codes_are_never_printed() {
    let world = a_whole_life();
    assert!(!leaks(&world, world.transcript()).contains(&"code"));
}

#[test]
fn law_1_nonces_are_never_printed() {
    let world = a_whole_life();
    assert!(!leaks(&world, world.transcript()).contains(&"nonce"));
}

#[test]
fn law_1_urls_hold_no_secret_except_those_that_the_standard_puts_there() {
    let world = a_whole_life();
    for address in world.navigations() {
        let parameters = &address.parameters;
        let found = leaks(&world, &address.url.to_string());
        let nonce_is_due = parameters.iter().any(|(name, _)| name == "nonce");
        assert!(found.is_empty() || (nonce_is_due && found == ["nonce"]), "{found:?} in {}", address.url);
    }
    for sent in world.sent() {
        assert_eq!(leaks(&world, &sent.url), [""; 0], "{}", sent.url);
    }
    for path in world.addresses_shown() {
        assert_eq!(leaks(&world, path), [""; 0], "{path}");
    }
}

#[test]
fn law_1_only_what_a_callback_needs_is_stored() {
    let mut world = World::new().signed_in();
    world.login(Login::to("acme"));
    let stored = [world.storage.pending_texts().concat(), world.storage.hint_text().unwrap().to_owned()].concat();
    assert_eq!(leaks(&world, &stored), [""; 0]);
    let callback = world.callback();
    let stored = world.storage.pending_texts().concat();
    assert_eq!(leaks(&world, &stored), ["nonce"], "and the verifier, which the provider has not seen yet");
    world.open(&callback);
    assert_eq!(world.storage.pending_texts(), [""; 0]);
}

#[test]
fn the_search_finds_a_planted_secret() {
    let world = a_whole_life();
    let kinds = ["access", "code", "id token", "nonce", "refresh", "verifier"];
    for kind in kinds {
        let secrets: Vec<_> = world.provider.secrets.iter().filter(|(k, _)| *k == kind).collect();
        assert!(!secrets.is_empty(), "no {kind} in the whole story");
        for (_, secret) in secrets {
            assert!(leaks(&world, &format!("…{secret}…")).contains(&kind));
        }
    }
    assert_eq!(leaks(&world, "nothing"), [""; 0]);
}

#[test]
fn the_searched_output_covers_the_whole_session() {
    let world = a_whole_life();
    for word in [
        "Opened",
        "Login",
        "Fetched",
        "CheckSignature",
        "StorePending",
        "SignedIn",
        "ActiveSession",
        "provider: ",
        "[redacted]",
        "unrevoked: [\n",
    ] {
        assert!(world.transcript().contains(word), "{word}");
    }
}

/// The message of a panic about the error in a result.
fn said_by_panic<E: std::fmt::Debug>(result: Result<(), E>) -> String {
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| result.unwrap())).unwrap_err();
    payload.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn law_1_a_panic_about_a_session_holds_no_secret() {
    let mut world = World::with(wristband().expose_access_token(true)).signed_in();
    world.sleep(seconds(1740));
    world.login(Login::to("globex"));
    let said = said_by_panic(Err(&world.session));
    assert!(said.contains("RefreshToken([redacted])"), "{said}");
    assert_eq!(leaks(&world, &said), [""; 0]);
    let (_, secret) = world.provider.secrets.first().unwrap();
    assert_ne!(leaks(&world, &said_by_panic(Err(secret))), [""; 0], "the search finds what a panic says");
}
