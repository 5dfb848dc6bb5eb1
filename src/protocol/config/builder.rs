//! Settings as the app writes them, and the checks that turn them into a [`Config`].

use core::time::Duration;
use std::sync::Arc;

use super::api::Api;
use super::idle::IdleLogout;
use super::{ApiPrefix, AppUrl, Application, Config, MAX_URI_LEN, OpenIdProvider, Provider, Restore, Settings, TokenIndex, Use};
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::metadata::{ProviderMetadata, TENANT_ID};
use crate::protocol::options::{self, Kind, Options};
use crate::protocol::parameters::Parameters;
use crate::protocol::path::{self, Ambiguity};
use crate::protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
use crate::protocol::url::{HttpUrl, Origin};

/// Settings as the app writes them, before they are checked.
#[derive(Clone, Debug)]
pub struct ConfigBuilder {
    /// Keyed by the names of the JavaScript API. Each value has the type of its option.
    pub(super) options: Value,
}

/// The hash functions that a provider may use for `at_hash`.
const HASHES: &[&str] = &["SHA-256", "SHA-384", "SHA-512"];

const USES: &[&str] = &["auto", "off", "required"];

const OPTIONS: &Options = &[
    ("allowInsecureLoopback", Kind::Flag),
    ("allowTenantChange", Kind::Flag),
    ("apis", Kind::Entries),
    ("applicationAuthorization", Kind::Flag),
    ("applicationCustomDomainActive", Kind::Flag),
    ("applicationLoginPage", Kind::String),
    ("applicationVanityDomain", Kind::String),
    ("atHashAlgorithm", Kind::OneOf(HASHES)),
    ("audience", Kind::String),
    ("authorizationParams", Kind::Object),
    ("clientId", Kind::String),
    ("clockTolerance", Kind::Number(i64::MAX)),
    ("defaultTenantCustomDomain", Kind::String),
    ("defaultTenantName", Kind::String),
    ("discoveryUrl", Kind::String),
    ("dpop", Kind::OneOf(USES)),
    ("exposeAccessToken", Kind::Flag),
    ("idTokenHint", Kind::Flag),
    ("idleLogout", Kind::Object),
    ("issuer", Kind::String),
    ("linger", Kind::Number(i64::MAX)),
    ("loginUrl", Kind::String),
    ("logoutReturnParameter", Kind::String),
    ("logoutUrl", Kind::String),
    ("metadata", Kind::Object),
    ("par", Kind::OneOf(USES)),
    ("postLogoutUrl", Kind::String),
    ("redirectUri", Kind::String),
    ("renewalMargin", Kind::Number(i64::MAX)),
    ("resource", Kind::Strings),
    ("restore", Kind::OneOf(&["none", "redirect"])),
    ("scopes", Kind::StringList),
    ("tenantFromRootDomain", Kind::String),
    ("tokenParams", Kind::Object),
];

/// Options of Wristband applications.
const OF_WRISTBAND: &[&str] = &[
    "applicationAuthorization",
    "applicationCustomDomainActive",
    "applicationLoginPage",
    "defaultTenantCustomDomain",
    "defaultTenantName",
    "tenantFromRootDomain",
];

/// Options of other providers.
const OF_OPEN_ID: &[&str] = &["atHashAlgorithm", "discoveryUrl", "idTokenHint", "logoutReturnParameter", "logoutUrl", "metadata"];

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty => $option:literal, $value:expr;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.options.insert($option, $value);
            self
        }
    )*};
}

impl Default for ConfigBuilder {
    fn default() -> Self {
        Self { options: Value::object([]) }
    }
}

impl ConfigBuilder {
    pub(super) fn new(client_id: String, redirect_uri: String) -> Self {
        let options = [("clientId", Value::String(client_id)), ("redirectUri", Value::String(redirect_uri))];
        Self { options: Value::object(options) }
    }

    pub(super) fn of_application(domain: String, client_id: String) -> Self {
        let options = [("applicationVanityDomain", Value::String(domain)), ("clientId", Value::String(client_id))];
        Self { options: Value::object(options) }
    }

    setters! {
        /// Allows http to loopback hosts, for development. Off by default.
        allow_insecure_loopback: bool => "allowInsecureLoopback", allow_insecure_loopback.into();
        /// Whether the user may sign in to another tenant than the login named: Wristband's login page can offer
        /// that. On by default, as in Wristband's SDKs. Off, such a login fails with `tenant_mismatch`.
        allow_tenant_change: bool => "allowTenantChange", allow_tenant_change.into();
        /// Whether the application accepts authorization requests on its own domain, without a
        /// tenant. Single-tenant applications do.
        application_authorization: bool => "applicationAuthorization", application_authorization.into();
        /// Whether the application has an active custom domain. Its tenants' domains then start
        /// with `tenant.` instead of `tenant-`.
        application_custom_domain_active: bool => "applicationCustomDomainActive", application_custom_domain_active.into();
        /// The app's own tenant discovery page, instead of Wristband's.
        application_login_page: impl Into<String> => "applicationLoginPage", Value::String(application_login_page.into());
        /// The application vanity domain, such as `invotastic-acme.us.wristband.dev`.
        application_vanity_domain: impl Into<String> => "applicationVanityDomain", Value::String(application_vanity_domain.into());
        /// The hash function by which the provider makes `at_hash`, if it is not that of the ID token's algorithm, as the
        /// standard says: `SHA-256`, `SHA-384` or `SHA-512`. Only for a provider that is known to do so.
        at_hash_algorithm: impl Into<String> => "atHashAlgorithm", Value::String(at_hash_algorithm.into());
        /// The API that the access token is for, as some providers need it (`audience`).
        audience: impl Into<String> => "audience", Value::String(audience.into());
        /// Further parameters of every authorization request, as an object of strings or lists of strings. A restore sends
        /// them too. The library's own parameters are refused.
        authorization_params: impl Into<Value> => "authorizationParams", authorization_params.into();
        /// The allowed difference between the device's clock and the provider's, in whole seconds. One minute by default, at
        /// most ten.
        clock_tolerance: Duration => "clockTolerance", whole(clock_tolerance);
        /// The tenant custom domain to use if a login names no tenant.
        default_tenant_custom_domain: impl Into<String> => "defaultTenantCustomDomain", Value::String(default_tenant_custom_domain.into());
        /// The tenant to use if a login names none.
        default_tenant_name: impl Into<String> => "defaultTenantName", Value::String(default_tenant_name.into());
        /// Where the provider's metadata is, if not at the issuer's own well-known URL. Its issuer must still be the
        /// configured one.
        discovery_url: impl Into<String> => "discoveryUrl", Value::String(discovery_url.into());
        /// Binds tokens to a key that never leaves the vault (DPoP) \[RFC 9449]. Your APIs have to support it, too. Off by
        /// default.
        dpop: Use => "dpop", dpop.as_str().into();
        /// Lets the app, and so every script in the page, read the access token. Off by default.
        expose_access_token: bool => "exposeAccessToken", expose_access_token.into();
        /// Whether a logout sends the session's ID token to the provider, so that it ends the session without asking, and
        /// redirects back \[OIDC RP-Initiated Logout §2]. On by default.
        id_token_hint: bool => "idTokenHint", id_token_hint.into();
        /// Ends a session that nobody uses, counted over all tabs. Off by default.
        idle_logout: IdleLogout => "idleLogout", idle_logout.to_json();
        /// The issuer of any OpenID provider, instead of a Wristband application. `{tenantid}` in its path stands for the
        /// `tid` of each ID token, as at Microsoft Entra.
        issuer: impl Into<String> => "issuer", Value::String(issuer.into());
        /// How long a shared vault keeps the session after its last tab has disconnected, so that the session survives a
        /// reload, in whole seconds. 30 seconds by default, at most 300.
        linger: Duration => "linger", whole(linger);
        /// The app's login route, to which Wristband sends users.
        login_url: impl Into<String> => "loginUrl", Value::String(login_url.into());
        /// The parameter of [`logout_url`](Self::logout_url) with the page that the user returns to, such as `logout_uri` or
        /// `returnTo`. `post_logout_redirect_uri` by default.
        logout_return_parameter: impl Into<String> => "logoutReturnParameter", Value::String(logout_return_parameter.into());
        /// The URL that ends the provider's session, if its metadata names none.
        logout_url: impl Into<String> => "logoutUrl", Value::String(logout_url.into());
        /// Members of the provider's metadata that replace what it publishes. With `authorization_endpoint`, `jwks_uri` and
        /// `token_endpoint` the metadata is not fetched.
        metadata: impl Into<Value> => "metadata", metadata.into();
        /// Pushes authorization requests to the provider, so that the browser carries only a reference (PAR) \[RFC 9126]. By
        /// default, only if the provider's metadata requires it.
        par: Use => "par", par.as_str().into();
        /// Where the user lands after a logout. The URL must be registered with the application.
        post_logout_url: impl Into<String> => "postLogoutUrl", Value::String(post_logout_url.into());
        /// How long before its expiry an access token is renewed, in whole seconds. One minute by default, and at most a
        /// quarter of the token's lifetime.
        renewal_margin: Duration => "renewalMargin", whole(renewal_margin);
        /// What happens when the app is opened after its tokens were lost.
        restore: Restore => "restore", restore.as_str().into();
        /// The root domain, if each tenant has the app on its own subdomain.
        tenant_from_root_domain: impl Into<String> => "tenantFromRootDomain", Value::String(tenant_from_root_domain.into());
        /// Further parameters of every token request, as an object of strings or lists of strings.
        token_params: impl Into<Value> => "tokenParams", token_params.into();
    }

    /// Adds an API with an access token of its own.
    #[must_use]
    pub fn api(mut self, api: Api) -> Self {
        let mut apis = self.options.get("apis").and_then(Value::as_array).unwrap_or_default().to_vec();
        apis.push(api.to_json());
        self.options.insert("apis", Value::Array(apis));
        self
    }

    /// The APIs that the access token is for \[RFC 8707 §2].
    #[must_use]
    pub fn resource<T: Into<String>>(mut self, resources: impl IntoIterator<Item = T>) -> Self {
        self.options.insert("resource", texts(resources));
        self
    }

    /// The URL prefixes that may receive the access token, such as `https://api.example/v1/`.
    #[must_use]
    pub fn apis<T: Into<String>>(mut self, apis: impl IntoIterator<Item = T>) -> Self {
        self.options.insert("apis", texts(apis));
        self
    }

    /// The scopes to request. `openid offline_access email` by default. `openid` is required.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.options.insert("scopes", texts(scopes));
        self
    }

    /// Reads the settings from an object with the names of the JavaScript API (`clientId`, `redirectUri`, …).
    ///
    /// # Errors
    /// `config_invalid`, naming an option that is unknown or has the wrong type.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        options::check(settings, "", OPTIONS)?;
        Ok(Self { options: settings.clone() })
    }

    /// Checks all settings.
    ///
    /// # Errors
    /// `config_invalid`, naming the option that is wrong.
    pub fn build(self) -> Result<Config, Error> {
        let redirect_uri = self.app_url("redirectUri")?.ok_or_else(|| not_https("redirectUri"))?;
        let login_url = self.app_url("loginUrl")?;
        if login_url.as_ref().is_some_and(|url| url.has_placeholder() && url.origin() != redirect_uri.origin()) {
            // A login that starts there could never finish: it would be redirected again and again.
            return Err(invalid("loginUrl: of the same origin as redirectUri, for each tenant"));
        }
        let (apis, api_tokens) = self.check_apis()?;
        Ok(Config(Arc::new(Settings {
            allow_insecure_loopback: self.allows_loopback(),
            allow_tenant_change: self.options.get("allowTenantChange").and_then(Value::as_bool) != Some(false),
            api_tokens,
            apis,
            authorization_params: self.check_authorization_params()?,
            client_id: self.check_client_id()?,
            clock_tolerance: self.seconds("clockTolerance", 60, 600)?,
            dpop: self.use_of("dpop").unwrap_or(Use::Off),
            expose_access_token: self.flag("exposeAccessToken"),
            idle_logout: IdleLogout::read(self.options.get("idleLogout"))?,
            linger: self.seconds("linger", 30, 300)?,
            login_url,
            par: self.use_of("par"),
            post_logout_url: self.check_post_logout_url()?,
            provider: self.check_provider()?,
            redirect_uri,
            renewal_margin: self.seconds("renewalMargin", 60, 86_400)?,
            restore: if self.get_str("restore") == Some(Restore::None.as_str()) { Restore::None } else { Restore::Redirect },
            scope: self.check_scope()?,
            token_params: self.check_token_params()?,
        })))
    }

    fn use_of(&self, option: &str) -> Option<Use> {
        let written = self.get_str(option)?;
        Use::ALL.into_iter().find(|known| known.as_str() == written)
    }

    /// The listed APIs, and the parameters of the access tokens that some of them have for themselves.
    fn check_apis(&self) -> Result<(Vec<ApiPrefix>, Vec<Parameters>), Error> {
        let (mut apis, mut tokens) = (Vec::new(), Vec::new());
        for api in self.options.get("apis").and_then(Value::as_array).unwrap_or_default() {
            let api = Api::from_json(api)?;
            let url = self.check_url("apis", &api.prefix)?;
            let has_dots = path::ambiguity(url.path()) == Some(Ambiguity::DotSegment);
            if url.query().is_some() || url.fragment().is_some() || has_dots {
                return Err(invalid("apis: a prefix has no query, no fragment and no dot segments"));
            }
            let params = api.token_params()?;
            let token = match tokens.iter().position(|other| *other == params) {
                _ if params.is_empty() => TokenIndex::FIRST,
                Some(index) => TokenIndex(index + 1),
                None => {
                    tokens.push(params);
                    TokenIndex(tokens.len())
                }
            };
            if apis.iter().any(|other: &ApiPrefix| other.url == url && other.token != token) {
                return Err(invalid("apis: a prefix has one token"));
            }
            apis.push(ApiPrefix { token, url });
        }
        Ok((apis, tokens))
    }

    fn check_authorization_params(&self) -> Result<Parameters, Error> {
        let own = Parameters::of_authorization("authorizationParams", self.options.get("authorizationParams"))?;
        let mut params = Parameters::default();
        params.put_each("audience", self.options.get("audience"));
        params.put_each("resource", self.options.get("resource"));
        params.check_resources("")?;
        Ok(own.or(&params))
    }

    /// A token is for one resource: several can only be asked for together.
    fn check_token_params(&self) -> Result<Parameters, Error> {
        let own = Parameters::of_token("tokenParams", self.options.get("tokenParams"))?;
        let mut params = Parameters::default();
        match self.options.get("resource") {
            Some(Value::Array(resources)) if resources.len() > 1 => {}
            resource => params.put_each("resource", resource),
        }
        Ok(own.or(&params))
    }

    pub(super) fn get_str(&self, name: &str) -> Option<&str> {
        self.options.get_str(name)
    }

    fn flag(&self, name: &str) -> bool {
        self.options.get(name).and_then(Value::as_bool) == Some(true)
    }

    pub(super) fn allows_loopback(&self) -> bool {
        self.flag("allowInsecureLoopback")
    }

    fn seconds(&self, name: &str, usual: i64, most: i64) -> Result<Duration, Error> {
        let seconds = self.options.get(name).and_then(Value::as_integer).unwrap_or(usual);
        if seconds > most {
            return Err(invalid([name, ": ", &most.unsigned_abs().to_string(), " seconds at most"].concat()));
        }
        // Options of this kind are never negative.
        Ok(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    }

    /// A logout URL may have a placeholder without a root domain: Wristband replaces it.
    fn check_post_logout_url(&self) -> Result<Option<Box<AppUrl>>, Error> {
        let Some(text) = self.get_str("postLogoutUrl") else { return Ok(None) };
        let url = AppUrl::parse(text).filter(|url| url.url.is_protected(self.allows_loopback()));
        let url = url.ok_or_else(|| not_https("postLogoutUrl"))?;
        if text.len() > MAX_URI_LEN {
            return Err(invalid("postLogoutUrl: at most 2000 characters"));
        }
        if url.has_placeholder() && self.get_str("issuer").is_some() {
            return Err(invalid("postLogoutUrl: {tenant_name} only with applicationVanityDomain"));
        }
        Ok(Some(url))
    }

    fn url(&self, name: &str) -> Result<Option<HttpUrl>, Error> {
        self.get_str(name).map(|text| self.check_url(name, text)).transpose()
    }

    fn check_url(&self, name: &str, text: &str) -> Result<HttpUrl, Error> {
        let url = HttpUrl::parse(text).filter(|url| url.is_protected(self.allows_loopback()));
        url.ok_or_else(|| not_https(name))
    }

    pub(super) fn check_client_id(&self) -> Result<String, Error> {
        // Wristband's ids have at most 26 characters; other providers' are longer.
        let most = if self.get_str("issuer").is_some() { 255 } else { 26 };
        let client_id = self.get_str("clientId").unwrap_or_default();
        if !(1..=most).contains(&client_id.len()) || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(["clientId: 1 to ", &most.to_string(), " printable characters"].concat()));
        }
        Ok(client_id.to_owned())
    }

    fn app_url(&self, name: &str) -> Result<Option<Box<AppUrl>>, Error> {
        let Some(text) = self.get_str(name) else { return Ok(None) };
        #[cfg(feature = "native")]
        if let Some(url) = super::native::redirect_uri(text).filter(|_| name == "redirectUri") {
            return Ok(Some(url));
        }
        let url = AppUrl::parse(text).filter(|url| url.url.is_protected(self.allows_loopback()));
        let url = url.ok_or_else(|| not_https(name))?;
        let wrong = |what| Err(invalid([name, what].concat()));
        if url.url.fragment().is_some() || text.len() > MAX_URI_LEN {
            return wrong(": a URL without a fragment, at most 2000 characters");
        }
        if url.has_placeholder() != self.get_str("tenantFromRootDomain").is_some() {
            return wrong(": has {tenant_name} exactly when tenantFromRootDomain is set");
        }
        Ok(Some(url))
    }

    fn check_scope(&self) -> Result<String, Error> {
        let Some(scopes) = self.options.get("scopes") else { return Ok("openid offline_access email".to_owned()) };
        let (mut scope, mut readable) = (String::new(), true);
        for text in scopes.as_array().unwrap_or_default() {
            let text = text.as_str().unwrap_or_default();
            readable &= !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
            if !scope.split(' ').any(|other| other == text) {
                scope.push_str(if scope.is_empty() { "" } else { " " });
                scope.push_str(text);
            }
        }
        if !scopes.contains_str("openid") || !readable || scope.len() > 1000 {
            return Err(invalid("scopes: a list that contains \"openid\", at most 1000 characters"));
        }
        Ok(scope)
    }

    fn check_provider(&self) -> Result<Provider, Error> {
        match (self.get_str("applicationVanityDomain"), self.get_str("issuer")) {
            (Some(domain), None) => Ok(Provider::Wristband(Box::new(self.check_application(domain)?))),
            (None, Some(issuer)) => Ok(Provider::OpenId(Box::new(self.check_open_id(issuer)?))),
            _ => Err(invalid("applicationVanityDomain or issuer: exactly one of the two")),
        }
    }

    fn check_open_id(&self, issuer: &str) -> Result<OpenIdProvider, Error> {
        // A tenant of its own for each token is a part of the path.
        let url = self.check_url("issuer", &issuer.replacen(TENANT_ID, "tenantid", 1))?;
        let is_in_path = issuer.split_once(TENANT_ID).is_none_or(|(before, _)| before.len() > url.origin().as_str().len());
        if url.query().is_some() || url.fragment().is_some() || !is_in_path {
            return Err(invalid("issuer: an address without query and fragment"));
        }
        if issuer.replacen(TENANT_ID, "", 1).contains(['{', '}']) {
            return Err(invalid("issuer: no other placeholder than {tenantid}, once"));
        }
        self.refuse_any(OF_WRISTBAND, ": only with applicationVanityDomain")?;
        let text = |name| self.get_str(name).map(str::to_owned);
        let provider = OpenIdProvider {
            at_hash: HASHES.iter().copied().find(|name| self.get_str("atHashAlgorithm") == Some(name)),
            discovery_url: self.url("discoveryUrl")?.map(|url| url.text()),
            id_token_hint: self.options.get("idTokenHint").and_then(Value::as_bool) != Some(false),
            issuer: issuer.to_owned(),
            logout_return_parameter: text("logoutReturnParameter"),
            logout_url: self.url("logoutUrl")?.map(|url| url.text()),
            metadata: self.options.get("metadata").cloned(),
        };
        ProviderMetadata::check_written(&provider, self.allows_loopback())?;
        Ok(provider)
    }

    /// Refuses the first of these options that is set: it is one of another kind of provider.
    fn refuse_any(&self, names: &[&str], why: &str) -> Result<(), Error> {
        let is_set = |name: &&&str| self.options.get(name).is_some_and(|value| value.as_bool() != Some(false));
        names.iter().find(is_set).map_or(Ok(()), |name| Err(invalid([name, why].concat())))
    }

    fn check_application(&self, domain: &str) -> Result<Application, Error> {
        self.refuse_any(OF_OPEN_ID, ": only with issuer")?;
        let loopback = self.allows_loopback();
        let origin = Origin::from_authority(domain, loopback)
            .ok_or_else(|| invalid("applicationVanityDomain: a host name, without a scheme and a path"))?;
        let root_domain = match self.get_str("tenantFromRootDomain") {
            None => None,
            Some(root) => match Origin::from_authority(root, true) {
                Some(parsed) if parsed.host().eq_ignore_ascii_case(root) => Some(parsed.host().to_owned()),
                _ => return Err(invalid("tenantFromRootDomain: a host name, without a port")),
            },
        };
        let default_domain = self.get_str("defaultTenantCustomDomain").map(|text| TenantCustomDomain::parse(text, loopback));
        let default_name = self.get_str("defaultTenantName").map(TenantName::parse);
        Ok(Application {
            application_authorization: self.flag("applicationAuthorization"),
            custom_domain_active: self.flag("applicationCustomDomainActive"),
            default_tenant: Tenant {
                name: default_name.transpose().map_err(|_| invalid("defaultTenantName: one DNS label"))?,
                custom_domain: default_domain.transpose().map_err(|_| invalid("defaultTenantCustomDomain: a host name"))?,
            },
            login_page: match self.url("applicationLoginPage")? {
                Some(page) if page.fragment().is_some() => {
                    return Err(invalid("applicationLoginPage: a URL without a fragment"));
                }
                page => page,
            },
            origin,
            root_domain,
        })
    }
}

/// An option's number of seconds. One that is too large for JSON is too large for every option.
pub(super) fn whole(duration: Duration) -> Value {
    Value::Integer(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Value {
    Value::Array(texts.into_iter().map(|text| Value::String(text.into())).collect())
}

fn not_https(name: &str) -> Error {
    invalid([name, ": not an absolute https address"].concat())
}

pub(super) fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::with_detail(Code::ConfigInvalid, detail)
}
