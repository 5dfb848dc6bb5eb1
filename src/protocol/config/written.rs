//! Settings as JSON: the inverse of [`ConfigBuilder::from_json`].

use core::time::Duration;

use super::{ApiPrefix, Config, IdleLogout, OpenIdProvider, Provider, TokenIndex};
use crate::protocol::base64url::base64url;
use crate::protocol::json::Value;
use crate::protocol::url::HttpUrl;
use sha2::{Digest as _, Sha256};

impl Config {
    /// All settings, with the names of the JavaScript API. Reading them with
    /// [`ConfigBuilder::from_json`](super::ConfigBuilder::from_json) gives an equal configuration.
    pub fn to_json(&self) -> Value {
        let mut settings = Value::object([
            ("allowInsecureLoopback", self.allow_insecure_loopback().into()),
            ("allowTenantChange", self.allow_tenant_change().into()),
            ("apis", Value::Array(self.apis().iter().map(|api| self.written_api(api)).collect())),
            ("authorizationParams", self.authorization_params().to_object()),
            ("clientId", self.client_id().into()),
            ("clockTolerance", seconds(self.clock_tolerance())),
            ("dpop", self.dpop().as_str().into()),
            ("exposeAccessToken", self.expose_access_token().into()),
            ("idleLogout", self.idle_logout().map_or(Value::Null, IdleLogout::to_json)),
            ("linger", seconds(self.linger())),
            ("loginUrl", self.login_url().map(super::AppUrl::as_str).into()),
            ("par", self.par().map(super::Use::as_str).into()),
            ("postLogoutUrl", self.post_logout_url().map(super::AppUrl::as_str).into()),
            ("redirectUri", self.redirect_uri().as_str().into()),
            ("renewalMargin", seconds(self.renewal_margin())),
            ("restore", self.restore().as_str().into()),
            ("scopes", Value::Array(self.scope().split(' ').map(Value::from).collect())),
            ("tokenParams", self.token_params(TokenIndex::FIRST).to_object()),
        ]);
        put_provider(&mut settings, self.provider());
        settings
    }

    fn written_api(&self, api: &ApiPrefix) -> Value {
        let params = api.token.0.checked_sub(1).and_then(|index| self.0.api_tokens.get(index));
        params.map_or_else(
            || address(api.url()),
            |params| {
                let mut written = params.to_object();
                written.insert("prefix", address(api.url()));
                written
            },
        )
    }
}

impl Config {
    /// A SHA-256 digest of all settings, in base64url. Two configurations with the same digest have the
    /// same settings.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        update(&mut hash, &self.to_json());
        base64url(&hash.finalize())
    }
}

/// Hashes a value with its kind and length, so that no two values give the same hash input. Its JSON is
/// not hashed: the code that formats numbers would be a tenth of the module.
fn update(hash: &mut Sha256, value: &Value) {
    let mut part = |kind: u8, length: usize, bytes: &[u8]| {
        hash.update([kind]);
        hash.update((length as u64).to_be_bytes());
        hash.update(bytes);
    };
    match value {
        Value::Array(items) => {
            part(b'a', items.len(), &[]);
            items.iter().for_each(|item| update(hash, item));
        }
        Value::Bool(flag) => part(b'b', 1, &[u8::from(*flag)]),
        Value::Float(number) => part(b'f', 8, &number.to_bits().to_be_bytes()),
        Value::Integer(number) => part(b'i', 8, &number.to_be_bytes()),
        Value::Null => part(b'n', 0, &[]),
        Value::Object(members) => {
            part(b'o', members.len(), &[]);
            for (name, value) in members {
                update(hash, &Value::String(name.clone()));
                update(hash, value);
            }
        }
        Value::String(text) => part(b's', text.len(), text.as_bytes()),
    }
}

fn put_provider(settings: &mut Value, provider: &Provider) {
    let application = match provider {
        Provider::OpenId(provider) => return put_open_id(settings, provider),
        Provider::Wristband(application) => application,
    };
    let tenant = &application.default_tenant;
    for (name, value) in [
        ("applicationAuthorization", application.application_authorization.into()),
        ("applicationCustomDomainActive", application.custom_domain_active.into()),
        ("applicationLoginPage", application.login_page.as_ref().map_or(Value::Null, address)),
        ("applicationVanityDomain", application.origin.authority().into()),
        ("defaultTenantCustomDomain", tenant.custom_domain.as_ref().map(|domain| domain.as_str()).into()),
        ("defaultTenantName", tenant.name.as_ref().map(|name| name.as_str()).into()),
        ("tenantFromRootDomain", application.root_domain.as_deref().into()),
    ] {
        settings.insert(name, value);
    }
}

fn put_open_id(settings: &mut Value, provider: &OpenIdProvider) {
    for (name, value) in [
        ("atHashAlgorithm", provider.at_hash.into()),
        ("discoveryUrl", provider.discovery_url.as_deref().into()),
        ("idTokenHint", provider.id_token_hint.into()),
        ("issuer", provider.issuer.as_str().into()),
        ("logoutReturnParameter", provider.logout_return_parameter.as_deref().into()),
        ("logoutUrl", provider.logout_url.as_deref().into()),
        ("metadata", provider.metadata.clone().unwrap_or_default()),
    ] {
        settings.insert(name, value);
    }
}

fn address(url: &HttpUrl) -> Value {
    Value::String(url.text())
}

fn seconds(duration: Duration) -> Value {
    // No setting of this kind is longer than a day.
    Value::Integer(duration.as_secs() as i64)
}
