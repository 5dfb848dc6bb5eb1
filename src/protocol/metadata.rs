//! Where the provider's endpoints are \[OIDC Discovery, RFC 8414].

use super::config::{Application, Config};
use super::error::{Code, Error};
use super::http::{Request, Response};
use super::json::Value;
use super::jwks::Algorithm;
use super::text::trim_end;
use super::url::HttpUrl;

/// The provider's endpoints and habits.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderMetadata {
    algorithms: Vec<Algorithm>,
    /// By the names of the standard.
    endpoints: Value,
    issuer: String,
    issuer_in_callback: bool,
}

impl ProviderMetadata {
    /// A Wristband application's, made of its domain alone. The authorization endpoint is the
    /// application's; a tenant has its own.
    pub fn wristband(application: &Application) -> Self {
        let at = |path| Value::String(application.origin().at(path));
        Self {
            algorithms: Algorithm::ALL.to_vec(),
            endpoints: Value::object([
                ("authorization_endpoint", at("/api/v1/oauth2/authorize")),
                ("jwks_uri", at("/api/v1/oauth2/jwks")),
                ("revocation_endpoint", at("/api/v1/oauth2/revoke")),
                ("token_endpoint", at("/api/v1/oauth2/token")),
                ("userinfo_endpoint", at("/api/v1/oauth2/userinfo")),
            ]),
            issuer: application.origin().as_str().to_owned(),
            // Wristband does not say whether it sends `iss`. What is sent is compared.
            issuer_in_callback: false,
        }
    }

    /// The request for another provider's metadata \[OIDC Discovery §4.1].
    pub fn request(issuer: &str) -> Request {
        Request::get([trim_end(issuer, "/"), "/.well-known/openid-configuration"].concat())
    }

    /// Reads the metadata, which must be of this very issuer \[OIDC Discovery §4.3].
    ///
    /// # Errors
    /// As the provider refused, or `metadata_invalid`.
    pub fn parse(response: &Response, issuer: &str, config: &Config) -> Result<Self, Error> {
        let body = response.json()?;
        let invalid = |name: &'static str| Error::with_detail(Code::MetadataInvalid, name);
        let lists = |name: &str, word: &str| body.get(name).is_none_or(|value| value.as_array().is_none() || value.lists(word));
        if body.text("issuer") != Some(issuer) {
            return Err(invalid("issuer"));
        }
        for (name, word) in &[("response_types_supported", "code"), ("code_challenge_methods_supported", "S256")] {
            if !lists(name, word) {
                return Err(invalid(name));
            }
        }
        let mut endpoints = Value::object([]);
        for (name, required) in ENDPOINTS {
            let url = match body.get(name) {
                None if !*required => continue,
                value => value.and_then(Value::as_str).and_then(HttpUrl::parse),
            };
            match url.filter(|url| url.is_protected(config.allow_insecure_loopback()) && url.fragment().is_none()) {
                Some(url) => endpoints.put(name, Value::String(url.text())),
                None => return Err(invalid(name)),
            }
        }
        let mut algorithms = Vec::new();
        for algorithm in &Algorithm::ALL {
            if lists("id_token_signing_alg_values_supported", algorithm.as_str()) {
                algorithms.push(*algorithm);
            }
        }
        Ok(Self {
            algorithms,
            endpoints,
            issuer: issuer.to_owned(),
            issuer_in_callback: body.get("authorization_response_iss_parameter_supported").and_then(Value::as_bool) == Some(true),
        })
    }

    /// Checks who sent a callback \[RFC 9207 §2.4]: what is sent must match, and a provider that
    /// says it sends it must have done so.
    pub(crate) fn check_callback_issuer(&self, issuer: Option<&str>) -> Result<(), Error> {
        match issuer {
            Some(issuer) if issuer != self.issuer => Err(Code::IssuerMismatch.into()),
            None if self.issuer_in_callback => Err(Error::with_detail(Code::IssuerMismatch, "iss is missing")),
            _ => Ok(()),
        }
    }

    /// The signature algorithms that are accepted from this provider.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// Where logins go.
    pub fn authorization_endpoint(&self) -> &str {
        self.endpoint("authorization_endpoint").unwrap_or_default()
    }

    /// Where the provider's own session ends.
    pub fn end_session_endpoint(&self) -> Option<&str> {
        self.endpoint("end_session_endpoint")
    }

    /// The issuer of ID tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the keys are.
    pub fn jwks_uri(&self) -> &str {
        self.endpoint("jwks_uri").unwrap_or_default()
    }

    /// Where refresh tokens are revoked.
    pub fn revocation_endpoint(&self) -> Option<&str> {
        self.endpoint("revocation_endpoint")
    }

    /// Where codes and refresh tokens are exchanged.
    pub fn token_endpoint(&self) -> &str {
        self.endpoint("token_endpoint").unwrap_or_default()
    }

    /// Where user info is.
    pub fn userinfo_endpoint(&self) -> Option<&str> {
        self.endpoint("userinfo_endpoint")
    }

    fn endpoint(&self, name: &str) -> Option<&str> {
        self.endpoints.text(name)
    }
}

/// The endpoints that metadata can name, and whether it has to.
const ENDPOINTS: &[(&str, bool)] = &[
    ("authorization_endpoint", true),
    ("end_session_endpoint", false),
    ("jwks_uri", true),
    ("revocation_endpoint", false),
    ("token_endpoint", true),
    ("userinfo_endpoint", false),
];
