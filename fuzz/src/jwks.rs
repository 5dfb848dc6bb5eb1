//! The provider's keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;
use wristband_spa_auth::protocol::jwks::{Algorithm, Jwk, JwkSet, KeyMaterial};

use crate::given;
use crate::opinion::{expect_harmless, object};

pub fn check(data: &[u8]) {
    let response = given::response(data);
    let keys = match JwkSet::parse(&response) {
        Ok(keys) => keys,
        Err(error) => return expect_harmless(&error),
    };
    assert!((200..300).contains(&response.status));
    let body = object(&response);
    let published = body["keys"].as_array().expect("others see a list too");
    let kids = published.iter().filter_map(|key| key["kid"].as_str());
    for kid in kids.take(8).map(Some).chain([None, Some("nobody's")]) {
        for algorithm in Algorithm::ALL {
            let candidates = keys.candidates(algorithm, kid);
            assert!(candidates.len() <= 8 && candidates.len() <= published.len());
            for key in &candidates {
                expect_sound(algorithm, key);
                assert!(published.iter().any(|other| may_verify(other, algorithm, kid) && is_same(other, key)), "{key:?}");
            }
        }
    }
}

/// Whether the published key may be tried on a token with such a header.
fn may_verify(key: &Json, algorithm: Algorithm, kid: Option<&str>) -> bool {
    let is_absent = |name: &str| key.get(name).is_none_or(Json::is_null);
    let bound = key["alg"].as_str().and_then(Algorithm::parse);
    let operations = key["key_ops"].as_array().is_some_and(|operations| operations.iter().any(|other| other == "verify"));
    let signs = key["use"].as_str().is_none_or(|purpose| purpose == "sig");
    kid.is_none_or(|kid| key["kid"] == kid)
        && bound.is_none_or(|bound| bound == algorithm || (is_ed25519(bound) && is_ed25519(algorithm)))
        && (is_absent("key_ops") || operations)
        && signs
}

/// One algorithm has two names.
fn is_ed25519(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Ed25519 | Algorithm::EdDsa)
}

fn is_same(published: &Json, key: &Jwk) -> bool {
    let (kind, members): (_, Vec<(&str, &str)>) = match key.material() {
        KeyMaterial::Ed25519 { x } => ("OKP", vec![("crv", "Ed25519"), ("x", x)]),
        KeyMaterial::P256 { x, y } => ("EC", vec![("crv", "P-256"), ("x", x), ("y", y)]),
        KeyMaterial::P384 { x, y } => ("EC", vec![("crv", "P-384"), ("x", x), ("y", y)]),
        KeyMaterial::P521 { x, y } => ("EC", vec![("crv", "P-521"), ("x", x), ("y", y)]),
        KeyMaterial::Rsa { e, n } => ("RSA", vec![("e", e), ("n", n)]),
        other => panic!("a kind of key that is new: {other:?}"),
    };
    published["kty"] == kind && members.iter().all(|(name, value)| published[*name] == *value)
}

/// The numbers are in their only canonical encoding, of the right size, and not weak.
fn expect_sound(algorithm: Algorithm, key: &Jwk) {
    match (algorithm, key.material()) {
        (Algorithm::Ed25519 | Algorithm::EdDsa, KeyMaterial::Ed25519 { x }) => assert_eq!(number(x).len(), 32),
        (Algorithm::Es256, KeyMaterial::P256 { x, y }) => assert_eq!((number(x).len(), number(y).len()), (32, 32)),
        (Algorithm::Es384, KeyMaterial::P384 { x, y }) => assert_eq!((number(x).len(), number(y).len()), (48, 48)),
        (Algorithm::Es512, KeyMaterial::P521 { x, y }) => assert_eq!((number(x).len(), number(y).len()), (66, 66)),
        (_, KeyMaterial::Rsa { e, n }) if algorithm.as_str().contains('S') && !algorithm.as_str().starts_with('E') => {
            assert!(bits(&number(n)) >= 2048, "a small modulus");
            assert!((2..=64).contains(&bits(&number(e))), "an exponent of one, or a huge one");
        }
        (algorithm, key) => panic!("{algorithm:?} with {key:?}"),
    }
}

fn number(text: &str) -> Vec<u8> {
    let bytes = URL_SAFE_NO_PAD.decode(text).expect("others read it too");
    assert_eq!(URL_SAFE_NO_PAD.encode(&bytes), text, "not the canonical spelling");
    bytes
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros).map_or(0, |first| (number.len() - zeros) * 8 - first.leading_zeros() as usize)
}
