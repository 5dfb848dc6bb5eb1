//! The network: requests that are lost, late, duplicated or reordered, and responses that are invalid.

use core::time::Duration;

use wristband_spa_auth::protocol::http::{Body, Request, Response};
use wristband_spa_auth::protocol::secret::Secret;
use wristband_spa_auth::session::{Input, RequestId, Transport};

use super::apis;
use super::events::Happening;
use super::laws;
use super::proofs::{self, Signed};
use super::provider::VANITY;
use super::tally::Kind;
use super::text::{self, CODE, REFRESH, parameter};
use super::vault::{Flight, Purpose, Vault};
use super::world::World;

/// A request in transit.
#[derive(Debug)]
pub struct Parcel {
    vault: usize,
    request: RequestId,
    what: Request,
    proof: Option<Signed>,
    purpose: Purpose,
    fault: Option<Kind>,
    /// When the session gives up.
    deadline: i64,
    way_back: i64,
}

/// What a response proves, as far as its recipient can know.
#[derive(Debug, Default)]
pub struct News {
    pub invalid_grant: bool,
    /// What it says about the next renewal.
    pub refusal: Refusal,
    /// The refresh token in it.
    pub refresh_token: Option<u32>,
    /// The family for which its ID token names another user or tenant than before.
    pub changed: Option<usize>,
    /// The lifetime of its access token, in seconds.
    pub lifetime: u32,
    /// How long the provider wants no requests, in milliseconds.
    pub retry_after: Option<i64>,
    /// The domain that it confirms.
    pub confirmed: Option<String>,
    /// Whether it only asks for another proof.
    pub wants_nonce: bool,
}

/// What the response to a renewal says about the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refusal {
    #[default]
    None,
    /// A temporary failure.
    Trouble,
    /// A refusal without a reason.
    Unexplained,
    /// A refusal with a permanent reason.
    Definitive,
}

/// What happens to requests in transit, and the responses that a network makes up.
const LOSSES: [Kind; 6] = [
    Kind::LostAnswer,
    Kind::LostRequest,
    Kind::TimeoutAfterArrival,
    Kind::TimeoutBeforeArrival,
    Kind::RequestDuplicated,
    Kind::LostAnswer,
];

/// What a provider answers instead.
const REFUSALS: [Kind; 11] = [
    Kind::ServerError,
    Kind::TooManyRequests429,
    Kind::HtmlPage,
    Kind::TruncatedAnswer,
    Kind::RequestTimeout408,
    Kind::ServerErrorAfterwards,
    Kind::WrongTokenType,
    Kind::NoAccessToken,
    Kind::ProviderRejected,
    Kind::RefusedWithoutReason,
    Kind::FalseInvalidGrant,
];

impl World<'_> {
    /// Sends a request of a session.
    pub fn send(&mut self, vault: usize, request: RequestId, what: Request, timeout: Duration) {
        let Some(purpose) = self.purpose(&what) else {
            return self.breaks(laws::TOKENS, || format!("a request to {}", what.url));
        };
        self.say(|| format!("session {vault} asks: {purpose:?}"));
        self.judge_request(vault, &what, &purpose);
        self.last_order += 1;
        self.vaults[vault].flights.push(Flight { request, purpose: purpose.clone(), order: self.last_order });
        let deadline = self.time + i64::try_from(timeout.as_millis()).unwrap();
        if self.device.offline {
            self.tally.count(Kind::OfflineRequest);
            let input = Input::Fetched { request, outcome: Err(Transport::Failed) };
            return self.schedule(5, Happening::Answers(vault, input, News::default()));
        }
        let fault = self.fault();
        let slow = self.chance.one_in(self.mood.network);
        let way_there = if slow { self.chance.millis(18_000) } else { 0 };
        let way_back = if slow { self.chance.millis(18_000) } else { 40 + i64::from(self.chance.below(60)) };
        let proof = what.proof.as_ref().map(|proof| proofs::sign(vault, proof));
        let parcel = Parcel { vault, request, what, proof, purpose, fault, deadline, way_back };
        if way_there == 0 { self.arrive(parcel) } else { self.schedule(way_there, Happening::Arrives(Box::new(parcel))) }
    }

    fn fault(&mut self) -> Option<Kind> {
        if self.provider_is_down {
            return Some(Kind::ServerError);
        }
        if self.chance.one_in(self.mood.network) {
            return Some(self.chance.pick(&LOSSES));
        }
        self.chance.one_in(self.mood.provider).then(|| self.chance.pick(&REFUSALS))
    }

    fn purpose(&self, what: &Request) -> Option<Purpose> {
        let (host, path) = text::host_and_path(&what.url)?;
        let ours = if self.provider.is_wristband { VANITY } else { "id.example" };
        if host != ours {
            return None;
        }
        let form = match &what.body {
            Some(Body::Form(form)) => form.expose(),
            Some(Body::Json(json)) => json,
            _ => "",
        };
        let token = |name| parameter(form, name).and_then(|token| text::secret_number(REFRESH, token));
        Some(match path.rsplit('/').next()? {
            "jwks" => Purpose::Keys,
            "openid-configuration" => Purpose::Metadata,
            "revoke" => Purpose::Revocation { family: self.provider.family_of(token("token")?)? },
            "token" if parameter(form, "grant_type") == Some("refresh_token") => {
                let token = token("refresh_token")?;
                Purpose::Renewal { token, family: self.provider.family_of(token)?, api: apis::named_in(form) }
            }
            "token" => Purpose::Exchange {
                code: parameter(form, "code").and_then(|code| text::secret_number(CODE, code))?,
                login: parameter(form, "code_verifier").and_then(text::login_number),
            },
            "userinfo" => Purpose::UserInfo,
            "validate" => Purpose::Confirmation { domain: form.split('"').nth(3)?.to_owned() },
            _ => return None,
        })
    }

    /// A request reaches the provider, or not, and its response is sent.
    pub fn arrive(&mut self, parcel: Parcel) {
        let Parcel { vault, request, what, proof, purpose, fault, deadline, way_back } = parcel;
        if let Some(fault) = fault {
            self.tally.count(fault);
            self.say(|| format!("fault: {fault:?} for {purpose:?}"));
        }
        let late = (deadline - self.time).max(0);
        let (delay, outcome, news) = match fault {
            Some(Kind::LostRequest) => (way_back, Err(Transport::Failed), News::default()),
            Some(Kind::TimeoutBeforeArrival) => (late, Err(Transport::TimedOut), News::default()),
            Some(Kind::LostAnswer) => {
                self.serve(&what, &purpose, proof.as_ref());
                (way_back, Err(Transport::Failed), News::default())
            }
            Some(Kind::TimeoutAfterArrival) => {
                self.serve(&what, &purpose, proof.as_ref());
                (late, Err(Transport::TimedOut), News::default())
            }
            _ => {
                let (response, news) = self.answer(&what, &purpose, proof.as_ref(), fault);
                (way_back, Ok(response), news)
            }
        };
        let (delay, outcome, news) =
            if delay > late { (late, Err(Transport::TimedOut), News::default()) } else { (delay, outcome, news) };
        self.schedule(delay, Happening::Answers(vault, Input::Fetched { request, outcome }, news));
    }

    fn answer(&mut self, what: &Request, purpose: &Purpose, proof: Option<&Signed>, fault: Option<Kind>) -> (Response, News) {
        let instead = |status: u16, body: &str| {
            (Response { status, body: Secret::new(body.to_owned()), retry_after: None, ..Response::default() }, News::default())
        };
        match fault {
            Some(Kind::ServerError) => trouble(self.wants_peace(instead(503, ""))),
            Some(Kind::TooManyRequests429) => trouble(self.wants_peace(instead(429, r#"{"error":"slow_down"}"#))),
            Some(Kind::RequestTimeout408) => trouble(instead(408, "")),
            Some(Kind::HtmlPage) => trouble(instead(200, "<!doctype html><title>Please pay for the hotel's network</title>")),
            Some(Kind::ProviderRejected) => {
                let (response, news) = instead(400, r#"{"error":"invalid_client"}"#);
                (response, News { refusal: Refusal::Definitive, ..news })
            }
            Some(Kind::RefusedWithoutReason) => {
                let (response, news) = instead(403, "<html>Blocked");
                (response, News { refusal: Refusal::Unexplained, ..news })
            }
            Some(Kind::FalseInvalidGrant) => {
                let (response, news) = instead(400, r#"{"error":"invalid_grant"}"#);
                (response, News { invalid_grant: true, ..news })
            }
            Some(Kind::ServerErrorAfterwards) => {
                self.serve(what, purpose, proof);
                trouble(instead(502, "<html>Bad gateway</html>"))
            }
            // A proof works once.
            Some(Kind::RequestDuplicated) if proof.is_none() => {
                let first = self.serve(what, purpose, proof);
                let second = self.serve(what, purpose, proof);
                if self.chance.one_in(2) { second } else { first }
            }
            Some(damage) => damaged(self.serve(what, purpose, proof), damage),
            None => self.serve(what, purpose, proof),
        }
    }

    /// The provider may send `Retry-After`.
    fn wants_peace(&mut self, (response, news): (Response, News)) -> (Response, News) {
        if self.chance.one_in(2) {
            self.tally.count(Kind::RetryAfter);
            let seconds = self.chance.pick(&[30, 5, 240, 0]);
            let response = Response { retry_after: Some(Duration::from_secs(seconds)), ..response };
            return (response, News { retry_after: Some(i64::try_from(seconds).unwrap() * 1000), ..news });
        }
        (response, news)
    }

    /// A response reaches a session. What it proves is recorded first.
    pub fn answer_arrives(&mut self, vault: usize, input: Input, news: &News) {
        let Input::Fetched { request, .. } = &input else { return };
        let now = (self.device.monotonic(self.time), self.device.wall(self.time));
        let record: &mut Vault = &mut self.vaults[vault];
        let Some(index) = record.flights.iter().position(|flight| flight.request == *request) else { return };
        let flight = record.flights.swap_remove(index);
        if news.wants_nonce {
            if let Purpose::Exchange { login: Some(login), .. } = flight.purpose
                && let Some(login) = self.logins.get_mut(login as usize)
            {
                login.may_repeat = true;
            }
            return self.input(vault, input);
        }
        if record.flights.iter().any(|other| other.order < flight.order) {
            self.tally.count(Kind::AnswersReordered);
        }
        record.received.extend(news.refresh_token);
        if let Purpose::Renewal { token, family, api } = flight.purpose {
            match api {
                None => record.renewal_answered(now.0, &input, news),
                Some(api) => record.own_token_answered(now.0, api, &input, news),
            }
            if news.refresh_token.is_some_and(|new| new != token) {
                record.spent.push(token);
            }
            record.quiet = news.retry_after.map(|pause| (family, now.0 + pause, now.1 + pause));
            let arrived = matches!(&input, Input::Fetched { outcome: Ok(response), .. } if response.status == 200);
            let was_lost = core::mem::replace(&mut record.is_lost, !arrived || news.refusal == Refusal::Trouble);
            // After a lost response, the refresh token is over, whichever API the request was for.
            record.is_lost |= was_lost && news.refresh_token.is_none() && !(arrived && news.refusal == Refusal::None);
            if news.invalid_grant && (api.is_none() || was_lost) {
                record.written_off.push(family);
            }
        }
        let is_trouble = match &input {
            Input::Fetched { outcome: Ok(response), .. } => matches!(response.status, 408 | 429 | 500..=599),
            _ => true,
        };
        if let Purpose::Exchange { login: Some(login), .. } = flight.purpose
            && let Some(login) = self.logins.get_mut(login as usize)
        {
            login.may_repeat = is_trouble;
        }
        let record = &mut self.vaults[vault];
        record.changed.extend(news.changed);
        self.confirmed.extend(news.confirmed.clone());
        self.input(vault, input);
    }
}

/// A response that reports a temporary failure.
fn trouble((response, news): (Response, News)) -> (Response, News) {
    (response, News { refusal: Refusal::Trouble, ..news })
}

/// A response that was damaged after the provider did its work.
fn damaged((response, news): (Response, News), damage: Kind) -> (Response, News) {
    let body = response.body.expose();
    if response.status != 200 || !body.starts_with('{') {
        return (response, news);
    }
    let body = match damage {
        Kind::WrongTokenType if body.contains(r#""DPoP""#) => body.replace(r#""DPoP""#, r#""Bearer""#),
        Kind::WrongTokenType => body.replace(r#""Bearer""#, r#""DPoP""#),
        Kind::NoAccessToken => body.replace(r#""access_token""#, r#""something""#),
        _ => {
            let half = Response { body: Secret::new(body[..body.len() - 2].to_owned()), ..response };
            return (half, News { refusal: Refusal::Trouble, ..News::default() });
        }
    };
    // The new refresh token can still be read. The ID token is not looked at.
    (Response { body: Secret::new(body), ..response }, News { changed: None, refusal: Refusal::Unexplained, ..news })
}
