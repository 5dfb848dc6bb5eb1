//! A log of the requests that a session makes, for demos and tests.

use core::time::Duration;
use std::rc::Rc;

use crate::browser::clock;
use crate::protocol::form;
use crate::protocol::http::{Body, Request};
use crate::protocol::json::Value;
use crate::protocol::time::{Instant, millis};

/// A finished request, and its outcome. It holds no secrets: no headers, and the parameters without the values that
/// are secret or personal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestLog {
    /// What the request was for.
    pub purpose: Purpose,
    /// The HTTP method: `GET`, `POST`, …
    pub method: String,
    /// The request's URL, without query and fragment.
    pub address: String,
    /// The HTTP status of the response. `None` if there was no response.
    pub status: Option<u16>,
    /// How long the request took. Zero for a redirect.
    pub duration: Duration,
    /// What was sent to the provider, as a form, with an ellipsis in place of each value that is not shown.
    parameters: String,
}

/// The parameters whose values are secret, personal, or random.
const HIDDEN: [&str; 9] =
    ["code", "code_challenge", "code_verifier", "id_token_hint", "login_hint", "nonce", "refresh_token", "state", "token"];
/// An ellipsis, as a form spells it.
const ELLIPSIS: &str = "%E2%80%A6";

/// A function that is called with each request.
pub(crate) type Inspector = Rc<dyn Fn(&RequestLog)>;

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// The app called one of its APIs.
    Api,
    /// The keys that ID tokens are signed with \[RFC 7517].
    Keys,
    /// The provider's metadata \[OIDC Discovery §4].
    Metadata,
    /// The browser was redirected to the provider, for a login \[RFC 6749 §4.1.1] or a logout.
    Redirect,
    /// A refresh token was revoked \[RFC 7009].
    Revocation,
    /// The application was asked whether it knows a tenant custom domain.
    Tenant,
    /// The app's own server was asked for the time.
    Time,
    /// Tokens were requested \[RFC 6749 §3.2].
    Token,
    /// The provider was asked for the user info \[OIDC Core §5.3].
    UserInfo,
}

impl Purpose {
    const ALL: [Self; 9] = [
        Self::Api,
        Self::Keys,
        Self::Metadata,
        Self::Redirect,
        Self::Revocation,
        Self::Tenant,
        Self::Time,
        Self::Token,
        Self::UserInfo,
    ];

    /// The name, as the JavaScript API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Keys => "keys",
            Self::Metadata => "metadata",
            Self::Redirect => "redirect",
            Self::Revocation => "revocation",
            Self::Tenant => "tenant",
            Self::Time => "time",
            Self::Token => "token",
            Self::UserInfo => "user-info",
        }
    }

    /// The purpose of a request to the provider. Each purpose has a request of its own form.
    fn of(request: &Request) -> Self {
        match &request.body {
            Some(Body::Form(_)) if request.keepalive => Self::Revocation,
            Some(Body::Form(_)) => Self::Token,
            Some(Body::Json(_)) => Self::Tenant,
            None if request.bearer.is_some() => Self::UserInfo,
            None if is_metadata(&request.url) => Self::Metadata,
            None => Self::Keys,
        }
    }
}

/// Whether this is a URL of metadata. Some providers want a query at it.
fn is_metadata(url: &str) -> bool {
    url.split('?').next().is_some_and(|url| url.ends_with("/.well-known/openid-configuration"))
}

impl RequestLog {
    /// The parameters of a request to the provider: names, and values with an ellipsis in place of what is secret,
    /// personal or random.
    pub fn parameters(&self) -> Vec<(String, String)> {
        form::decode(&self.parameters)
    }

    /// The browser is redirected to this URL.
    pub(crate) fn redirect(url: &str) -> Self {
        InFlight::now(Purpose::Redirect, "GET", url).ended(None)
    }

    /// Encodes the request for the port.
    pub(crate) fn to_json(&self) -> Value {
        Value::object([
            ("address", self.address.as_str().into()),
            ("duration", i64::try_from(millis(self.duration)).unwrap_or(i64::MAX).into()),
            ("method", self.method.as_str().into()),
            ("parameters", self.parameters.as_str().into()),
            ("purpose", self.purpose.as_str().into()),
            ("status", self.status.map(i64::from).into()),
        ])
    }

    /// Decodes a request from the port. `None` if the value is not a valid one.
    pub(crate) fn from_json(exchange: &Value) -> Option<Self> {
        let integer = |name| exchange.get(name).and_then(Value::as_integer);
        let purpose = exchange.get_str("purpose")?;
        Some(Self {
            purpose: Purpose::ALL.into_iter().find(|known| known.as_str() == purpose)?,
            method: exchange.get_str("method")?.to_owned(),
            address: exchange.get_str("address")?.to_owned(),
            parameters: exchange.get_str("parameters")?.to_owned(),
            status: integer("status").and_then(|status| u16::try_from(status).ok()),
            duration: Duration::from_millis(u64::try_from(integer("duration")?).ok()?),
        })
    }
}

/// A request in progress.
#[derive(Clone)]
pub(crate) struct InFlight {
    address: String,
    at: Instant,
    method: String,
    parameters: String,
    purpose: Purpose,
}

impl InFlight {
    /// Starts a request to this URL.
    pub(crate) fn now(purpose: Purpose, method: impl Into<String>, address: &str) -> Self {
        let (address, query) = address.split_once(['?', '#']).unwrap_or((address, ""));
        // An API's parameters are the app's own.
        let parameters = if purpose == Purpose::Redirect { shown(query) } else { String::new() };
        Self { address: address.to_owned(), at: clock::now().monotonic, method: method.into(), parameters, purpose }
    }

    /// Starts a request to the provider.
    pub(crate) fn to_provider(request: &Request) -> Self {
        let method = if request.body.is_some() { "POST" } else { "GET" };
        let form = match &request.body {
            Some(Body::Form(form)) => form.expose(),
            _ => "",
        };
        Self { parameters: shown(form), ..Self::now(Purpose::of(request), method, &request.url) }
    }

    /// The request has ended, with a response of this status or without a response.
    pub(crate) fn ended(self, status: Option<u16>) -> RequestLog {
        let Self { address, at, method, parameters, purpose } = self;
        RequestLog { address, duration: clock::now().monotonic.since(at), method, parameters, purpose, status }
    }
}

/// A form without the values that are not shown.
fn shown(form: &str) -> String {
    let hide = |parameter: &str| {
        let name = parameter.split('=').next().unwrap_or_default();
        if HIDDEN.contains(&name) { [name, "=", ELLIPSIS].concat() } else { parameter.to_owned() }
    };
    form.split('&').map(hide).collect::<Vec<_>>().join("&")
}
