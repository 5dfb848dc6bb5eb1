//! A session, and what the world remembers of it to check it.

use std::collections::VecDeque;

use super::apis::{APIS, Issue};
use super::events::Happening;
use super::network::{News, Refusal};
use super::view::View;
use wristband_spa_auth::protocol::json::Value;
use wristband_spa_auth::session::{CallId, Effect, Input, RequestId, Session, SessionNumber, State, TokenGeneration};

/// A session and what happened to everything it received.
#[derive(Debug)]
pub struct Vault {
    pub session: Session,
    pub alive: bool,
    /// Whether its page was left and is in the back/forward cache.
    pub frozen: bool,
    /// The connection status that it was last sent.
    pub online: bool,
    /// Events that wait until the page is shown again.
    pub parked: Vec<Happening>,
    pub asks: Vec<Asked>,
    pub answered: u32,
    pub flights: Vec<Flight>,
    /// When the session wants to be woken, on the monotonic clock.
    pub wakes_at: Option<i64>,
    pub seen: Seen,
    /// The state that was shown last, in the terms of the documentation.
    pub view: View,
    /// When the requests of the last minute were made, and when the timer woke it.
    pub requests: [VecDeque<i64>; 5],
    pub wakes: VecDeque<i64>,
    /// The callbacks that it was opened with: login, code, and step.
    pub opened: Vec<(u32, u32, u32)>,
    /// The step of the last logout here, its own or an announced one.
    pub logged_out_at: u32,
    /// Refresh tokens that reached it.
    pub received: Vec<u32>,
    /// Those that must not be sent again: a response that replaced them reached it.
    pub spent: Vec<u32>,
    /// Families that an `invalid_grant` proved to be over.
    pub written_off: Vec<usize>,
    /// Families for which a revocation was sent.
    pub revoked: Vec<usize>,
    /// Families for which a response named another user or tenant.
    pub changed: Vec<usize>,
    /// Until when the provider wants no renewals of a family, by both clocks.
    pub quiet: Option<(usize, i64, i64)>,
    /// Whether a definitive refusal came since tokens last came.
    pub refused: bool,
    /// When the first refusal without a reason came, since tokens last came.
    pub unexplained_since: Option<i64>,
    /// Since when every renewal was answered with a definitive refusal, on the monotonic clock.
    pub stuck_since: Option<i64>,
    /// The number of the session before the input that is being handled.
    pub number_before: Option<SessionNumber>,
    /// The family behind the number of each session.
    pub families: Vec<(SessionNumber, usize)>,
    /// Whether the last response to a renewal may have been lost.
    pub is_lost: bool,
    /// The last tokens of the APIs that have one of their own.
    pub own_tokens: [Option<Issue>; APIS],
    /// Renewals that were made because an API refused a token: API, generation, and when.
    pub renewed_for: Vec<(usize, TokenGeneration, i64)>,
}

/// A pending call.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub call_id: CallId,
    pub tab: usize,
    pub page: u32,
    pub what: Question,
    /// What the wall clock showed then.
    pub at: i64,
    /// Whether there was a hint when the page was opened.
    pub hinted: bool,
    /// Whether it was opened with a callback.
    pub returning: bool,
    /// Whether that URL is a callback that somebody made up.
    pub forged: bool,
    /// The session that the call belongs to.
    pub session: Option<SessionNumber>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    AutomaticLogin,
    Login,
    Logout,
    Opened,
    Renew,
    /// A page was opened again, because its vault was lost.
    Resumed,
    /// For a call to an API. `tried`: it already refused a token for this call.
    Token {
        api: Option<usize>,
        tried: bool,
    },
    UserInfo,
}

/// A call that an API refused.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    pub session: SessionNumber,
    pub generation: TokenGeneration,
    pub api: usize,
}

/// A request without a response yet.
#[derive(Clone, Debug)]
pub struct Flight {
    pub request: RequestId,
    pub purpose: Purpose,
    pub order: u32,
}

/// The purpose of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    Confirmation {
        domain: String,
    },
    /// `login` is the one whose code verifier is sent with it.
    Exchange {
        code: u32,
        login: Option<u32>,
    },
    Keys,
    Metadata,
    /// `api` is the one that the access token is for, if it has one of its own.
    Renewal {
        token: u32,
        family: usize,
        api: Option<usize>,
    },
    Revocation {
        family: usize,
    },
    UserInfo,
}

/// Whether an effect sends a request to the token endpoint.
pub fn is_token_request(effect: &Effect) -> bool {
    matches!(effect, Effect::Fetch { what, .. } if what.url.ends_with("/token"))
}

/// What the app was last shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    pub phase: Phase,
    /// The number of the ID token.
    pub id_token: usize,
    pub renewals: u32,
    pub renewable: bool,
    pub person: String,
    pub tenant: Option<String>,
    pub tenant_name: Option<String>,
    /// When the access token expires, by the wall clock and by the monotonic one.
    pub ends_on_the_wall: Option<i64>,
    pub ends: Option<i64>,
    /// When it was issued, on the monotonic clock.
    pub issued: i64,
    pub clock_skew: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Loading,
    Failed,
    SignedIn,
    SignedOut,
}

impl Vault {
    pub fn new(session: Session) -> Self {
        Self {
            session,
            alive: true,
            frozen: false,
            online: true,
            parked: Vec::new(),
            asks: Vec::new(),
            answered: 0,
            flights: Vec::new(),
            wakes_at: None,
            seen: Seen::default(),
            view: View::Loading,
            requests: Default::default(),
            wakes: VecDeque::new(),
            opened: Vec::new(),
            logged_out_at: 0,
            received: Vec::new(),
            spent: Vec::new(),
            written_off: Vec::new(),
            revoked: Vec::new(),
            changed: Vec::new(),
            quiet: None,
            refused: false,
            unexplained_since: None,
            stuck_since: None,
            number_before: None,
            families: Vec::new(),
            is_lost: false,
            own_tokens: [None; APIS],
            renewed_for: Vec::new(),
        }
    }

    /// What the response to a renewal says about the next one.
    pub fn renewal_answered(&mut self, monotonic: i64, input: &Input, news: &News) {
        let arrived = matches!(input, Input::Fetched { outcome: Ok(_), .. });
        match news.refusal {
            Refusal::Definitive => {
                self.refused = true;
                if self.online {
                    self.stuck_since.get_or_insert(monotonic);
                }
                return;
            }
            Refusal::Unexplained => {
                self.unexplained_since.get_or_insert(monotonic);
            }
            Refusal::None if arrived && !news.invalid_grant => (self.refused, self.unexplained_since) = (false, None),
            Refusal::None | Refusal::Trouble => {}
        }
        self.stuck_since = None;
    }

    pub fn asked(&self, call_id: CallId) -> Option<&Asked> {
        self.asks.iter().find(|asked| asked.call_id == call_id)
    }

    pub fn is_signed_in(&self) -> bool {
        self.seen.phase == Phase::SignedIn
    }

    /// Removes what left the window of this many milliseconds, and returns how much is in it with one more.
    pub fn count_in_window(times: &mut VecDeque<i64>, now: i64, window: i64) -> usize {
        while times.front().is_some_and(|first| now - first >= window) {
            times.pop_front();
        }
        times.push_back(now);
        times.len()
    }
}

impl Seen {
    /// What a state shows at these clock times.
    pub fn of(state: &State, before: &Self, monotonic: i64, wall: i64) -> Self {
        let phase = match state {
            State::Loading => Phase::Loading,
            State::Failed(_) => Phase::Failed,
            State::SignedIn(_) => Phase::SignedIn,
            _ => Phase::SignedOut,
        };
        let Some(session) = state.signed_in() else { return Self { phase, ..Self::default() } };
        let number = session.claims.get("jti").and_then(Value::as_integer);
        let ends_on_the_wall = session.expires_at.map(|end| end.as_millis());
        // Both expiries are set together; later only one of the clocks may jump.
        let same = before.phase == phase && before.ends_on_the_wall == ends_on_the_wall && before.renewals == session.renewals;
        let issued = if same { before.issued } else { monotonic };
        let ends = if same { before.ends } else { ends_on_the_wall.map(|end| monotonic + (end - wall)) };
        Self {
            phase,
            id_token: number.and_then(|number| usize::try_from(number).ok()).unwrap_or(usize::MAX),
            renewals: session.renewals,
            renewable: session.renews_at.is_some(),
            person: session.user_id.clone(),
            tenant: session.tenant_id.clone(),
            tenant_name: session.tenant.name.as_ref().map(|name| name.as_str().to_owned()),
            ends_on_the_wall,
            ends,
            issued,
            clock_skew: session.clock_skew,
        }
    }
}
