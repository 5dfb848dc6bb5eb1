//! Settings as the app writes them, and the checks that make a [`Config`] of them.

use core::time::Duration;
use std::sync::Arc;

use super::{ApiPrefix, AppUrl, Application, Config, LONGEST_URI, Provider, Restore, Settings};
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::options::{self, Kind, Options};
use crate::protocol::path::{self, Ambiguity};
use crate::protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
use crate::protocol::text::{decimal, parts};
use crate::protocol::url::{HttpUrl, Origin};

/// Settings as the app writes them, before they are checked.
#[derive(Clone, Debug)]
pub struct ConfigBuilder {
    /// By the names that the JavaScript face uses, each of its kind.
    options: Value,
}

const OPTIONS: &Options = &[
    ("allowInsecureLoopback", Kind::Flag),
    ("apis", Kind::Texts),
    ("applicationAuthorization", Kind::Flag),
    ("applicationCustomDomainActive", Kind::Flag),
    ("applicationLoginPage", Kind::Text),
    ("applicationVanityDomain", Kind::Text),
    ("clientId", Kind::Text),
    ("clockTolerance", Kind::Number(i64::MAX)),
    ("defaultTenantCustomDomain", Kind::Text),
    ("defaultTenantName", Kind::Text),
    ("exposeAccessToken", Kind::Flag),
    ("issuer", Kind::Text),
    ("linger", Kind::Number(i64::MAX)),
    ("loginUrl", Kind::Text),
    ("postLogoutUrl", Kind::Text),
    ("redirectUri", Kind::Text),
    ("renewalMargin", Kind::Number(i64::MAX)),
    ("restore", Kind::OneOf(&["none", "redirect"])),
    ("scopes", Kind::Texts),
    ("tenantFromRootDomain", Kind::Text),
];

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty => $option:literal, $value:expr;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.options.put($option, $value);
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

    setters! {
        /// Allows http to this machine, for development. Off by default.
        allow_insecure_loopback: bool => "allowInsecureLoopback", allow_insecure_loopback.into();
        /// Whether the application accepts authorization requests on its own domain, without a
        /// tenant. Single-tenant applications do.
        application_authorization: bool => "applicationAuthorization", application_authorization.into();
        /// Whether the application has an active custom domain; its tenants' domains then begin
        /// with `tenant.` instead of `tenant-`.
        application_custom_domain_active: bool => "applicationCustomDomainActive", application_custom_domain_active.into();
        /// The app's own page for finding the tenant, instead of Wristband's.
        application_login_page: impl Into<String> => "applicationLoginPage", Value::String(application_login_page.into());
        /// The application vanity domain, such as `invotastic-acme.us.wristband.dev`.
        application_vanity_domain: impl Into<String> => "applicationVanityDomain", Value::String(application_vanity_domain.into());
        /// How many seconds the device's clock and the provider's may be apart. 60 by default.
        clock_tolerance: u64 => "clockTolerance", whole(clock_tolerance);
        /// The tenant custom domain to use when a login names no tenant.
        default_tenant_custom_domain: impl Into<String> => "defaultTenantCustomDomain", Value::String(default_tenant_custom_domain.into());
        /// The tenant to use when a login names none.
        default_tenant_name: impl Into<String> => "defaultTenantName", Value::String(default_tenant_name.into());
        /// Lets the app read the access token, and with it every script in the page. Off by default.
        expose_access_token: bool => "exposeAccessToken", expose_access_token.into();
        /// The issuer of any OpenID provider, instead of a Wristband application.
        issuer: impl Into<String> => "issuer", Value::String(issuer.into());
        /// How many seconds a vault that tabs share keeps the session after the last of them is
        /// gone. 30 by default, 300 at the most. It bridges reloads.
        linger: u64 => "linger", whole(linger);
        /// The app's login route, to which Wristband itself sends people.
        login_url: impl Into<String> => "loginUrl", Value::String(login_url.into());
        /// Where the person ends up after a logout. It has to be registered with the application.
        post_logout_url: impl Into<String> => "postLogoutUrl", Value::String(post_logout_url.into());
        /// How many seconds before its end an access token is renewed. 60 by default, and a
        /// quarter of the token's life at the most.
        renewal_margin: u64 => "renewalMargin", whole(renewal_margin);
        /// What happens when the app is opened again after the tokens were lost.
        restore: Restore => "restore", restore.as_str().into();
        /// The domain below which each tenant has the app on a subdomain of its own.
        tenant_from_root_domain: impl Into<String> => "tenantFromRootDomain", Value::String(tenant_from_root_domain.into());
    }

    /// Who may receive the access token: prefixes such as `https://api.example/v1/`.
    #[must_use]
    pub fn apis<T: Into<String>>(mut self, apis: impl IntoIterator<Item = T>) -> Self {
        self.options.put("apis", texts(apis));
        self
    }

    /// The scopes to ask for. `openid offline_access email` by default; `openid` must be among them.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.options.put("scopes", texts(scopes));
        self
    }

    /// Reads the settings from an object with the names that the JavaScript face uses
    /// (`clientId`, `redirectUri`, …). A name that is not known is an error.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        Ok(Self { options: options::read(settings, "", OPTIONS)? })
    }

    /// Checks everything. An error names the option that is wrong.
    pub fn build(self) -> Result<Config, Error> {
        let redirect_uri = self.app_url("redirectUri")?.ok_or_else(|| not_https("redirectUri"))?;
        let login_url = self.app_url("loginUrl")?;
        if login_url.as_ref().is_some_and(|url| url.has_placeholder() && url.origin() != redirect_uri.origin()) {
            // A login that begins there could never finish, and would be sent on and on.
            return Err(invalid("loginUrl: of the same origin as redirectUri, for each tenant"));
        }
        let mut apis = Vec::new();
        for api in self.options.get("apis").and_then(Value::as_array).unwrap_or_default() {
            let prefix = self.check_url("apis", api.as_str().unwrap_or_default())?;
            let has_dots = path::ambiguity(prefix.path()) == Some(Ambiguity::DotSegment);
            if prefix.query().is_some() || prefix.fragment().is_some() || has_dots {
                return Err(invalid("apis: a prefix has no query, no fragment and no dot segments"));
            }
            apis.push(ApiPrefix(prefix));
        }
        Ok(Config(Arc::new(Settings {
            allow_insecure_loopback: self.allows_loopback(),
            apis,
            client_id: self.check_client_id()?,
            clock_tolerance: self.seconds("clockTolerance", 60, 600)?,
            expose_access_token: self.flag("exposeAccessToken"),
            linger: self.seconds("linger", 30, 300)?,
            login_url,
            post_logout_url: self.url("postLogoutUrl")?,
            provider: self.check_provider()?,
            redirect_uri,
            renewal_margin: self.seconds("renewalMargin", 60, 86_400)?,
            restore: if self.text("restore") == Some(Restore::None.as_str()) { Restore::None } else { Restore::Redirect },
            scope: self.check_scope()?,
        })))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.options.text(name)
    }

    fn flag(&self, name: &str) -> bool {
        self.options.get(name).and_then(Value::as_bool) == Some(true)
    }

    fn allows_loopback(&self) -> bool {
        self.flag("allowInsecureLoopback")
    }

    fn seconds(&self, name: &str, usual: i64, most: i64) -> Result<Duration, Error> {
        let seconds = self.options.get(name).and_then(Value::as_integer).unwrap_or(usual);
        if seconds > most {
            return Err(invalid([name, ": ", &decimal(most.unsigned_abs()), " seconds at the most"].concat()));
        }
        // Below zero is nothing that an option of this kind can be.
        Ok(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    }

    fn url(&self, name: &str) -> Result<Option<HttpUrl>, Error> {
        self.text(name).map(|text| self.check_url(name, text)).transpose()
    }

    fn check_url(&self, name: &str, text: &str) -> Result<HttpUrl, Error> {
        let url = HttpUrl::parse(text).filter(|url| url.is_protected(self.allows_loopback()));
        url.ok_or_else(|| not_https(name))
    }

    fn check_client_id(&self) -> Result<String, Error> {
        // Wristband's ids have 26 characters at the most; other providers' are longer.
        let most = if self.text("issuer").is_some() { 255 } else { 26 };
        let client_id = self.text("clientId").unwrap_or_default();
        if !(1..=most).contains(&client_id.len()) || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(["clientId: 1 to ", &decimal(most as u64), " printable characters"].concat()));
        }
        Ok(client_id.to_owned())
    }

    fn app_url(&self, name: &str) -> Result<Option<Box<AppUrl>>, Error> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let url = AppUrl::parse(text).filter(|url| url.url.is_protected(self.allows_loopback()));
        let url = url.ok_or_else(|| not_https(name))?;
        let wrong = |what| Err(invalid([name, what].concat()));
        if url.url.fragment().is_some() || text.len() > LONGEST_URI {
            return wrong(": an address without a fragment, of 2000 characters at the most");
        }
        if url.has_placeholder() != self.text("tenantFromRootDomain").is_some() {
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
            if !parts(&scope, b' ').any(|other| other == text) {
                scope.push_str(if scope.is_empty() { "" } else { " " });
                scope.push_str(text);
            }
        }
        if !scopes.lists("openid") || !readable || scope.len() > 1000 {
            return Err(invalid("scopes: a list with \"openid\" in it, 1000 characters at the most"));
        }
        Ok(scope)
    }

    fn check_provider(&self) -> Result<Provider, Error> {
        match (self.text("applicationVanityDomain"), self.text("issuer")) {
            (Some(domain), None) => Ok(Provider::Wristband(Box::new(self.check_application(domain)?))),
            (None, Some(issuer)) => {
                let url = self.check_url("issuer", issuer)?;
                if url.query().is_some() || url.fragment().is_some() {
                    return Err(invalid("issuer: an address without query and fragment"));
                }
                if let Some(name) = self.option_of_wristband() {
                    return Err(invalid([name, ": only with applicationVanityDomain"].concat()));
                }
                Ok(Provider::OpenId(issuer.to_owned()))
            }
            _ => Err(invalid("applicationVanityDomain or issuer: exactly one of the two")),
        }
    }

    /// An option that only means something for a Wristband application.
    fn option_of_wristband(&self) -> Option<&'static str> {
        const OPTIONS: &[&str] = &[
            "applicationAuthorization",
            "applicationCustomDomainActive",
            "applicationLoginPage",
            "defaultTenantCustomDomain",
            "defaultTenantName",
            "tenantFromRootDomain",
        ];
        OPTIONS.iter().copied().find(|name| self.flag(name) || self.text(name).is_some())
    }

    fn check_application(&self, domain: &str) -> Result<Application, Error> {
        let loopback = self.allows_loopback();
        let origin = Origin::from_authority(domain, loopback)
            .ok_or_else(|| invalid("applicationVanityDomain: a host name, without a scheme and a path"))?;
        let root_domain = match self.text("tenantFromRootDomain") {
            None => None,
            Some(root) => match Origin::from_authority(root, true) {
                Some(parsed) if parsed.host().eq_ignore_ascii_case(root) => Some(parsed.host().to_owned()),
                _ => return Err(invalid("tenantFromRootDomain: a host name, without a port")),
            },
        };
        let default_domain = self.text("defaultTenantCustomDomain").map(|text| TenantCustomDomain::parse(text, loopback));
        let default_name = self.text("defaultTenantName").map(TenantName::parse);
        Ok(Application {
            application_authorization: self.flag("applicationAuthorization"),
            custom_domain_active: self.flag("applicationCustomDomainActive"),
            default_tenant: Tenant {
                name: default_name.transpose().map_err(|_| invalid("defaultTenantName: one DNS label"))?,
                custom_domain: default_domain.transpose().map_err(|_| invalid("defaultTenantCustomDomain: a host name"))?,
            },
            login_page: match self.url("applicationLoginPage")? {
                Some(page) if page.fragment().is_some() => {
                    return Err(invalid("applicationLoginPage: an address without a fragment"));
                }
                page => page,
            },
            origin,
            root_domain,
        })
    }
}

/// A number of an option. One that is too large for JSON is too large for every option.
fn whole(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Value {
    Value::Array(texts.into_iter().map(|text| Value::String(text.into())).collect())
}

fn not_https(name: &str) -> Error {
    invalid([name, ": not an absolute https address"].concat())
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::with_detail(Code::ConfigInvalid, detail)
}
