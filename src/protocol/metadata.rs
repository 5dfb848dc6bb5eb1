//! Where the provider's endpoints are \[OIDC Discovery, RFC 8414].

use super::config::{Application, Config};
use super::error::{Code, Error};
use super::http::{Request, Response};
use super::json::Value;
use super::jwks::Algorithm;
use super::url::HttpUrl;

/// The provider's endpoints and habits.
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
    /// A Wristband application's, made of its domain alone. The authorization endpoint is the
    /// application's; a tenant has its own.
    pub fn wristband(application: &Application) -> Self {
        let at = |path| application.origin().at(path);
        Self {
            algorithms: Algorithm::ALL.to_vec(),
            authorization_endpoint: at("/api/v1/oauth2/authorize"),
            end_session_endpoint: None,
            issuer: application.origin().as_str().to_owned(),
            // Wristband does not say whether it sends `iss`. What is sent is compared.
            issuer_in_callback: false,
            jwks_uri: at("/api/v1/oauth2/jwks"),
            revocation_endpoint: Some(at("/api/v1/oauth2/revoke")),
            token_endpoint: at("/api/v1/oauth2/token"),
            userinfo_endpoint: Some(at("/api/v1/oauth2/userinfo")),
        }
    }

    /// The request for another provider's metadata \[OIDC Discovery §4.1].
    pub fn request(issuer: &str) -> Request {
        Request::get([issuer.trim_end_matches('/'), "/.well-known/openid-configuration"].concat())
    }

    /// Reads the metadata, which must be of this very issuer \[OIDC Discovery §4.3].
    ///
    /// # Errors
    /// As the provider refused, or `metadata_invalid`.
    pub fn parse(response: &Response, issuer: &str, config: &Config) -> Result<Self, Error> {
        let body = response.json()?;
        let invalid = |name: &'static str| Error::with_detail(Code::MetadataInvalid, name);
        let endpoint = |name: &'static str| match body.get(name) {
            None => Ok(None),
            Some(value) => {
                let url = value.as_str().and_then(HttpUrl::parse);
                let url = url.filter(|url| url.is_protected(config.allow_insecure_loopback()) && url.fragment().is_none());
                url.map(|url| Some(url.text())).ok_or_else(|| invalid(name))
            }
        };
        let required = |name: &'static str| endpoint(name)?.ok_or_else(|| invalid(name));
        let lists = |name: &str, word: &str| {
            body.get(name).and_then(Value::as_array).is_none_or(|items| items.iter().any(|item| item.as_str() == Some(word)))
        };
        if body.text("issuer") != Some(issuer) {
            return Err(invalid("issuer"));
        }
        if !lists("response_types_supported", "code") {
            return Err(invalid("response_types_supported"));
        }
        if !lists("code_challenge_methods_supported", "S256") {
            return Err(invalid("code_challenge_methods_supported"));
        }
        let signs = |algorithm: &Algorithm| lists("id_token_signing_alg_values_supported", algorithm.as_str());
        Ok(Self {
            algorithms: Algorithm::ALL.into_iter().filter(signs).collect(),
            authorization_endpoint: required("authorization_endpoint")?,
            end_session_endpoint: endpoint("end_session_endpoint")?,
            issuer: issuer.to_owned(),
            issuer_in_callback: body.get("authorization_response_iss_parameter_supported").and_then(Value::as_bool) == Some(true),
            jwks_uri: required("jwks_uri")?,
            revocation_endpoint: endpoint("revocation_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            userinfo_endpoint: endpoint("userinfo_endpoint")?,
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
        &self.authorization_endpoint
    }

    /// Where the provider's own session ends.
    pub fn end_session_endpoint(&self) -> Option<&str> {
        self.end_session_endpoint.as_deref()
    }

    /// The issuer of ID tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the keys are.
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    /// Where refresh tokens are revoked.
    pub fn revocation_endpoint(&self) -> Option<&str> {
        self.revocation_endpoint.as_deref()
    }

    /// Where codes and refresh tokens are exchanged.
    pub fn token_endpoint(&self) -> &str {
        &self.token_endpoint
    }

    /// Where user info is.
    pub fn userinfo_endpoint(&self) -> Option<&str> {
        self.userinfo_endpoint.as_deref()
    }
}
