//! Settings as the app writes them, and the checks that make a [`Config`] of them.

use core::time::Duration;
use std::sync::Arc;

use super::{ApiPrefix, AppUrl, Application, Config, LONGEST_URI, Provider, Restore, Settings};
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::options;
use crate::protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
use crate::protocol::text::{decimal, join};
use crate::protocol::url::{HttpUrl, Origin};

/// Settings as the app writes them, before they are checked.
#[derive(Clone, Debug, Default)]
pub struct ConfigBuilder {
    allow_insecure_loopback: bool,
    apis: Vec<String>,
    application_authorization: bool,
    application_custom_domain_active: bool,
    application_login_page: Option<String>,
    application_vanity_domain: Option<String>,
    client_id: String,
    clock_tolerance: Option<u64>,
    default_tenant_custom_domain: Option<String>,
    default_tenant_name: Option<String>,
    expose_access_token: bool,
    issuer: Option<String>,
    linger: Option<u64>,
    login_url: Option<String>,
    post_logout_url: Option<String>,
    redirect_uri: String,
    renewal_margin: Option<u64>,
    restore: Restore,
    scopes: Option<Vec<String>>,
    tenant_from_root_domain: Option<String>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty => $value:expr;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = $value;
            self
        }
    )*};
}

impl ConfigBuilder {
    pub(super) fn new(client_id: String, redirect_uri: String) -> Self {
        Self { client_id, redirect_uri, ..Self::default() }
    }

    setters! {
        /// Allows http to this machine, for development. Off by default.
        allow_insecure_loopback: bool => allow_insecure_loopback;
        /// Whether the application accepts authorization requests on its own domain, without a
        /// tenant. Single-tenant applications do.
        application_authorization: bool => application_authorization;
        /// Whether the application has an active custom domain; its tenants' domains then begin
        /// with `tenant.` instead of `tenant-`.
        application_custom_domain_active: bool => application_custom_domain_active;
        /// The app's own page for finding the tenant, instead of Wristband's.
        application_login_page: impl Into<String> => Some(application_login_page.into());
        /// The application vanity domain, such as `invotastic-acme.us.wristband.dev`.
        application_vanity_domain: impl Into<String> => Some(application_vanity_domain.into());
        /// How many seconds the device's clock and the provider's may be apart. 60 by default.
        clock_tolerance: u64 => Some(clock_tolerance);
        /// The tenant custom domain to use when a login names no tenant.
        default_tenant_custom_domain: impl Into<String> => Some(default_tenant_custom_domain.into());
        /// The tenant to use when a login names none.
        default_tenant_name: impl Into<String> => Some(default_tenant_name.into());
        /// Lets the app read the access token, and with it every script in the page. Off by default.
        expose_access_token: bool => expose_access_token;
        /// The issuer of any OpenID provider, instead of a Wristband application.
        issuer: impl Into<String> => Some(issuer.into());
        /// How many seconds a vault that tabs share keeps the session after the last of them is
        /// gone. 30 by default, 300 at the most. It bridges reloads.
        linger: u64 => Some(linger);
        /// The app's login route, to which Wristband itself sends people.
        login_url: impl Into<String> => Some(login_url.into());
        /// Where the person ends up after a logout. It has to be registered with the application.
        post_logout_url: impl Into<String> => Some(post_logout_url.into());
        /// How many seconds before its end an access token is renewed. 60 by default, and a
        /// quarter of the token's life at the most.
        renewal_margin: u64 => Some(renewal_margin);
        /// What happens when the app is opened again after the tokens were lost.
        restore: Restore => restore;
        /// The domain below which each tenant has the app on a subdomain of its own.
        tenant_from_root_domain: impl Into<String> => Some(tenant_from_root_domain.into());
    }

    /// Who may receive the access token: prefixes such as `https://api.example/v1/`.
    #[must_use]
    pub fn apis<T: Into<String>>(mut self, apis: impl IntoIterator<Item = T>) -> Self {
        self.apis = apis.into_iter().map(Into::into).collect();
        self
    }

    /// The scopes to ask for. `openid offline_access email` by default; `openid` must be among them.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Reads the settings from an object with the names that the JavaScript face uses
    /// (`clientId`, `redirectUri`, …). A name that is not known is an error.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        let mut builder = Self::default();
        options::read(settings, "", &mut |name, value| builder.set(name, value))?;
        Ok(builder)
    }

    fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        let text = || value.as_str().map(str::to_owned);
        let texts = || Some(value.as_strings()?.into_iter().map(str::to_owned).collect());
        let seconds = || value.as_integer().and_then(|seconds| u64::try_from(seconds).ok());
        match name {
            "allowInsecureLoopback" => self.allow_insecure_loopback = value.as_bool()?,
            "apis" => self.apis = texts()?,
            "applicationAuthorization" => self.application_authorization = value.as_bool()?,
            "applicationCustomDomainActive" => self.application_custom_domain_active = value.as_bool()?,
            "applicationLoginPage" => self.application_login_page = Some(text()?),
            "applicationVanityDomain" => self.application_vanity_domain = Some(text()?),
            "clientId" => self.client_id = text()?,
            "clockTolerance" => self.clock_tolerance = Some(seconds()?),
            "defaultTenantCustomDomain" => self.default_tenant_custom_domain = Some(text()?),
            "defaultTenantName" => self.default_tenant_name = Some(text()?),
            "exposeAccessToken" => self.expose_access_token = value.as_bool()?,
            "issuer" => self.issuer = Some(text()?),
            "linger" => self.linger = Some(seconds()?),
            "loginUrl" => self.login_url = Some(text()?),
            "postLogoutUrl" => self.post_logout_url = Some(text()?),
            "redirectUri" => self.redirect_uri = text()?,
            "renewalMargin" => self.renewal_margin = Some(seconds()?),
            "restore" => {
                self.restore = match value.as_str()? {
                    "none" => Restore::None,
                    "redirect" => Restore::Redirect,
                    _ => return None,
                }
            }
            "scopes" => self.scopes = Some(texts()?),
            "tenantFromRootDomain" => self.tenant_from_root_domain = Some(text()?),
            _ => return None,
        }
        Some(())
    }

    /// Checks everything. An error names the option that is wrong.
    pub fn build(self) -> Result<Config, Error> {
        let loopback = self.allow_insecure_loopback;
        let url = |name, text: Option<&String>| text.map(|text| check_url(name, text, loopback)).transpose();
        let redirect_uri = self.app_url("redirectUri", &self.redirect_uri)?;
        let login_url = self.login_url.as_deref().map(|text| self.app_url("loginUrl", text)).transpose()?;
        if login_url.as_ref().is_some_and(|url| url.has_placeholder() && url.origin() != redirect_uri.origin()) {
            // A login that begins there could never finish, and would be sent on and on.
            return Err(invalid("loginUrl: of the same origin as redirectUri, for each tenant"));
        }
        let mut apis = Vec::new();
        for api in &self.apis {
            let prefix = check_url("apis", api, loopback)?;
            if prefix.query().is_some() || prefix.fragment().is_some() || prefix.has_dot_segments() {
                return Err(invalid("apis: a prefix has no query, no fragment and no dot segments"));
            }
            apis.push(ApiPrefix(prefix));
        }
        Ok(Config(Arc::new(Settings {
            allow_insecure_loopback: loopback,
            apis,
            client_id: self.check_client_id()?,
            clock_tolerance: seconds("clockTolerance", self.clock_tolerance, 60, 600)?,
            expose_access_token: self.expose_access_token,
            linger: seconds("linger", self.linger, 30, 300)?,
            login_url,
            post_logout_url: url("postLogoutUrl", self.post_logout_url.as_ref())?,
            provider: self.check_provider()?,
            redirect_uri,
            renewal_margin: seconds("renewalMargin", self.renewal_margin, 60, 86_400)?,
            restore: self.restore,
            scope: self.check_scope()?,
        })))
    }

    fn check_client_id(&self) -> Result<String, Error> {
        // Wristband's ids have 26 characters at the most; other providers' are longer.
        let most = if self.issuer.is_some() { 255 } else { 26 };
        let printable = self.client_id.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || self.client_id.is_empty() || self.client_id.len() > most {
            return Err(invalid(["clientId: 1 to ", &decimal(most as u64), " printable characters"].concat()));
        }
        Ok(self.client_id.clone())
    }

    fn app_url(&self, name: &'static str, text: &str) -> Result<AppUrl, Error> {
        let url = AppUrl::parse(text).filter(|url| url.url.is_protected(self.allow_insecure_loopback));
        let url = url.ok_or_else(|| invalid([name, ": not an absolute https address"].concat()))?;
        if url.url.fragment().is_some() || text.len() > LONGEST_URI {
            return Err(invalid([name, ": an address without a fragment, of 2000 characters at the most"].concat()));
        }
        if url.has_placeholder() != self.tenant_from_root_domain.is_some() {
            return Err(invalid([name, ": has {tenant_name} exactly when tenantFromRootDomain is set"].concat()));
        }
        Ok(url)
    }

    fn check_scope(&self) -> Result<String, Error> {
        let mut scopes: Vec<&str> = Vec::new();
        match &self.scopes {
            None => scopes.extend(["openid", "offline_access", "email"]),
            Some(given) => {
                for scope in given {
                    if !scopes.contains(&scope.as_str()) {
                        scopes.push(scope);
                    }
                }
            }
        }
        let readable = |scope: &str| !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
        let scope = join(&scopes, " ");
        if !scopes.contains(&"openid") || !scopes.iter().all(|scope| readable(scope)) || scope.len() > 1000 {
            return Err(invalid("scopes: a list with \"openid\" in it, 1000 characters at the most"));
        }
        Ok(scope)
    }

    fn check_provider(&self) -> Result<Provider, Error> {
        match (&self.application_vanity_domain, &self.issuer) {
            (Some(domain), None) => Ok(Provider::Wristband(Box::new(self.check_application(domain)?))),
            (None, Some(issuer)) => {
                let url = check_url("issuer", issuer, self.allow_insecure_loopback)?;
                if url.query().is_some() || url.fragment().is_some() {
                    return Err(invalid("issuer: an address without query and fragment"));
                }
                if let Some(name) = self.option_of_wristband() {
                    return Err(invalid([name, ": only with applicationVanityDomain"].concat()));
                }
                Ok(Provider::OpenId(issuer.clone()))
            }
            _ => Err(invalid("applicationVanityDomain or issuer: exactly one of the two")),
        }
    }

    /// An option that only means something for a Wristband application.
    fn option_of_wristband(&self) -> Option<&'static str> {
        let given = [
            ("applicationAuthorization", self.application_authorization),
            ("applicationCustomDomainActive", self.application_custom_domain_active),
            ("applicationLoginPage", self.application_login_page.is_some()),
            ("defaultTenantCustomDomain", self.default_tenant_custom_domain.is_some()),
            ("defaultTenantName", self.default_tenant_name.is_some()),
            ("tenantFromRootDomain", self.tenant_from_root_domain.is_some()),
        ];
        given.into_iter().find_map(|(name, given)| given.then_some(name))
    }

    fn check_application(&self, domain: &str) -> Result<Application, Error> {
        let loopback = self.allow_insecure_loopback;
        let origin = Origin::from_authority(domain, loopback)
            .ok_or_else(|| invalid("applicationVanityDomain: a host name, without a scheme and a path"))?;
        let root_domain = match self.tenant_from_root_domain.as_deref() {
            None => None,
            Some(root) => match Origin::from_authority(root, true) {
                Some(parsed) if parsed.host() == root.to_ascii_lowercase() => Some(parsed.host().to_owned()),
                _ => return Err(invalid("tenantFromRootDomain: a host name, without a port")),
            },
        };
        let default_domain = self.default_tenant_custom_domain.as_deref();
        let default_domain = default_domain.map(|text| TenantCustomDomain::parse(text, loopback)).transpose();
        let default_name = self.default_tenant_name.as_deref().map(TenantName::parse).transpose();
        let login_page = self.application_login_page.as_deref();
        Ok(Application {
            application_authorization: self.application_authorization,
            custom_domain_active: self.application_custom_domain_active,
            default_tenant: Tenant {
                name: default_name.map_err(|_| invalid("defaultTenantName: one DNS label"))?,
                custom_domain: default_domain.map_err(|_| invalid("defaultTenantCustomDomain: a host name"))?,
            },
            login_page: login_page.map(|text| check_url("applicationLoginPage", text, loopback)).transpose()?,
            origin,
            root_domain,
        })
    }
}

fn check_url(name: &str, text: &str, insecure_loopback: bool) -> Result<HttpUrl, Error> {
    let url = HttpUrl::parse(text).filter(|url| url.is_protected(insecure_loopback));
    url.ok_or_else(|| invalid([name, ": not an absolute https address"].concat()))
}

fn seconds(name: &str, value: Option<u64>, usual: u64, most: u64) -> Result<Duration, Error> {
    let value = value.unwrap_or(usual);
    if value > most {
        return Err(invalid([name, ": ", &decimal(most), " seconds at the most"].concat()));
    }
    Ok(Duration::from_secs(value))
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::with_detail(Code::ConfigInvalid, detail)
}
