//! Renewal: one at a time, ahead of expiry and on demand.

use core::time::Duration;

use super::effect::{Answer, Effect};
use super::grant::{Api, Grant, Pause, Waiter, Want, is_proof};
use super::input::{Ask, SessionNumber};
use super::state::Reason;
use super::verification::Owner;
use super::{Expect, Outcome, Phase, RESTORE_TIMEOUT, Session};
use crate::protocol::config::Restore;
use crate::protocol::error::{Code, Error};
use crate::protocol::id_token::IdToken;
use crate::protocol::time::Deadline;
use crate::protocol::token::{self, Refusal, TokenFailure, TokenResponse};

/// The longest pause that a provider can ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// A refusal that the provider does not explain counts when it has lasted this long.
const LASTING: Duration = Duration::from_secs(10 * 60);

impl Session {
    pub(super) fn renew(&mut self, ask: Ask, session: Option<SessionNumber>) {
        self.call(session, Waiter { ask, want: Want::Renewal });
    }

    pub(super) fn token(&mut self, ask: Ask, session: Option<SessionNumber>) {
        self.call(session, Waiter { ask, want: Want::Token });
    }

    /// Serves a call that a page made in this session. It waits for a renewal of this session alone:
    /// when the session ends or another takes its place, every waiting call fails.
    pub(super) fn call(&mut self, session: Option<SessionNumber>, waiter: Waiter) {
        if self.is_current(session) { self.want(waiter) } else { self.fail(waiter.ask, session_is_gone(session)) }
    }

    pub(super) fn token_refused(&mut self, ask: Ask, session: Option<SessionNumber>, generation: u32, api: Option<usize>) {
        let waiter = Waiter { ask, want: Want::Token };
        if !self.is_current(session) {
            return self.fail(ask, session_is_gone(session));
        }
        match &mut self.phase {
            // No session is named, but the token is one of an earlier session.
            Phase::SignedIn(grant) if generation < grant.first_generation => self.fail(ask, session_is_gone(None)),
            // The API and a clock agree, and there is nothing to renew with.
            Phase::SignedIn(grant) if grant.refresh_token.is_none() && grant.may_have_expired(self.now) => {
                self.end(Reason::Expired, &Code::InvalidGrant.into());
                self.fail(ask, Code::NotSignedIn.into());
            }
            // Somebody else had it renewed meanwhile.
            Phase::SignedIn(grant) if grant.generation != generation => self.want(waiter),
            Phase::SignedIn(grant) if grant.refresh_token.is_some() => {
                let is_renewed = grant.is_renewed_for(api.map(Api::Listed), self.now);
                if is_renewed { self.want_renewed(waiter) } else { self.fail(ask, Code::AccessTokenRefused.into()) }
            }
            _ => self.want_renewed(waiter),
        }
    }

    /// Serves somebody at once if that can be, or after a renewal.
    pub(super) fn want(&mut self, waiter: Waiter) {
        match &self.phase {
            Phase::SignedIn(grant) if grant.is_fresh(self.now) && waiter.want != Want::Renewal => self.serve(waiter),
            _ => self.want_renewed(waiter),
        }
    }

    pub(super) fn want_renewed(&mut self, waiter: Waiter) {
        let Phase::SignedIn(grant) = &mut self.phase else {
            return self.fail(waiter.ask, Code::NotSignedIn.into());
        };
        let clicked = waiter.want == Want::Renewal;
        let pausing = if clicked { grant.must_pause(self.now) } else { grant.is_pausing(self.now) };
        let refused = match () {
            () if grant.renewal.under_way => None,
            () if grant.refresh_token.is_none() => Some(Code::RefreshTokenMissing.into()),
            // The device can be wrong about that: a user who asks gets a try.
            () if !self.online && !clicked => Some(Code::Offline.into()),
            () if pausing => Some(grant.renewal.trouble.clone().unwrap_or_else(|| Code::ProviderUnavailable.into())),
            () => None,
        };
        match refused {
            Some(error) => self.fail(waiter.ask, error),
            None => {
                grant.renewal.waiting.push(waiter);
                self.start_renewal();
            }
        }
    }

    /// Starts a renewal, unless one is under way. Says whether it did.
    pub(super) fn start_renewal(&mut self) -> bool {
        let (Phase::SignedIn(grant), Some(metadata)) = (&mut self.phase, &self.metadata) else { return false };
        let Some(refresh_token) = grant.refresh_token.as_ref().filter(|_| !grant.renewal.under_way) else { return false };
        let request = token::refresh(metadata.token_endpoint(), self.config.client_id(), refresh_token);
        grant.renewal.under_way = true;
        self.fetch(request, Expect::Renewal { epoch: self.epoch });
        true
    }

    pub(super) fn renewed(&mut self, epoch: u32, outcome: Outcome<'_>) {
        let retry_after = outcome.as_ref().ok().and_then(|response| response.retry_after).filter(|pause| !pause.is_zero());
        let tokens = outcome.map_err(TokenFailure::from).and_then(TokenResponse::parse);
        let grant = match &mut self.phase {
            Phase::SignedIn(grant) if epoch == self.epoch => grant,
            // Somebody logged out meanwhile. A late answer brings nothing back.
            _ => {
                let refresh_token = match tokens {
                    Ok(tokens) => tokens.refresh_token,
                    Err(failure) => failure.refresh_token,
                };
                return self.discard(refresh_token.as_ref());
            }
        };
        match tokens {
            Ok(mut tokens) => {
                // From here on the old refresh token is never sent again, whatever becomes of the
                // rest of this answer. An answer without a new one lets the old one live on.
                grant.refresh_token = tokens.refresh_token.take().or_else(|| grant.refresh_token.take());
                if tokens.id_token.is_some() {
                    self.begin_verification(tokens, Owner::Renewal { epoch });
                } else {
                    self.install(&tokens, None);
                }
            }
            Err(failure) => {
                match failure.refresh_token {
                    // The rest of the answer is worth nothing, but the old refresh token was replaced.
                    Some(refresh_token) => grant.refresh_token = Some(refresh_token),
                    None => grant.renewal.lost |= may_be_lost(&failure.error),
                }
                let said = Some(failure.refusal).filter(|_| !is_silence(&failure.error));
                self.renewal_failed(&failure.error, said, retry_after);
            }
        }
    }

    /// The renewed tokens are good.
    pub(super) fn install(&mut self, tokens: &TokenResponse, id_token: Option<IdToken>) {
        let generation = self.next_generation();
        let Phase::SignedIn(grant) = &mut self.phase else { return };
        grant.install(&self.config, self.now, tokens, id_token, generation);
        for waiter in core::mem::take(&mut grant.renewal.waiting) {
            self.serve(waiter);
        }
    }

    /// A renewal failed. Unless that proves the session to be over, it is tried again; when the
    /// provider refuses, no longer than the access token can be used. `said` is what the provider's
    /// answer says about the next renewal, if there was one.
    pub(super) fn renewal_failed(&mut self, error: &Error, said: Option<Refusal>, retry_after: Option<Duration>) {
        let Phase::SignedIn(grant) = &mut self.phase else { return };
        if error.code() == Code::InvalidGrant && grant.renewal.lost {
            return self.restore_or_end(error);
        }
        if is_proof(error) {
            return self.end(Reason::Expired, error);
        }
        let refused = grant.renewal.refused;
        grant.renewal.refused = match said {
            Some(Refusal::Definitive) => Some(Deadline::after(self.now, Duration::ZERO)),
            Some(Refusal::Unexplained) => refused.or_else(|| Some(Deadline::after(self.now, LASTING))),
            Some(_) => None,
            // What the provider said before still stands.
            None => refused,
        };
        let renewal = &mut grant.renewal;
        renewal.failures = renewal.failures.saturating_add(1);
        renewal.under_way = false;
        renewal.trouble = Some(error.clone());
        let own = self.jitter.pause(renewal.failures);
        let pause = retry_after.map_or(own, |asked| asked.min(LONGEST_RETRY_AFTER).max(own));
        renewal.pause = Some(Pause { asked_for: retry_after.is_some(), until: Deadline::after(self.now, pause) });
        let fresh = grant.is_fresh(self.now);
        for waiter in core::mem::take(&mut grant.renewal.waiting) {
            match waiter.want {
                Want::UserInfo { replayed: false } if fresh => self.serve(waiter),
                _ => self.fail(waiter.ask, error.clone()),
            }
        }
    }

    /// Gives somebody what a good access token is for.
    fn serve(&mut self, waiter: Waiter) {
        let Phase::SignedIn(grant) = &self.phase else {
            return self.fail(waiter.ask, Code::NotSignedIn.into());
        };
        match waiter.want {
            Want::Renewal => self.done(waiter.ask),
            Want::Token => {
                let (access_token, generation) = (grant.access_token.clone(), grant.generation);
                let answer = self.number().map(|session| Answer::Token { access_token, generation, session });
                self.answer(waiter.ask, answer.ok_or_else(|| Code::NotSignedIn.into()));
            }
            Want::UserInfo { replayed } => self.fetch_user_info(waiter.ask, replayed),
        }
    }

    /// The access token has ended, and the provider refuses to renew it.
    pub(super) fn renewal_refused(&mut self) {
        let Phase::SignedIn(grant) = &self.phase else { return };
        let error = grant.renewal.trouble.clone().unwrap_or_else(|| Code::ProviderRejected.into());
        self.restore_or_end(&error);
    }

    /// The tokens are worthless, but the provider may still know the user: it is asked once, with the
    /// redirect that restores a session. Where that cannot be done, the session ends.
    fn restore_or_end(&mut self, error: &Error) {
        let just_restored = matches!(&self.phase, Phase::SignedIn(grant) if grant.is_just_restored(self.now));
        self.end(Reason::Expired, error);
        if just_restored || self.config.restore() != Restore::Redirect {
            return;
        }
        self.phase = Phase::Loading;
        self.restored_by = Some(Deadline::after(self.now, RESTORE_TIMEOUT));
        self.effects.push(Effect::Reopen);
    }

    /// Ends the session. Everybody who waited hears why.
    pub(super) fn end(&mut self, reason: Reason, error: &Error) {
        self.epoch = self.epoch.wrapping_add(1);
        let Phase::SignedIn(grant) = core::mem::replace(&mut self.phase, Phase::SignedOut(reason)) else { return };
        // The provider's own session may still be alive, and the next visit asks for it once; not
        // so when the tokens began to be about somebody else.
        if error.code() == Code::SubjectChanged {
            self.effects.push(Effect::ClearHint);
        }
        self.dismiss(&grant, error);
        if error.code() != Code::InvalidGrant {
            self.discard(grant.refresh_token.as_ref());
        }
    }

    /// Another session took this one's place.
    pub(super) fn abandon(&mut self, grant: &Grant) {
        self.dismiss(grant, &session_is_gone(self.number()));
        self.discard(grant.refresh_token.as_ref());
    }

    /// Tells everybody who waits for a renewal that none will come.
    pub(super) fn dismiss(&mut self, grant: &Grant, error: &Error) {
        for waiter in &grant.renewal.waiting {
            self.fail(waiter.ask, error.clone());
        }
    }
}

/// Why a call of a session that is no longer the current one fails.
fn session_is_gone(session: Option<SessionNumber>) -> Error {
    match session {
        Some(_) => Error::with_detail(Code::NotSignedIn, "the session in which the call was made has ended"),
        None => Code::NotSignedIn.into(),
    }
}

/// Whether the provider said nothing at all.
fn is_silence(error: &Error) -> bool {
    matches!(error.code(), Code::Network | Code::Offline | Code::Timeout | Code::TooManyRequests)
}

/// Whether the provider may have answered, and the answer not have arrived.
fn may_be_lost(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::Network | Code::Offline | Code::ProviderResponseInvalid | Code::ProviderUnavailable | Code::Timeout
    )
}
