//! The app's settings, checked once. A [`Config`] that exists is valid and never changes.

mod builder;
mod written;

use core::time::Duration;
use std::sync::Arc;

pub use builder::ConfigBuilder;

use super::error::{Code, Error};
use super::path::{self, Ambiguity};
use super::tenant::Tenant;
use super::text::{cut_last, cut_text, find, slice, trim_end};
use super::url::{HttpUrl, Origin, ReturnAddress};

/// Checked settings. Made by [`Config::builder`] or from JSON by [`ConfigBuilder::from_json`].
/// Clones share them.
#[derive(Clone, Debug, PartialEq)]
pub struct Config(Arc<Settings>);

#[derive(Debug, PartialEq)]
struct Settings {
    allow_insecure_loopback: bool,
    apis: Vec<ApiPrefix>,
    client_id: String,
    clock_tolerance: Duration,
    expose_access_token: bool,
    linger: Duration,
    login_url: Option<Box<AppUrl>>,
    post_logout_url: Option<HttpUrl>,
    provider: Provider,
    redirect_uri: Box<AppUrl>,
    renewal_margin: Duration,
    restore: Restore,
    scope: String,
}

impl Config {
    /// Begins with the two settings that every client has: its id, and the redirect URI exactly
    /// as it is registered.
    pub fn builder(client_id: impl Into<String>, redirect_uri: impl Into<String>) -> ConfigBuilder {
        ConfigBuilder::new(client_id.into(), redirect_uri.into())
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// Who signs people in.
    pub fn provider(&self) -> &Provider {
        &self.0.provider
    }

    /// The registered redirect URI.
    pub fn redirect_uri(&self) -> &AppUrl {
        &self.0.redirect_uri
    }

    /// The app's login route, to which Wristband itself sends people.
    pub fn login_url(&self) -> Option<&AppUrl> {
        self.0.login_url.as_deref()
    }

    /// Where the person ends up after a logout, unless the logout says otherwise.
    pub fn post_logout_url(&self) -> Option<&HttpUrl> {
        self.0.post_logout_url.as_ref()
    }

    /// The scopes, separated by spaces \[RFC 6749 §3.3].
    pub fn scope(&self) -> &str {
        &self.0.scope
    }

    /// Who may receive the access token. Nobody, when empty.
    pub fn apis(&self) -> &[ApiPrefix] {
        &self.0.apis
    }

    /// Whether the access token may be sent to this address, as the browser spells it.
    pub fn allows_token_for(&self, address: &str) -> bool {
        self.api_for(address).is_ok()
    }

    /// Which of the listed APIs this URL belongs to, by its place in [`apis`](Self::apis).
    ///
    /// # Errors
    /// `address_not_listed`. The detail says why, where the URL would belong to an API by its letters.
    pub fn api_for(&self, address: &str) -> Result<usize, Error> {
        let mut refused = None;
        if let Some(url) = HttpUrl::parse(address) {
            for (index, api) in self.0.apis.iter().enumerate() {
                match api.covers(&url) {
                    Some(None) => return Ok(index),
                    Some(why) => refused = why,
                    None => {}
                }
            }
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

    /// How long a vault that tabs share keeps the session after the last of them is gone.
    pub fn linger(&self) -> Duration {
        self.0.linger
    }

    /// What happens when the app is opened again after the tokens were lost.
    pub fn restore(&self) -> Restore {
        self.0.restore
    }

    /// How far the device's clock and the provider's may be apart.
    pub fn clock_tolerance(&self) -> Duration {
        self.0.clock_tolerance
    }

    /// How long before the access token's end it is renewed, a quarter of its life at the most.
    pub fn renewal_margin(&self) -> Duration {
        self.0.renewal_margin
    }

    /// Whether plain http is allowed on this machine.
    pub fn allow_insecure_loopback(&self) -> bool {
        self.0.allow_insecure_loopback
    }
}

/// Who signs people in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Provider {
    /// Any OpenID provider, found by its issuer \[OIDC Discovery §4]. The text is kept as it was
    /// given, because issuers are compared as texts.
    OpenId(String),
    /// A Wristband application.
    Wristband(Box<Application>),
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

/// What happens when the app is opened again after the tokens were lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Restore {
    /// The person is signed out.
    None,
    /// If somebody was signed in before, the provider is asked once, by a redirect with
    /// `prompt=none`. An anonymous visitor is never redirected.
    #[default]
    Redirect,
}

impl Restore {
    /// The word that the JavaScript face uses.
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Redirect => "redirect",
        }
    }
}

/// A prefix of addresses that may receive the access token.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiPrefix(HttpUrl);

impl ApiPrefix {
    /// Whether the URL lies under the prefix: the same origin, and its path the same or longer by whole
    /// segments. With it comes why it is refused nevertheless: servers can read its path differently.
    /// From an origin as a whole no path leads out.
    fn covers(&self, url: &HttpUrl) -> Option<Option<Ambiguity>> {
        let prefix = trim_end(self.0.path(), "/");
        let rest = url.path().strip_prefix(prefix)?;
        let below = if rest.is_empty() { !self.0.path().ends_with("/") } else { rest.starts_with("/") };
        let covered = below && url.origin() == self.0.origin();
        covered.then(|| if prefix.is_empty() { None } else { path::ambiguity(rest) })
    }

    /// The prefix.
    pub fn url(&self) -> &HttpUrl {
        &self.0
    }
}

/// An address of the app, in which the first label of the host may stand for the tenant:
/// `https://{tenant_name}.app.example/callback`.
#[derive(Clone, Debug, PartialEq)]
pub struct AppUrl {
    text: String,
    rest: Option<String>,
    url: HttpUrl,
}

impl AppUrl {
    fn parse(text: &str) -> Option<Box<Self>> {
        let Some((scheme, rest)) = PLACEHOLDERS.iter().find_map(|name| cut_text(text, name)) else {
            return Some(Box::new(Self { text: text.to_owned(), rest: None, url: HttpUrl::parse(text)? }));
        };
        // Only the whole first label can be the tenant; anything else makes hosts of other people.
        let whole_label = scheme.ends_with("://") && rest.starts_with(".");
        let url = HttpUrl::parse(&[scheme, "tenant", rest].concat())?;
        whole_label.then(|| Box::new(Self { text: text.to_owned(), rest: Some(rest.to_owned()), url }))
    }

    /// The text as it was registered, placeholder and all.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the host depends on the tenant.
    pub fn has_placeholder(&self) -> bool {
        self.rest.is_some()
    }

    /// The folder that the address lies in: where the app begins, as far as can be known.
    pub(crate) fn folder(&self) -> Option<ReturnAddress> {
        let (folder, _) = cut_last(self.url.path(), b'/')?;
        ReturnAddress::from_path([folder, "/"].concat())
    }

    /// The origin; with a placeholder, that of a tenant named `tenant`.
    pub(crate) fn origin(&self) -> &Origin {
        self.url.origin()
    }

    /// The address for this tenant; `None` when the address is the same for all.
    pub(crate) fn for_tenant(&self, name: &str) -> Option<HttpUrl> {
        let rest = self.rest.as_deref()?;
        let scheme = if self.url.origin().is_secure() { "https://" } else { "http://" };
        HttpUrl::parse(&[scheme, name, rest].concat())
    }

    /// Whether the browser is at this address, whatever was added to its query, and whether or not the
    /// host that serves the app added a slash or took away `index.html` or `.html`.
    pub(crate) fn is_at(&self, address: &HttpUrl) -> bool {
        let same_origin = match self.rest {
            None => address.origin() == self.url.origin(),
            Some(_) => {
                let label = address.origin().host();
                let label = slice(label, 0, find(label, b".")).unwrap_or_default();
                self.for_tenant(label).is_some_and(|url| url.origin() == address.origin())
            }
        };
        same_origin && served(address.path()) == served(self.url.path())
    }
}

/// The path without what hosts of static files add and take away.
fn served(path: &str) -> &str {
    let path = path.strip_suffix("/index.html").or_else(|| path.strip_suffix(".html")).unwrap_or(path);
    path.strip_suffix("/").unwrap_or(path)
}

/// Wristband takes no longer ones.
const LONGEST_URI: usize = 2000;

const PLACEHOLDERS: [&str; 2] = ["{tenant_name}", "{tenant_domain}"];
