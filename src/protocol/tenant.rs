//! Tenants of a Wristband application, and their hosts.
//!
//! A tenant name becomes part of a host name, so it must be a single DNS label: a name such as
//! `evil.example/x?` would send the user, with the login's `state`, to another host.

use super::config::{Application, Config, Provider};
use super::error::{Code, Error};
use super::form::Form;
use super::json::Value;
use super::url::{Origin, is_label};

/// The name of a tenant, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantName(String);

impl TenantName {
    /// Parses one DNS label. Names are not case-sensitive.
    ///
    /// # Errors
    /// `tenant_invalid` for anything else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_ascii().to_ascii_lowercase();
        if is_label(&text) { Ok(Self(text)) } else { Err(Error::with_detail(Code::TenantInvalid, "tenantName")) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A tenant's own domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantCustomDomain(Origin);

impl TenantCustomDomain {
    /// Parses a host name of at least two labels. If `insecure_loopback` is set, it can be a loopback
    /// host, which uses http and can have a port.
    ///
    /// # Errors
    /// `tenant_invalid` for anything else.
    pub fn parse(text: &str, insecure_loopback: bool) -> Result<Self, Error> {
        let text = text.trim_ascii().to_ascii_lowercase();
        let origin = Origin::from_authority(&text, insecure_loopback).filter(|origin| {
            let development = insecure_loopback && origin.is_loopback();
            is_public_name(origin.host()) && (development || !(text.bytes().any(|byte| byte == b':') || origin.is_loopback()))
        });
        origin.map(Self).ok_or_else(|| Error::with_detail(Code::TenantInvalid, "tenantCustomDomain"))
    }

    /// The domain, with its port if it has one.
    pub fn as_str(&self) -> &str {
        self.0.authority()
    }
}

/// A tenant, as far as it is known: by name, by custom domain, by both or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenant {
    /// The name.
    pub name: Option<TenantName>,
    /// The domain that is used instead of the one derived from the name.
    pub custom_domain: Option<TenantCustomDomain>,
}

impl Tenant {
    /// The tenant with this name.
    pub fn named(name: TenantName) -> Self {
        Self { name: Some(name), custom_domain: None }
    }

    /// Parses both from untrusted strings.
    pub(crate) fn parse(name: Option<&str>, custom_domain: Option<&str>, config: &Config) -> Result<Self, Error> {
        let custom_domain = custom_domain.map(|text| TenantCustomDomain::parse(text, config.allow_insecure_loopback()));
        Ok(Self { name: name.map(TenantName::parse).transpose()?, custom_domain: custom_domain.transpose()? })
    }

    /// Writes both to a record for storage.
    pub(crate) fn write_to(&self, record: &mut Value) {
        record.insert_str("tenantCustomDomain", self.custom_domain.as_ref().map(|domain| domain.as_str()));
        record.insert_str("tenantName", self.name.as_ref().map(|name| name.as_str()));
    }

    /// Reads both from a stored record.
    pub(crate) fn read_from(record: &Value, config: &Config) -> Result<Self, Error> {
        Self::parse(record.get_str("tenantName"), record.get_str("tenantCustomDomain"), config)
    }

    /// Whether neither is known.
    pub fn is_unknown(&self) -> bool {
        self.name.is_none() && self.custom_domain.is_none()
    }

    /// Whether `other` can be this tenant: nothing that is known of both differs.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        fn agree<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        agree(&self.name, &other.name) && agree(&self.custom_domain, &other.custom_domain)
    }

    /// This tenant, or `other` if nothing is known of this one. They are never mixed: the name of
    /// one tenant with the domain of another would send the user to the wrong one.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.is_unknown() { other } else { self }
    }
}

/// Where a login sends the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To the application's login page, which finds the tenant and redirects to the app's login
    /// URL. No login is pending meanwhile.
    ApplicationLogin(String),
    /// To this authorization endpoint.
    Authorize(String),
    /// To the app's login URL on the tenant's subdomain: a login must start on the origin of its
    /// redirect URI, because only that origin can finish it.
    TenantOrigin(String),
}

/// Finds where a login goes: to the requested tenant, else to the tenant of the page's host, else
/// to the default tenant, else to the application. A custom domain takes precedence over a name.
///
/// `page` is the origin of the app. `tenant` is the requested tenant, and is set to the one that was
/// found. Its custom domain must have been confirmed.
pub(crate) fn destination(
    config: &Config,
    application: &Application,
    page: &Origin,
    tenant: &mut Tenant,
) -> Result<Destination, Error> {
    if tenant.is_unknown() {
        tenant.name = application.tenant_of(page);
    }
    if tenant.is_unknown() {
        tenant.clone_from(&application.default_tenant);
    }
    if let Some(url) = other_origin(config, page, tenant) {
        return url.map(Destination::TenantOrigin);
    }
    // The callback of a login without a tenant arrives at the tenant's own subdomain, which cannot read the
    // pending login of this origin. The tenant is found out first.
    let can_finish = !config.redirect_uri().has_placeholder();
    if tenant.is_unknown() && !(application.application_authorization && can_finish) {
        return Ok(Destination::ApplicationLogin(application_login(config, application)));
    }
    Ok(Destination::Authorize(tenant_origin(application, tenant).at("/api/v1/oauth2/authorize")))
}

/// The origin of a tenant's endpoints for redirects. Without a tenant, the application's own.
pub(crate) fn tenant_origin(application: &Application, tenant: &Tenant) -> Origin {
    match (&tenant.custom_domain, &tenant.name) {
        (Some(domain), _) => domain.0.clone(),
        (None, Some(name)) => {
            let separator = if application.custom_domain_active { "." } else { "-" };
            application.origin.with_prefix(&[name.as_str(), separator].concat())
        }
        (None, None) => application.origin.clone(),
    }
}

/// The application's page that asks the user for the tenant.
pub(crate) fn application_login(config: &Config, application: &Application) -> String {
    let page = match &application.login_page {
        Some(page) => page.text(),
        None => application.origin.at("/login"),
    };
    let mut form = Form::default();
    form.put("client_id", Some(config.client_id()));
    form.append_to(&page)
}

impl Application {
    /// The tenant on whose subdomain the app runs, if tenants have subdomains.
    pub(crate) fn tenant_of(&self, page: &Origin) -> Option<TenantName> {
        let label = page.host().strip_suffix(self.root_domain.as_deref()?)?.strip_suffix(".")?;
        TenantName::parse(label).ok()
    }
}

/// The app's login URL on the tenant's subdomain, if the redirect URI is there and the page is not.
fn other_origin(config: &Config, page: &Origin, tenant: &Tenant) -> Option<Result<String, Error>> {
    let Provider::Wristband(_) = config.provider() else { return None };
    let name = tenant.name.as_ref()?;
    let redirect = config.redirect_uri().for_tenant(name.as_str())?;
    if redirect.origin() == page {
        return None;
    }
    let Some(login) = config.login_url().and_then(|url| url.for_tenant(name.as_str())) else {
        return Some(Err(Error::with_detail(
            Code::ConfigInvalid,
            "loginUrl with {tenant_name} is required to start a login for another subdomain",
        )));
    };
    Some(Ok(login.text()))
}

/// Whether the host is a name of at least two labels, and not an IP address.
fn is_public_name(host: &str) -> bool {
    host.rsplit_once('.').is_some_and(|(_, last)| last.as_bytes().first().is_some_and(u8::is_ascii_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_7_a_tenant_name_is_one_dns_label() {
        assert_eq!(TenantName::parse(" Acme ").unwrap().as_str(), "acme");
        for text in ["", "-a", "a-", "a.b", "a/b", "evil.example/x?", "a b", "ä", "a@b", "a:1", "a%2e", &"a".repeat(64)] {
            assert_eq!(TenantName::parse(text).unwrap_err().code(), Code::TenantInvalid, "{text}");
        }
    }

    #[test]
    fn law_7_a_custom_domain_is_a_public_host_name() {
        assert_eq!(TenantCustomDomain::parse("Login.Acme.example", false).unwrap().as_str(), "login.acme.example");
        assert!(TenantCustomDomain::parse("login.acme.localhost:4400", true).is_ok());
        for text in [
            "acme",
            "localhost",
            "login.localhost",
            "a.example:8443",
            "a.example/x",
            "u@a.example",
            "127.0.0.1",
            "10.0.0.1",
            "[::1]",
            "a..example",
            "https://a.example",
            "a.example?x",
            "a.example#",
            "a.example\\x",
            "0x7f.1",
        ] {
            assert_eq!(TenantCustomDomain::parse(text, false).unwrap_err().code(), Code::TenantInvalid, "{text}");
        }
    }
}
