//! Tells of the requests that a session makes: for demos and tests.

use core::time::Duration;
use std::rc::Rc;

use crate::browser::clock;
use crate::protocol::http::{Body, Request};
use crate::protocol::json::Value;
use crate::protocol::text::find;
use crate::protocol::time::{Instant, millis};

/// A request that was made, and how it ended. It holds no secret: neither query, headers nor bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// What it was for.
    pub purpose: Purpose,
    /// `GET`, `POST`, …
    pub method: String,
    /// Where it went, without query and fragment.
    pub address: String,
    /// The status of the answer. `None` when none came.
    pub status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
}

/// Whoever is told of the requests.
pub(crate) type Inspector = Rc<dyn Fn(&Exchange)>;

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// The app called one of its APIs.
    Api,
    /// The keys that ID tokens are signed with \[RFC 7517].
    Keys,
    /// What the provider says of itself \[OIDC Discovery §4].
    Metadata,
    /// A refresh token was made worthless \[RFC 7009].
    Revocation,
    /// The application was asked whether it knows a tenant custom domain.
    Tenant,
    /// The app's own server was asked for the time.
    Time,
    /// Tokens were asked for \[RFC 6749 §3.2].
    Token,
    /// The provider was asked about the person \[OIDC Core §5.3].
    UserInfo,
}

impl Purpose {
    const ALL: [Self; 8] =
        [Self::Api, Self::Keys, Self::Metadata, Self::Revocation, Self::Tenant, Self::Time, Self::Token, Self::UserInfo];

    /// A word for it.
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

    /// What a request to the provider is for. Each kind has a form of its own.
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

impl Exchange {
    /// Written for the port.
    pub(crate) fn to_json(&self) -> Value {
        Value::object([
            ("address", self.address.as_str().into()),
            ("duration", i64::try_from(millis(self.duration)).unwrap_or(i64::MAX).into()),
            ("method", self.method.as_str().into()),
            ("purpose", self.purpose.as_str().into()),
            ("status", self.status.map(i64::from).into()),
        ])
    }

    /// Read from the port. `None` for what is none.
    pub(crate) fn from_json(exchange: &Value) -> Option<Self> {
        let integer = |name| exchange.get(name).and_then(Value::as_integer);
        let purpose = exchange.text("purpose")?;
        Some(Self {
            purpose: Purpose::ALL.into_iter().find(|known| known.as_str() == purpose)?,
            method: exchange.text("method")?.to_owned(),
            address: exchange.text("address")?.to_owned(),
            status: integer("status").and_then(|status| u16::try_from(status).ok()),
            duration: Duration::from_millis(u64::try_from(integer("duration")?).ok()?),
        })
    }
}

/// A request that is under way.
#[derive(Clone)]
pub(crate) struct Begun {
    address: String,
    at: Instant,
    method: String,
    purpose: Purpose,
}

impl Begun {
    /// Begins one to this address.
    pub(crate) fn now(purpose: Purpose, method: impl Into<String>, address: &str) -> Self {
        let address = address.get(..find(address, b"?#")).unwrap_or_default().to_owned();
        Self { address, at: clock::now().monotonic, method: method.into(), purpose }
    }

    /// Begins one to the provider.
    pub(crate) fn to_provider(request: &Request) -> Self {
        Self::now(Purpose::of(request), if request.body.is_some() { "POST" } else { "GET" }, &request.url)
    }

    /// It has ended, with an answer of this status or with none.
    pub(crate) fn ended(self, status: Option<u16>) -> Exchange {
        let Self { address, at, method, purpose } = self;
        Exchange { address, duration: clock::now().monotonic.since(at), method, purpose, status }
    }
}
