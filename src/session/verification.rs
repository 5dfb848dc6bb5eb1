//! The verification of ID tokens, after a login and after a renewal alike.

use super::counters::Epoch;
use super::effect::{Effect, SignatureCheck};
use super::input::RequestId;
use super::sign_in::CodeExchange;
use super::{Expect, Outcome, Phase, Session};
use crate::protocol::config::TokenIndex;
use crate::protocol::error::{Code, Error};
use crate::protocol::id_token::{Expected, IdToken, Purpose, Signature, UnverifiedIdToken};
use crate::protocol::jwks::JwkSet;
use crate::protocol::time::{self, Timestamp};
use crate::protocol::token::{Refusal, TokenResponse};

/// Tokens that are held back until their ID token has been checked.
#[derive(Debug)]
pub(super) struct Verification {
    /// Whether a server was asked for the time, because the token's times did not fit.
    asked_time: bool,
    id_token: UnverifiedIdToken,
    source: TokenSource,
    /// Whether the current keys were fetched for this token.
    keys_are_new: bool,
    /// Whether the keys were fetched again because none matched.
    refetched: bool,
    signature: Signature,
    tokens: Box<TokenResponse>,
}

/// What the tokens are for.
#[derive(Debug)]
pub(super) enum TokenSource {
    CodeExchange(Box<CodeExchange>),
    Renewal { epoch: Epoch, token: TokenIndex },
}

impl Verification {
    /// Whether this is for a login, not a renewal.
    pub(super) fn is_sign_in(&self) -> bool {
        self.exchange().is_some()
    }

    /// The login that this is for.
    pub(super) fn exchange(&self) -> Option<&CodeExchange> {
        if let TokenSource::CodeExchange(exchange) = &self.source { Some(exchange) } else { None }
    }

    pub(super) fn exchange_mut(&mut self) -> Option<&mut CodeExchange> {
        if let TokenSource::CodeExchange(exchange) = &mut self.source { Some(exchange) } else { None }
    }
}

impl Session {
    pub(super) fn start_verification(&mut self, tokens: Box<TokenResponse>, mut source: TokenSource) {
        let algorithms = self.metadata.as_ref().map(|metadata| metadata.algorithms()).unwrap_or_default();
        let id_token = match &tokens.id_token {
            Some(text) => UnverifiedIdToken::parse(text.expose(), algorithms),
            None => Err(Error::with_detail(Code::IdTokenMalformed, "missing")),
        };
        match id_token {
            Ok(id_token) => {
                let verification = Box::new(Verification {
                    asked_time: false,
                    id_token,
                    source,
                    keys_are_new: false,
                    refetched: false,
                    signature: Signature::Invalid,
                    tokens,
                });
                if self.keys.is_some() { self.check_signature(verification) } else { self.await_keys(verification) }
            }
            Err(error) => self.tokens_refused(&mut source, &tokens, error),
        }
    }

    pub(super) fn await_keys(&mut self, mut verification: Box<Verification>) {
        self.fetch_keys();
        verification.keys_are_new = true;
        self.awaiting_keys.push(verification);
    }

    /// Fetches the keys before an ID token needs them.
    pub(super) fn warm_keys(&mut self) {
        if self.keys.is_none() {
            self.fetch_keys();
        }
    }

    fn fetch_keys(&mut self) {
        let are_on_their_way = self.in_flight.iter().any(|in_flight| matches!(in_flight.expect, Expect::Keys));
        if let Some(metadata) = self.metadata.as_ref().filter(|_| !are_on_their_way) {
            self.fetch(JwkSet::request(metadata.jwks_uri()), Expect::Keys);
        }
    }

    pub(super) fn keys_fetched(&mut self, outcome: Outcome<'_>) {
        let error = match outcome.and_then(JwkSet::parse) {
            Ok(keys) => {
                self.keys = Some(keys);
                None
            }
            // Old keys stay if no new ones arrive: what they verify is still verified.
            Err(error) => Some(error),
        };
        for verification in core::mem::take(&mut self.awaiting_keys) {
            match &error {
                None => self.check_signature(verification),
                Some(error) => self.retry_keys_or_fail(verification, error.clone()),
            }
        }
    }

    fn check_signature(&mut self, verification: Box<Verification>) {
        let id_token = &verification.id_token;
        let keys = self.keys.as_ref().map(|keys| keys.candidates(id_token.algorithm(), id_token.kid())).unwrap_or_default();
        if keys.is_empty() {
            return self.no_key_fits(verification, Code::IdTokenKey);
        }
        let check = Box::new(SignatureCheck {
            access_token: verification.tokens.access_token.clone(),
            algorithm: id_token.algorithm(),
            hash: self.config.at_hash().unwrap_or_else(|| id_token.algorithm().hash()),
            keys,
            signing_input: id_token.signing_input().clone(),
            signature: id_token.signature().to_vec(),
        });
        let request = self.expect(Expect::Signature(verification));
        self.effects.push(Effect::CheckSignature { request, check });
    }

    /// The provider may have changed its keys since the last fetch: they are fetched once more.
    fn no_key_fits(&mut self, mut verification: Box<Verification>, code: Code) {
        let may_refetch = match code {
            Code::IdTokenKey => !verification.refetched,
            _ => !verification.refetched && !verification.keys_are_new,
        };
        if may_refetch {
            verification.refetched = true;
            self.await_keys(verification);
        } else {
            self.verification_failed(verification, code.into());
        }
    }

    pub(super) fn signature_checked(&mut self, request: RequestId, signature: Result<Signature, Error>) {
        let Some(Expect::Signature(mut verification)) = self.take_expected(request) else { return };
        match signature {
            Ok(valid @ Signature::Valid { .. }) => {
                verification.signature = valid;
                self.check_claims(verification);
            }
            Ok(Signature::Invalid) => self.no_key_fits(verification, Code::IdTokenSignature),
            Err(error) => self.verification_failed(verification, error),
        }
    }

    fn check_claims(&mut self, mut verification: Box<Verification>) {
        match self.verify(&verification) {
            Ok(id_token) => self.verified(verification, id_token),
            // Either the token or this device's clock is wrong. A server's time decides.
            Err(error) if is_about_time(&error) && !verification.asked_time => {
                verification.asked_time = true;
                let request = self.expect(Expect::Time(verification));
                self.effects.push(Effect::FetchServerTime { request });
            }
            Err(error) => self.verification_failed(verification, error),
        }
    }

    pub(super) fn server_time_received(&mut self, request: RequestId, told: Option<Timestamp>) {
        let verification = match self.take_expected(request) {
            Some(Expect::Time(verification)) => verification,
            Some(Expect::ProofTime(waiting)) => return self.proof_time_received(*waiting, told),
            _ => return,
        };
        let Some(told) = told else {
            return self.verification_failed(verification, Code::ClockSkew.into());
        };
        self.learn_time(told);
        self.check_claims(verification);
    }

    /// A server said what time it is.
    pub(super) fn learn_time(&mut self, told: Timestamp) {
        let offset = told.as_millis().saturating_sub(self.now.wall.as_millis());
        self.proofs.offset = offset;
        // A clock that is right within the tolerance is not corrected.
        let tolerated = offset.unsigned_abs() <= time::millis(self.config.clock_tolerance());
        self.clock_offset = if tolerated { 0 } else { offset };
    }

    fn verify(&self, verification: &Verification) -> Result<IdToken, Error> {
        let purpose = match (&verification.source, &self.phase) {
            (TokenSource::CodeExchange(exchange), _) => {
                let fields = &exchange.pending.fields;
                Purpose::Login { nonce: &fields.nonce, max_age: fields.max_age, acr_values: fields.acr_values.as_deref() }
            }
            (TokenSource::Renewal { .. }, Phase::SignedIn(active)) => active.expects(),
            (TokenSource::Renewal { .. }, _) => return Err(Code::NotSignedIn.into()),
        };
        // A token is never compared with a default.
        let metadata = self.metadata.as_ref().ok_or(Code::MetadataInvalid)?;
        let expected = Expected {
            issuer: metadata.issuer(),
            client_id: self.config.client_id(),
            purpose,
            now: self.corrected_now(),
            now_was_told: verification.asked_time,
            tolerance: self.config.clock_tolerance(),
        };
        verification.id_token.verify(&verification.signature, &expected)
    }

    fn verified(&mut self, mut verification: Box<Verification>, id_token: IdToken) {
        let Verification { source, tokens, .. } = &mut *verification;
        match source {
            TokenSource::CodeExchange(exchange) if exchange.logouts == self.logouts => self.signed_in(exchange, tokens, id_token),
            TokenSource::Renewal { epoch, token } if *epoch == self.epoch => self.install(*token, tokens, Some(id_token)),
            // The user logged out, or another user logged in, meanwhile.
            _ => self.verification_failed(verification, Code::NotSignedIn.into()),
        }
    }

    #[expect(clippy::boxed_local, reason = "it ends here, and in no other place")]
    pub(super) fn verification_failed(&mut self, mut verification: Box<Verification>, error: Error) {
        let Verification { source, tokens, .. } = &mut *verification;
        self.tokens_refused(source, tokens, error);
    }

    fn tokens_refused(&mut self, source: &mut TokenSource, tokens: &TokenResponse, error: Error) {
        match source {
            TokenSource::CodeExchange(exchange) => {
                self.revoke_unused(tokens.refresh_token.as_ref());
                self.exchange_failed(exchange, error);
            }
            // A renewal's refresh token was installed in the session when it arrived, and was
            // handled by what ended that session.
            TokenSource::Renewal { epoch, token } if *epoch == self.epoch => {
                self.renewal_failed(*token, &error, Some(refusal(&error)), None);
            }
            TokenSource::Renewal { .. } => {}
        }
    }
}

/// What a refused ID token of a renewal says about the next renewal.
fn refusal(error: &Error) -> Refusal {
    match error.code() {
        Code::IdTokenAccessTokenHash
        | Code::IdTokenAlgorithm
        | Code::IdTokenAudience
        | Code::IdTokenAuthTime
        | Code::IdTokenIssuer
        | Code::IdTokenMalformed
        | Code::IdTokenNonce
        | Code::IdTokenSubject => Refusal::Definitive,
        // The provider may be changing its keys.
        Code::IdTokenKey | Code::IdTokenSignature => Refusal::Unexplained,
        // A clock is wrong, or the device could not check.
        _ => Refusal::Temporary,
    }
}

fn is_about_time(error: &Error) -> bool {
    matches!(error.code(), Code::IdTokenAuthTime | Code::IdTokenExpired | Code::IdTokenIssuedAt)
}
