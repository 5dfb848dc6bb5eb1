//! Renewal: one at a time, ahead of expiry and on demand.

use core::time::Duration;

use super::active_session::{ActiveSession, Api, Backoff, PendingCall, TokenUse, ends_session};
use super::counters::{Epoch, TokenGeneration};
use super::effect::{Answer, Effect};
use super::input::{CallId, SessionNumber};
use super::state::Reason;
use super::verification::TokenSource;
use super::{Expect, Outcome, Phase, RESTORE_TIMEOUT, Restoring, Session};
use crate::protocol::config::{Restore, TokenIndex};
use crate::protocol::error::{Code, Error};
use crate::protocol::id_token::IdToken;
use crate::protocol::time::Deadline;
use crate::protocol::token::{self, Refusal, TokenFailure, TokenResponse, TokenType};

/// The longest delay that a provider can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// A refusal that the provider does not explain counts once it has lasted this long.
const LASTING: Duration = Duration::from_secs(10 * 60);

impl Session {
    pub(super) fn renew(&mut self, call_id: CallId, session: Option<SessionNumber>) {
        self.call(session, PendingCall { call_id, token_use: TokenUse::Renewal });
    }

    pub(super) fn token(&mut self, call_id: CallId, session: Option<SessionNumber>, api: Option<usize>) {
        let token_use = TokenUse::Token(self.config.token_for(api));
        self.call(session, PendingCall { call_id, token_use });
    }

    /// Handles a call that a page made in this session. It only waits for a renewal of this session: if
    /// the session ends or is replaced, every waiting call fails.
    pub(super) fn call(&mut self, session: Option<SessionNumber>, pending_call: PendingCall) {
        if self.is_current(session) {
            self.with_token(pending_call)
        } else {
            self.fail(pending_call.call_id, session_is_gone(session))
        }
    }

    pub(super) fn token_refused(
        &mut self,
        call_id: CallId,
        session: SessionNumber,
        generation: TokenGeneration,
        api: Option<usize>,
    ) {
        let token = self.config.token_for(api);
        let pending_call = PendingCall { call_id, token_use: TokenUse::Token(token) };
        if !self.is_current(Some(session)) {
            return self.fail(call_id, session_is_gone(Some(session)));
        }
        match &mut self.phase {
            // The API and a clock agree that the token has expired, and there is no refresh token.
            Phase::SignedIn(active) if active.refresh_token.is_none() && active.may_have_expired(self.now) => {
                self.end_session(Reason::Expired, &Code::InvalidGrant.into());
                self.fail(call_id, Code::NotSignedIn.into());
            }
            // Another call has renewed it meanwhile.
            Phase::SignedIn(active) if active.generation_of(token) != Some(generation) => self.with_token(pending_call),
            Phase::SignedIn(active) if active.refresh_token.is_some() => {
                let is_renewed = active.is_renewed_for(api.map(Api::Listed), token, self.now);
                if is_renewed {
                    active.forget_api_token(token);
                    self.after_refresh(pending_call);
                } else {
                    self.fail(call_id, Code::AccessTokenRefused.into());
                }
            }
            _ => self.after_refresh(pending_call),
        }
    }

    /// Completes a call at once if possible, or after a renewal.
    pub(super) fn with_token(&mut self, pending_call: PendingCall) {
        match &self.phase {
            Phase::SignedIn(active)
                if pending_call.token_use != TokenUse::Renewal
                    && active.usable(pending_call.token_use.token(), self.now).is_some() =>
            {
                self.complete(pending_call)
            }
            _ => self.after_refresh(pending_call),
        }
    }

    pub(super) fn after_refresh(&mut self, pending_call: PendingCall) {
        let Phase::SignedIn(active) = &mut self.phase else {
            return self.fail(pending_call.call_id, Code::NotSignedIn.into());
        };
        let clicked = pending_call.token_use == TokenUse::Renewal;
        let pausing = if clicked { active.retry_after_active(self.now) } else { active.is_backing_off(self.now) };
        let refused = if active.renewal.under_way {
            None
        } else if active.refresh_token.is_none() {
            Some(Code::RefreshTokenMissing.into())
        } else if !self.online && !clicked {
            // The device can be wrong about that: an explicit renewal is attempted.
            Some(Code::Offline.into())
        } else if let Some(error) = active.refusal_of_api(pending_call.token_use.token(), self.now) {
            Some(error)
        } else if pausing {
            Some(active.renewal.last_error.clone().unwrap_or_else(|| Code::ProviderUnavailable.into()))
        } else {
            None
        };
        match refused {
            Some(error) => self.fail(pending_call.call_id, error),
            None => {
                active.renewal.waiting.push(pending_call);
                self.start_renewal(pending_call.token_use.token());
            }
        }
    }

    /// A renewal for one access token has ended, and calls wait for another one. Whether it can be renewed is asked again:
    /// since they began to wait, the device may have gone offline. Returns whether anything happened.
    pub(super) fn continue_waiting_calls(&mut self) -> bool {
        let Phase::SignedIn(active) = &mut self.phase else { return false };
        for pending_call in core::mem::take(&mut active.renewal.waiting) {
            self.with_token(pending_call);
        }
        !matches!(&self.phase, Phase::SignedIn(active) if active.has_waiting_calls())
    }

    /// Starts to renew this access token, unless another renewal is under way: each sends the refresh token, which may
    /// be replaced. Returns whether it did.
    pub(super) fn start_renewal(&mut self, token: TokenIndex) -> bool {
        #[cfg(feature = "native")]
        if let Some(is_started) = self.prepare_renewal(token) {
            return is_started;
        }
        let (Phase::SignedIn(active), Some(metadata)) = (&mut self.phase, &self.metadata) else { return false };
        let Some(refresh_token) = active.refresh_token.as_ref().filter(|_| !active.renewal.under_way) else { return false };
        let request = token::refresh(metadata.token_endpoint(), &self.config, refresh_token, token);
        active.renewal.under_way = true;
        let key = active.key;
        let request = self.proven(request, key);
        self.fetch(request, Expect::Renewal { epoch: self.epoch, token });
        true
    }

    pub(super) fn renewed(&mut self, epoch: Epoch, token: TokenIndex, outcome: Outcome<'_>) {
        let retry_after = outcome.as_ref().ok().and_then(|response| response.retry_after).filter(|pause| !pause.is_zero());
        // Tokens that are bound stay so, and to the same key.
        let is_bound = matches!(&self.phase, Phase::SignedIn(active) if active.key.is_some());
        let token_type = if is_bound { TokenType::Dpop } else { TokenType::Bearer };
        let tokens = outcome.map_err(TokenFailure::from).and_then(|response| TokenResponse::parse_as(response, token_type));
        let active = match &mut self.phase {
            Phase::SignedIn(active) if epoch == self.epoch => active,
            // The session ended meanwhile. A late response does not bring it back.
            _ => {
                let refresh_token = match tokens {
                    Ok(tokens) => tokens.refresh_token,
                    Err(failure) => failure.refresh_token,
                };
                return self.revoke_unused(refresh_token.as_ref());
            }
        };
        match tokens {
            Ok(mut tokens) => {
                // From here on, the old refresh token is never sent again, whatever happens to the
                // rest of this response. If it contains no new one, the old one stays valid.
                active.refresh_token = tokens.refresh_token.take().or_else(|| active.refresh_token.take());
                if tokens.id_token.is_some() {
                    self.start_verification(tokens, TokenSource::Renewal { epoch, token });
                } else {
                    self.install(token, &tokens, None);
                }
            }
            Err(failure) => {
                match failure.refresh_token {
                    // The rest of the response is unusable, but the old refresh token was replaced.
                    Some(refresh_token) => active.refresh_token = Some(refresh_token),
                    None => active.renewal.lost |= may_be_lost(&failure.error),
                }
                let said = Some(failure.refusal).filter(|_| !is_silence(&failure.error));
                self.renewal_failed(token, &failure.error, said, retry_after);
            }
        }
    }

    /// Installs renewed tokens, and completes the calls that wait for them.
    pub(super) fn install(&mut self, token: TokenIndex, tokens: &TokenResponse, id_token: Option<IdToken>) {
        let generation = self.next_generation();
        let Phase::SignedIn(active) = &mut self.phase else { return };
        if token == TokenIndex::FIRST {
            active.install(&self.config, self.now, tokens, id_token, generation);
        } else {
            active.install_api_token(&self.config, self.now, token, tokens, generation);
        }
        for pending_call in active.take_waiting_for(token) {
            self.complete(pending_call);
        }
    }

    /// The provider refuses the access token of an API. That says nothing about the session: some providers answer
    /// `invalid_grant` when the user has not agreed to this API, or fail because the API's own service does.
    fn api_refused(&mut self, token: TokenIndex, error: &Error, is_lasting: bool) {
        let Phase::SignedIn(active) = &mut self.phase else { return };
        let failures = active.failures_of_api(token).saturating_add(1).max(if is_lasting { MAX_API_FAILURES } else { 1 });
        let until = Deadline::after(self.now, self.jitter.delay(failures));
        active.renewal.under_way = false;
        active.refuse_api(token, error.clone(), failures, until);
        for pending_call in active.take_waiting_for(token) {
            self.fail(pending_call.call_id, error.clone());
        }
    }

    /// A renewal failed. It is retried, unless the error proves that the session is over; if the
    /// provider refuses, only as long as the access token is usable. `said` is what the provider's
    /// response says about the next renewal, if there was one.
    pub(super) fn renewal_failed(
        &mut self,
        token: TokenIndex,
        error: &Error,
        said: Option<Refusal>,
        retry_after: Option<Duration>,
    ) {
        let Phase::SignedIn(active) = &mut self.phase else { return };
        let is_lasting = said.is_some_and(|said| said != Refusal::Temporary);
        // After a lost response, the refresh token itself may be over.
        let is_lost = error.code() == Code::InvalidGrant && active.renewal.lost;
        // A provider that asks for a pause, or does not answer, is not asked for other tokens either.
        let is_of_api = is_lasting || (said.is_some() && retry_after.is_none());
        if token != TokenIndex::FIRST && is_of_api && error.code() != Code::SubjectChanged {
            self.api_refused(token, error, is_lasting);
            if is_lost && self.online {
                // Whether the session itself is over, only a renewal for no API says. Offline, the next one does.
                self.start_renewal(TokenIndex::FIRST);
            }
            return;
        }
        if is_lost {
            return self.restore_or_end(error);
        }
        if ends_session(error) {
            return self.end_session(Reason::Expired, error);
        }
        let refused = active.renewal.refused;
        active.renewal.refused = match said {
            Some(Refusal::Definitive) => Some(Deadline::after(self.now, Duration::ZERO)),
            // Offline, another try may be far away.
            Some(Refusal::Unexplained) if !self.online => refused,
            Some(Refusal::Unexplained) => refused.or_else(|| Some(Deadline::after(self.now, LASTING))),
            Some(_) => None,
            // What the provider said before still counts.
            None => refused,
        };
        let renewal = &mut active.renewal;
        renewal.failures = renewal.failures.saturating_add(1);
        renewal.under_way = false;
        renewal.last_error = Some(error.clone());
        let own = self.jitter.delay(renewal.failures);
        let pause = retry_after.map_or(own, |asked| asked.min(MAX_RETRY_AFTER).max(own));
        renewal.backoff = Some(Backoff { asked_for: retry_after.is_some(), until: Deadline::after(self.now, pause) });
        let fresh = active.is_fresh(self.now);
        for pending_call in core::mem::take(&mut active.renewal.waiting) {
            match pending_call.token_use {
                TokenUse::UserInfo { replayed: false } if fresh => self.complete(pending_call),
                _ => self.fail(pending_call.call_id, error.clone()),
            }
        }
    }

    /// Completes a call with a usable access token.
    pub(super) fn complete(&mut self, pending_call: PendingCall) {
        let Phase::SignedIn(active) = &self.phase else {
            return self.fail(pending_call.call_id, Code::NotSignedIn.into());
        };
        match pending_call.token_use {
            TokenUse::Renewal => self.done(pending_call.call_id),
            TokenUse::Token(index) => {
                let token = active.usable(index, self.now).map(|token| (token.access_token.clone(), token.generation));
                let key = active.key;
                let answer = token.zip(self.number()).map(|((access_token, generation), session)| Answer::Token {
                    access_token,
                    generation,
                    session,
                    key,
                });
                self.answer(pending_call.call_id, answer.ok_or_else(|| Code::NotSignedIn.into()));
            }
            TokenUse::UserInfo { replayed } => self.fetch_user_info(pending_call.call_id, replayed),
        }
    }

    /// The access token has expired, and the provider refuses to renew it.
    pub(super) fn renewal_refused(&mut self) {
        let Phase::SignedIn(active) = &self.phase else { return };
        let error = active.renewal.last_error.clone().unwrap_or_else(|| Code::ProviderRejected.into());
        self.restore_or_end(&error);
    }

    /// The tokens are no longer valid, but the provider may still have a session for the user: it is asked
    /// once, with the redirect that restores a session. If that is not possible, the session ends.
    fn restore_or_end(&mut self, error: &Error) {
        let just_restored = matches!(&self.phase, Phase::SignedIn(active) if active.is_just_restored(self.now));
        self.end_session(Reason::Expired, error);
        if just_restored || self.config.restore() != Restore::Redirect {
            return;
        }
        self.phase = Phase::Loading;
        self.restoring = Restoring::Requested(Deadline::after(self.now, RESTORE_TIMEOUT));
        self.effects.push(Effect::Reopen);
    }

    /// Ends the session. All waiting calls fail with the error.
    pub(super) fn end_session(&mut self, reason: Reason, error: &Error) {
        self.epoch = self.epoch.next();
        let Phase::SignedIn(active) = core::mem::replace(&mut self.phase, Phase::SignedOut(reason)) else { return };
        // The provider's own session may still be alive, and the next visit asks for it once, unless
        // the tokens now belong to another user.
        if error.code() == Code::SubjectChanged {
            self.effects.push(Effect::ClearHint);
        }
        self.fail_pending_calls(&active, error);
        if error.code() != Code::InvalidGrant {
            self.revoke_unused(active.refresh_token.as_ref());
        }
    }

    /// Another session has replaced this one.
    pub(super) fn replace_session(&mut self, active: &ActiveSession) {
        self.fail_pending_calls(active, &session_is_gone(self.number()));
        // At some providers, a revocation ends the session to which the new tokens belong as well.
        let is_same_at_provider = matches!(&self.phase, Phase::SignedIn(new) if new.id_token.has_session_of(&active.id_token));
        if !is_same_at_provider {
            self.revoke_unused(active.refresh_token.as_ref());
        }
    }

    /// Fails all calls that wait for a renewal.
    pub(super) fn fail_pending_calls(&mut self, active: &ActiveSession, error: &Error) {
        for pending_call in &active.renewal.waiting {
            self.fail(pending_call.call_id, error.clone());
        }
    }
}

/// How long the provider is not asked again for the token of an API that it refuses: as after so many failures.
const MAX_API_FAILURES: u32 = 5;

/// The error for a call of a session that is no longer the current one.
fn session_is_gone(session: Option<SessionNumber>) -> Error {
    match session {
        Some(_) => Error::with_detail(Code::NotSignedIn, "the session in which the call was made has ended"),
        None => Code::NotSignedIn.into(),
    }
}

/// Whether there was no response from the provider.
fn is_silence(error: &Error) -> bool {
    matches!(error.code(), Code::Network | Code::Offline | Code::Timeout | Code::TooManyRequests)
}

/// Whether the provider may have sent a response that did not arrive.
fn may_be_lost(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::Network | Code::Offline | Code::ProviderResponseInvalid | Code::ProviderUnavailable | Code::Timeout
    )
}
