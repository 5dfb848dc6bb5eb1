//! Law 5: no session before the ID token passed everything. One row for each lie.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use ring::digest::{SHA256, SHA384, SHA512};
use serde_json::json;
use support::keys::{SigningKey, base64url};
use support::{APP, CLIENT, Draft, Endpoint, Fault, ISSUER, World};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth::session::{Answer, Login, Reason, State};

type Edit = fn(&mut Draft);
type Lie = (&'static str, Edit, Code);

/// Wrong both for a login and for a renewal.
const LIES: &[Lie] = &[
    ("signed by somebody else", |t| t.signer = Some(SigningKey::another(Algorithm::Es256, "first")), Code::IdTokenSignature),
    ("a changed claim", |t| t.tampered = Some(swap_a_claim), Code::IdTokenSignature),
    ("no signature", |t| t.tampered = Some(|token| format!("{}.", token.rsplit_once('.').unwrap().0)), Code::IdTokenSignature),
    ("another issuer", |t| t.claim("iss", "https://evil.example"), Code::IdTokenIssuer),
    ("an issuer with a slash more", |t| t.claim("iss", "https://app-org.us.wristband.dev/"), Code::IdTokenIssuer),
    ("no issuer", |t| t.without("iss"), Code::IdTokenIssuer),
    ("another audience", |t| t.claim("aud", "other"), Code::IdTokenAudience),
    ("no audience", |t| t.without("aud"), Code::IdTokenAudience),
    ("an empty list of audiences", |t| t.claim("aud", json!([])), Code::IdTokenAudience),
    ("two audiences without azp", |t| t.claim("aud", json!([CLIENT, "other"])), Code::IdTokenAudience),
    ("an audience that is no text", |t| t.claim("aud", json!([CLIENT, 7])), Code::IdTokenAudience),
    ("another authorized party", |t| t.claim("azp", "other"), Code::IdTokenAudience),
    ("no exp", |t| t.without("exp"), Code::IdTokenExpired),
    (
        "past exp",
        |t| {
            t.claim("iat", t.now - 600);
            t.claim("exp", t.now - 61)
        },
        Code::IdTokenExpired,
    ),
    ("exp as a text", |t| t.claim("exp", (t.now + 1800).to_string()), Code::IdTokenExpired),
    ("exp before iat", |t| t.claim("exp", t.now - 1), Code::IdTokenExpired),
    ("no iat", |t| t.without("iat"), Code::IdTokenIssuedAt),
    ("iat in the future", |t| t.claim("iat", t.now + 61), Code::IdTokenIssuedAt),
    ("iat as a text", |t| t.claim("iat", t.now.to_string()), Code::IdTokenIssuedAt),
    ("nbf in the future", |t| t.claim("nbf", t.now + 61), Code::IdTokenIssuedAt),
    ("nbf as a text", |t| t.claim("nbf", "soon"), Code::IdTokenIssuedAt),
    ("another nonce", |t| t.claim("nonce", "x".repeat(43)), Code::IdTokenNonce),
    ("a nonce that is no text", |t| t.claim("nonce", 7), Code::IdTokenNonce),
    ("another access token's hash", |t| t.claim("at_hash", base64url(&[7; 16])), Code::IdTokenAccessTokenHash),
    ("an empty hash", |t| t.claim("at_hash", ""), Code::IdTokenAccessTokenHash),
    ("a hash that is no text", |t| t.claim("at_hash", 7), Code::IdTokenAccessTokenHash),
    ("the whole hash instead of its half", |t| t.claim("at_hash", base64url(&[7; 32])), Code::IdTokenAccessTokenHash),
    ("alg none", |t| t.header("alg", "none"), Code::IdTokenAlgorithm),
    ("alg None", |t| t.header("alg", "None"), Code::IdTokenAlgorithm),
    ("alg HS256", |t| t.header("alg", "HS256"), Code::IdTokenAlgorithm),
    ("alg RS512, which is not on the list", |t| t.header("alg", "RS512"), Code::IdTokenAlgorithm),
    ("alg in lower case", |t| t.header("alg", "es256"), Code::IdTokenAlgorithm),
    (
        "no alg",
        |t| {
            t.header.as_object_mut().unwrap().remove("alg");
        },
        Code::IdTokenMalformed,
    ),
    ("alg of another kind of key", |t| t.header("alg", "RS256"), Code::IdTokenKey),
    ("an unknown kid", |t| t.header("kid", "nobody's"), Code::IdTokenKey),
    ("a kid that is no text", |t| t.header("kid", 7), Code::IdTokenMalformed),
    ("a critical extension", |t| t.header("crit", json!(["exp"])), Code::IdTokenMalformed),
    ("no critical extensions, said aloud", |t| t.header("crit", json!([])), Code::IdTokenMalformed),
    ("typ of an access token", |t| t.header("typ", "at+JWT"), Code::IdTokenMalformed),
    ("typ of a refresh token", |t| t.header("typ", "rt+JWT"), Code::IdTokenMalformed),
    ("typ of a logout token", |t| t.header("typ", "logout+jwt"), Code::IdTokenMalformed),
    ("base64url with padding", |t| t.tampered = Some(|token| format!("{token}=")), Code::IdTokenMalformed),
    ("base64url that is not canonical", |t| t.tampered = Some(loosen), Code::IdTokenMalformed),
    ("the alphabet of base64", |t| t.tampered = Some(|token| token.replacen('.', "+.", 1)), Code::IdTokenMalformed),
    ("a segment more", |t| t.tampered = Some(|token| format!("{token}.AAAA")), Code::IdTokenMalformed),
    ("a segment less", |t| t.tampered = Some(|token| token.rsplit_once('.').unwrap().0.to_owned()), Code::IdTokenMalformed),
    ("five segments, as if encrypted", |t| t.tampered = Some(|_| "e30.e30.e30.e30.e30".into()), Code::IdTokenMalformed),
    (
        "a claim twice",
        |t| t.claims_text = Some(t.claims.to_string().replacen('{', r#"{"sub":"somebody","#, 1)),
        Code::IdTokenMalformed,
    ),
    ("claims that are a list", |t| t.claims_text = Some("[1]".into()), Code::IdTokenMalformed),
    ("claims that are no JSON", |t| t.claims_text = Some("{".into()), Code::IdTokenMalformed),
    ("auth_time as a text", |t| t.claim("auth_time", "today"), Code::IdTokenAuthTime),
];

/// Wrong for a login only.
const LIES_AT_LOGIN: &[Lie] = &[
    ("no nonce", |t| t.without("nonce"), Code::IdTokenNonce),
    ("a nonce that is null", |t| t.claim("nonce", json!(null)), Code::IdTokenNonce),
    ("no subject", |t| t.without("sub"), Code::IdTokenSubject),
    ("an empty subject", |t| t.claim("sub", ""), Code::IdTokenSubject),
    ("a subject that is a number", |t| t.claim("sub", 7), Code::IdTokenSubject),
    ("a subject of 256 characters", |t| t.claim("sub", "x".repeat(256)), Code::IdTokenSubject),
];

/// Wrong for a renewal only, and no proof that the session is over.
const LIES_AT_RENEWAL: &[Lie] = &[
    ("an authorized party that was not there before", |t| t.claim("azp", CLIENT), Code::IdTokenAudience),
    ("another auth_time", |t| t.claim("auth_time", t.now - 5), Code::IdTokenAuthTime),
    ("older than the one before", |t| t.claim("iat", t.now - 3600), Code::IdTokenIssuedAt),
];

/// Unusual, and right.
const TRUTHS: &[(&str, Edit)] = &[
    ("the audience in a list", |t| t.claim("aud", json!([CLIENT]))),
    ("no kid, and one key", |t| {
        t.header.as_object_mut().unwrap().remove("kid");
    }),
    ("no typ", |t| {
        t.header.as_object_mut().unwrap().remove("typ");
    }),
    ("the long name of the type", |t| t.header("typ", "application/id+jwt")),
    ("clocks a minute apart", |t| {
        t.claim("iat", t.now + 59);
        t.claim("nbf", t.now + 59);
        t.claim("exp", t.now + 61)
    }),
    ("a clock that is late", |t| {
        t.claim("iat", t.now - 59);
        t.claim("exp", t.now - 58)
    }),
    ("dates with fractions", |t| {
        t.claim("iat", t.now as f64 - 0.5);
        t.claim("exp", t.now as f64 + 60.5)
    }),
    ("the hash of the access token", |t| t.claim("at_hash", t.access_token_hash(&SHA256))),
];

fn swap_a_claim(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, parts[1]).unwrap();
    let claims = String::from_utf8(claims).unwrap().replace("user-1", "user-2");
    [parts[0], &base64url(claims.as_bytes()), parts[2]].join(".")
}

/// Another spelling of the same bytes: 64 bytes leave four bits of the last character unused.
fn loosen(token: &str) -> String {
    let (rest, last) = token.split_at(token.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    format!("{rest}{next}")
}

fn at_the_provider() -> World {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    world
}

#[test]
fn law_5_no_lie_gets_past_a_login() {
    for (name, lie, code) in LIES.iter().chain(LIES_AT_LOGIN) {
        let mut world = at_the_provider();
        world.provider.lies(lie);
        let ask = world.come_back();
        assert!(!world.is_signed_in(), "{name}");
        assert_eq!(world.code(ask), *code, "{name}");
        assert_eq!(world.storage.hint_text(), None, "{name}");
        assert_eq!(world.provider.living_refresh_tokens(), [""; 0], "{name}: the refresh token lives on");
    }
}

#[test]
fn law_5_no_lie_gets_past_a_renewal_and_law_3_none_ends_the_session() {
    for (name, lie, code) in LIES.iter().chain(LIES_AT_RENEWAL) {
        let mut world = World::new().signed_in();
        let ask = world.token();
        let before = world.token_of(ask).0.to_owned();
        world.sleep(support::seconds(900));
        world.provider.lies(lie);
        let ask = world.renew();
        assert_eq!(world.code(ask), *code, "{name}");
        assert!(world.is_signed_in(), "{name}");
        let ask = world.token();
        assert_eq!(world.token_of(ask).0, before, "{name}: the new access token is not used");
        world.provider.tells_the_truth();
        let ask = world.renew();
        assert_eq!(world.answer(ask), &Ok(Answer::Done), "{name}: the newest refresh token is sent");
        assert_eq!(world.provider.reuses, 0, "{name}");
    }
}

#[test]
fn law_5_what_is_unusual_and_right_is_accepted() {
    for (name, truth) in TRUTHS {
        let mut world = at_the_provider();
        world.provider.lies(truth);
        let ask = world.come_back();
        assert_eq!(world.answer(ask), &Ok(Answer::Done), "{name}");
        let ask = world.renew();
        assert_eq!(world.answer(ask), &Ok(Answer::Done), "{name}, when renewed");
    }
}

#[test]
fn law_5_several_audiences_need_an_authorized_party() {
    let mut world = at_the_provider();
    world.provider.lies(|t| {
        t.claim("aud", json!(["other", CLIENT]));
        t.claim("azp", CLIENT)
    });
    let ask = world.come_back();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    world.provider.lies(|t| t.claim("aud", json!([CLIENT])));
    let ask = world.renew();
    assert_eq!(world.code(ask), Code::IdTokenAudience, "the authorized party went missing");
}

#[test]
fn law_5_each_algorithm_is_accepted_with_its_own_hash_of_the_access_token() {
    for (algorithm, hash) in [
        (Algorithm::EdDsa, &SHA512),
        (Algorithm::Es256, &SHA256),
        (Algorithm::Es384, &SHA384),
        (Algorithm::Ps256, &SHA256),
        (Algorithm::Rs256, &SHA256),
    ] {
        let mut world = at_the_provider();
        world.provider.keys = vec![SigningKey::new(algorithm, "k")];
        world.provider.lies(move |t| t.claim("at_hash", t.access_token_hash(hash)));
        world.come_back();
        assert!(world.is_signed_in(), "{algorithm:?}: {:?}", world.state());
        let mut world = at_the_provider();
        world.provider.keys = vec![SigningKey::new(algorithm, "k")];
        world.provider.lies(|t| t.signer = Some(SigningKey::another(t_algorithm(t), "k")));
        let ask = world.come_back();
        assert_eq!(world.code(ask), Code::IdTokenSignature, "{algorithm:?}, signed with another key");
    }
}

fn t_algorithm(draft: &Draft) -> Algorithm {
    Algorithm::parse(draft.header["alg"].as_str().unwrap()).unwrap()
}

#[test]
fn law_5_a_provider_is_held_to_the_algorithms_that_it_lists() {
    let mut world = World::open_id();
    world.provider.metadata["id_token_signing_alg_values_supported"] = json!(["RS256"]);
    world.open(APP);
    world.login(Login::new());
    let ask = world.come_back();
    assert_eq!(world.code(ask), Code::IdTokenAlgorithm, "this key makes ES256");
}

#[test]
fn law_5_the_issuer_of_another_provider_is_its_own() {
    let mut world = World::open_id().signed_in();
    assert_eq!(world.signed_in_as().claims.get("iss").unwrap().as_str(), Some(ISSUER));
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
}

#[test]
fn law_5_an_old_sign_in_does_not_satisfy_max_age() {
    for (age, accepted) in [(Some(0), true), (Some(660), true), (Some(661), false), (None, false)] {
        let mut world = World::new();
        world.open(APP);
        world.login(Login::to("acme").max_age(600));
        world.provider.lies(move |t| match age {
            Some(age) => t.claim("auth_time", t.now - age),
            None => t.without("auth_time"),
        });
        let ask = world.come_back();
        assert_eq!(world.answer(ask).is_ok(), accepted, "{age:?}");
        if !accepted {
            assert_eq!(world.code(ask), Code::IdTokenAuthTime);
        }
    }
}

#[test]
fn law_5_changed_keys_are_fetched_once() {
    let mut world = World::new().signed_in();
    world.provider.keys = vec![SigningKey::new(Algorithm::Es256, "second")];
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_keys_that_changed_under_the_same_kid_are_fetched_once() {
    let mut world = World::new().signed_in();
    world.provider.keys = vec![SigningKey::new(Algorithm::Es256, "first")];
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_an_unknown_key_is_looked_for_once() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.header("kid", "nobody's"));
    let ask = world.renew();
    assert_eq!(world.code(ask), Code::IdTokenKey);
    assert_eq!(world.sent_to(Endpoint::Keys).len(), 1);
}

#[test]
fn law_5_without_a_kid_every_key_of_the_kind_is_tried() {
    let mut world = at_the_provider();
    let key = |n: &str| SigningKey::new(Algorithm::Es256, n).without_kid();
    world.provider.keys = vec![key("a"), SigningKey::new(Algorithm::Rs256, "b"), key("c"), key("d")];
    world.come_back();
    assert!(world.is_signed_in());
}

#[test]
fn law_5_a_login_needs_an_id_token_and_a_renewal_does_not() {
    let mut world = at_the_provider();
    world.provider.answers_with(|answer| {
        answer.as_object_mut().unwrap().remove("id_token");
    });
    let ask = world.come_back();
    assert_eq!(world.code(ask), Code::IdTokenMalformed);
    assert_eq!(world.provider.living_refresh_tokens(), [""; 0]);
    let mut world = World::new().signed_in();
    world.provider.id_token_on_renewal = false;
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
    assert_eq!(world.signed_in_as().user_id, "user-1");
}

#[test]
fn law_3_another_person_or_tenant_ends_the_session_and_the_tokens() {
    let changes: [(&str, Edit); 2] = [("sub", |t| t.claim("sub", "user-2")), ("tnt_id", |t| t.claim("tnt_id", "tenant-globex"))];
    for (name, change) in changes {
        let mut world = World::new().signed_in();
        world.provider.lies(change);
        let ask = world.renew();
        assert_eq!(world.code(ask), Code::SubjectChanged, "{name}");
        assert_eq!(world.state(), State::SignedOut(Reason::Expired), "{name}");
        assert_eq!(world.provider.living_refresh_tokens(), [""; 0], "{name}");
        assert_eq!(world.storage.hint_text(), None, "{name}: the next visit asks for nobody");
    }
}

#[test]
fn law_3_a_renewed_token_that_names_nobody_is_no_proof() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.without("sub"));
    let ask = world.renew();
    assert_eq!(world.code(ask), Code::IdTokenSubject);
    assert!(world.is_signed_in(), "no subject changed: the token is only broken");
}

#[test]
fn law_5_what_a_renewed_token_leaves_out_is_still_held_against_the_next() {
    let steps: [(&str, Edit, Edit); 2] = [
        ("tnt_id", |t| t.without("tnt_id"), |t| t.claim("tnt_id", "tenant-globex")),
        ("auth_time", |t| t.without("auth_time"), |t| t.claim("auth_time", 1)),
    ];
    for (name, omit, change) in steps {
        let mut world = World::new().signed_in();
        world.provider.lies(omit);
        let ask = world.renew();
        assert_eq!(world.answer(ask), &Ok(Answer::Done), "{name} may be left out");
        world.provider.lies(change);
        let ask = world.renew();
        assert!(world.answer(ask).is_err(), "{name} changed by way of leaving it out once");
    }
}

#[test]
fn a_renewed_token_that_leaves_the_tenant_out_does_not_make_the_app_forget_it() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.without("tnt_id"));
    world.renew();
    assert_eq!(world.signed_in_as().tenant_id.as_deref(), Some("tenant-acme"));
}

#[test]
fn law_5_the_nonce_may_come_again_with_a_renewal() {
    let mut world = at_the_provider();
    let nonce = world.last_navigation().need("nonce").to_owned();
    world.come_back();
    world.provider.lies(move |t| t.claim("nonce", nonce.clone()));
    let ask = world.renew();
    assert_eq!(world.answer(ask), &Ok(Answer::Done));
}

#[test]
fn law_3_what_the_key_endpoint_says_of_grants_proves_nothing() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.header("kid", "unknown"));
    world.provider.fails(Endpoint::Keys, Fault::Status(400, r#"{"error":"invalid_grant"}"#));
    let ask = world.renew();
    assert_eq!(world.code(ask), Code::ProviderRejected);
    assert!(world.is_signed_in());
}
