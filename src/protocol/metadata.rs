//! The provider's metadata \[OIDC Discovery, RFC 8414].

use super::config::{Application, Config, OpenIdProvider, Provider};
use super::error::{Code, Error, published};
use super::http::{Request, Response};
use super::json::Value;
use super::jwks::Algorithm;
use super::parameters;
use super::url::HttpUrl;

/// The provider's endpoints and capabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderMetadata {
    algorithms: Vec<Algorithm>,
    authorization_endpoint: String,
    /// The algorithms of DPoP proofs that the provider accepts. Empty if it does not say.
    dpop_algorithms: Vec<Algorithm>,
    end_session_endpoint: Option<String>,
    grants_offline_access: bool,
    issuer: String,
    issuer_in_callback: bool,
    jwks_uri: String,
    pushed_authorization_request_endpoint: Option<String>,
    requires_pushed_requests: bool,
    revocation_endpoint: Option<String>,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
}

/// The placeholder in the issuer of a provider that has an issuer for each tenant, as Microsoft Entra writes it.
pub(crate) const TENANT_ID: &str = "{tenantid}";

/// The algorithms of the provider's ID tokens.
const ALGORITHMS: &str = "id_token_signing_alg_values_supported";

/// The algorithms of the DPoP proofs that it accepts \[RFC 9449 §5.1].
const DPOP_ALGORITHMS: &str = "dpop_signing_alg_values_supported";

/// Whether a token's issuer is the expected one. The placeholder in an expected issuer stands for the token's own tenant
/// (`tid`), which cannot lead out of its path segment. Otherwise issuers are compared as strings.
pub(crate) fn is_issuer(issuer: &str, expected: &str, tid: Option<&str>) -> bool {
    let Some((before, after)) = expected.split_once(TENANT_ID) else { return issuer == expected };
    let is_plain = |tid: &&str| !tid.is_empty() && tid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    tid.filter(is_plain).is_some_and(|tid| [before, tid, after].concat() == issuer)
}

/// The error for a response of another issuer, which names both.
pub(crate) fn other_issuer(code: Code, found: Option<&str>, expected: &str) -> Error {
    let is_address = |found: &&str| found.starts_with("https://") || found.starts_with("http://");
    let found = found.filter(is_address).map_or_else(|| "no address".to_owned(), published);
    Error::with_detail(code, ["issuer: found ", &found, ", expected ", expected].concat())
}

/// Whether the provider names itself in its callbacks \[RFC 9207 §3].
fn sends_issuer(body: &Value) -> bool {
    body.get("authorization_response_iss_parameter_supported").and_then(Value::as_bool) == Some(true)
}

/// The URL of an endpoint, if it can be used.
fn usable_endpoint(value: &Value, loopback: bool) -> Option<String> {
    let url = value.as_str().and_then(HttpUrl::parse);
    url.filter(|url| url.is_protected(loopback) && url.fragment().is_none()).map(|url| url.text())
}

impl ProviderMetadata {
    /// The metadata of a Wristband application, derived from its domain. The authorization endpoint
    /// is the application's; a tenant has its own.
    pub fn wristband(application: &Application) -> Self {
        let at = |path| application.origin().at(path);
        Self {
            algorithms: Algorithm::ALL.to_vec(),
            authorization_endpoint: at("/api/v1/oauth2/authorize"),
            dpop_algorithms: Vec::new(),
            pushed_authorization_request_endpoint: None,
            requires_pushed_requests: false,
            end_session_endpoint: None,
            grants_offline_access: true,
            jwks_uri: at("/api/v1/oauth2/jwks"),
            revocation_endpoint: Some(at("/api/v1/oauth2/revoke")),
            token_endpoint: at("/api/v1/oauth2/token"),
            userinfo_endpoint: Some(at("/api/v1/oauth2/userinfo")),
            issuer: application.origin().as_str().to_owned(),
            // Wristband does not say whether it sends `iss`. If it does, the value is compared.
            issuer_in_callback: false,
        }
    }

    /// The metadata that the app has written down, if that is all of it: nothing has to be fetched then.
    pub(crate) fn written(provider: &OpenIdProvider, loopback: bool) -> Option<Self> {
        let written = provider.metadata.as_ref()?;
        let is_whole = ["authorization_endpoint", "jwks_uri", "token_endpoint"].iter().all(|name| written.get(name).is_some());
        if is_whole { Self::read(written, provider, loopback).ok() } else { None }
    }

    /// Checks the members that the app has written down.
    ///
    /// # Errors
    /// `config_invalid`, naming the member.
    pub(crate) fn check_written(provider: &OpenIdProvider, loopback: bool) -> Result<(), Error> {
        for (name, value) in provider.metadata.iter().flat_map(Value::members) {
            let is_url = name == "jwks_uri" || name.ends_with("_endpoint");
            let refused = match name {
                _ if is_url && usable_endpoint(value, loopback).is_none() => "not an absolute https address",
                "issuer" if value.as_str() != Some(&provider.issuer) => "another issuer than the configured one",
                "response_types_supported" if !value.contains_str("code") => "without \"code\"",
                "code_challenge_methods_supported" if !value.contains_str("S256") => "without \"S256\"",
                ALGORITHMS if !Algorithm::ALL.iter().any(|known| value.contains_str(known.as_str())) => {
                    "none that the library verifies"
                }
                _ => continue,
            };
            return Err(Error::with_detail(Code::ConfigInvalid, ["metadata: ", name, ": ", refused].concat()));
        }
        Ok(())
    }

    /// The discovery request for any other provider \[OIDC Discovery §4.1].
    pub fn request(provider: &OpenIdProvider) -> Request {
        match &provider.discovery_url {
            Some(url) => Request::get(url.as_str()),
            None => Request::get([provider.issuer.trim_end_matches('/'), "/.well-known/openid-configuration"].concat()),
        }
    }

    /// Parses the metadata. Its issuer must be the configured one \[OIDC Discovery §4.3].
    ///
    /// # Errors
    /// A `provider_…` code for a failed response, or `metadata_invalid`, naming the member.
    pub fn parse(response: &Response, config: &Config) -> Result<Self, Error> {
        let Provider::OpenId(provider) = config.provider() else { return Err(Code::MetadataInvalid.into()) };
        let mut body = response.json()?;
        if body.get_str("issuer") != Some(&provider.issuer) {
            return Err(other_issuer(Code::MetadataInvalid, body.get_str("issuer"), &provider.issuer));
        }
        let published = sends_issuer(&body);
        for (name, value) in provider.metadata.iter().flat_map(Value::members) {
            body.insert(name, value.clone());
        }
        let mut metadata = Self::read(&body, provider, config.allow_insecure_loopback())?;
        // The app can expect the issuer in callbacks, but not waive it.
        metadata.issuer_in_callback |= published;
        Ok(metadata)
    }

    fn read(body: &Value, provider: &OpenIdProvider, loopback: bool) -> Result<Self, Error> {
        let invalid = |name: &'static str| Error::with_detail(Code::MetadataInvalid, name);
        let lists =
            |name: &str, word: &str| body.get(name).is_none_or(|value| value.as_array().is_none() || value.contains_str(word));
        for (name, word) in &[("response_types_supported", "code"), ("code_challenge_methods_supported", "S256")] {
            if !lists(name, word) {
                return Err(invalid(name));
            }
        }
        // What the provider does not need to have is left out if it cannot be used.
        let optional = |name: &'static str| body.get(name).and_then(|value| usable_endpoint(value, loopback));
        let endpoint = |name: &'static str| optional(name).ok_or_else(|| invalid(name));
        let (mut algorithms, mut dpop_algorithms) = (Vec::new(), Vec::new());
        for algorithm in &Algorithm::ALL {
            if lists(ALGORITHMS, algorithm.as_str()) {
                algorithms.push(*algorithm);
            }
            if body.get(DPOP_ALGORITHMS).is_some_and(|value| value.contains_str(algorithm.as_str())) {
                dpop_algorithms.push(*algorithm);
            }
        }
        Ok(Self {
            algorithms,
            authorization_endpoint: endpoint("authorization_endpoint")
                .ok()
                .filter(|url| !url.split_once('?').is_some_and(|(_, query)| parameters::anticipates_request(query)))
                .ok_or_else(|| invalid("authorization_endpoint"))?,
            dpop_algorithms,
            end_session_endpoint: optional("end_session_endpoint"),
            grants_offline_access: lists("scopes_supported", "offline_access"),
            jwks_uri: endpoint("jwks_uri")?,
            pushed_authorization_request_endpoint: optional("pushed_authorization_request_endpoint"),
            requires_pushed_requests: body.get("require_pushed_authorization_requests").and_then(Value::as_bool) == Some(true),
            revocation_endpoint: optional("revocation_endpoint"),
            token_endpoint: endpoint("token_endpoint")?,
            userinfo_endpoint: optional("userinfo_endpoint"),
            issuer: provider.issuer.clone(),
            issuer_in_callback: sends_issuer(body),
        })
    }

    /// Checks the `iss` of a callback \[RFC 9207 §2.4]: if present, it must match, and it must be
    /// present if the metadata says that the provider sends it.
    pub(crate) fn check_callback_issuer(&self, issuer: Option<&str>) -> Result<(), Error> {
        match issuer {
            // The issuer that was found is in a URL that anyone can have made up, so it is not shown.
            Some(issuer) if !self.is_own(issuer) => {
                Err(Error::with_detail(Code::IssuerMismatch, ["iss: expected ", &self.issuer].concat()))
            }
            None if self.issuer_in_callback => Err(Error::with_detail(Code::IssuerMismatch, "iss is missing")),
            _ => Ok(()),
        }
    }

    /// Whether this is the provider's issuer. Which tenant's it is, only the ID token says.
    fn is_own(&self, issuer: &str) -> bool {
        let tenant = self.issuer.split_once(TENANT_ID).and_then(|(before, after)| issuer.strip_prefix(before)?.strip_suffix(after));
        is_issuer(issuer, &self.issuer, tenant)
    }

    /// The scopes to ask this provider for: one that does not know `offline_access` may refuse it.
    pub(crate) fn scope_of(&self, asked: &str) -> String {
        let is_granted = |scope: &&str| self.grants_offline_access || *scope != "offline_access";
        asked.split(' ').filter(is_granted).collect::<Vec<_>>().join(" ")
    }

    /// The signature algorithms that are accepted from this provider.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// The URL for authorization requests.
    pub fn authorization_endpoint(&self) -> &str {
        &self.authorization_endpoint
    }

    /// The algorithms of DPoP proofs that the provider accepts. Empty if it does not say.
    pub fn dpop_algorithms(&self) -> &[Algorithm] {
        &self.dpop_algorithms
    }

    /// The URL that takes pushed authorization requests \[RFC 9126 §5].
    pub fn pushed_authorization_request_endpoint(&self) -> Option<&str> {
        self.pushed_authorization_request_endpoint.as_deref()
    }

    /// Whether the provider takes no other authorization requests.
    pub fn requires_pushed_requests(&self) -> bool {
        self.requires_pushed_requests
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
