//! What happened since the page was opened, as the library reports it. Every line, every moving dot
//! and every mark on the page comes from here.

use std::collections::VecDeque;

use leptos::prelude::*;
use wristband_spa_auth::leptos::{UseAuth, use_auth};
use wristband_spa_auth::{Purpose, RequestLog, State, Timestamp, UserSession};

use crate::failure::sentence;
use crate::inspect::on_exchange;
use crate::status;
use crate::time::now;

/// The maximum number of lines in the log.
const MOST_EVENTS: usize = 40;
/// The maximum number of moving dots.
const MOST_HOPS: usize = 6;
/// The maximum number of issues on the timeline.
const MOST_ISSUES: usize = 24;

/// One line of the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) kind: Kind,
    pub(crate) words: String,
    /// The request and its response, if the event is a request.
    pub(crate) request: Option<[String; 2]>,
    /// The parameters that were sent to the provider.
    pub(crate) parameters: String,
}

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Refusal,
    Request,
    State,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Request => "request",
            Self::State => "state",
        }
    }
}

/// A connection in the drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Api,
    Provider,
    /// From the session to the page.
    Told,
}

/// A dot that moves from one place to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) id: u32,
    pub(crate) way: Way,
    pub(crate) is_refusal: bool,
}

/// How many requests were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) all: u32,
    pub(crate) token: u32,
}

/// The record of what happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    count: RwSignal<Count>,
    events: RwSignal<VecDeque<Event>>,
    hops: RwSignal<Vec<Hop>>,
    issues: RwSignal<Vec<Timestamp>>,
    /// Whether a call to the API is pending.
    pub(crate) calling: RwSignal<bool>,
}

/// Starts the record, and provides it as context.
pub(crate) fn provide_watch() {
    let auth = use_auth();
    let watch = Watch {
        count: RwSignal::default(),
        events: RwSignal::default(),
        hops: RwSignal::default(),
        issues: RwSignal::default(),
        calling: RwSignal::new(false),
    };
    provide_context(watch);
    watch.follow_state(auth);
    on_exchange(move |exchange| watch.hear(exchange));
}

/// The record that [`provide_watch`] provides.
pub(crate) fn use_watch() -> Watch {
    expect_context()
}

impl Watch {
    /// The events, newest first.
    pub(crate) fn events(self) -> Signal<VecDeque<Event>> {
        self.events.into()
    }

    /// The latest dots, oldest first.
    pub(crate) fn hops(self) -> Signal<Vec<Hop>> {
        self.hops.into()
    }

    /// When tokens were issued, as far as this page knows, oldest first.
    pub(crate) fn issues(self) -> Signal<Vec<Timestamp>> {
        self.issues.into()
    }

    /// How many requests were made so far.
    pub(crate) fn count(self) -> Count {
        self.count.get_untracked()
    }

    /// Writes a line that is not a request.
    pub(crate) fn tell(self, kind: Kind, words: String) {
        self.write(Event { at: now(), kind, words, request: None, parameters: String::new() });
    }

    fn write(self, event: Event) {
        // The page may be closing.
        let _ = self.events.try_update(|events| {
            events.push_front(event);
            events.truncate(MOST_EVENTS);
        });
    }

    fn hop(self, way: Way, is_refusal: bool) {
        let _ = self.hops.try_update(|hops| {
            let id = hops.last().map_or(0, |hop| hop.id.wrapping_add(1));
            hops.push(Hop { id, way, is_refusal });
            let surplus = hops.len().saturating_sub(MOST_HOPS);
            hops.drain(..surplus);
        });
    }

    fn hear(self, exchange: &RequestLog) {
        let purpose = exchange.purpose.as_str();
        let parameters = in_one_line(&exchange.parameters());
        let sent = [exchange.method.as_str(), " ", without_scheme(&exchange.address)].concat();
        if exchange.purpose == Purpose::Redirect {
            let words = "The browser was sent to the provider.".to_owned();
            let request = Some([sent, "redirect".to_owned()]);
            return self.write(Event { at: now(), kind: Kind::Request, words, request, parameters });
        }
        let is_success = exchange.status.is_some_and(|status| status < 400);
        let kind = if is_success { Kind::Request } else { Kind::Refusal };
        let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let came_back = format!("{status} · {} ms", exchange.duration.as_millis());
        let words = in_words(purpose, exchange.status, is_success).to_owned();
        self.write(Event { at: now(), kind, words, request: Some([sent, came_back]), parameters });
        let _ = self.count.try_update(|count| {
            count.all += 1;
            count.token += u32::from(purpose == "token");
        });
        self.hop(if purpose == "api" { Way::Api } else { Way::Provider }, !is_success);
    }

    fn follow_state(self, auth: UseAuth) {
        Effect::new(move |before: Option<State>| {
            let state = auth.state().get();
            if before.as_ref() != Some(&state) {
                untrack(|| self.note(before.as_ref(), &state));
            }
            state
        });
    }

    fn note(self, before: Option<&State>, state: &State) {
        if let Some((kind, words)) = change(before.unwrap_or(&State::Loading), state) {
            self.tell(kind, words);
            self.hop(Way::Told, kind == Kind::Refusal);
        }
        match (before.and_then(State::signed_in), state.signed_in()) {
            (_, None) => self.issues.set(Vec::new()),
            (None, Some(person)) => self.issues.set(issued_at(person).into_iter().collect()),
            (Some(before), Some(person)) if person.renewals > before.renewals => self.issues.update(|issues| {
                issues.push(now());
                let surplus = issues.len().saturating_sub(MOST_ISSUES);
                issues.drain(..surplus);
            }),
            _ => {}
        }
    }
}

/// When the tokens that the page found were issued, by this device's clock.
fn issued_at(person: &UserSession) -> Option<Timestamp> {
    let seconds = person.claims.get("iat")?.as_integer()?;
    Some(Timestamp::from_seconds(seconds.saturating_sub(person.clock_skew)).min(now()))
}

/// What a change of the state means, if it means anything to the user.
fn change(before: &State, state: &State) -> Option<(Kind, String)> {
    match (before.signed_in(), state) {
        (Some(before), State::SignedIn(person)) => change_of_session(before, person),
        (None, State::SignedIn(person)) => {
            let tenant = status::tenant(person).map(|tenant| [" (", tenant, ")"].concat()).unwrap_or_default();
            Some((Kind::State, ["Signed in", &tenant, ". Every check of the ID token has passed."].concat()))
        }
        (_, State::Failed(error)) => Some((Kind::Refusal, [&sentence(error), " (", error.code().as_str(), ")"].concat())),
        (_, State::SignedOut(_)) => Some((Kind::State, status::reason(state).to_owned())),
        _ => None,
    }
}

fn change_of_session(before: &UserSession, person: &UserSession) -> Option<(Kind, String)> {
    if person.renewals > before.renewals {
        return Some((Kind::State, format!("Renewal {}: new tokens took the place of the old ones.", person.renewals)));
    }
    match (&before.renewal_error, &person.renewal_error) {
        (None, Some(error)) => {
            return Some((
                Kind::Refusal,
                ["The renewal came to nothing, and is tried again (", error.code().as_str(), ")."].concat(),
            ));
        }
        (Some(_), None) => return Some((Kind::State, "The renewal works again.".to_owned())),
        _ => {}
    }
    match (before.offline, person.offline) {
        (false, true) => Some((Kind::State, "Offline. The session waits, and asks for nothing.".to_owned())),
        (true, false) => Some((Kind::State, "Online again.".to_owned())),
        _ if person.renewing && !before.renewing => Some((Kind::State, "A renewal began.".to_owned())),
        _ => None,
    }
}

fn in_words(purpose: &str, status: Option<u16>, is_success: bool) -> &'static str {
    match (purpose, is_success) {
        _ if status.is_none() => "A request had no answer.",
        ("token", true) => "The provider gave tokens.",
        ("token", false) => "The provider gave no tokens.",
        ("keys", true) => "The provider’s public keys came, to check a signature.",
        ("metadata", true) => "The provider described itself.",
        ("user-info", true) => "The provider told about the person.",
        ("revocation", true) => "The refresh token was revoked.",
        ("tenant", true) => "The provider knows the tenant.",
        ("time", true) => "The app’s own server told the time.",
        ("api", true) => "The API was called, with the access token.",
        ("api", false) => "The API refused a call.",
        (_, true) => "A request was answered.",
        (_, false) => "The provider refused a request.",
    }
}

fn without_scheme(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}

/// Parameters as text: `scope=openid email · prompt=none`.
fn in_one_line(parameters: &[(String, String)]) -> String {
    parameters.iter().map(|(name, value)| [name, "=", value].concat()).collect::<Vec<_>>().join(" · ")
}
