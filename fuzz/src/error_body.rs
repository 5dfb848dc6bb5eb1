//! The provider's error responses.

use serde_json::Value as Json;
use wristband_spa_auth::protocol::jwks::JwkSet;
use wristband_spa_auth::{OAuthError, Value};

use crate::given;
use crate::opinion::{expect_harmless, is_no_token};

pub fn check(data: &[u8]) {
    let response = given::response(data);
    // Every response is read in the same way; that of the keys has no errors of its own.
    let error = JwkSet::parse(&response).err();
    if let Some(error) = &error {
        expect_harmless(error);
    }
    let success = (200..300).contains(&response.status);
    assert!(success || error.is_some(), "a refusal was taken for an answer");
    let (first, rest) = given::lines(data);
    words(&first, &rest);
    if let Some(body) = Value::parse_object(response.body.expose().as_bytes()) {
        named(&body, response.body.expose());
    }
}

/// Any strings, as they can occur in a callback.
fn words(error: &str, description: &str) {
    let Some(read) = OAuthError::new(error, Some(description)) else { return };
    expect_short(&read);
    assert!(read.is(read.error()) && read.is(&read.error().to_ascii_uppercase()));
    let again = OAuthError::new(read.error(), read.description()).expect("there is an error");
    assert_eq!(again.error(), read.error().trim_end(), "what was read is read differently");
    assert_eq!(again.description(), read.description().map(str::trim_end));
}

fn expect_short(error: &OAuthError) {
    assert!((1..=64).contains(&error.error().len()), "{error:?}");
    let code = |byte: u8| byte.is_ascii_lowercase() || b"_-.".contains(&byte);
    assert!(error.error().bytes().all(code) || error.error().split(' ').all(is_no_token), "{error:?}");
    if let Some(description) = error.description() {
        assert!((1..=300).contains(&description.len()), "{error:?}");
        assert!(description.split(' ').all(is_no_token), "{error:?}");
    }
    assert!(error.to_string().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{error:?}");
}

/// The error takes the members that say what is wrong, and no others.
fn named(body: &Value, text: &str) {
    let others: Json = serde_json::from_str(text).expect("others read it too");
    let text = |name: &str| others.get(name).and_then(Json::as_str);
    let expected = match text("error") {
        Some(error) => OAuthError::new(error, text("error_description")),
        None => text("code").or_else(|| text("type")).and_then(|error| OAuthError::new(error, text("message"))),
    };
    assert_eq!(OAuthError::from_body(body), expected);
    expected.iter().for_each(expect_short);
}
