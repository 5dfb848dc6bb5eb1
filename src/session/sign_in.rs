//! From the callback to a session.

use super::effect::{Answer, Effect, PendingKey};
use super::grant::Grant;
use super::hint::Hint;
use super::input::{Ask, RequestId};
use super::pending::Pending;
use super::verification::Owner;
use super::{AwaitingMetadata, Expect, Phase, Reason, Session};
use crate::protocol::callback::{self, Callback};
use crate::protocol::config::Restore;
use crate::protocol::error::{Code, Error, OAuthError};
use crate::protocol::http::Response;
use crate::protocol::id_token::IdToken;
use crate::protocol::secret::{AuthorizationCode, Entropy};
use crate::protocol::tenant::Tenant;
use crate::protocol::token::{self, TokenResponse};
use crate::protocol::url::HttpUrl;

/// A callback whose login is being looked up.
#[derive(Debug)]
pub(super) struct Finishing {
    ask: Ask,
    callback: Callback,
    epoch: u32,
}

/// A code on its way to becoming a session.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) ask: Ask,
    pub(super) epoch: u32,
    code: AuthorizationCode,
    issuer: Option<String>,
    pub(super) pending: Pending,
    /// The tenant as the callback names it.
    tenant: Tenant,
}

impl Session {
    pub(super) fn opened(&mut self, ask: Ask, address: &str, hint: Option<Hint>, entropy: Entropy) {
        let Some(address) = HttpUrl::parse(address) else {
            return self.sign_in_failed(ask, Error::with_detail(Code::ConfigInvalid, "the app's page is not a web page"));
        };
        self.page = Some(address.origin().clone());
        if let Some(hint) = &hint {
            self.last_tenant = hint.tenant.clone();
        }
        match callback::arrival(&self.config, &address) {
            Some(arrival) => {
                // Before anything else: the code must not stay in the address bar or the history.
                self.effects.push(Effect::ReplaceAddress { ask, path: arrival.clean, announce: false });
                self.finish_login(ask, arrival.callback);
            }
            None if matches!(self.phase, Phase::Loading) => self.opened_plainly(ask, &address, hint, entropy),
            None => self.answer(ask, Ok(Answer::Done)),
        }
    }

    /// Nobody comes back from a login. Somebody may have been signed in before.
    fn opened_plainly(&mut self, ask: Ask, address: &HttpUrl, hint: Option<Hint>, entropy: Entropy) {
        let reason = if hint.is_some() { Reason::Expired } else { Reason::NeverSignedIn };
        let restores = self.online && self.config.restore() == Restore::Redirect;
        match hint.filter(|_| restores).and_then(|hint| hint.attempt(self.now)) {
            Some(hint) => {
                let tenant = hint.tenant.clone();
                self.effects.push(Effect::WriteHint(hint));
                self.begin_restoring(ask, tenant, address.within_origin(), entropy);
            }
            None => {
                self.phase = Phase::SignedOut(reason);
                self.answer(ask, Ok(Answer::Done));
            }
        }
    }

    /// Looks up the login that this callback finishes. Its record is taken out in the same step,
    /// so that no second callback finds it.
    fn finish_login(&mut self, ask: Ask, callback: Result<Callback, Error>) {
        match callback {
            Ok(callback) => {
                let key = PendingKey(callback.state.clone());
                let request = self.expect(Expect::Pending(Finishing { ask, callback, epoch: self.epoch }));
                self.effects.push(Effect::ClaimPending { request, key });
            }
            Err(error) => self.sign_in_failed(ask, error),
        }
    }

    pub(super) fn pending_claimed(&mut self, request: RequestId, pending: Result<Option<Pending>, Error>) {
        let Some(Expect::Pending(finishing)) = self.take_expected(request) else { return };
        let ask = finishing.ask;
        let unknown = |callback: &Callback| match &callback.outcome {
            Ok(_) => Error::new(Code::StateUnknown),
            Err(refusal) => Error::with_oauth(Code::StateUnknown, refusal.clone()),
        };
        let pending = match pending {
            Ok(Some(pending)) if pending.owner == Pending::owner(&self.config) => pending,
            Ok(_) => return self.sign_in_failed(ask, unknown(&finishing.callback)),
            Err(error) => return self.sign_in_failed(ask, error),
        };
        if pending.has_expired(self.now) {
            return self.sign_in_failed(ask, Code::StateExpired.into());
        }
        let Callback { outcome, tenant, issuer, .. } = finishing.callback;
        match outcome {
            Ok(code) => self.exchange(Exchange { ask, epoch: finishing.epoch, code, issuer, pending, tenant }),
            Err(refusal) => self.refused(ask, &pending, refusal),
        }
    }

    /// The provider sent the person back without a code.
    fn refused(&mut self, ask: Ask, pending: &Pending, refusal: OAuthError) {
        let asks_for_a_page = ["login_required", "interaction_required", "consent_required", "account_selection_required"];
        let code = match () {
            () if asks_for_a_page.iter().any(|code| refusal.is(code)) => Code::LoginRequired,
            () if refusal.is("access_denied") => Code::AccessDenied,
            () => Code::AuthorizationFailed,
        };
        self.return_to(ask, pending);
        if pending.restoring && code == Code::LoginRequired {
            self.effects.push(Effect::ClearHint);
            if !matches!(self.phase, Phase::SignedIn(_)) {
                self.phase = Phase::SignedOut(Reason::Expired);
            }
            return self.answer(ask, Ok(Answer::Done));
        }
        self.sign_in_failed(ask, Error::with_oauth(code, refusal));
    }

    /// Checks what the callback says about itself, and sends the code to the token endpoint.
    pub(super) fn exchange(&mut self, exchange: Exchange) {
        let Some(metadata) = &self.metadata else {
            return self.await_metadata(AwaitingMetadata::Exchange(Box::new(exchange)));
        };
        if let Err(error) = metadata.check_callback_issuer(exchange.issuer.as_deref()) {
            return self.sign_in_failed(exchange.ask, error);
        }
        if !exchange.pending.tenant.agrees_with(&exchange.tenant) {
            return self.sign_in_failed(exchange.ask, Code::TenantMismatch.into());
        }
        let redirect_uri = self.config.redirect_uri().as_str();
        let verifier = &exchange.pending.verifier;
        let request =
            token::exchange_code(metadata.token_endpoint(), self.config.client_id(), &exchange.code, redirect_uri, verifier);
        self.fetch(request, Expect::Exchange(Box::new(exchange)));
        // The keys will be needed, and take no longer than the tokens.
        if self.keys.is_none() {
            self.fetch_keys();
        }
    }

    pub(super) fn code_exchanged(&mut self, exchange: Exchange, outcome: Result<Response, Error>) {
        match outcome.and_then(|response| TokenResponse::parse(&response)) {
            Ok(tokens) if exchange.epoch != self.epoch => {
                // Somebody logged out meanwhile. What was granted must not live on.
                self.discard(&tokens);
                self.answer(exchange.ask, Err(Code::NotSignedIn.into()));
            }
            Ok(tokens) => self.begin_verification(tokens, Owner::Exchange(Box::new(exchange))),
            Err(error) => self.sign_in_failed(exchange.ask, error),
        }
    }

    /// Everything was checked: somebody is signed in.
    pub(super) fn signed_in(&mut self, exchange: Exchange, tokens: TokenResponse, id_token: IdToken) {
        let tenant = exchange.tenant.clone().or(exchange.pending.tenant.clone());
        self.return_to(exchange.ask, &exchange.pending);
        self.effects.push(Effect::WriteHint(Hint::of(tenant.clone())));
        self.epoch = self.epoch.wrapping_add(1);
        let grant = Grant::new(&self.config, self.now, tokens, id_token, exchange.pending.nonce, tenant.clone());
        let before = core::mem::replace(&mut self.phase, Phase::SignedIn(Box::new(grant)));
        if let Phase::SignedIn(before) = before {
            self.abandon(*before);
        }
        self.last_tenant = tenant;
        self.answer(exchange.ask, Ok(Answer::Done));
    }

    /// A sign-in that fails ends no session that is there: anybody can make up a callback.
    pub(super) fn sign_in_failed(&mut self, ask: Ask, error: Error) {
        if !matches!(self.phase, Phase::SignedIn(_)) {
            self.phase = Phase::Failed(error.clone());
        }
        self.answer(ask, Err(error));
    }

    fn return_to(&mut self, ask: Ask, pending: &Pending) {
        if let Some(path) = &pending.return_to {
            self.effects.push(Effect::ReplaceAddress { ask, path: path.as_str().to_owned(), announce: true });
        }
    }
}
