//! From the callback to a session.

use core::time::Duration;

use super::active_session::{ActiveSession, NewSession};
use super::counters::Logouts;
use super::effect::{Answer, Effect};
use super::hint::SessionHint;
use super::idle::Idle;
use super::input::{CallId, RequestId};
use super::pending::{PendingLogin, Recovered};
use super::recovery::{Recovery, Restart};
use super::verification::{TokenSource, Verification};
use super::{AwaitingMetadata, Expect, Outcome, Phase, Reason, Restoring, Session};
use crate::protocol::base64url::base64url;
use crate::protocol::callback::{self, Callback};
use crate::protocol::config::{Provider, Restore};
use crate::protocol::dpop::KeyId;
use crate::protocol::error::{Code, Error, OAuthError};
use crate::protocol::http::Request;
use crate::protocol::id_token::IdToken;
use crate::protocol::parameters::Parameters;
use crate::protocol::secret::{AuthorizationCode, Entropy, Secret};
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Deadline, Now, Timestamp};
use crate::protocol::token::{self, TokenFailure, TokenResponse};
use crate::protocol::url::{HttpUrl, ReturnAddress};
use sha2::{Digest as _, Sha256};

/// A callback whose login is being looked up.
#[derive(Debug)]
pub(super) struct CallbackLookup {
    callback: Result<Callback, Error>,
    logouts: Logouts,
    page: Page,
}

/// A page that was opened.
#[derive(Debug)]
struct Page {
    call_id: CallId,
    /// Its path, query and fragment, without the parameters of a callback.
    path: String,
    hint: Option<SessionHint>,
    /// Whether it is not redirected to restore a session, unless the user asks for it.
    stays: bool,
    entropy: Entropy,
    /// What a foreign callback may start a login for.
    recovery: Option<Recovery>,
}

/// A callback that is being turned into a session.
#[derive(Debug)]
pub(super) struct CodeExchange {
    pub(super) call_id: CallId,
    /// For a login that starts again after this one failed. `None` if the page must not be redirected.
    entropy: Option<Entropy>,
    /// How often it failed temporarily.
    failures: u32,
    /// When it is no longer retried.
    gives_up: Deadline,
    issuer: Option<String>,
    /// The key that the tokens are bound to.
    pub(super) key: Option<KeyId>,
    /// The number of logouts at its start. After one more, it fails.
    pub(super) logouts: Logouts,
    outcome: Result<AuthorizationCode, OAuthError>,
    pub(super) pending: PendingLogin,
    /// The tenant that the callback names.
    tenant: Tenant,
}

/// A sign-in that failed temporarily and will be retried.
#[derive(Debug)]
pub(super) struct Retry {
    at: Deadline,
    what: Retried,
    /// Why it failed.
    error: Error,
}

#[derive(Debug)]
enum Retried {
    /// The request with the code, or what has to be known before it.
    CodeExchange(Box<CodeExchange>),
    /// The request for the keys. The tokens have arrived.
    Keys(Box<Verification>),
}

impl Retry {
    pub(super) fn exchange(&self) -> Option<&CodeExchange> {
        match &self.what {
            Retried::CodeExchange(exchange) => Some(exchange),
            Retried::Keys(verification) => verification.exchange(),
        }
    }

    /// How long until there is something to do.
    pub(super) fn wakes_in(&self, now: Now, online: bool) -> Duration {
        let given_up = self.exchange().map_or(Duration::ZERO, |exchange| exchange.gives_up.left(now));
        if online { given_up.min(self.at.left(now)) } else { given_up }
    }
}

/// The longest `state` that is looked up, in bytes.
const MAX_STATE: usize = 512;

/// A code is sent again for this long, while it is certainly valid \[RFC 6749 §4.1.2].
const CODE_LIFETIME: Duration = Duration::from_secs(30);

impl Session {
    pub(super) fn opened(&mut self, call_id: CallId, address: &Secret, hint: Option<SessionHint>, resumed: bool, entropy: Entropy) {
        let Some(address) = HttpUrl::parse(address.expose()) else {
            let error = Error::with_detail(
                Code::ConfigInvalid,
                "the page's URL is not one of http or https; have an app shell (capacitor:, tauri:, app:) serve the app from https://localhost",
            );
            return self.sign_in_failed(call_id, self.logouts, error);
        };
        self.page = Some(address.origin().clone());
        let hint = hint.map(|hint| hint.unless_idle(self.config.idle_logout(), self.now));
        self.must_ask |= hint.as_ref().is_some_and(|hint| hint.over.is_some());
        self.has_ended_idle |= hint.as_ref().is_some_and(|hint| hint.over == Some(Reason::Idle));
        if let Some(hint) = &hint {
            self.last_active = hint.active_at.or(self.last_active);
            self.last_tenant = hint.tenant.clone();
        }
        let Some(url) = callback::detect(&self.config, &address) else {
            let path = address.within_origin();
            return self.open_without_callback(Page { call_id, path, hint, stays: resumed, entropy, recovery: None });
        };
        // Before anything else: the code must not stay in the address bar or the history.
        self.effects.push(Effect::ReplaceAddress { call_id, path: url.clean.clone(), announce: false });
        let recovery = url.callback.as_ref().ok().and_then(|callback| self.recovery_from(callback));
        let mut page = Page { call_id, path: url.clean, hint, stays: resumed, entropy, recovery };
        match url.state {
            // This library's are much shorter: there is nothing to look up.
            Ok(state) if state.len() > MAX_STATE => {
                self.open_with_foreign_callback(Page { recovery: None, ..page }, Code::StateUnknown.into());
            }
            Ok(state) => {
                // The record is taken out in the same step, so that no second callback finds it.
                let key = PendingLogin::key(&self.client_fingerprint, &state);
                let lookup = CallbackLookup { callback: url.callback, logouts: self.logouts, page };
                let request = self.expect(Expect::CallbackLookup(Box::new(lookup)));
                self.effects.push(Effect::ClaimPending { request, key });
            }
            // A callback of Wristband without a `state` is like one whose `state` is unknown; two of them are an error.
            Err(error) => {
                let recovery = page.recovery.take().filter(|_| error.code() == Code::StateUnknown);
                self.open_with_foreign_callback(Page { recovery, ..page }, error);
            }
        }
    }

    pub(super) fn is_callback(&self, address: &str) -> bool {
        HttpUrl::parse(address).is_some_and(|address| callback::detect(&self.config, &address).is_some())
    }

    /// The callback of a login that was not started here, or is no longer pending. Anyone can forge one:
    /// the page that was opened with it gets the error, and is otherwise a page like any other.
    fn open_with_foreign_callback(&mut self, page: Page, error: Error) {
        // Two apps on one page, each restored by a redirect, would otherwise redirect in turns forever.
        let stays = page.stays || page.hint.as_ref().is_some_and(|hint| hint.was_attempted(self.now));
        self.foreign_callbacks.push((page.call_id, error));
        self.open_without_callback(Page { stays, ..page });
    }

    /// The page has no callback. A user may have been signed in before.
    fn open_without_callback(&mut self, page: Page) {
        let Page { call_id, path, hint, stays, entropy, recovery } = page;
        if matches!(self.phase, Phase::SignedIn(_)) {
            return self.done(call_id);
        }
        if self.is_signing_in() || self.is_leaving_to_restore() || matches!(self.restoring, Restoring::Redirected(_)) {
            // Another page is coming back now or soon, and this one waits for it.
            return self.waiting_for_state.push(call_id);
        }
        let reason = match self.phase {
            Phase::SignedOut(reason) => reason,
            _ if self.must_ask => hint.as_ref().and_then(|hint| hint.over).unwrap_or(Reason::SignedOut),
            _ if hint.is_some() || !self.epoch.is_first() => Reason::Expired,
            _ => Reason::NeverSignedIn,
        };
        // A user who logged out is not signed in again, even if the hint still exists.
        let restores = self.online && self.config.restore() == Restore::Redirect && !reason.waits_for_user();
        match hint.filter(|_| restores).and_then(|hint| hint.attempt(self.now)) {
            Some(_) if stays => {
                self.interrupted = true;
                self.phase = Phase::SignedOut(reason);
                self.done(call_id);
            }
            Some(hint) => {
                self.phase = Phase::Loading;
                self.effects.push(Effect::WriteHint(hint.clone()));
                self.start_restoring(call_id, &hint, path, entropy);
            }
            None => match recovery.filter(|_| !stays && !reason.waits_for_user() && self.can_recover()) {
                Some(recovery) => {
                    let tenant = recovery.tenant.clone();
                    let return_to = ReturnAddress::from_path(path);
                    let params = Parameters::default();
                    self.recover(Restart {
                        acr_values: None,
                        call_id,
                        custom_state: None,
                        entropy,
                        max_age: None,
                        params,
                        recovery,
                        return_to,
                        tenant,
                    });
                }
                None => {
                    self.phase = Phase::SignedOut(reason);
                    self.done(call_id);
                }
            },
        }
    }

    pub(super) fn pending_claimed(&mut self, request: RequestId, pending: Result<Option<PendingLogin>, Error>) {
        let Some(Expect::CallbackLookup(lookup)) = self.take_expected(request) else { return };
        let CallbackLookup { callback, logouts, page } = *lookup;
        let call_id = page.call_id;
        let pending = match pending {
            Ok(Some(pending)) if pending.fields.client_fingerprint == self.client_fingerprint && !pending.fields.is_finished => {
                pending
            }
            // The same callback was opened again while its session is alive: that is not an error.
            Ok(_) if matches!(self.phase, Phase::SignedIn(_)) => return self.done(call_id),
            // Nothing of the callback is reported: its sender is unknown.
            Ok(_) => return self.open_with_foreign_callback(page, Code::StateUnknown.into()),
            Err(error) => return self.sign_in_failed(call_id, logouts, error),
        };
        self.login_until = None;
        if pending.is_recent_automatic(&self.client_fingerprint, self.now) {
            let key = PendingLogin::key(&self.client_fingerprint, &["finished-", pending.fields.nonce.expose()].concat());
            self.effects.push(Effect::StorePending { request: RequestId::default(), key, pending: pending.finished() });
        }
        let expired = pending.has_expired(self.now);
        match callback {
            _ if expired => self.callback_failed(call_id, logouts, &pending, Code::StateExpired.into()),
            Err(error) => self.callback_failed(call_id, logouts, &pending, error),
            Ok(Callback { outcome, tenant, issuer }) => {
                let gives_up = Deadline::after(self.now, CODE_LIFETIME);
                self.validate_callback(Box::new(CodeExchange {
                    call_id,
                    entropy: (!page.stays).then_some(page.entropy),
                    failures: 0,
                    gives_up,
                    issuer,
                    key: None,
                    logouts,
                    outcome,
                    pending,
                    tenant,
                }));
            }
        }
    }

    /// Checks the callback's issuer and tenant, and whether it contains a code or an error.
    pub(super) fn validate_callback(&mut self, mut exchange: Box<CodeExchange>) {
        let Some(metadata) = &self.metadata else {
            return self.await_metadata(AwaitingMetadata::CodeExchange(exchange));
        };
        if let Err(error) = metadata.check_callback_issuer(exchange.issuer.as_deref()) {
            // Some providers leave it out of error responses. Such a response signs nobody in.
            let is_lost_restore = exchange.issuer.is_none() && exchange.outcome.is_err() && exchange.pending.fields.restoring;
            let error = if is_lost_restore { Code::LoginRequired.into() } else { error };
            return self.exchange_failed(&mut exchange, error);
        }
        match &exchange.outcome {
            Ok(_) if !self.config.allow_tenant_change() && !exchange.pending.fields.tenant.agrees_with(&exchange.tenant) => {
                self.exchange_failed(&mut exchange, Code::TenantMismatch.into());
            }
            Ok(code) => {
                let request = self.exchange_request(metadata.token_endpoint(), &exchange.pending, code);
                // An exchange that is sent once more has its key already.
                match exchange.key.map_or_else(|| self.key_for(&exchange.pending), |key| Ok(Some(key))) {
                    Ok(key) => {
                        exchange.key = key;
                        self.exchange(exchange, request);
                    }
                    Err(error) => self.exchange_failed(&mut exchange, error),
                }
            }
            Err(refusal) => {
                let refusal = refusal.clone();
                self.authorization_error(&mut exchange, &refusal);
            }
        }
    }

    /// The provider sent the user back without a code.
    fn authorization_error(&mut self, exchange: &mut CodeExchange, refusal: &OAuthError) {
        const ASK_FOR_A_PAGE: &[&str] =
            &["login_required", "interaction_required", "consent_required", "account_selection_required"];
        let pending = &exchange.pending;
        let code = if ASK_FOR_A_PAGE.iter().any(|code| refusal.is(code)) {
            Code::LoginRequired
        } else if refusal.is("access_denied") {
            Code::AccessDenied
        } else if refusal.is("server_error") || refusal.is("temporarily_unavailable") {
            Code::ProviderUnavailable
        } else {
            Code::AuthorizationFailed
        };
        if pending.fields.restoring && code != Code::ProviderUnavailable {
            // Whatever the provider's reason is, it would be the same at the next page.
            self.effects.push(Effect::ClearHint);
        }
        self.exchange_failed(exchange, Error::with_oauth(code, refusal.clone()));
    }

    pub(super) fn exchange_failed(&mut self, exchange: &mut CodeExchange, error: Error) {
        let fields = &exchange.pending.fields;
        let recovers = self.is_recoverable(&exchange.pending, &error);
        if let Some(entropy) = exchange.entropy.take().filter(|_| recovers) {
            let recovery = Recovery {
                error,
                from: Recovered::FailedLogin,
                issuer: None,
                logouts: exchange.logouts,
                tenant: fields.tenant.clone(),
            };
            let (max_age, params) = (fields.max_age, fields.params.clone());
            let (return_to, tenant) = (fields.return_to.clone(), fields.tenant.clone());
            return self.recover(Restart {
                acr_values: fields.acr_values.clone(),
                call_id: exchange.call_id,
                custom_state: fields.custom_state.clone(),
                entropy,
                max_age,
                params,
                recovery,
                return_to,
                tenant,
            });
        }
        self.callback_failed(exchange.call_id, exchange.logouts, &exchange.pending, error);
    }

    /// A login of this client failed. The user returns to where they were.
    fn callback_failed(&mut self, call_id: CallId, logouts: Logouts, pending: &PendingLogin, error: Error) {
        self.return_to(call_id, pending);
        // If a session cannot be restored now, it ends silently.
        if pending.fields.restoring && (error.oauth().is_some() || error.code() == Code::LoginRequired || is_temporary(&error)) {
            if matches!(self.phase, Phase::Loading) && !self.is_signing_in() {
                let never = pending.fields.automatic && self.epoch.is_first();
                let ended = if self.has_ended_idle { Reason::Idle } else { Reason::Expired };
                self.phase = Phase::SignedOut(if never { Reason::NeverSignedIn } else { ended });
            }
            return self.done(call_id);
        }
        self.sign_in_failed(call_id, logouts, error);
    }

    /// The network or the provider failed. The exchange is retried while the code is valid.
    pub(super) fn retry_exchange_or_fail(&mut self, mut exchange: Box<CodeExchange>, error: Error, retry_after: Option<Duration>) {
        match self.pause_before_retry(&mut exchange, &error, retry_after) {
            Some(at) => self.retrying.push(Retry { at, what: Retried::CodeExchange(exchange), error }),
            None => self.exchange_failed(&mut exchange, error),
        }
    }

    /// The same, if only the keys are missing.
    pub(super) fn retry_keys_or_fail(&mut self, mut verification: Box<Verification>, error: Error) {
        let at = verification.exchange_mut().and_then(|exchange| self.pause_before_retry(exchange, &error, None));
        match at {
            Some(at) => self.retrying.push(Retry { at, what: Retried::Keys(verification), error }),
            None => self.verification_failed(verification, error),
        }
    }

    fn pause_before_retry(
        &mut self,
        exchange: &mut CodeExchange,
        error: &Error,
        retry_after: Option<Duration>,
    ) -> Option<Deadline> {
        exchange.failures = exchange.failures.saturating_add(1);
        let pause = self.jitter.delay(exchange.failures).max(retry_after.unwrap_or_default());
        let retries = is_temporary(error) && exchange.logouts == self.logouts && pause < exchange.gives_up.left(self.now);
        retries.then(|| Deadline::after(self.now, pause))
    }

    /// Retries one sign-in that is due. Returns whether there was one.
    pub(super) fn retry_sign_in(&mut self) -> bool {
        let (now, online) = (self.now, self.online);
        let due = self.retrying.iter().position(|retry| retry.wakes_in(now, online).is_zero());
        let Some(index) = due else { return false };
        let Retry { what, error, .. } = self.retrying.swap_remove(index);
        match what {
            Retried::CodeExchange(mut exchange) if exchange.gives_up.reached_on_either_clock(now) => {
                self.exchange_failed(&mut exchange, error)
            }
            Retried::CodeExchange(exchange) => self.validate_callback(exchange),
            Retried::Keys(verification)
                if verification.exchange().is_none_or(|exchange| exchange.gives_up.reached_on_either_clock(now)) =>
            {
                self.verification_failed(verification, error);
            }
            Retried::Keys(verification) => self.await_keys(verification),
        }
        true
    }

    /// Nothing is retried after a logout.
    pub(super) fn forget_retries(&mut self) {
        for Retry { what, .. } in core::mem::take(&mut self.retrying) {
            match what {
                Retried::CodeExchange(exchange) => self.fail(exchange.call_id, Code::NotSignedIn.into()),
                Retried::Keys(verification) => self.verification_failed(verification, Code::NotSignedIn.into()),
            }
        }
    }

    /// The network is back: every retry is due now.
    pub(super) fn hurry_retries(&mut self) {
        for retry in &mut self.retrying {
            retry.at = Deadline::after(self.now, Duration::ZERO);
        }
    }

    /// Sends the code to the token endpoint.
    fn exchange(&mut self, exchange: Box<CodeExchange>, request: Request) {
        let request = self.proven(request, exchange.key);
        self.fetch(request, Expect::CodeExchange(exchange));
        // The keys will be needed, and take no longer than the tokens.
        self.warm_keys();
    }

    fn exchange_request(&self, endpoint: &str, pending: &PendingLogin, code: &AuthorizationCode) -> Request {
        token::exchange_code(endpoint, &self.config, code, &pending.fields.verifier)
    }

    pub(super) fn code_exchanged(&mut self, mut exchange: Box<CodeExchange>, outcome: Outcome<'_>) {
        let token_type = self.type_of_new_tokens(exchange.key);
        let retry_after = outcome.as_ref().ok().and_then(|response| response.retry_after);
        match outcome.map_err(TokenFailure::from).and_then(|response| TokenResponse::parse_as(response, token_type)) {
            Ok(tokens) if exchange.logouts != self.logouts => {
                // The user logged out meanwhile. The granted tokens must not stay valid.
                self.revoke_unused(tokens.refresh_token.as_ref());
                self.fail(exchange.call_id, Code::NotSignedIn.into());
            }
            Ok(tokens) => {
                exchange.key = exchange.key.filter(|_| tokens.is_bound);
                self.start_verification(tokens, TokenSource::CodeExchange(exchange));
            }
            Err(failure) => {
                self.revoke_unused(failure.refresh_token.as_ref());
                self.retry_exchange_or_fail(exchange, failure.error, retry_after);
            }
        }
    }

    /// All checks have passed: the user is signed in.
    pub(super) fn signed_in(&mut self, exchange: &mut CodeExchange, tokens: &TokenResponse, id_token: IdToken) {
        let user = user_digest(&id_token);
        let checked = self.check_user(&exchange.pending, &id_token, &user);
        if let Err(error) = checked.and_then(|()| self.check_not_idle(&exchange.pending, &id_token)) {
            self.revoke_unused(tokens.refresh_token.as_ref());
            return self.exchange_failed(exchange, error);
        }
        let (came_back, asked) = (&exchange.tenant, &exchange.pending.fields.tenant);
        let tenant = Tenant {
            name: came_back.name.as_ref().or(asked.name.as_ref()).cloned(),
            custom_domain: asked.custom_domain.as_ref().or(came_back.custom_domain.as_ref()).cloned(),
        };
        // What the page waits for comes first. But if this session lives in the page, the page may
        // navigate away as soon as it sees the session, so the hint is written first.
        let first = self.effects.len();
        self.return_to(exchange.call_id, &exchange.pending);
        self.answer(exchange.call_id, Ok(Answer::SignedIn));
        let index = if self.survives_navigation { self.effects.len() } else { first };
        let restored = exchange.pending.fields.restoring;
        let mut hint = SessionHint::of(tenant.clone(), restored.then_some(self.now), user, self.hint_for_restore(&id_token));
        // A restore needs no user, so the countdown goes on.
        let active_at = self.last_active.filter(|_| restored).unwrap_or(self.now.wall);
        hint.active_at = self.config.idle_logout().map(|_| active_at);
        let idle = self.config.idle_logout().map(|setting| Idle::start(setting, hint.clone(), self.now));
        self.last_active = hint.active_at;
        self.effects.insert(index, Effect::WriteHint(hint));
        self.epoch = self.epoch.next();
        self.interrupted = false;
        self.must_ask = false;
        self.has_ended_idle = false;
        self.last_tenant = tenant.clone();
        #[cfg(feature = "native")]
        self.remember_login();
        let (generation, nonce) = (self.next_generation(), exchange.pending.fields.nonce.clone());
        let custom_state = exchange.pending.fields.custom_state.clone();
        let key = exchange.key;
        let new = NewSession { custom_state, generation, id_token, idle, key, nonce, restored, tenant, tokens };
        let active = ActiveSession::new(&self.config, self.now, new);
        let before = core::mem::replace(&mut self.phase, Phase::SignedIn(active));
        if let Phase::SignedIn(before) = before {
            self.replace_session(&before);
        }
    }

    /// A session that has ended because nobody used it is not continued by a redirect that began before: the user has to have
    /// authenticated since. A login that began after the end has asked for that.
    fn check_not_idle(&mut self, pending: &PendingLogin, id_token: &IdToken) -> Result<(), Error> {
        let fields = &pending.fields;
        let ends = self.config.idle_logout().zip(self.last_active).map(|(setting, active)| active.plus(setting.after));
        let Some(ended) = ends.filter(|end| *end <= self.now.wall) else { return Ok(()) };
        let authenticated = id_token.auth_time().map(|at| at.as_millis().saturating_sub(self.clock_offset));
        let is_fresh = authenticated.is_some_and(|at| at >= ended.as_millis().min(fields.created_at.as_millis()));
        if !fields.restoring && (is_fresh || fields.created_at >= ended) {
            return Ok(());
        }
        self.end_as_idle();
        Err(Error::with_detail(Code::LoginRequired, "nobody used the session for too long"))
    }

    /// What the provider needs to restore this user's session. Wristband needs nothing.
    fn hint_for_restore(&self, id_token: &IdToken) -> Option<String> {
        if matches!(self.config.provider(), Provider::OpenId(_)) { id_token.login_hint() } else { None }
    }

    /// Whether this user may be signed in by this login.
    ///
    /// A session is restored for its own user only: another user's session at the provider can have been planted
    /// there. For the same reason, a login that a foreign callback started must have shown a login page; a provider
    /// that ignores `prompt=login` gives itself away by `auth_time`, if the ID token has it.
    fn check_user(&mut self, pending: &PendingLogin, id_token: &IdToken, user: &str) -> Result<(), Error> {
        let fields = &pending.fields;
        if fields.user.as_deref().is_some_and(|expected| expected != user) {
            self.effects.push(Effect::ClearHint);
            return Err(Error::with_detail(Code::LoginRequired, "the provider's session is another user's"));
        }
        let started = fields.created_at.as_millis().saturating_add(self.clock_offset);
        let started = Timestamp::from_millis(started).minus(self.config.clock_tolerance());
        let is_stale = id_token.auth_time().is_some_and(|authenticated| authenticated < started);
        if fields.recovery == Some(Recovered::ForeignCallback) && is_stale {
            return Err(Code::IdTokenAuthTime.into());
        }
        Ok(())
    }

    /// A sign-in that fails ends neither the current session nor one that is about to start: anyone can
    /// forge a callback. If it started before a logout, it does not change the state.
    pub(super) fn sign_in_failed(&mut self, call_id: CallId, logouts: Logouts, error: Error) {
        if logouts == self.logouts && !matches!(self.phase, Phase::SignedIn(_)) && !self.is_signing_in() {
            self.phase = Phase::Failed(error.clone());
        }
        self.fail(call_id, error);
    }

    /// Whether a callback is still being checked.
    pub(super) fn is_signing_in(&self) -> bool {
        let is_sign_in = |expect: &Expect| match expect {
            Expect::CodeExchange(_) | Expect::CallbackLookup(_) => true,
            Expect::Signature(verification) | Expect::Time(verification) => verification.is_sign_in(),
            _ => false,
        };
        !self.retrying.is_empty()
            || self.in_flight.iter().any(|in_flight| is_sign_in(&in_flight.expect))
            || self.awaiting_keys.iter().any(|verification| verification.is_sign_in())
            || self.awaiting_metadata.iter().any(|waiting| matches!(waiting, AwaitingMetadata::CodeExchange(_)))
    }

    /// Shows the login's return address in the address bar.
    fn return_to(&mut self, call_id: CallId, pending: &PendingLogin) {
        if let Some(path) = &pending.fields.return_to {
            self.effects.push(Effect::ReplaceAddress { call_id, path: path.as_str().to_owned(), announce: true });
        }
    }
}

/// Tells the users of a provider apart, without saying who they are.
fn user_digest(id_token: &IdToken) -> String {
    let issuer = id_token.claims().get_str("iss").unwrap_or_default();
    base64url(&Sha256::digest([issuer, "\n", id_token.subject()].concat().as_bytes()))
}

/// Whether the same request can succeed in a moment: the network or the provider failed.
fn is_temporary(error: &Error) -> bool {
    matches!(error.code(), Code::Network | Code::Offline | Code::ProviderUnavailable | Code::Timeout | Code::TooManyRequests)
}
