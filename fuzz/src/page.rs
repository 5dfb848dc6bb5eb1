//! A page of the app with its session; it performs every effect of a login.

use url::Url;
use wristband_spa_auth::protocol::http::{Body, Request, Response};
use wristband_spa_auth::protocol::secret::{Entropy, Secret};
use wristband_spa_auth::session::{CallId, Effect, Input, PendingLogin, Session, State};
use wristband_spa_auth::{Config, Error, Value};

use crate::given::now;
use crate::opinion::{parameters, values};

pub(crate) struct Page {
    session: Session,
}

/// Where a page was redirected, and what happened on the way.
#[derive(Debug, Default)]
pub(crate) struct Departure {
    /// Why there was no redirect.
    pub(crate) error: Option<Error>,
    /// The tenant custom domain that the application was asked to confirm, and did.
    pub(crate) confirmed: Option<String>,
    pub(crate) pending: Option<PendingLogin>,
    pub(crate) url: Option<String>,
}

pub(crate) const ASK: CallId = CallId(1);

pub(crate) fn entropy() -> Entropy {
    Entropy::new([7; Entropy::LENGTH])
}

impl Page {
    pub(crate) fn new(config: Config) -> Self {
        Self { session: Session::new(config, 7) }
    }

    /// A page at this URL, and the first effects of its session.
    pub(crate) fn open(config: Config, address: &str) -> (Self, Vec<Effect>) {
        let mut page = Self::new(config);
        let effects = page.visit(address);
        (page, effects)
    }

    pub(crate) fn visit(&mut self, address: &str) -> Vec<Effect> {
        self.handle(Input::Opened {
            call_id: ASK,
            address: Secret::new(address.to_owned()),
            hint: None,
            online: true,
            resumed: false,
            entropy: entropy(),
        })
    }

    pub(crate) fn state(&self) -> State {
        self.session.state()
    }

    pub(crate) fn handle(&mut self, input: Input) -> Vec<Effect> {
        self.session.handle(now(), input)
    }

    /// Performs all effects until the browser leaves, or stays.
    pub(crate) fn depart(&mut self, input: Input) -> Departure {
        let mut departure = Departure::default();
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for effect in self.handle(input) {
                inputs.extend(departure.perform(effect));
            }
        }
        departure
    }
}

impl Departure {
    fn perform(&mut self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Answer { answer, .. } => self.error = answer.err(),
            Effect::Fetch { request, what, .. } => {
                self.confirmed = Some(domain_asked_about(&what));
                let body = Secret::new(r#"{"valid":true}"#.to_owned());
                return Some(Input::Fetched {
                    request,
                    outcome: Ok(Response { status: 200, body, retry_after: None, ..Response::default() }),
                });
            }
            Effect::Navigate { url, .. } => self.url = Some(url.expose().to_owned()),
            Effect::StorePending { request, pending, .. } => {
                self.pending = Some(pending);
                return Some(Input::PendingStored { request, stored: Ok(Vec::new()) });
            }
            _ => {}
        }
        None
    }

    /// Where the browser went, as it parses the URL itself.
    pub(crate) fn place(&self) -> Option<Url> {
        crate::opinion::place(self.url.as_ref()?)
    }

    /// The value of a parameter of the redirect, as the provider reads it.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let sent = parameters(self.place()?.query().unwrap_or_default());
        let values = values(&sent, name);
        assert!(values.len() < 2, "{name} was sent twice");
        values.first().map(|value| (*value).to_owned())
    }

    /// The stored URL to which the user will return.
    pub(crate) fn return_to(&self) -> Option<String> {
        self.pending.as_ref()?.to_json().get("returnTo").and_then(Value::as_str).map(str::to_owned)
    }
}

fn domain_asked_about(question: &Request) -> String {
    let Some(Body::Json(body)) = &question.body else { panic!("an unexpected request to {}", question.url) };
    let body: serde_json::Value = serde_json::from_str(body).expect("the question is JSON");
    body["tenantCustomDomain"].as_str().expect("it asks about a domain").to_owned()
}
