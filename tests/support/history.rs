//! What happened, in order.

use wristband_spa_auth::protocol::http::{Body, Request};
use wristband_spa_auth::session::{SessionHint, SessionKey};

use super::address::{self, Address};
use super::provider::Endpoint;

/// An effect that the session requested.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    AddressReplaced { path: String, announce: bool },
    Answered(u32),
    HintCleared,
    HintWritten(SessionHint),
    Navigated(String),
    PendingClaimed,
    PendingStored,
    LogoutAnnounced(SessionKey),
    PresenceAnnounced(SessionKey),
    Reopened,
    Sent(Sent),
}

/// A request as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub endpoint: Endpoint,
    pub url: String,
    pub method: &'static str,
    pub form: Vec<(String, String)>,
    pub json: Option<String>,
    pub bearer: Option<String>,
    /// The signed proof.
    pub proof: Option<String>,
    pub keepalive: bool,
}

impl Sent {
    pub fn of(request: &Request) -> Self {
        let (form, json) = match &request.body {
            None => (Vec::new(), None),
            Some(Body::Form(form)) => (address::parameters(form.expose()), None),
            Some(Body::Json(text)) => (Vec::new(), Some(text.clone())),
            Some(_) => panic!("a body that the simulated wire does not know"),
        };
        Self {
            endpoint: Endpoint::of(Address::parse(&request.url).path()),
            url: request.url.clone(),
            method: if request.body.is_some() { "POST" } else { "GET" },
            form,
            json,
            bearer: request.bearer.as_ref().map(|token| token.expose().to_owned()),
            proof: None,
            keepalive: request.keepalive,
        }
    }

    /// The only form field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        address::only(&self.form, name)
    }

    pub fn is_renewal(&self) -> bool {
        self.endpoint == Endpoint::Token && self.field("grant_type") == Some("refresh_token")
    }
}
