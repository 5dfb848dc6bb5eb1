//! Tenants of a Wristband application, and the hosts that belong to them.
//!
//! A tenant name becomes part of a host name, so it is one DNS label and nothing else: a name
//! such as `evil.example/x?` would send the person, with the login's `state`, to another host.

use super::config::{Application, Config, Provider};
use super::error::{Code, Error};
use super::form::Form;
use super::json::Value;
use super::text::cut_last;
use super::url::{Origin, is_label};

/// The name of a tenant, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantName(String);

impl TenantName {
    /// Reads one DNS label. Names are unique without regard to case.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_ascii().to_ascii_lowercase();
        if is_label(&text) { Ok(Self(text)) } else { Err(Error::with_detail(Code::TenantInvalid, "tenantName")) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host that a tenant brought along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantCustomDomain(Origin);

impl TenantCustomDomain {
    /// Reads a host name of at least two labels; a port and http only on this machine, where allowed.
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
    /// The domain that is used instead of the one made from the name.
    pub custom_domain: Option<TenantCustomDomain>,
}

impl Tenant {
    /// The tenant of this name.
    pub fn named(name: TenantName) -> Self {
        Self { name: Some(name), custom_domain: None }
    }

    /// Reads both from texts of outside.
    pub(crate) fn parse(name: Option<&str>, custom_domain: Option<&str>, config: &Config) -> Result<Self, Error> {
        let custom_domain = custom_domain.map(|text| TenantCustomDomain::parse(text, config.allow_insecure_loopback()));
        Ok(Self { name: name.map(TenantName::parse).transpose()?, custom_domain: custom_domain.transpose()? })
    }

    /// Adds both to a record that is stored.
    pub(crate) fn write_to(&self, record: &mut Value) {
        record.put_text("tenantCustomDomain", self.custom_domain.as_ref().map(|domain| domain.as_str()));
        record.put_text("tenantName", self.name.as_ref().map(|name| name.as_str()));
    }

    /// Reads both from a record that was stored.
    pub(crate) fn read_from(record: &Value, config: &Config) -> Result<Self, Error> {
        Self::parse(record.text("tenantName"), record.text("tenantCustomDomain"), config)
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        self.name.is_none() && self.custom_domain.is_none()
    }

    /// Whether `other` can be this tenant: nothing that both know differs.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        fn agree<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        agree(&self.name, &other.name) && agree(&self.custom_domain, &other.custom_domain)
    }

    /// This tenant, or the other where nothing is known of this one. They are never mixed: the
    /// name of one tenant beside the domain of another would send the person to the wrong one.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.is_unknown() { other } else { self }
    }
}

/// Where a login goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To the application's own login page, which finds the tenant and leads back to the app's
    /// login URL. No login is pending meanwhile.
    ApplicationLogin(String),
    /// To this authorization endpoint.
    Authorize(String),
    /// To the app's login URL at the tenant's own subdomain: a login has to begin on the origin
    /// to which the redirect URI leads back, because only that origin can finish it.
    TenantOrigin(String),
}

/// Finds where a login goes: a custom domain, the tenant of the page's own host or the tenant
/// that was asked for, the defaults of the configuration, the application itself.
///
/// `page` is where the app runs. `tenant` is the one that was asked for, and becomes the one that
/// was found; its custom domain must have been confirmed.
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
    if tenant.is_unknown() && !application.application_authorization {
        return Ok(Destination::ApplicationLogin(application_login(config, application)));
    }
    Ok(Destination::Authorize(tenant_origin(application, tenant).at("/api/v1/oauth2/authorize")))
}

/// The origin that serves a tenant's redirects. Without a tenant, the application's own.
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

/// The page of the application that asks for the tenant.
fn application_login(config: &Config, application: &Application) -> String {
    let page = match &application.login_page {
        Some(page) => page.text(),
        None => application.origin.at("/login"),
    };
    let mut form = Form::default();
    form.put("client_id", Some(config.client_id()));
    form.append_to(&page)
}

impl Application {
    /// The tenant whose subdomain the app is running on, where subdomains say so.
    pub(crate) fn tenant_of(&self, page: &Origin) -> Option<TenantName> {
        let label = page.host().strip_suffix(self.root_domain.as_deref()?)?.strip_suffix(".")?;
        TenantName::parse(label).ok()
    }
}

/// The app's login URL at the tenant's subdomain, when the redirect URI leads there and the page
/// is somewhere else.
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
            "loginUrl with {tenant_name} is needed to begin a login for another subdomain",
        )));
    };
    Some(Ok(login.text()))
}

/// Whether the host is a name of at least two labels, and not a number.
fn is_public_name(host: &str) -> bool {
    cut_last(host, b'.').is_some_and(|(_, last)| last.as_bytes().first().is_some_and(u8::is_ascii_alphabetic))
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
