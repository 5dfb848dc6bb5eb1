//! From the callback to a session.

use super::effect::Effect;
use super::grant::{Grant, Granted};
use super::hint::Hint;
use super::input::{Ask, RequestId};
use super::pending::Pending;
use super::verification::Owner;
use super::{AwaitingMetadata, Expect, Outcome, Phase, Reason, Session};
use crate::protocol::callback::{self, Callback};
use crate::protocol::config::Restore;
use crate::protocol::error::{Code, Error, OAuthError};
use crate::protocol::http::Request;
use crate::protocol::id_token::IdToken;
use crate::protocol::secret::{AuthorizationCode, Entropy, Secret};
use crate::protocol::tenant::Tenant;
use crate::protocol::token::{self, TokenFailure, TokenResponse};
use crate::protocol::url::HttpUrl;

/// A callback whose login is being looked up.
#[derive(Debug)]
pub(super) struct Finishing {
    ask: Ask,
    callback: Callback,
    logouts: u32,
}

/// A login that came back, on its way to becoming a session.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) ask: Ask,
    issuer: Option<String>,
    /// How many logouts there had been. One more, and this comes to nothing.
    pub(super) logouts: u32,
    outcome: Result<AuthorizationCode, OAuthError>,
    pub(super) pending: Pending,
    /// The tenant as the callback names it.
    tenant: Tenant,
}

impl Session {
    pub(super) fn opened(&mut self, ask: Ask, address: &Secret, hint: Option<Hint>, entropy: Entropy) {
        let Some(address) = HttpUrl::parse(address.expose()) else {
            let error = Error::with_detail(Code::ConfigInvalid, "the app's page is not a web page");
            return self.sign_in_failed(ask, self.logouts, error);
        };
        self.page = Some(address.origin().clone());
        if let Some(hint) = &hint {
            self.last_tenant = hint.tenant.clone();
        }
        match callback::arrival(&self.config, &address) {
            Some(arrival) => {
                // Before anything else: the code must not stay in the address bar or the history.
                self.effects.push(Effect::ReplaceAddress { ask, path: arrival.clean, announce: false });
                self.login_until = None;
                self.finish_login(ask, arrival.callback);
            }
            None if matches!(self.phase, Phase::SignedIn(_)) => self.done(ask),
            None => self.opened_plainly(ask, &address, hint.as_ref(), entropy),
        }
    }

    pub(super) fn is_callback(&self, address: &str) -> bool {
        HttpUrl::parse(address).is_some_and(|address| callback::arrival(&self.config, &address).is_some())
    }

    /// Nobody comes back from a login. Somebody may have been signed in before.
    fn opened_plainly(&mut self, ask: Ask, address: &HttpUrl, hint: Option<&Hint>, entropy: Entropy) {
        if self.is_signing_in() || self.is_leaving_to_restore() || self.away {
            // Another page comes back at this very moment, or soon, and this one waits for it.
            return self.opening.push(ask);
        }
        let reason = match self.phase {
            Phase::SignedOut(reason) => reason,
            _ if hint.is_some() || self.epoch > 0 => Reason::Expired,
            _ => Reason::NeverSignedIn,
        };
        // Whoever logged out is not brought back, even if the hint is not gone yet.
        let restores = self.online && self.config.restore() == Restore::Redirect && reason != Reason::SignedOut;
        match hint.filter(|_| restores).and_then(|hint| hint.attempt(self.now)) {
            Some(hint) => {
                let tenant = hint.tenant.clone();
                self.phase = Phase::Loading;
                self.effects.push(Effect::WriteHint(hint));
                self.begin_restoring(ask, tenant, address.within_origin(), entropy);
            }
            None => {
                self.phase = Phase::SignedOut(reason);
                self.done(ask);
            }
        }
    }

    /// Looks up the login that this callback finishes. Its record is taken out in the same step,
    /// so that no second callback finds it.
    fn finish_login(&mut self, ask: Ask, callback: Result<Callback, Error>) {
        match callback {
            Ok(callback) => {
                let key = Pending::key(&self.owner, &callback.state);
                let request = self.expect(Expect::Pending(Box::new(Finishing { ask, callback, logouts: self.logouts })));
                self.effects.push(Effect::ClaimPending { request, key });
            }
            Err(error) => self.sign_in_failed(ask, self.logouts, error),
        }
    }

    pub(super) fn pending_claimed(&mut self, request: RequestId, pending: Result<Option<Pending>, Error>) {
        let Some(Expect::Pending(finishing)) = self.take_expected(request) else { return };
        let (ask, logouts) = (finishing.ask, finishing.logouts);
        let unknown = |callback: &Callback| match &callback.outcome {
            Ok(_) => Error::new(Code::StateUnknown),
            Err(refusal) => Error::with_oauth(Code::StateUnknown, refusal.clone()),
        };
        let pending = match pending {
            Ok(Some(pending)) if pending.record.owner == self.owner => pending,
            // The same callback, opened again while its session lives: there is nothing to say.
            Ok(_) if matches!(self.phase, Phase::SignedIn(_)) => return self.done(ask),
            Ok(_) => return self.sign_in_failed(ask, logouts, unknown(&finishing.callback)),
            Err(error) => return self.sign_in_failed(ask, logouts, error),
        };
        if pending.has_expired(self.now) {
            return self.sign_in_failed(ask, logouts, Code::StateExpired.into());
        }
        let Callback { outcome, tenant, issuer, .. } = finishing.callback;
        self.judge(Box::new(Exchange { ask, issuer, logouts, outcome, pending, tenant }));
    }

    /// Checks what the callback says about itself, whether it carries a code or an error.
    pub(super) fn judge(&mut self, exchange: Box<Exchange>) {
        let Some(metadata) = &self.metadata else {
            return self.await_metadata(AwaitingMetadata::Exchange(exchange));
        };
        if let Err(error) = metadata.check_callback_issuer(exchange.issuer.as_deref()) {
            return self.sign_in_failed(exchange.ask, exchange.logouts, error);
        }
        match &exchange.outcome {
            Ok(_) if !exchange.pending.record.tenant.agrees_with(&exchange.tenant) => {
                self.sign_in_failed(exchange.ask, exchange.logouts, Code::TenantMismatch.into());
            }
            Ok(code) => {
                let request = self.exchange_request(metadata.token_endpoint(), &exchange.pending, code);
                self.exchange(exchange, request);
            }
            Err(refusal) => self.refused(&exchange, refusal),
        }
    }

    /// The provider sent the person back without a code.
    fn refused(&mut self, exchange: &Exchange, refusal: &OAuthError) {
        const ASK_FOR_A_PAGE: &[&str] =
            &["login_required", "interaction_required", "consent_required", "account_selection_required"];
        let Exchange { ask, logouts, pending, .. } = exchange;
        let code = match () {
            () if ASK_FOR_A_PAGE.iter().any(|code| refusal.is(code)) => Code::LoginRequired,
            () if refusal.is("access_denied") => Code::AccessDenied,
            () if refusal.is("server_error") || refusal.is("temporarily_unavailable") => Code::ProviderUnavailable,
            () => Code::AuthorizationFailed,
        };
        self.return_to(*ask, pending);
        if pending.record.restoring && code == Code::LoginRequired {
            self.effects.push(Effect::ClearHint);
            if matches!(self.phase, Phase::Loading) {
                self.phase = Phase::SignedOut(Reason::Expired);
            }
            return self.done(*ask);
        }
        self.sign_in_failed(*ask, *logouts, Error::with_oauth(code, refusal.clone()));
    }

    /// Sends the code to the token endpoint.
    fn exchange(&mut self, exchange: Box<Exchange>, request: Request) {
        self.fetch(request, Expect::Exchange(exchange));
        // They will be needed, and take no longer than the tokens.
        self.warm_keys();
    }

    fn exchange_request(&self, endpoint: &str, pending: &Pending, code: &AuthorizationCode) -> Request {
        let redirect_uri = self.config.redirect_uri().as_str();
        token::exchange_code(endpoint, self.config.client_id(), code, redirect_uri, &pending.record.verifier)
    }

    pub(super) fn code_exchanged(&mut self, exchange: Box<Exchange>, outcome: Outcome<'_>) {
        match outcome.map_err(TokenFailure::from).and_then(TokenResponse::parse) {
            Ok(tokens) if exchange.logouts != self.logouts => {
                // Somebody logged out meanwhile. What was granted must not live on.
                self.discard(tokens.refresh_token.as_ref());
                self.fail(exchange.ask, Code::NotSignedIn.into());
            }
            Ok(tokens) => self.begin_verification(tokens, Owner::Exchange(exchange)),
            Err(failure) => {
                self.discard(failure.refresh_token.as_ref());
                self.sign_in_failed(exchange.ask, exchange.logouts, failure.error);
            }
        }
    }

    /// Everything was checked: somebody is signed in.
    pub(super) fn signed_in(&mut self, exchange: &Exchange, tokens: &TokenResponse, id_token: IdToken) {
        let (came_back, asked) = (&exchange.tenant, &exchange.pending.record.tenant);
        let domain_is_confirmed = asked.custom_domain.is_some();
        let tenant = Tenant {
            name: came_back.name.as_ref().or(asked.name.as_ref()).cloned(),
            custom_domain: asked.custom_domain.as_ref().or(came_back.custom_domain.as_ref()).cloned(),
        };
        // What the page waits for comes first. But a page that hears of a session may leave at once,
        // and take along what is not written yet, unless this goes on without it.
        let first = self.effects.len();
        self.return_to(exchange.ask, &exchange.pending);
        self.done(exchange.ask);
        let index = if self.outlives_pages { self.effects.len() } else { first };
        self.effects.insert(index, Effect::WriteHint(Hint::of(tenant.clone())));
        self.epoch = self.epoch.wrapping_add(1);
        self.last_tenant = tenant.clone();
        let restored = exchange.pending.record.restoring;
        let (generation, nonce) = (self.next_generation(), exchange.pending.record.nonce.clone());
        let granted = Granted { domain_is_confirmed, generation, id_token, nonce, restored, tenant, tokens };
        let grant = Grant::new(&self.config, self.now, granted);
        let before = core::mem::replace(&mut self.phase, Phase::SignedIn(grant));
        if let Phase::SignedIn(before) = before {
            self.abandon(&before);
        }
    }

    /// A sign-in that fails ends no session that is there, nor one that is on its way: anybody can
    /// make up a callback. Nor does one that began before a logout bring anything back.
    pub(super) fn sign_in_failed(&mut self, ask: Ask, logouts: u32, error: Error) {
        if logouts == self.logouts && !matches!(self.phase, Phase::SignedIn(_)) && !self.is_signing_in() {
            self.phase = Phase::Failed(error.clone());
        }
        self.fail(ask, error);
    }

    /// Whether a login came back and is still being checked.
    pub(super) fn is_signing_in(&self) -> bool {
        let is_sign_in = |expect: &Expect| match expect {
            Expect::Exchange(_) | Expect::Pending(_) => true,
            Expect::Signature(verification) | Expect::Time(verification) => verification.is_sign_in(),
            _ => false,
        };
        self.in_flight.iter().any(|(_, expect)| is_sign_in(expect))
            || self.awaiting_keys.iter().any(|verification| verification.is_sign_in())
            || self.awaiting_metadata.iter().any(|waiting| matches!(waiting, AwaitingMetadata::Exchange(_)))
    }

    fn return_to(&mut self, ask: Ask, pending: &Pending) {
        if let Some(path) = &pending.record.return_to {
            self.effects.push(Effect::ReplaceAddress { ask, path: path.as_str().to_owned(), announce: true });
        }
    }
}
