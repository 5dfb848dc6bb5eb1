//! The keys to which tokens are bound, and the proofs that they sign \[RFC 9449].

use super::active_session::ActiveSession;
use super::input::RequestId;
use super::login::LoginAttempt;
use super::pending::PendingLogin;
use super::sign_in::CodeExchange;
use super::{Effect, Expect, Phase, Session};
use crate::protocol::base64url::base64url;
use crate::protocol::config::{Restore, Use};
use crate::protocol::dpop::{self, KeyId, Proof, Purpose};
use crate::protocol::error::{Code, Error};
use crate::protocol::http::{Request, Response};
use crate::protocol::jwks::Algorithm;
use crate::protocol::secret::AccessToken;
use crate::protocol::time::{Now, Timestamp};
use crate::protocol::token::TokenType;
use crate::protocol::url::HttpUrl;
use core::time::Duration;
use sha2::{Digest as _, Sha256};

/// At most this many servers' nonces are kept, and at most this many logins' keys; the oldest is dropped.
const MAX: usize = 16;

/// A clock that is off by less, in milliseconds, is not why a proof is refused: servers tell the time in seconds.
const MIN_CORRECTION: u64 = 2000;

/// A key whose login has not come back within this time, in milliseconds, is dropped. The login itself is over by then.
const LOGIN_LIFETIME: u64 = 60 * 60 * 1000;

/// What proofs need.
#[derive(Debug)]
pub(super) struct Proofs {
    /// How many proofs there were.
    count: u64,
    last_key: u32,
    /// The keys that codes are bound to, by their thumbprints, until the browser comes back.
    logins: Vec<(String, LoginKey)>,
    /// The last nonce of each server, by its origin.
    nonces: Vec<(String, String)>,
    /// Makes the ids of proofs differ from those of other vaults.
    seed: u64,
    /// How far the servers' time is ahead, in milliseconds. Servers accept proofs for seconds only, so unlike the session's
    /// own it has no tolerance.
    pub(super) offset: i64,
}

/// The key of a login.
#[derive(Clone, Copy, Debug)]
struct LoginKey {
    key: KeyId,
    made_at: Timestamp,
}

/// A request that was sent with a proof, for the case that the server wants another.
#[derive(Debug)]
pub(super) struct Proven {
    key: KeyId,
    request: Request,
    timeout: Duration,
    /// Whether it was sent again with another nonce.
    has_tried_nonce: bool,
    /// Whether a server was asked for the time.
    has_asked_time: bool,
}

/// A request whose proof was refused, until it is known whether this device's clock is wrong.
#[derive(Debug)]
pub(super) struct AwaitingTime {
    id: RequestId,
    proven: Proven,
    response: Response,
}

/// A login that waits for its key.
#[derive(Debug)]
pub(super) struct AwaitingKey {
    pub(super) attempt: Box<LoginAttempt>,
    key: KeyId,
}

impl Proofs {
    pub(super) fn new(seed: u64) -> Self {
        Self { count: 0, last_key: 0, logins: Vec::new(), nonces: Vec::new(), seed, offset: 0 }
    }

    pub(super) fn new_key(&mut self, algorithm: Algorithm) -> KeyId {
        self.last_key = self.last_key.wrapping_add(1);
        KeyId::new(self.last_key, algorithm)
    }

    /// A unique id (`jti`). It need not be secret.
    fn id(&mut self) -> String {
        self.count = self.count.wrapping_add(1);
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.count.to_be_bytes());
        base64url(hash.finalize().get(..16).unwrap_or_default())
    }

    fn nonce(&self, url: &str) -> Option<&str> {
        let origin = origin_of(url)?;
        self.nonces.iter().find(|(other, _)| *other == origin).map(|(_, nonce)| nonce.as_str())
    }

    /// Keeps a server's nonce for its next proof. Returns whether the header had one.
    fn note(&mut self, url: &str, header: Option<&str>) -> bool {
        let (Some(origin), Some(nonce)) = (origin_of(url), header.and_then(dpop::nonce)) else { return false };
        self.nonces.retain(|(other, _)| *other != origin);
        keep(&mut self.nonces, (origin, nonce.to_owned()));
        true
    }
}

fn origin_of(url: &str) -> Option<String> {
    HttpUrl::parse(url).map(|url| url.origin().as_str().to_owned())
}

fn keep<T>(list: &mut Vec<T>, item: T) {
    if list.len() >= MAX {
        list.remove(0);
    }
    list.push(item);
}

impl Session {
    /// The algorithm of proofs. `None` if tokens are not bound.
    pub(super) fn proof_algorithm(&self) -> Result<Option<Algorithm>, Error> {
        let accepted = self.metadata.as_ref().map(|metadata| metadata.dpop_algorithms()).unwrap_or_default();
        match (self.config.dpop(), dpop::preferred(accepted)) {
            (Use::Off, _) => Ok(None),
            (Use::Auto, algorithm) | (Use::Required, algorithm @ Some(_)) => Ok(algorithm),
            // A provider that does not say which it accepts is asked with the one that all have.
            (Use::Required, None) if accepted.is_empty() => Ok(Some(Algorithm::Es256)),
            (Use::Required, None) => {
                Err(Error::with_detail(Code::DpopUnsupported, "dpop_signing_alg_values_supported: none that the library has"))
            }
        }
    }

    /// The algorithm of the key that a login's code is to be bound to.
    ///
    /// The browser comes back to another vault if this one ends with its page, or is ended by the browser. The key is in the vault's
    /// memory only, so then the code could not be exchanged: it is bound only if the vault keeps running, and a login
    /// that fails nevertheless can start once more. A vault with tokens ends sooner than one without, and where no user
    /// waits, nobody would start it once more.
    pub(super) fn code_is_bound(&self, attempt: &LoginAttempt) -> Result<Option<Algorithm>, Error> {
        let algorithm = self.proof_algorithm()?;
        let keeps_key = self.keeps_keys && !matches!(self.phase, Phase::SignedIn(_));
        let can_repeat = self.config.restore() == Restore::Redirect && attempt.is_wanted_by_user() && !attempt.is_repeated();
        Ok(algorithm.filter(|_| keeps_key && can_repeat && attempt.dpop_jkt.is_none()))
    }

    /// Makes the key of a login.
    pub(super) fn make_key(&mut self, attempt: Box<LoginAttempt>, algorithm: Algorithm) {
        let key = self.proofs.new_key(algorithm);
        let request = self.expect(Expect::Key(AwaitingKey { attempt, key }));
        self.effects.push(Effect::MakeKey { request, key });
    }

    pub(super) fn key_made(&mut self, request: RequestId, thumbprint: Result<String, Error>) {
        let Some(Expect::Key(AwaitingKey { mut attempt, key })) = self.take_expected(request) else { return };
        match thumbprint {
            Ok(thumbprint) => {
                keep(&mut self.proofs.logins, (thumbprint.clone(), LoginKey { key, made_at: self.now.wall }));
                attempt.dpop_jkt = Some(thumbprint);
                self.continue_login(attempt);
            }
            Err(error) => self.login_failed(&attempt, error),
        }
    }

    /// The key for exchanging a code. `None` if tokens are not bound.
    pub(super) fn key_for(&mut self, pending: &PendingLogin) -> Result<Option<KeyId>, Error> {
        if let Some(thumbprint) = &pending.fields.dpop_jkt {
            let index = self.proofs.logins.iter().position(|(other, _)| other == thumbprint);
            // The provider would refuse the code.
            let lost = || Error::with_detail(Code::InvalidGrant, "the login's key has ended with the vault");
            return index.map(|index| Some(self.proofs.logins.swap_remove(index).1.key)).ok_or_else(lost);
        }
        let algorithm = self.proof_algorithm()?;
        Ok(algorithm.map(|algorithm| self.proofs.new_key(algorithm)))
    }

    /// The type of tokens that the response to a code exchange may have.
    pub(super) fn type_of_new_tokens(&self, key: Option<KeyId>) -> TokenType {
        match key {
            None => TokenType::Bearer,
            Some(_) if self.config.dpop() == Use::Required => TokenType::Dpop,
            Some(_) => TokenType::Either,
        }
    }

    /// Adds a proof to a request, if tokens are bound.
    pub(super) fn proven(&mut self, mut request: Request, key: Option<KeyId>) -> Request {
        request.proof = key.map(|key| {
            let method = if request.body.is_some() { "POST" } else { "GET" };
            Box::new(self.prove(self.now, key, method, &request.url, request.bearer.as_ref()))
        });
        request
    }

    /// A proof for a request with this key, made now. The driver signs it.
    pub fn prove(&mut self, now: Now, key: KeyId, method: &str, url: &str, access_token: Option<&AccessToken>) -> Proof {
        self.now = now;
        let (id, issued_at) = (self.proofs.id(), self.now.wall.as_millis().saturating_add(self.proofs.offset));
        let issued_at = Timestamp::from_millis(issued_at);
        let nonce = self.proofs.nonce(url);
        Proof::new(key, Purpose { method, url, access_token, nonce }, issued_at, &id)
    }

    /// Keeps the nonce that a server sent with a response. Returns whether there was one.
    pub fn note_nonce(&mut self, url: &str, header: Option<&str>) -> bool {
        self.proofs.note(url, header)
    }

    /// Keeps what is needed to send the request once more.
    pub(super) fn proven_request(request: &Request, timeout: Duration) -> Option<Box<Proven>> {
        let key = request.proof.as_ref()?.key;
        let (has_tried_nonce, has_asked_time) = (false, false);
        Some(Box::new(Proven { key, request: request.clone(), timeout, has_tried_nonce, has_asked_time }))
    }

    /// Notes the nonce of a response. If the server wants another proof with it, the request is sent once more, and this
    /// response counts for nothing: the server has done nothing yet. Returns whether that is so.
    pub(super) fn is_sent_again(&mut self, id: RequestId, response: &Response) -> bool {
        let is_current = self.is_still_wanted(id);
        let in_flight = self.in_flight.iter_mut().find(|in_flight| in_flight.request == id);
        let Some(mut proven) = in_flight.and_then(|in_flight| in_flight.proven.take()) else { return false };
        let has_nonce = self.note_nonce(&proven.request.url, response.dpop_nonce.as_deref());
        if is_current && has_nonce && !proven.has_tried_nonce && response.demands_nonce() {
            proven.has_tried_nonce = true;
            self.send_again(id, *proven, response);
            return true;
        }
        if is_current && !proven.has_asked_time && response.may_refuse_proof() {
            proven.has_asked_time = true;
            let request =
                self.expect(Expect::ProofTime(Box::new(AwaitingTime { id, proven: *proven, response: response.clone() })));
            self.effects.push(Effect::FetchServerTime { request });
            return true;
        }
        false
    }

    /// A server was asked for the time, because a proof was refused. If this device's clock was wrong, the request is sent again.
    pub(super) fn proof_time_received(&mut self, waiting: AwaitingTime, told: Option<Timestamp>) {
        let AwaitingTime { id, proven, response } = waiting;
        let before = self.proofs.offset;
        if let Some(told) = told {
            self.learn_time(told);
        }
        if self.proofs.offset.abs_diff(before) < MIN_CORRECTION || !self.is_still_wanted(id) {
            self.request_finished(id, Ok(&response));
        } else {
            self.send_again(id, proven, &response);
        }
    }

    /// Whether a request with a proof is still to be sent: the session that it belongs to has not ended meanwhile.
    pub fn is_still_wanted(&self, id: RequestId) -> bool {
        let in_flight = self.in_flight.iter().find(|in_flight| in_flight.request == id);
        in_flight.is_some_and(|in_flight| match &in_flight.expect {
            Expect::CodeExchange(exchange) => exchange.logouts == self.logouts,
            Expect::Renewal { epoch, .. } => *epoch == self.epoch,
            Expect::UserInfo(call) => call.epoch() == self.epoch,
            _ => false,
        })
    }

    /// Sends a request once more. If the device has gone offline meanwhile, the response counts.
    fn send_again(&mut self, id: RequestId, proven: Proven, response: &Response) {
        if !self.online {
            return self.request_finished(id, Ok(response));
        }
        let what = self.proven(proven.request.clone(), Some(proven.key));
        let timeout = proven.timeout;
        if let Some(in_flight) = self.in_flight.iter_mut().find(|in_flight| in_flight.request == id) {
            in_flight.proven = Some(Box::new(proven));
        }
        self.effects.push(Effect::Fetch { request: id, what, timeout });
    }

    /// Whether a key is still needed. The driver drops the others.
    pub fn needs_key(&self, key: KeyId) -> bool {
        let of_exchange = |exchange: &CodeExchange| exchange.key == Some(key);
        let is_waiting = |expect: &Expect| match expect {
            Expect::CodeExchange(exchange) => of_exchange(exchange),
            Expect::Key(awaiting) => awaiting.key == key,
            Expect::Signature(verification) | Expect::Time(verification) => verification.exchange().is_some_and(of_exchange),
            _ => false,
        };
        let is_fresh = |login: &LoginKey| self.now.wall.millis_since(login.made_at) < LOGIN_LIFETIME;
        let is_active = |active: &ActiveSession| active.key == Some(key);
        matches!(&self.phase, Phase::SignedIn(active) if is_active(active))
            || self.proofs.logins.iter().any(|(_, login)| login.key == key && is_fresh(login))
            || self.in_flight.iter().any(|in_flight| is_waiting(&in_flight.expect))
            || self.awaiting_keys.iter().filter_map(|verification| verification.exchange()).any(of_exchange)
            || self.retrying.iter().filter_map(|retry| retry.exchange()).any(of_exchange)
    }
}
