//! ID tokens as strings: three parts in base64url, the first two of which are JSON.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::id_token::UnverifiedIdToken;
use wristband_spa_auth::protocol::jwks::Algorithm;

use crate::given::lines;
use crate::opinion::expect_harmless;

pub fn check(data: &[u8]) {
    // The input itself as a token, and a token made of two of its lines.
    read(&String::from_utf8_lossy(data));
    let (header, claims) = lines(data);
    let parts = [header.as_bytes(), claims.as_bytes(), data].map(|part| URL_SAFE_NO_PAD.encode(part));
    read(&parts.join("."));
}

fn read(text: &str) {
    for allowed in [&Algorithm::ALL[..], &[Algorithm::Rs256], &[]] {
        match UnverifiedIdToken::parse(text, allowed) {
            Ok(token) => expect_right(text, &token, allowed),
            Err(error) => {
                assert!([Code::IdTokenMalformed, Code::IdTokenAlgorithm].contains(&error.code()), "{error}");
                expect_harmless(&error);
            }
        }
    }
}

fn expect_right(text: &str, token: &UnverifiedIdToken, allowed: &[Algorithm]) {
    let signature = URL_SAFE_NO_PAD.encode(token.signature());
    assert_eq!(format!("{}.{signature}", token.signing_input().expose()), text, "another text was signed");
    let parts: Vec<&str> = text.split('.').collect();
    assert!(parts.len() == 3 && text.len() <= 65_536);
    let (header, claims) = (object(parts[0]), object(parts[1]));
    assert!(claims.is_object());
    assert_eq!(header["alg"], token.algorithm().as_str());
    assert!(allowed.contains(&token.algorithm()), "an algorithm that was not allowed");
    assert_eq!(header.get("kid").filter(|kid| !kid.is_null()).map(Json::as_str), token.kid().map(Some));
    assert!(header.get("crit").is_none(), "an unknown extension");
    let typ = header.get("typ").filter(|typ| !typ.is_null()).map(|typ| typ.as_str().expect("a text").to_ascii_lowercase());
    assert!(typ.is_none_or(|typ| ["jwt", "id+jwt", "application/id+jwt"].contains(&typ.as_str())), "another kind of token");
    assert_eq!(format!("{token:?}"), "UnverifiedIdToken([redacted])");
}

/// The JSON of a part in its only canonical encoding.
fn object(part: &str) -> Json {
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("others read it too");
    assert_eq!(URL_SAFE_NO_PAD.encode(&bytes), part, "not the canonical spelling");
    serde_json::from_slice(&bytes).expect("others read it as JSON")
}
