//! Requests as values, and how their responses are read.

use core::fmt;
use core::time::Duration;

use super::challenge::Challenge;
use super::dpop::Proof;
use super::error::{Code, Error, OAuthError};
use super::json::Value;
use super::secret::{AccessToken, Secret};

/// A request to the provider. The driver must send it without credentials or further headers, and
/// must not follow a redirect. So token and revocation requests need no CORS preflight.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The absolute URL.
    pub url: String,
    /// The body of a `POST`. `None` means `GET`.
    pub body: Option<Body>,
    /// The token for the `Authorization` header \[RFC 6750 §2.1].
    pub bearer: Option<AccessToken>,
    /// Whether the request continues after the page is gone.
    pub keepalive: bool,
    /// The proof for the header `DPoP`. A token is then sent with the scheme `DPoP` \[RFC 9449 §7.1].
    pub proof: Option<Box<Proof>>,
}

/// The body of a `POST`.
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
        Self { url: url.into(), body: None, bearer: None, keepalive: false, proof: None }
    }

    pub(crate) fn post_form(url: &str, form: Secret) -> Self {
        Self { body: Some(Body::Form(form)), ..Self::get(url) }
    }

    pub(crate) fn post_json(url: String, json: String) -> Self {
        Self { body: Some(Body::Json(json)), ..Self::get(url) }
    }
}

/// A response from the provider. Its body can contain tokens.
#[derive(Clone, Default, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The whole body.
    pub body: Secret,
    /// How long the provider asks the client to wait (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// The nonce for the next proof \[RFC 9449 §8].
    pub dpop_nonce: Option<String>,
    /// Why an access token was refused.
    pub www_authenticate: Option<String>,
}

impl Response {
    /// The JSON object of a successful response.
    ///
    /// # Errors
    /// `provider_unavailable` for 408, 429 and 5xx; `provider_rejected` for any other error;
    /// `provider_response_invalid` if a successful response is not a JSON object.
    pub(crate) fn json(&self) -> Result<Value, Error> {
        let body = Value::parse_object(self.body.expose().as_bytes());
        let oauth = body.as_ref().and_then(OAuthError::from_body);
        match self.status {
            200..=299 => match (body, oauth) {
                // Some servers report errors with status 200. Such an error proves nothing.
                (Some(body), Some(oauth)) if body.get("error").is_some() => Err(Error::with_oauth(Code::ProviderRejected, oauth)),
                (Some(body), _) => Ok(body),
                (None, _) => Err(Error::with_detail(Code::ProviderResponseInvalid, "not a JSON object")),
            },
            408 | 429 | 500..=599 => Err(self.refused(Code::ProviderUnavailable, oauth)),
            _ => Err(self.refused(Code::ProviderRejected, oauth)),
        }
    }

    /// Whether the server wants another proof, with the nonce that it sent \[RFC 9449 §8, §9].
    pub(crate) fn demands_nonce(&self) -> bool {
        self.refuses_with("use_dpop_nonce")
    }

    /// Whether the server may refuse the proof for another reason: this device's clock may be wrong. Some servers answer
    /// `invalid_request` (Keycloak).
    pub(crate) fn may_refuse_proof(&self) -> bool {
        self.refuses_with("invalid_dpop_proof") || self.refuses_with("invalid_request")
    }

    fn refuses_with(&self, error: &str) -> bool {
        if !matches!(self.status, 400 | 401) {
            return false;
        }
        let challenge = self.www_authenticate.as_deref().and_then(|header| Challenge::with_error(header, error));
        let body = || Value::parse_object(self.body.expose().as_bytes());
        challenge.is_some() || body().is_some_and(|body| body.get_str("error") == Some(error))
    }

    fn refused(&self, code: Code, oauth: Option<OAuthError>) -> Error {
        match oauth {
            Some(oauth) => Error::with_oauth(code, oauth),
            None => Error::with_detail(code, ["status ", &self.status.to_string()].concat()),
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
        let response = Response { status, body: Secret::new(body.into()), retry_after: None, ..Response::default() };
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
