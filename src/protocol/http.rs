//! Requests as values, and what answers to them mean.

use core::fmt;
use core::time::Duration;

use super::error::{Code, Error, OAuthError};
use super::json::Value;
use super::secret::{AccessToken, Secret};
use super::text::decimal;

/// A request to the provider. Whoever sends it adds nothing: no credentials, no further headers,
/// and it follows no redirect. So token and revoke requests need no CORS preflight.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The absolute address.
    pub url: String,
    /// What is posted. `GET` without it.
    pub body: Option<Body>,
    /// The token for the `Authorization` header \[RFC 6750 §2.1].
    pub bearer: Option<AccessToken>,
    /// Whether the request goes on when the page goes away.
    pub keepalive: bool,
}

/// What a request posts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Body {
    /// `application/x-www-form-urlencoded`
    Form(Secret),
    /// `application/json`
    Json(String),
}

impl Request {
    pub(crate) fn get(url: impl Into<String>) -> Self {
        Self { url: url.into(), body: None, bearer: None, keepalive: false }
    }

    pub(crate) fn post_form(url: &str, form: Secret) -> Self {
        Self { url: url.to_owned(), body: Some(Body::Form(form)), bearer: None, keepalive: false }
    }

    pub(crate) fn post_json(url: String, json: String) -> Self {
        Self { url, body: Some(Body::Json(json)), bearer: None, keepalive: false }
    }
}

/// An answer of the provider. Its body may hold tokens.
#[derive(Clone, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The whole body.
    pub body: Secret,
    /// The time that the provider asks to be left alone for (`Retry-After`).
    pub retry_after: Option<Duration>,
}

impl Response {
    /// The answer to a request whose success is a JSON object.
    ///
    /// # Errors
    /// `provider_unavailable` for 408, 429 and 5xx; `provider_rejected` for other refusals;
    /// `provider_response_invalid` for a success that is no JSON object.
    pub(crate) fn json(&self) -> Result<Value, Error> {
        let body = Value::parse_object(self.body.expose().as_bytes());
        let oauth = body.as_ref().and_then(OAuthError::from_body);
        match self.status {
            200..=299 => match (body, oauth) {
                // Some servers report errors with status 200. That is no proof of anything.
                (Some(body), Some(oauth)) if body.get("error").is_some() => Err(Error::with_oauth(Code::ProviderRejected, oauth)),
                (Some(body), _) => Ok(body),
                (None, _) => Err(Error::with_detail(Code::ProviderResponseInvalid, "not a JSON object")),
            },
            408 | 429 | 500..=599 => Err(self.refused(Code::ProviderUnavailable, oauth)),
            _ => Err(self.refused(Code::ProviderRejected, oauth)),
        }
    }

    fn refused(&self, code: Code, oauth: Option<OAuthError>) -> Error {
        match oauth {
            Some(oauth) => Error::with_oauth(code, oauth),
            None => Error::with_detail(code, ["status ", &decimal(self.status.into())].concat()),
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(status: u16, body: &str) -> Code {
        let response = Response { status, body: Secret::new(body.into()), retry_after: None };
        response.json().unwrap_err().code()
    }

    #[test]
    fn refusals_are_told_from_outages() {
        assert_eq!(
            code(400, r#"{"error":"invalid_grant"}"#),
            Code::ProviderRejected,
            "only of the token endpoint it means anything"
        );
        assert_eq!(code(400, r#"{"error":"invalid_client"}"#), Code::ProviderRejected);
        assert_eq!(code(200, r#"{"error":"invalid_grant"}"#), Code::ProviderRejected);
        assert_eq!(code(400, "<html>invalid_grant</html>"), Code::ProviderRejected);
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(code(status, r#"{"error":"invalid_grant"}"#), Code::ProviderUnavailable, "{status}");
        }
    }

    #[test]
    fn a_success_that_is_not_json_is_not_an_answer() {
        for body in ["", "<html>", "[1]", "{\"access_token\":\"x", "null"] {
            assert_eq!(code(200, body), Code::ProviderResponseInvalid, "{body}");
        }
    }
}
