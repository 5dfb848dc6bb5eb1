//! The app's settings, checked once. A [`Config`] is always valid and never changes.

mod api;
mod application;
mod builder;
mod idle;
#[cfg(feature = "native")]
mod native;
mod written;

use core::time::Duration;
use std::sync::Arc;

pub use api::Api;
pub use builder::ConfigBuilder;
pub use idle::IdleLogout;
#[cfg(feature = "native")]
pub(crate) use native::NativeRedirect;

use super::error::{Code, Error};
use super::json::Value;
use super::parameters::Parameters;
use super::path::{self, Ambiguity};
use super::tenant::Tenant;
use super::url::{HttpUrl, Origin, ReturnAddress};

/// Checked settings, made with [`Config::wristband`] or [`Config::openid`], or from JSON with [`ConfigBuilder::from_json`].
/// Clones share them.
#[derive(Clone, Debug, PartialEq)]
pub struct Config(Arc<Settings>);

#[derive(Debug, PartialEq)]
struct Settings {
    allow_insecure_loopback: bool,
    allow_tenant_change: bool,
    api_tokens: Vec<Parameters>,
    apis: Vec<ApiPrefix>,
    authorization_params: Parameters,
    client_id: String,
    clock_tolerance: Duration,
    dpop: Use,
    expose_access_token: bool,
    idle_logout: Option<IdleLogout>,
    linger: Duration,
    login_url: Option<Box<AppUrl>>,
    par: Option<Use>,
    post_logout_url: Option<Box<AppUrl>>,
    provider: Provider,
    redirect_uri: Box<AppUrl>,
    renewal_margin: Duration,
    restore: Restore,
    scope: String,
    token_params: Parameters,
}

impl Config {
    /// Settings for a Wristband application: its vanity domain, such as `invotastic-acme.us.wristband.dev`, the client's id,
    /// and the redirect URI exactly as registered.
    pub fn wristband(
        application_vanity_domain: impl Into<String>,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> ConfigBuilder {
        ConfigBuilder::new(client_id.into(), redirect_uri.into()).application_vanity_domain(application_vanity_domain)
    }

    /// Settings for any other OpenID provider: its issuer, the client's id, and the redirect URI exactly as registered.
    ///
    /// `{tenantid}` in the issuer's path stands for the `tid` of each ID token, as at Microsoft Entra.
    pub fn openid(issuer: impl Into<String>, client_id: impl Into<String>, redirect_uri: impl Into<String>) -> ConfigBuilder {
        ConfigBuilder::new(client_id.into(), redirect_uri.into()).issuer(issuer)
    }

    /// Starts a builder for an app that leaves the rest to its Wristband application: see `client::configure`.
    pub fn of_application(application_vanity_domain: impl Into<String>, client_id: impl Into<String>) -> ConfigBuilder {
        ConfigBuilder::of_application(application_vanity_domain.into(), client_id.into())
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// The provider that signs users in.
    pub fn provider(&self) -> &Provider {
        &self.0.provider
    }

    /// The registered redirect URI.
    pub fn redirect_uri(&self) -> &AppUrl {
        &self.0.redirect_uri
    }

    /// The app's login route, to which Wristband sends users.
    pub fn login_url(&self) -> Option<&AppUrl> {
        self.0.login_url.as_deref()
    }

    /// Where the user lands after a logout, unless the logout says otherwise.
    pub fn post_logout_url(&self) -> Option<&AppUrl> {
        self.0.post_logout_url.as_deref()
    }

    /// The hash function of `at_hash`, if the app has written down another than the ID token's algorithm has.
    pub(crate) fn at_hash(&self) -> Option<&'static str> {
        if let Provider::OpenId(provider) = self.provider() { provider.at_hash } else { None }
    }

    /// The scopes, separated by spaces \[RFC 6749 §3.3].
    pub fn scope(&self) -> &str {
        &self.0.scope
    }

    /// The APIs that may receive the access token. If empty, none may.
    pub fn apis(&self) -> &[ApiPrefix] {
        &self.0.apis
    }

    /// What every authorization request sends in addition.
    pub(crate) fn authorization_params(&self) -> &Parameters {
        &self.0.authorization_params
    }

    /// What every token request sends in addition. The token of an API of its own has parameters of its own.
    pub(crate) fn token_params(&self, token: TokenIndex) -> Parameters {
        let of_api = token.0.checked_sub(1).and_then(|index| self.0.api_tokens.get(index));
        of_api.map_or_else(|| self.0.token_params.clone(), |own| own.or(&self.0.token_params))
    }

    /// The access token for an API, by its index in [`apis`](Self::apis).
    pub(crate) fn token_for(&self, api: Option<usize>) -> TokenIndex {
        api.and_then(|index| self.0.apis.get(index)).map_or(TokenIndex::FIRST, |api| api.token)
    }

    /// Whether the access token may be sent to this URL, given as the browser serializes it.
    pub fn allows_token_for(&self, address: &str) -> bool {
        self.api_for(address).is_ok()
    }

    /// The index in [`apis`](Self::apis) of the API that this URL belongs to.
    ///
    /// # Errors
    /// `address_not_listed`. If the URL has a listed prefix but an ambiguous path, the detail says why.
    pub fn api_for(&self, address: &str) -> Result<usize, Error> {
        let url = HttpUrl::parse(address).ok_or(Code::AddressNotListed)?;
        let covering = |(index, api): (usize, &'_ ApiPrefix)| Some((index, api.url.path().len(), api.covers(&url)?));
        let covering: Vec<_> = self.0.apis.iter().enumerate().filter_map(covering).collect();
        // An API can be below another one: the longest prefix is meant.
        let Some((index, _, refused)) = covering.iter().max_by_key(|(_, length, _)| *length).copied() else {
            return Err(Code::AddressNotListed.into());
        };
        let token = self.token_for(Some(index));
        let is_other = |api: &ApiPrefix| {
            let is_below = api.url.origin() == url.origin() && api.covers(&url).is_none();
            is_below && api.token != token && path::can_be_read_as_below(url.path(), api.url.path())
        };
        if self.0.apis.iter().any(is_other) {
            let why = "servers can read its path as one of another listed API, which has a token of its own";
            return Err(Error::with_detail(Code::AddressNotListed, why));
        }
        let mut of_token = covering.iter().filter(|(index, ..)| self.token_for(Some(*index)) == token);
        if of_token.any(|(_, _, refused)| refused.is_none()) {
            return Ok(index);
        }
        Err(match refused {
            Some(Ambiguity::DotSegment) => Error::with_detail(
                Code::AddressNotListed,
                "a segment of its path can be read as `.` or `..`, which leads out of the listed path",
            ),
            Some(Ambiguity::EscapedSlash) => Error::with_detail(
                Code::AddressNotListed,
                "servers read %2F and %5C in its path differently, so it may lead out of the listed path; list the API's whole origin",
            ),
            None => Code::AddressNotListed.into(),
        })
    }

    /// Whether the app may read the access token.
    pub fn expose_access_token(&self) -> bool {
        self.0.expose_access_token
    }

    /// Whether and when a session ends that nobody uses.
    pub fn idle_logout(&self) -> Option<IdleLogout> {
        self.0.idle_logout
    }

    /// How long a shared vault keeps the session after its last tab has disconnected.
    pub fn linger(&self) -> Duration {
        self.0.linger
    }

    /// Whether tokens are bound to a key of the vault \[RFC 9449].
    pub fn dpop(&self) -> Use {
        self.0.dpop
    }

    /// Whether authorization requests are pushed to the provider \[RFC 9126]. `None`: only if it takes no others.
    pub fn par(&self) -> Option<Use> {
        self.0.par
    }

    /// What happens when the app is opened after its tokens were lost.
    pub fn restore(&self) -> Restore {
        self.0.restore
    }

    /// The allowed difference between the device's clock and the provider's.
    pub fn clock_tolerance(&self) -> Duration {
        self.0.clock_tolerance
    }

    /// How long before its expiry the access token is renewed; at most a quarter of its lifetime.
    pub fn renewal_margin(&self) -> Duration {
        self.0.renewal_margin
    }

    /// Whether plain http to a loopback host is allowed.
    pub fn allow_insecure_loopback(&self) -> bool {
        self.0.allow_insecure_loopback
    }

    /// Whether the user may sign in to another tenant than the login named.
    pub fn allow_tenant_change(&self) -> bool {
        self.0.allow_tenant_change
    }
}

/// The provider that signs users in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Provider {
    /// Any OpenID provider.
    OpenId(Box<OpenIdProvider>),
    /// A Wristband application.
    Wristband(Box<Application>),
}

/// Any OpenID provider, discovered from its issuer \[OIDC Discovery §4].
#[derive(Clone, Debug, PartialEq)]
pub struct OpenIdProvider {
    /// A hash function for `at_hash`, instead of that of the ID token's algorithm.
    pub(crate) at_hash: Option<&'static str>,
    pub(crate) discovery_url: Option<String>,
    pub(crate) id_token_hint: bool,
    pub(crate) issuer: String,
    pub(crate) logout_return_parameter: Option<String>,
    pub(crate) logout_url: Option<String>,
    /// Members of the metadata that replace those of the provider.
    pub(crate) metadata: Option<Value>,
}

impl OpenIdProvider {
    /// The issuer, exactly as given: issuers are compared as strings.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

/// Which of the session's access tokens: one for all APIs without parameters of their own, and one for each of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenIndex(usize);

impl TokenIndex {
    /// The token that the sign-in itself gives.
    pub const FIRST: Self = Self(0);
}

/// A Wristband application.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    pub(crate) application_authorization: bool,
    pub(crate) custom_domain_active: bool,
    pub(crate) default_tenant: Tenant,
    pub(crate) login_page: Option<HttpUrl>,
    pub(crate) origin: Origin,
    pub(crate) root_domain: Option<String>,
}

impl Application {
    /// The origin of the application vanity domain. It is the issuer of the application's tokens.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// What happens when the app is opened after its tokens were lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restore {
    /// The user is signed out.
    None,
    /// If a user was signed in before, the page redirects to the provider once, with
    /// `prompt=none`. An anonymous visitor is never redirected.
    #[default]
    Redirect,
}

impl Restore {
    /// The value in the JavaScript API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Redirect => "redirect",
        }
    }
}

/// Whether the library uses what only some providers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Use {
    /// If the provider's metadata says that it has it.
    Auto,
    /// Never.
    Off,
    /// Always. Without it, no user is signed in.
    Required,
}

impl Use {
    pub(super) const ALL: [Self; 3] = [Self::Auto, Self::Off, Self::Required];

    /// The value in the JavaScript API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Off => "off",
            Self::Required => "required",
        }
    }
}

/// A URL prefix that may receive the access token.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiPrefix {
    token: TokenIndex,
    url: HttpUrl,
}

impl ApiPrefix {
    /// `Some` if the URL is under the prefix: the same origin, and the same path or one that is longer by
    /// whole segments. The inner value says why the URL is refused anyway: servers can read its path
    /// differently. If the prefix is a whole origin, no path leads out of it.
    fn covers(&self, url: &HttpUrl) -> Option<Option<Ambiguity>> {
        let prefix = self.url.path().trim_end_matches('/');
        let rest = url.path().strip_prefix(prefix)?;
        let below = if rest.is_empty() { !self.url.path().ends_with("/") } else { rest.starts_with("/") };
        let covered = below && url.origin() == self.url.origin();
        covered.then(|| if prefix.is_empty() { None } else { path::ambiguity(rest) })
    }

    /// The prefix.
    pub fn url(&self) -> &HttpUrl {
        &self.url
    }
}

/// A URL of the app. The first label of its host can be a placeholder for the tenant:
/// `https://{tenant_name}.app.example/callback`.
#[derive(Clone, Debug, PartialEq)]
pub struct AppUrl {
    text: String,
    rest: Option<String>,
    url: HttpUrl,
}

impl AppUrl {
    fn parse(text: &str) -> Option<Box<Self>> {
        let Some((scheme, rest)) = PLACEHOLDERS.iter().find_map(|name| text.split_once(name)) else {
            return Some(Box::new(Self { text: text.to_owned(), rest: None, url: HttpUrl::parse(text)? }));
        };
        // Only the whole first label can be the tenant. Anything else could name a host that is not the app's.
        let whole_label = scheme.ends_with("://") && rest.starts_with(".");
        let url = HttpUrl::parse(&[scheme, "tenant", rest].concat())?;
        whole_label.then(|| Box::new(Self { text: text.to_owned(), rest: Some(rest.to_owned()), url }))
    }

    /// The URL as registered, including a placeholder.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the host depends on the tenant.
    pub fn has_placeholder(&self) -> bool {
        self.rest.is_some()
    }

    /// The folder of the path. It is the best guess at the app's start page.
    pub(crate) fn folder(&self) -> Option<ReturnAddress> {
        let (folder, _) = self.url.path().rsplit_once('/')?;
        ReturnAddress::from_path([folder, "/"].concat())
    }

    /// The origin. With a placeholder, that of a tenant named `tenant`.
    pub(crate) fn origin(&self) -> &Origin {
        self.url.origin()
    }

    /// The URL for this tenant. `None` if the URL is the same for all tenants.
    pub(crate) fn for_tenant(&self, name: &str) -> Option<HttpUrl> {
        let rest = self.rest.as_deref()?;
        let scheme = if self.url.origin().is_secure() { "https://" } else { "http://" };
        HttpUrl::parse(&[scheme, name, rest].concat())
    }

    /// Whether the browser is at this URL. The query does not matter, nor does a trailing slash,
    /// `index.html` or `.html` that the app's host adds or removes.
    pub(crate) fn is_at(&self, address: &HttpUrl) -> bool {
        let same_origin = match self.rest {
            None => address.origin() == self.url.origin(),
            Some(_) => {
                let label = address.origin().host();
                let label = label.split('.').next().unwrap_or_default();
                self.for_tenant(label).is_some_and(|url| url.origin() == address.origin())
            }
        };
        same_origin && served(address.path()) == served(self.url.path())
    }
}

/// The path without what static file hosts add and remove.
fn served(path: &str) -> &str {
    let path = path.strip_suffix("/index.html").or_else(|| path.strip_suffix(".html")).unwrap_or(path);
    path.strip_suffix("/").unwrap_or(path)
}

/// The longest URI that Wristband accepts, in bytes.
pub(crate) const MAX_URI_LEN: usize = 2000;

const PLACEHOLDERS: [&str; 2] = ["{tenant_name}", "{tenant_domain}"];
