//! The provider's metadata \[OIDC Discovery, RFC 8414].

use super::config::{Application, Config};
use super::error::{Code, Error};
use super::http::{Request, Response};
use super::json::Value;
use super::jwks::Algorithm;
use super::url::HttpUrl;

/// The provider's endpoints and capabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderMetadata {
    algorithms: Vec<Algorithm>,
    authorization_endpoint: String,
    end_session_endpoint: Option<String>,
    issuer: String,
    issuer_in_callback: bool,
    jwks_uri: String,
    revocation_endpoint: Option<String>,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
}

impl ProviderMetadata {
    /// The metadata of a Wristband application, derived from its domain. The authorization endpoint
    /// is the application's; a tenant has its own.
    pub fn wristband(application: &Application) -> Self {
        let at = |path| application.origin().at(path);
        Self {
            algorithms: Algorithm::ALL.to_vec(),
            authorization_endpoint: at("/api/v1/oauth2/authorize"),
            end_session_endpoint: None,
            jwks_uri: at("/api/v1/oauth2/jwks"),
            revocation_endpoint: Some(at("/api/v1/oauth2/revoke")),
            token_endpoint: at("/api/v1/oauth2/token"),
            userinfo_endpoint: Some(at("/api/v1/oauth2/userinfo")),
            issuer: application.origin().as_str().to_owned(),
            // Wristband does not say whether it sends `iss`. If it does, the value is compared.
            issuer_in_callback: false,
        }
    }

    /// The discovery request for any other provider \[OIDC Discovery §4.1].
    pub fn request(issuer: &str) -> Request {
        Request::get([issuer.trim_end_matches('/'), "/.well-known/openid-configuration"].concat())
    }

    /// Parses the metadata. Its issuer must be equal to `issuer` \[OIDC Discovery §4.3].
    ///
    /// # Errors
    /// A `provider_…` code for a failed response, or `metadata_invalid`, naming the member.
    pub fn parse(response: &Response, issuer: &str, config: &Config) -> Result<Self, Error> {
        let body = response.json()?;
        let invalid = |name: &'static str| Error::with_detail(Code::MetadataInvalid, name);
        let lists =
            |name: &str, word: &str| body.get(name).is_none_or(|value| value.as_array().is_none() || value.contains_str(word));
        if body.get_str("issuer") != Some(issuer) {
            return Err(invalid("issuer"));
        }
        for (name, word) in &[("response_types_supported", "code"), ("code_challenge_methods_supported", "S256")] {
            if !lists(name, word) {
                return Err(invalid(name));
            }
        }
        let endpoint = |name: &'static str| {
            let url = body.get(name).and_then(Value::as_str).and_then(HttpUrl::parse);
            let usable = url.filter(|url| url.is_protected(config.allow_insecure_loopback()) && url.fragment().is_none());
            usable.map(|url| url.text()).ok_or_else(|| invalid(name))
        };
        let optional = |name: &'static str| body.get(name).map(|_| endpoint(name)).transpose();
        let mut algorithms = Vec::new();
        for algorithm in &Algorithm::ALL {
            if lists("id_token_signing_alg_values_supported", algorithm.as_str()) {
                algorithms.push(*algorithm);
            }
        }
        Ok(Self {
            algorithms,
            authorization_endpoint: endpoint("authorization_endpoint")?,
            end_session_endpoint: optional("end_session_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            revocation_endpoint: optional("revocation_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            userinfo_endpoint: optional("userinfo_endpoint")?,
            issuer: issuer.to_owned(),
            issuer_in_callback: body.get("authorization_response_iss_parameter_supported").and_then(Value::as_bool) == Some(true),
        })
    }

    /// Checks the `iss` of a callback \[RFC 9207 §2.4]: if present, it must match, and it must be
    /// present if the metadata says that the provider sends it.
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

    /// The URL for authorization requests.
    pub fn authorization_endpoint(&self) -> &str {
        &self.authorization_endpoint
    }

    /// The URL that ends the provider's session.
    pub fn end_session_endpoint(&self) -> Option<&str> {
        self.end_session_endpoint.as_deref()
    }

    /// The issuer of ID tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The URL of the provider's keys.
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    /// The URL that revokes refresh tokens.
    pub fn revocation_endpoint(&self) -> Option<&str> {
        self.revocation_endpoint.as_deref()
    }

    /// The URL that exchanges codes and refresh tokens.
    pub fn token_endpoint(&self) -> &str {
        &self.token_endpoint
    }

    /// The URL of the user info.
    pub fn userinfo_endpoint(&self) -> Option<&str> {
        self.userinfo_endpoint.as_deref()
    }
}
