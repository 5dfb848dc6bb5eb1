//! A log of the requests that a session makes, for demos and tests.

use core::time::Duration;
use std::rc::Rc;

use crate::browser::clock;
use crate::protocol::http::{Body, Request};
use crate::protocol::json::Value;
use crate::protocol::time::{Instant, millis};

/// A finished request, and its outcome. It holds no secrets: no query, headers or bodies.
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
    /// How long the request took.
    pub duration: Duration,
}

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
    const ALL: [Self; 8] =
        [Self::Api, Self::Keys, Self::Metadata, Self::Revocation, Self::Tenant, Self::Time, Self::Token, Self::UserInfo];

    /// The name, as the JavaScript API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Keys => "keys",
            Self::Metadata => "metadata",
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
            None if request.url.ends_with("/.well-known/openid-configuration") => Self::Metadata,
            None => Self::Keys,
        }
    }
}

impl RequestLog {
    /// Encodes the request for the port.
    pub(crate) fn to_json(&self) -> Value {
        Value::object([
            ("address", self.address.as_str().into()),
            ("duration", i64::try_from(millis(self.duration)).unwrap_or(i64::MAX).into()),
            ("method", self.method.as_str().into()),
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
    purpose: Purpose,
}

impl InFlight {
    /// Starts a request to this URL.
    pub(crate) fn now(purpose: Purpose, method: impl Into<String>, address: &str) -> Self {
        let address = address.split(['?', '#']).next().unwrap_or_default().to_owned();
        Self { address, at: clock::now().monotonic, method: method.into(), purpose }
    }

    /// Starts a request to the provider.
    pub(crate) fn to_provider(request: &Request) -> Self {
        Self::now(Purpose::of(request), if request.body.is_some() { "POST" } else { "GET" }, &request.url)
    }

    /// The request has ended, with a response of this status or without a response.
    pub(crate) fn ended(self, status: Option<u16>) -> RequestLog {
        let Self { address, at, method, purpose } = self;
        RequestLog { address, duration: clock::now().monotonic.since(at), method, purpose, status }
    }
}
