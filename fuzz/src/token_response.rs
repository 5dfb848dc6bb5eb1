//! The response of the token endpoint.

use core::time::Duration;
use wristband_spa_auth::Value;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::http::Response;
use wristband_spa_auth::protocol::secret::RefreshToken;
use wristband_spa_auth::protocol::token::{TokenFailure, TokenResponse};

use crate::given;
use crate::opinion::{expect_harmless, object};

pub fn check(data: &[u8]) {
    let response = given::response(data);
    match TokenResponse::parse(&response) {
        Ok(tokens) => expect_granted(&tokens, &response),
        Err(failure) => expect_refused(&failure, &response),
    }
}

fn expect_granted(tokens: &TokenResponse, response: &Response) {
    assert!((200..300).contains(&response.status), "tokens in a refusal");
    let body = object(response);
    let text = |name: &str| body[name].as_str();
    let secret = |token: &RefreshToken| token.expose().to_owned();
    assert_eq!(Some(tokens.access_token.expose()), text("access_token"));
    assert!(tokens.access_token.expose().bytes().all(|byte| (b'!'..=b'~').contains(&byte)), "no header takes it");
    assert!(!tokens.access_token.expose().is_empty());
    assert_eq!(tokens.refresh_token.as_ref().map(secret).as_deref(), text("refresh_token"));
    assert_eq!(tokens.id_token.as_ref().map(|token| token.expose()), text("id_token"));
    assert_eq!(tokens.scope.as_deref(), text("scope"));
    assert!(text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")), "no bearer token");
    assert_eq!(tokens.expires_in.is_some(), body.get("expires_in").is_some_and(|seconds| !seconds.is_null()));
    assert!(tokens.expires_in.is_none_or(|lifetime| lifetime <= Duration::from_secs(315_360_000)));
    let printed = format!("{tokens:?}");
    let scope = text("scope").unwrap_or_default();
    for token in ["access_token", "id_token", "refresh_token"].into_iter().filter_map(text) {
        assert!(token.len() < 22 || scope.contains(token) || !printed.contains(token), "a token is printed");
    }
}

/// The refresh token of an unusable response replaces the one that was sent.
fn expect_refused(failure: &TokenFailure, response: &Response) {
    expect_harmless(&failure.error);
    let code = failure.error.code();
    assert_eq!(
        failure.error.oauth().is_some_and(|oauth| oauth.is("invalid_grant")) && is_refusal(response),
        code == Code::InvalidGrant
    );
    if code == Code::InvalidGrant {
        let error = object(response);
        let said = ["error", "code", "type"].into_iter().find_map(|name| error[name].as_str());
        // White space around a code is ignored.
        let around = |c: char| c == ' ' || c.is_ascii_control();
        assert!(said.is_some_and(|said| said.trim_matches(around).eq_ignore_ascii_case("invalid_grant")), "no proof of anything");
    }
    // A refusal yields no refresh token, whatever it holds.
    let body = Value::parse_object(response.body.expose().as_bytes()).filter(|_| (200..300).contains(&response.status));
    let token = body.as_ref().and_then(|body| body.get("refresh_token")?.as_str()).filter(|token| !token.is_empty());
    assert_eq!(failure.refresh_token.as_ref().map(RefreshToken::expose), token, "the new refresh token is lost");
}

/// Whether the status is one of a permanent refusal.
fn is_refusal(response: &Response) -> bool {
    (400..500).contains(&response.status) && ![408, 429].contains(&response.status)
}
