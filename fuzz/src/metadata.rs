//! The provider's metadata.

use serde_json::Value as Json;
use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth::protocol::metadata::ProviderMetadata;

use crate::given::{self, ISSUER, open_id};
use crate::opinion::{expect_harmless, object, place};

pub fn check(data: &[u8]) {
    let response = given::response(data);
    let metadata = match ProviderMetadata::parse(&response, &open_id()) {
        Ok(metadata) => metadata,
        Err(error) => return expect_harmless(&error),
    };
    assert!((200..300).contains(&response.status));
    let body = object(&response);
    assert_eq!((metadata.issuer(), body["issuer"].as_str()), (ISSUER, Some(ISSUER)));
    for (name, endpoint) in [
        ("authorization_endpoint", Some(metadata.authorization_endpoint())),
        ("end_session_endpoint", metadata.end_session_endpoint()),
        ("jwks_uri", Some(metadata.jwks_uri())),
        ("revocation_endpoint", metadata.revocation_endpoint()),
        ("token_endpoint", Some(metadata.token_endpoint())),
        ("userinfo_endpoint", metadata.userinfo_endpoint()),
    ] {
        expect_endpoint(name, endpoint, &body);
    }
    expect_algorithms(metadata.algorithms(), &body);
    for (name, word) in [("response_types_supported", "code"), ("code_challenge_methods_supported", "S256")] {
        assert!(lists(&body, name, word), "{name} lacks {word}");
    }
}

/// An endpoint is the one that the body names, and uses https.
fn expect_endpoint(name: &str, endpoint: Option<&str>, body: &Json) {
    let named = body.get(name).filter(|value| !value.is_null());
    // One that is not needed, and cannot be used, is left out.
    assert!(endpoint.is_none() || named.is_some(), "{name}");
    let (Some(endpoint), Some(named)) = (endpoint, named.and_then(Json::as_str)) else { return };
    let (Some(ours), Some(theirs)) = (place(endpoint), place(named)) else { return };
    assert_eq!(ours, theirs, "{name}");
    assert_eq!((theirs.scheme(), theirs.fragment(), theirs.username()), ("https", None, ""), "{name}");
}

fn expect_algorithms(algorithms: &[Algorithm], body: &Json) {
    for algorithm in Algorithm::ALL {
        let listed = lists(body, "id_token_signing_alg_values_supported", algorithm.as_str());
        assert_eq!(algorithms.contains(&algorithm), listed, "{algorithm:?}");
    }
}

/// Whether a list contains this word. A value that is no list contains nothing.
fn lists(body: &Json, name: &str, word: &str) -> bool {
    body.get(name).and_then(Json::as_array).is_none_or(|words| words.iter().any(|other| other == word))
}
