//! The token endpoint: exchanges a code or a refresh token for tokens.

use core::time::Duration;

use super::config::{Config, TokenIndex};
use super::error::{Code, Error};
use super::form::Form;
use super::http::{Request, Response};
use super::json::Value;
use super::secret::{AccessToken, AuthorizationCode, CodeVerifier, RefreshToken, Secret};

/// The request that exchanges an authorization code \[RFC 6749 §4.1.3, RFC 7636 §4.5].
///
/// The client is public: it sends its id in the body and has no secret.
pub fn exchange_code(endpoint: &str, config: &Config, code: &AuthorizationCode, verifier: &CodeVerifier) -> Request {
    let mut form = Form::default();
    form.put("grant_type", Some("authorization_code"));
    form.put("code", Some(code.expose()));
    form.put("redirect_uri", Some(config.redirect_uri().as_str()));
    form.put("code_verifier", Some(verifier.expose()));
    form.put("client_id", Some(config.client_id()));
    config.token_params(TokenIndex::FIRST).put_into(&mut form);
    Request::post_form(endpoint, form.into_secret())
}

/// The request that renews tokens \[RFC 6749 §6], or obtains the access token of an API \[RFC 8707 §2.2].
pub fn refresh(endpoint: &str, config: &Config, refresh_token: &RefreshToken, token: TokenIndex) -> Request {
    let mut form = Form::default();
    form.put("grant_type", Some("refresh_token"));
    form.put("refresh_token", Some(refresh_token.expose()));
    form.put("client_id", Some(config.client_id()));
    config.token_params(token).put_into(&mut form);
    Request::post_form(endpoint, form.into_secret())
}

/// A successful response of the token endpoint \[RFC 6749 §5.1, OIDC Core §3.1.3.3].
#[derive(Clone, Debug, PartialEq)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: AccessToken,
    /// The lifetime of the access token. `None` if the provider does not say.
    pub expires_in: Option<Duration>,
    /// The ID token, not yet verified.
    pub id_token: Option<Secret>,
    /// A new refresh token. Without one, the old one stays valid.
    pub refresh_token: Option<RefreshToken>,
    /// The granted scopes, if they differ from the requested ones.
    pub scope: Option<String>,
    /// Whether the tokens are bound to the key of the request's proof (`token_type`) \[RFC 9449 §5].
    pub is_bound: bool,
}

/// What the type of the tokens may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenType {
    /// `Bearer`: the request had no proof.
    #[default]
    Bearer,
    /// `DPoP`: tokens of this session are bound to its key, or the app requires it.
    Dpop,
    /// Either, as the provider decides.
    Either,
}

impl TokenType {
    /// Whether tokens of this type are bound. `None` if the type is not accepted: a bound token is never taken for another.
    fn read(self, written: &str) -> Option<bool> {
        let is_bound = match written {
            _ if written.eq_ignore_ascii_case("bearer") => false,
            _ if written.eq_ignore_ascii_case("dpop") => true,
            _ => return None,
        };
        let is_accepted = match self {
            Self::Bearer => !is_bound,
            Self::Dpop => is_bound,
            Self::Either => true,
        };
        is_accepted.then_some(is_bound)
    }
}

/// A response of the token endpoint that cannot be used.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenFailure {
    /// What is wrong with it.
    pub error: Error,
    /// The refresh token that it contains anyway. It has replaced the one that was sent.
    pub refresh_token: Option<RefreshToken>,
    /// What the response says about the next attempt.
    pub refusal: Refusal,
}

/// What a failed token request says about the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The network or the provider failed for now. The next request can succeed.
    #[default]
    Temporary,
    /// The provider refuses without an OAuth error. A proxy, or a provider that is being deployed, can
    /// also answer like this: it only counts if it lasts.
    Unexplained,
    /// The provider says why, and the reason does not go away on its own.
    Definitive,
    /// `invalid_grant`: the code or the refresh token is no longer valid.
    Proof,
}

/// OAuth errors that go away on their own, whatever the status \[RFC 6749 §4.1.2.1, RFC 8628 §3.5].
const TEMPORARY: &[&str] = &["authorization_pending", "server_error", "slow_down", "temporarily_unavailable", "too_many_requests"];

/// Errors about the proof of a request \[RFC 9449 §5, §8].
const UNPROVEN: &[&str] = &["invalid_dpop_proof", "use_dpop_nonce"];

impl From<Error> for TokenFailure {
    fn from(error: Error) -> Self {
        Self { error, refresh_token: None, refusal: Refusal::Temporary }
    }
}

/// Longer lifetimes are capped at this, in seconds.
const MAX_LIFETIME: u64 = 10 * 365 * 24 * 60 * 60;

impl TokenResponse {
    /// Parses the response of the token endpoint to a request without a proof.
    ///
    /// # Errors
    /// As [`parse_as`](Self::parse_as).
    pub fn parse(response: &Response) -> Result<Box<Self>, TokenFailure> {
        Self::parse_as(response, TokenType::Bearer)
    }

    /// Parses the response of the token endpoint.
    ///
    /// # Errors
    /// `invalid_grant`, or a `provider_…` code: for any other failed response, or for one with a
    /// member that is missing or not as the standard requires.
    pub fn parse_as(response: &Response, token_type: TokenType) -> Result<Box<Self>, TokenFailure> {
        let granted = |body: &mut Value| body.take_string("refresh_token").filter(|token| !token.is_empty()).map(RefreshToken::new);
        let mut body = match response.json() {
            Ok(body) => body,
            Err(error) => {
                // A success that also contains an error is refused. Its refresh token has replaced the old one all the same.
                let body = (200..300).contains(&response.status).then(|| Value::parse_object(response.body.expose().as_bytes()));
                let refresh_token = body.flatten().as_mut().and_then(granted);
                let (error, refusal) = judge(response.status, error);
                return Err(TokenFailure { error, refresh_token, refusal });
            }
        };
        let refresh_token = granted(&mut body);
        match Self::read(body, token_type) {
            Ok(mut tokens) => {
                tokens.refresh_token = refresh_token;
                Ok(tokens)
            }
            Err(error) => Err(TokenFailure { error, refresh_token, refusal: Refusal::Unexplained }),
        }
    }

    /// Parses everything but the refresh token, which has been taken out.
    fn read(mut body: Value, token_type: TokenType) -> Result<Box<Self>, Error> {
        let is_odd = |name: &&str| body.get(name).is_some_and(|value| value.as_str().is_none_or(str::is_empty));
        let odd = ["refresh_token", "access_token", "id_token", "scope"].iter().copied().find(is_odd);
        // All are taken out before any of them is checked, so that none stays in the body.
        let access_token = body.take_string("access_token").map(AccessToken::new);
        let id_token = body.take_string("id_token").map(Secret::new);
        let scope = body.take_string("scope");
        let is_bound = body.get_str("token_type").and_then(|written| token_type.read(written));
        // Some providers write the number as a string.
        let seconds = |value: &Value| value.as_integer().or_else(|| Value::parse(value.as_str()?.as_bytes())?.as_integer());
        let lifetime = body.get("expires_in").map(|value| seconds(value).and_then(|seconds| u64::try_from(seconds).ok()));
        let wrong = |name: &'static str| Err(Error::with_detail(Code::ProviderResponseInvalid, name));
        let Some(is_bound) = is_bound else {
            // What was asked for is known, what the provider does instead has a code of its own.
            return if token_type == TokenType::Dpop { Err(Code::DpopUnsupported.into()) } else { wrong("token_type") };
        };
        let expires_in = match lifetime {
            Some(None) => return wrong("expires_in"),
            Some(Some(seconds)) => Some(Duration::from_secs(seconds.min(MAX_LIFETIME))),
            None => None,
        };
        match (odd, access_token) {
            (None, Some(access_token)) if is_bearer_token(access_token.expose()) => {
                Ok(Box::new(Self { access_token, expires_in, id_token, is_bound, refresh_token: None, scope }))
            }
            (odd, _) => wrong(odd.unwrap_or("access_token")),
        }
    }
}

/// What an error of the token endpoint means. `invalid_grant` proves that the grant is no longer valid
/// \[RFC 6749 §5.2]. The same error from another endpoint, or with another status, proves nothing.
fn judge(status: u16, error: Error) -> (Error, Refusal) {
    if error.code() != Code::ProviderRejected {
        return (error, Refusal::Temporary);
    }
    let is_refusal = (400..=499).contains(&status);
    match error.oauth() {
        Some(oauth) if is_refusal && oauth.is("invalid_grant") => {
            (Error::with_oauth(Code::InvalidGrant, oauth.clone()), Refusal::Proof)
        }
        // Another proof may be accepted: a nonce or a clock was wrong. It only counts if it lasts.
        Some(oauth) if UNPROVEN.iter().any(|unproven| oauth.is(unproven)) => (error, Refusal::Unexplained),
        Some(oauth) if TEMPORARY.iter().any(|temporary| oauth.is(temporary)) => (error, Refusal::Temporary),
        Some(_) if is_refusal => (error, Refusal::Definitive),
        _ => (error, Refusal::Unexplained),
    }
}

/// Whether the string can be sent in an `Authorization` header \[RFC 6750 §2.1].
fn is_bearer_token(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Box<TokenResponse>, Error> {
        let response = Response { status: 200, body: Secret::new(body.into()), retry_after: None, ..Response::default() };
        TokenResponse::parse(&response).map_err(|failure| failure.error)
    }

    #[test]
    fn a_response_is_read() {
        let tokens =
            parse(r#"{"access_token":"a","token_type":"bearer","expires_in":1800,"id_token":"i","refresh_token":"r"}"#).unwrap();
        assert_eq!(tokens.access_token.expose(), "a");
        assert_eq!(tokens.expires_in, Some(Duration::from_secs(1800)));
        assert_eq!(tokens.refresh_token.unwrap().expose(), "r");
    }

    #[test]
    fn law_2_a_refresh_token_beside_an_error_took_the_old_ones_place() {
        let failed = |status| {
            let body = Secret::new(r#"{"error":"server_error","refresh_token":"r"}"#.into());
            TokenResponse::parse(&Response { status, body, retry_after: None, ..Response::default() }).unwrap_err()
        };
        assert_eq!(failed(200).error.code(), Code::ProviderRejected);
        assert_eq!(failed(200).refresh_token, Some(RefreshToken::new("r".into())));
        assert_eq!(failed(400).refresh_token, None, "a refusal grants nothing");
    }

    #[test]
    fn a_lifetime_may_be_written_as_a_string() {
        let tokens = parse(r#"{"access_token":"a","token_type":"Bearer","expires_in":"60"}"#).unwrap();
        assert_eq!(tokens.expires_in, Some(Duration::from_secs(60)));
    }

    #[test]
    fn members_that_break_the_standard_are_named() {
        for (body, name) in [
            (r#"{"token_type":"Bearer"}"#, "access_token"),
            (r#"{"access_token":"","token_type":"Bearer"}"#, "access_token"),
            (r#"{"access_token":7,"token_type":"Bearer"}"#, "access_token"),
            (r#"{"access_token":"a\nb","token_type":"Bearer"}"#, "access_token"),
            (r#"{"access_token":"a"}"#, "token_type"),
            (r#"{"access_token":"a","token_type":"DPoP"}"#, "token_type"),
            (r#"{"access_token":"a","token_type":"Bearer","expires_in":-1}"#, "expires_in"),
            (r#"{"access_token":"a","token_type":"Bearer","expires_in":"60 s"}"#, "expires_in"),
            (r#"{"access_token":"a","token_type":"Bearer","refresh_token":[]}"#, "refresh_token"),
            (r#"{"access_token":"a","token_type":"Bearer","id_token":""}"#, "id_token"),
        ] {
            let error = parse(body).unwrap_err();
            assert_eq!((error.code(), error.detail()), (Code::ProviderResponseInvalid, name), "{body}");
        }
    }

    #[test]
    fn law_3_only_invalid_grant_is_proof() {
        for (status, body, code, refusal) in [
            (400, r#"{"error":"invalid_grant"}"#, Code::InvalidGrant, Refusal::Proof),
            (401, r#"{"error":"invalid_grant"}"#, Code::InvalidGrant, Refusal::Proof),
            (400, r#"{"error":"invalid_client"}"#, Code::ProviderRejected, Refusal::Definitive),
            (200, r#"{"error":"invalid_grant"}"#, Code::ProviderRejected, Refusal::Unexplained),
            (400, "<html>invalid_grant</html>", Code::ProviderRejected, Refusal::Unexplained),
            (400, r#"{"error":"temporarily_unavailable"}"#, Code::ProviderRejected, Refusal::Temporary),
            (503, r#"{"error":"invalid_grant"}"#, Code::ProviderUnavailable, Refusal::Temporary),
            (429, r#"{"error":"invalid_grant"}"#, Code::ProviderUnavailable, Refusal::Temporary),
            (200, "<html>", Code::ProviderResponseInvalid, Refusal::Temporary),
            (200, "{}", Code::ProviderResponseInvalid, Refusal::Unexplained),
        ] {
            let response = Response { status, body: Secret::new(body.into()), retry_after: None, ..Response::default() };
            let failure = TokenResponse::parse(&response).unwrap_err();
            assert_eq!((failure.error.code(), failure.refusal), (code, refusal), "{status} {body}");
        }
    }

    #[test]
    fn a_huge_lifetime_is_bounded() {
        let tokens = parse(r#"{"access_token":"a","token_type":"Bearer","expires_in":1e300}"#).unwrap();
        assert_eq!(tokens.expires_in, Some(Duration::from_secs(MAX_LIFETIME)));
    }

    #[test]
    fn a_public_client_names_itself_in_the_body() {
        let config = Config::openid("https://x.example", "client", "https://app.example/").build().unwrap();
        let request = refresh("https://x.example/token", &config, &RefreshToken::new("r&1".into()), TokenIndex::FIRST);
        let Some(super::super::http::Body::Form(form)) = &request.body else { panic!("no form") };
        assert_eq!(form.expose(), "grant_type=refresh_token&refresh_token=r%261&client_id=client");
        assert_eq!(request.bearer, None);
        assert!(!format!("{request:?}").contains("r%261"));
    }
}
