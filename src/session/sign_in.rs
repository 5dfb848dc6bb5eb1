//! From the callback to a session.

use core::time::Duration;

use super::effect::Effect;
use super::grant::{Grant, Granted};
use super::hint::Hint;
use super::input::{Ask, RequestId};
use super::pending::Pending;
use super::verification::{Owner, Verification};
use super::{AwaitingMetadata, Expect, Outcome, Phase, Reason, Session};
use crate::protocol::callback::{self, Callback};
use crate::protocol::config::Restore;
use crate::protocol::error::{Code, Error, OAuthError};
use crate::protocol::http::Request;
use crate::protocol::id_token::IdToken;
use crate::protocol::secret::{AuthorizationCode, Entropy, Secret};
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Deadline, Now};
use crate::protocol::token::{self, TokenFailure, TokenResponse};
use crate::protocol::url::HttpUrl;

/// A callback whose login is being looked up.
#[derive(Debug)]
pub(super) struct CallbackLookup {
    callback: Result<Callback, Error>,
    logouts: u32,
    page: Page,
}

/// A page that was opened.
#[derive(Debug)]
struct Page {
    ask: Ask,
    /// Its path, with query and fragment, and without the parameters of a callback.
    path: String,
    hint: Option<Hint>,
    /// Whether it is not sent away to restore a session, unless the user wants that.
    stays: bool,
    entropy: Entropy,
}

/// A login that came back, on its way to becoming a session.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) ask: Ask,
    /// How often it met trouble.
    failures: u32,
    /// When it is no longer tried again.
    gives_up: Deadline,
    issuer: Option<String>,
    /// How many logouts there had been. One more, and this comes to nothing.
    pub(super) logouts: u32,
    outcome: Result<AuthorizationCode, OAuthError>,
    pub(super) pending: Pending,
    /// The tenant as the callback names it.
    tenant: Tenant,
}

/// A sign-in that met trouble, and is tried again.
#[derive(Debug)]
pub(super) struct Retry {
    at: Deadline,
    what: Retried,
    /// The trouble.
    error: Error,
}

#[derive(Debug)]
enum Retried {
    /// The request with the code, or what has to be known before.
    Exchange(Box<Exchange>),
    /// The request for the keys. The tokens are there.
    Keys(Box<Verification>),
}

impl Retry {
    fn exchange(&self) -> Option<&Exchange> {
        match &self.what {
            Retried::Exchange(exchange) => Some(exchange),
            Retried::Keys(verification) => verification.exchange(),
        }
    }

    /// How long until there is something to do.
    pub(super) fn wakes_in(&self, now: Now, online: bool) -> Duration {
        let given_up = self.exchange().map_or(Duration::ZERO, |exchange| exchange.gives_up.left(now));
        if online { given_up.min(self.at.left(now)) } else { given_up }
    }
}

/// The longest `state` that is looked up.
const MAX_STATE: usize = 512;

/// A code is sent again for this long, within which it surely lives \[RFC 6749 §4.1.2].
const CODE_LIFETIME: Duration = Duration::from_secs(30);

impl Session {
    pub(super) fn opened(&mut self, ask: Ask, address: &Secret, hint: Option<Hint>, resumed: bool, entropy: Entropy) {
        let Some(address) = HttpUrl::parse(address.expose()) else {
            let error = Error::with_detail(
                Code::ConfigInvalid,
                "the page's URL is not one of http or https; have an app shell (capacitor:, tauri:, app:) serve the app from https://localhost",
            );
            return self.sign_in_failed(ask, self.logouts, error);
        };
        self.page = Some(address.origin().clone());
        if let Some(hint) = &hint {
            self.last_tenant = hint.tenant.clone();
        }
        let Some(url) = callback::detect(&self.config, &address) else {
            return self.open_without_callback(Page { ask, path: address.within_origin(), hint, stays: resumed, entropy });
        };
        // Before anything else: the code must not stay in the address bar or the history.
        self.effects.push(Effect::ReplaceAddress { ask, path: url.clean.clone(), announce: false });
        let page = Page { ask, path: url.clean, hint, stays: resumed, entropy };
        match url.state {
            // Ours are much shorter: there is nothing to look up.
            Ok(state) if state.len() > MAX_STATE => self.open_with_foreign_callback(page, Code::StateUnknown.into()),
            Ok(state) => {
                // The record is taken out in the same step, so that no second callback finds it.
                let key = Pending::key(&self.owner, &state);
                let lookup = CallbackLookup { callback: url.callback, logouts: self.logouts, page };
                let request = self.expect(Expect::Pending(Box::new(lookup)));
                self.effects.push(Effect::ClaimPending { request, key });
            }
            Err(error) => self.open_with_foreign_callback(page, error),
        }
    }

    pub(super) fn is_callback(&self, address: &str) -> bool {
        HttpUrl::parse(address).is_some_and(|address| callback::detect(&self.config, &address).is_some())
    }

    /// The callback of a login that nobody started here, or not any more. Anybody can make one up: the
    /// page that it was opened with hears of it, and is else a page like any other.
    fn open_with_foreign_callback(&mut self, page: Page, error: Error) {
        // Two apps on one page, each restored by a redirect, would otherwise take turns for ever.
        let stays = page.stays || page.hint.as_ref().is_some_and(|hint| hint.was_attempted(self.now));
        self.foreign_callbacks.push((page.ask, error));
        self.open_without_callback(Page { stays, ..page });
    }

    /// The page finishes no login. A user may have been signed in before.
    fn open_without_callback(&mut self, page: Page) {
        let Page { ask, path, hint, stays, entropy } = page;
        if matches!(self.phase, Phase::SignedIn(_)) {
            return self.done(ask);
        }
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
            Some(_) if stays => {
                self.interrupted = true;
                self.phase = Phase::SignedOut(reason);
                self.done(ask);
            }
            Some(hint) => {
                let tenant = hint.tenant.clone();
                self.phase = Phase::Loading;
                self.effects.push(Effect::WriteHint(hint));
                self.begin_restoring(ask, tenant, path, entropy);
            }
            None => {
                self.phase = Phase::SignedOut(reason);
                self.done(ask);
            }
        }
    }

    pub(super) fn pending_claimed(&mut self, request: RequestId, pending: Result<Option<Pending>, Error>) {
        let Some(Expect::Pending(lookup)) = self.take_expected(request) else { return };
        let CallbackLookup { callback, logouts, page } = *lookup;
        let ask = page.ask;
        let pending = match pending {
            Ok(Some(pending)) if pending.record.owner == self.owner && !pending.record.is_finished => pending,
            // The same callback, opened again while its session lives: there is nothing to say.
            Ok(_) if matches!(self.phase, Phase::SignedIn(_)) => return self.done(ask),
            // Not a word of the callback is told: nobody knows whose they are.
            Ok(_) => return self.open_with_foreign_callback(page, Code::StateUnknown.into()),
            Err(error) => return self.sign_in_failed(ask, logouts, error),
        };
        self.login_until = None;
        if pending.is_recent_automatic(&self.owner, self.now) {
            let key = Pending::key(&self.owner, &["finished-", pending.record.nonce.expose()].concat());
            self.effects.push(Effect::StorePending { request: RequestId::default(), key, pending: pending.finished() });
        }
        let expired = pending.has_expired(self.now);
        match callback {
            _ if expired => self.login_failed(ask, logouts, &pending, Code::StateExpired.into()),
            Err(error) => self.login_failed(ask, logouts, &pending, error),
            Ok(Callback { outcome, tenant, issuer }) => {
                let gives_up = Deadline::after(self.now, CODE_LIFETIME);
                self.judge(Box::new(Exchange { ask, failures: 0, gives_up, issuer, logouts, outcome, pending, tenant }));
            }
        }
    }

    /// Checks what the callback says about itself, whether it carries a code or an error.
    pub(super) fn judge(&mut self, exchange: Box<Exchange>) {
        let Some(metadata) = &self.metadata else {
            return self.await_metadata(AwaitingMetadata::Exchange(exchange));
        };
        if let Err(error) = metadata.check_callback_issuer(exchange.issuer.as_deref()) {
            return self.exchange_failed(&exchange, error);
        }
        match &exchange.outcome {
            Ok(_) if !exchange.pending.record.tenant.agrees_with(&exchange.tenant) => {
                self.exchange_failed(&exchange, Code::TenantMismatch.into());
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
        let pending = &exchange.pending;
        let code = match () {
            () if ASK_FOR_A_PAGE.iter().any(|code| refusal.is(code)) => Code::LoginRequired,
            () if refusal.is("access_denied") => Code::AccessDenied,
            () if refusal.is("server_error") || refusal.is("temporarily_unavailable") => Code::ProviderUnavailable,
            () => Code::AuthorizationFailed,
        };
        if pending.record.restoring && code == Code::LoginRequired {
            self.effects.push(Effect::ClearHint);
        }
        self.exchange_failed(exchange, Error::with_oauth(code, refusal.clone()));
    }

    pub(super) fn exchange_failed(&mut self, exchange: &Exchange, error: Error) {
        self.login_failed(exchange.ask, exchange.logouts, &exchange.pending, error);
    }

    /// A login of this client failed. The user is brought back to where they were.
    fn login_failed(&mut self, ask: Ask, logouts: u32, pending: &Pending, error: Error) {
        self.return_to(ask, pending);
        // A session that cannot be restored now ends without noise.
        if pending.record.restoring && (error.code() == Code::LoginRequired || is_trouble(&error)) {
            if matches!(self.phase, Phase::Loading) && !self.is_signing_in() {
                self.phase = Phase::SignedOut(Reason::Expired);
            }
            return self.done(ask);
        }
        self.sign_in_failed(ask, logouts, error);
    }

    /// The network or the provider has trouble. The exchange is tried again while the code lives.
    pub(super) fn exchange_met_trouble(&mut self, mut exchange: Box<Exchange>, error: Error, retry_after: Option<Duration>) {
        match self.pause_before_retry(&mut exchange, &error, retry_after) {
            Some(at) => self.retrying.push(Retry { at, what: Retried::Exchange(exchange), error }),
            None => self.exchange_failed(&exchange, error),
        }
    }

    /// The same, where only the keys are missing.
    pub(super) fn keys_met_trouble(&mut self, mut verification: Box<Verification>, error: Error) {
        let at = verification.exchange_mut().and_then(|exchange| self.pause_before_retry(exchange, &error, None));
        match at {
            Some(at) => self.retrying.push(Retry { at, what: Retried::Keys(verification), error }),
            None => self.verification_failed(verification, error),
        }
    }

    fn pause_before_retry(&mut self, exchange: &mut Exchange, error: &Error, retry_after: Option<Duration>) -> Option<Deadline> {
        exchange.failures = exchange.failures.saturating_add(1);
        let pause = self.jitter.pause(exchange.failures).max(retry_after.unwrap_or_default());
        let retries = is_trouble(error) && exchange.logouts == self.logouts && pause < exchange.gives_up.left(self.now);
        retries.then(|| Deadline::after(self.now, pause))
    }

    /// Tries again what is due. Says whether there was anything.
    pub(super) fn retry_sign_in(&mut self) -> bool {
        let (now, online) = (self.now, self.online);
        let due = self.retrying.iter().position(|retry| retry.wakes_in(now, online).is_zero());
        let Some(index) = due else { return false };
        let Retry { what, error, .. } = self.retrying.swap_remove(index);
        match what {
            Retried::Exchange(exchange) if exchange.gives_up.reached(now) => self.exchange_failed(&exchange, error),
            Retried::Exchange(exchange) => self.judge(exchange),
            Retried::Keys(verification) if verification.exchange().is_none_or(|exchange| exchange.gives_up.reached(now)) => {
                self.verification_failed(verification, error);
            }
            Retried::Keys(verification) => self.await_keys(verification),
        }
        true
    }

    /// Nothing is tried again after a logout.
    pub(super) fn forget_retries(&mut self) {
        for Retry { what, .. } in core::mem::take(&mut self.retrying) {
            match what {
                Retried::Exchange(exchange) => self.fail(exchange.ask, Code::NotSignedIn.into()),
                Retried::Keys(verification) => self.verification_failed(verification, Code::NotSignedIn.into()),
            }
        }
    }

    /// The network is back: nothing waits any longer.
    pub(super) fn hurry_retries(&mut self) {
        for retry in &mut self.retrying {
            retry.at = Deadline::after(self.now, Duration::ZERO);
        }
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
        let retry_after = outcome.as_ref().ok().and_then(|response| response.retry_after);
        match outcome.map_err(TokenFailure::from).and_then(TokenResponse::parse) {
            Ok(tokens) if exchange.logouts != self.logouts => {
                // Somebody logged out meanwhile. What was granted must not live on.
                self.discard(tokens.refresh_token.as_ref());
                self.fail(exchange.ask, Code::NotSignedIn.into());
            }
            Ok(tokens) => self.begin_verification(tokens, Owner::Exchange(exchange)),
            Err(failure) => {
                self.discard(failure.refresh_token.as_ref());
                self.exchange_met_trouble(exchange, failure.error, retry_after);
            }
        }
    }

    /// Everything was checked: somebody is signed in.
    pub(super) fn signed_in(&mut self, exchange: &Exchange, tokens: &TokenResponse, id_token: IdToken) {
        let (came_back, asked) = (&exchange.tenant, &exchange.pending.record.tenant);
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
        let restored = exchange.pending.record.restoring;
        let hint = Hint::of(tenant.clone(), restored.then_some(self.now));
        self.effects.insert(index, Effect::WriteHint(hint));
        self.epoch = self.epoch.wrapping_add(1);
        self.interrupted = false;
        self.last_tenant = tenant.clone();
        let (generation, nonce) = (self.next_generation(), exchange.pending.record.nonce.clone());
        let granted = Granted { generation, id_token, nonce, restored, tenant, tokens };
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
        !self.retrying.is_empty()
            || self.in_flight.iter().any(|in_flight| is_sign_in(&in_flight.expect))
            || self.awaiting_keys.iter().any(|verification| verification.is_sign_in())
            || self.awaiting_metadata.iter().any(|waiting| matches!(waiting, AwaitingMetadata::Exchange(_)))
    }

    /// The address bar shows where the login was to lead.
    fn return_to(&mut self, ask: Ask, pending: &Pending) {
        if let Some(path) = &pending.record.return_to {
            self.effects.push(Effect::ReplaceAddress { ask, path: path.as_str().to_owned(), announce: true });
        }
    }
}

/// Whether the same request can succeed in a moment: the network or the provider has trouble.
fn is_trouble(error: &Error) -> bool {
    matches!(error.code(), Code::Network | Code::Offline | Code::ProviderUnavailable | Code::Timeout | Code::TooManyRequests)
}
