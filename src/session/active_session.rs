//! The session of a user who is signed in.

use core::time::Duration;

use super::counters::TokenGeneration;
use super::idle::Idle;
use super::input::CallId;
use super::state::UserSession;
#[cfg(feature = "native")]
use super::stored::StoredSession;
use crate::protocol::base64url::base64url;
use crate::protocol::config::{Config, Provider, TokenIndex};
use crate::protocol::dpop::KeyId;
use crate::protocol::error::{Code, Error};
use crate::protocol::id_token::{IdToken, Purpose};
use crate::protocol::json::Value;
use crate::protocol::logout::EndedSession;
use crate::protocol::secret::{AccessToken, Nonce, RefreshToken, Secret};
use crate::protocol::tenant::Tenant;
#[cfg(feature = "native")]
use crate::protocol::time::Timestamp;
use crate::protocol::time::{Deadline, Now, millis};
use crate::protocol::token::TokenResponse;
use sha2::{Digest as _, Sha256};

/// Distinguishes the sessions of an app, without revealing whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKey(String);

impl SessionKey {
    /// Takes the string of a message from another tab.
    pub fn from_message(text: String) -> Self {
        Self(text)
    }

    /// The string for a message to other tabs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The tokens of a session, and when they expire or are renewed.
#[derive(Debug)]
pub(super) struct ActiveSession {
    pub(super) access_token: AccessToken,
    /// The access tokens of APIs that have one of their own.
    api_tokens: Vec<ApiToken>,
    custom_state: Option<Value>,
    expires: Option<Deadline>,
    /// The number of the access token, so that a caller can say which one was refused.
    pub(super) generation: TokenGeneration,
    pub(super) id_token: IdToken,
    /// The ID token as the provider sent it, if a logout may need it.
    id_token_hint: Option<Secret>,
    /// The countdown, if idle sessions end.
    pub(super) idle: Option<Idle>,
    /// Until then, the access token counts as new: it was issued recently.
    is_new_until: Deadline,
    /// The key that the tokens are bound to.
    pub(super) key: Option<KeyId>,
    nonce: Nonce,
    pub(super) refresh_token: Option<RefreshToken>,
    /// The number of the access token that an API refused last.
    refused_generation: Option<TokenGeneration>,
    refused_by: Vec<RefusedBy>,
    pub(super) renewal: Renewal,
    renewals: u32,
    renews: Option<Deadline>,
    /// Until then, the session counts as just restored, and is not restored again.
    restored_until: Option<Deadline>,
    scope: String,
    pub(super) tenant: Tenant,
}

/// The access token of an API that has one of its own.
#[derive(Debug)]
struct ApiToken {
    access_token: AccessToken,
    generation: TokenGeneration,
    index: TokenIndex,
    is_new_until: Deadline,
    /// From then on it is replaced before it is used.
    renews: Option<Deadline>,
}

/// An access token, and what a caller needs to report that it was refused.
pub(super) struct Usable<'a> {
    pub(super) access_token: &'a AccessToken,
    pub(super) generation: TokenGeneration,
}

/// The provider refuses the access token of an API.
#[derive(Debug)]
pub(super) struct ApiRefusal {
    error: Error,
    /// How often in a row.
    failures: u32,
    index: TokenIndex,
    /// Until then, it is not asked again.
    until: Deadline,
}

/// The result of a sign-in.
pub(super) struct NewSession<'a> {
    pub(super) custom_state: Option<Value>,
    pub(super) generation: TokenGeneration,
    pub(super) id_token: IdToken,
    pub(super) idle: Option<Idle>,
    pub(super) key: Option<KeyId>,
    pub(super) nonce: Nonce,
    /// Whether the library started this sign-in to restore a session.
    pub(super) restored: bool,
    pub(super) tenant: Tenant,
    pub(super) tokens: &'a TokenResponse,
}

/// The state of the renewals.
#[derive(Debug, Default)]
pub(super) struct Renewal {
    /// The number of failed renewals in a row.
    pub(super) failures: u32,
    /// Whether a response may have been lost: the provider may have replaced the refresh token
    /// with a new one that never arrived.
    pub(super) lost: bool,
    /// Whether a renewal is under way. There is never a second one.
    pub(super) under_way: bool,
    /// When the next one may start.
    pub(super) backoff: Option<Backoff>,
    /// Why the last one failed.
    pub(super) last_error: Option<Error>,
    /// The APIs whose tokens the provider refuses.
    pub(super) refused_apis: Vec<ApiRefusal>,
    /// From when on the provider's refusal to renew counts, if that was its last response.
    pub(super) refused: Option<Deadline>,
    /// The calls that wait for it.
    pub(super) waiting: Vec<PendingCall>,
}

/// An API that refused an access token, and for which the session was then renewed.
#[derive(Clone, Copy, Debug)]
struct RefusedBy {
    api: Option<Api>,
    generation: TokenGeneration,
    /// Until then, the session is not renewed again if this API also refuses a newer token.
    until: Deadline,
}

/// What can refuse an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// One of the configuration's APIs, by its index in the list.
    Listed(usize),
    UserInfo,
}

/// A delay before the next renewal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    /// Whether the provider asked for it.
    pub(super) asked_for: bool,
    pub(super) until: Deadline,
}

/// A call that waits for a renewal.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingCall {
    pub(super) call_id: CallId,
    pub(super) token_use: TokenUse,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenUse {
    /// New tokens, even if the old ones are usable.
    Renewal,
    /// A usable access token.
    Token(TokenIndex),
    /// User info. `replayed` if a token that looked usable was already refused once.
    UserInfo { replayed: bool },
}

impl TokenUse {
    /// The token that the call needs.
    pub(super) fn token(self) -> TokenIndex {
        if let Self::Token(index) = self { index } else { TokenIndex::FIRST }
    }
}

impl ActiveSession {
    pub(super) fn new(config: &Config, now: Now, new: NewSession<'_>) -> Box<Self> {
        let NewSession { custom_state, generation, id_token, idle, key, nonce, restored, tenant, tokens } = new;
        let mut active = Box::new(Self {
            access_token: tokens.access_token.clone(),
            api_tokens: Vec::new(),
            custom_state,
            expires: None,
            generation,
            id_token,
            id_token_hint: hint_of(config, tokens),
            idle,
            is_new_until: Deadline::after(now, Duration::ZERO),
            key,
            nonce,
            refresh_token: tokens.refresh_token.clone(),
            refused_generation: None,
            refused_by: Vec::new(),
            renewal: Renewal::default(),
            renewals: 0,
            renews: None,
            restored_until: restored.then(|| Deadline::after(now, JUST_RESTORED)),
            scope: config.scope().to_owned(),
            tenant,
        });
        active.schedule(config, now, tokens);
        active
    }

    /// The session of a stored record.
    #[cfg(feature = "native")]
    pub(super) fn restored(now: Now, stored: StoredSession, generation: TokenGeneration, key: Option<KeyId>) -> Box<Self> {
        let left = |until: Option<Timestamp>| until.map(|until| Deadline::after(now, stored.left(until, now)));
        let (expires, renews) = (left(stored.fields.expires_at), left(stored.fields.renews_at));
        let fields = *stored.fields;
        Box::new(Self {
            access_token: fields.access_token,
            api_tokens: Vec::new(),
            custom_state: None,
            expires,
            generation,
            id_token: fields.id_token,
            id_token_hint: fields.id_token_hint,
            idle: None,
            is_new_until: Deadline::after(now, Duration::ZERO),
            key,
            nonce: fields.nonce,
            refresh_token: Some(fields.refresh_token),
            refused_generation: None,
            refused_by: Vec::new(),
            renewal: Renewal::default(),
            renewals: 0,
            renews,
            restored_until: None,
            scope: fields.scope,
            tenant: fields.tenant,
        })
    }

    /// Takes the tokens of a record that another process of the app has stored.
    #[cfg(feature = "native")]
    pub(super) fn take_over(&mut self, now: Now, stored: StoredSession, generation: TokenGeneration) {
        let left = |until: Option<Timestamp>| until.map(|until| Deadline::after(now, stored.left(until, now)));
        (self.expires, self.renews) = (left(stored.fields.expires_at), left(stored.fields.renews_at));
        let fields = *stored.fields;
        self.access_token = fields.access_token;
        self.generation = generation;
        self.id_token.update(&fields.id_token);
        self.id_token_hint = fields.id_token_hint;
        let left = self.expires.map_or(NEW, |expires| expires.left(now));
        self.is_new_until = Deadline::after(now, (left / 2).min(NEW));
        self.refresh_token = Some(fields.refresh_token);
        self.scope = fields.scope;
        self.renewal_succeeded();
    }

    /// Whether this session and a stored record come from the same login.
    #[cfg(feature = "native")]
    pub(super) fn has_login_of(&self, stored: &StoredSession) -> bool {
        self.nonce == stored.fields.nonce && self.id_token.has_user_of(&stored.fields.id_token)
    }

    /// What a record needs beside the refresh token: the access token, the ID token as sent, the nonce and the scopes.
    #[cfg(feature = "native")]
    pub(super) fn stored_parts(&self) -> (AccessToken, Option<Secret>, Nonce, String) {
        (self.access_token.clone(), self.id_token_hint.clone(), self.nonce.clone(), self.scope.clone())
    }

    /// When the access token expires, and when it is renewed.
    #[cfg(feature = "native")]
    pub(super) fn deadlines(&self) -> (Option<Deadline>, Option<Deadline>) {
        (self.expires, self.renews)
    }

    /// The access token counts as expired.
    #[cfg(feature = "native")]
    pub(super) fn expire_now(&mut self, now: Now) {
        let now = Some(Deadline::after(now, Duration::ZERO));
        (self.expires, self.renews) = (now, now);
    }

    /// Distinguishes this session from others of the app: a hash of the issuer, the user and the tenant.
    pub(super) fn key(&self) -> SessionKey {
        let claim = |name| self.id_token.claims().get_str(name).unwrap_or_default();
        let tenant = self.tenant.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
        let parts = [claim("iss"), "\n", claim("sub"), "\n", claim("tnt_id"), "\n", tenant].concat();
        SessionKey(base64url(&Sha256::digest(parts.as_bytes())))
    }

    /// Installs renewed tokens.
    pub(super) fn install(
        &mut self,
        config: &Config,
        now: Now,
        tokens: &TokenResponse,
        id_token: Option<IdToken>,
        generation: TokenGeneration,
    ) {
        self.access_token = tokens.access_token.clone();
        self.generation = generation;
        self.renewals = self.renewals.wrapping_add(1);
        if let Some(id_token) = id_token {
            self.id_token = id_token;
            self.id_token_hint = hint_of(config, tokens);
        }
        self.renewal_succeeded();
        self.schedule(config, now, tokens);
    }

    /// Installs the access token of an API.
    pub(super) fn install_api_token(
        &mut self,
        config: &Config,
        now: Now,
        index: TokenIndex,
        tokens: &TokenResponse,
        generation: TokenGeneration,
    ) {
        self.renewal_succeeded();
        self.forget_api_token(index);
        self.forget_refusal(index);
        self.api_tokens.push(ApiToken {
            access_token: tokens.access_token.clone(),
            generation,
            index,
            is_new_until: new_until(now, tokens),
            renews: renewal_time(config, now, tokens),
        });
    }

    /// The provider has answered as it should. The refusals of other APIs' tokens stay.
    fn renewal_succeeded(&mut self) {
        let Renewal { refused_apis, waiting, .. } = core::mem::take(&mut self.renewal);
        self.renewal = Renewal { refused_apis, waiting, ..Renewal::default() };
    }

    pub(super) fn forget_api_token(&mut self, index: TokenIndex) {
        self.api_tokens.retain(|token| token.index != index);
    }

    /// The provider refuses this API's token: it is asked again after this time.
    pub(super) fn refuse_api(&mut self, index: TokenIndex, error: Error, failures: u32, until: Deadline) {
        self.forget_refusal(index);
        self.renewal.refused_apis.push(ApiRefusal { error, failures, index, until });
    }

    fn forget_refusal(&mut self, index: TokenIndex) {
        self.renewal.refused_apis.retain(|refusal| refusal.index != index);
    }

    /// How often in a row the provider has refused this API's token.
    pub(super) fn failures_of_api(&self, index: TokenIndex) -> u32 {
        self.renewal.refused_apis.iter().find(|refusal| refusal.index == index).map_or(0, |refusal| refusal.failures)
    }

    /// Why the provider is not asked for this API's token now.
    pub(super) fn refusal_of_api(&self, index: TokenIndex, now: Now) -> Option<Error> {
        let is_current = |refusal: &&ApiRefusal| refusal.index == index && !refusal.until.reached_on_either_clock(now);
        self.renewal.refused_apis.iter().find(is_current).map(|refusal| refusal.error.clone())
    }

    /// The calls that wait for this token.
    pub(super) fn take_waiting_for(&mut self, index: TokenIndex) -> Vec<PendingCall> {
        self.renewal.waiting.extract_if(.., |call| call.token_use.token() == index).collect()
    }

    /// Whether calls wait for a renewal, and none is under way: the last one was for another token.
    pub(super) fn has_waiting_calls(&self) -> bool {
        !self.renewal.under_way && !self.renewal.waiting.is_empty()
    }

    /// The usable access token with this index.
    pub(super) fn usable(&self, index: TokenIndex, now: Now) -> Option<Usable<'_>> {
        if index == TokenIndex::FIRST {
            let Self { access_token, generation, .. } = self;
            return self.is_fresh(now).then_some(Usable { access_token, generation: *generation });
        }
        let is_usable = |token: &&ApiToken| token.index == index && !token.renews.is_some_and(|at| at.reached_on_either_clock(now));
        let ApiToken { access_token, generation, .. } = self.api_tokens.iter().find(is_usable)?;
        Some(Usable { access_token, generation: *generation })
    }

    /// The generation of the access token with this index.
    pub(super) fn generation_of(&self, index: TokenIndex) -> Option<TokenGeneration> {
        if index == TokenIndex::FIRST {
            return Some(self.generation);
        }
        self.api_tokens.iter().find(|token| token.index == index).map(|token| token.generation)
    }

    /// What the provider is told about this session when it ends.
    pub(super) fn told_at_logout(&self, config: &Config) -> EndedSession {
        match config.provider() {
            Provider::OpenId(_) => EndedSession { id_token: self.id_token_hint.clone(), login_hint: self.id_token.login_hint() },
            Provider::Wristband(_) => EndedSession::default(),
        }
    }

    fn schedule(&mut self, config: &Config, now: Now, tokens: &TokenResponse) {
        if let Some(scope) = &tokens.scope {
            self.scope.clone_from(scope);
        }
        self.expires = tokens.expires_in.map(|lifetime| Deadline::after(now, lifetime));
        self.is_new_until = new_until(now, tokens);
        self.renews = renewal_time(config, now, tokens);
    }

    /// What the next ID token must match.
    pub(super) fn expects(&self) -> Purpose<'_> {
        Purpose::Renewal { previous: &self.id_token, nonce: &self.nonce }
    }

    /// Whether the access token is usable, as far as known here. Without a stated lifetime, it is
    /// usable until an API refuses it. If it cannot be renewed, a jump of the wall clock does not
    /// end it.
    pub(super) fn is_fresh(&self, now: Now) -> bool {
        let ended = if self.refresh_token.is_some() { Deadline::reached_on_either_clock } else { Deadline::reached_monotonic };
        self.expires.is_none_or(|expires| !ended(expires, now))
    }

    /// Whether the access token has expired by either clock.
    pub(super) fn may_have_expired(&self, now: Now) -> bool {
        self.expires.is_some_and(|expires| expires.reached_on_either_clock(now))
    }

    /// Whether the session has ended: without a refresh token, it ends with its access token.
    pub(super) fn has_ended(&self, now: Now) -> bool {
        self.refresh_token.is_none() && !self.is_fresh(now)
    }

    /// An API refused the current access token. Returns whether to renew for it: not if it also refused
    /// an older token shortly before, and this one is still new. Such an API refuses every token.
    pub(super) fn is_renewed_for(&mut self, api: Option<Api>, index: TokenIndex, now: Now) -> bool {
        let of_api = self.api_tokens.iter().find(|token| token.index == index);
        let first = (self.generation, self.is_new_until);
        let (generation, is_new_until) = of_api.map_or(first, |token| (token.generation, token.is_new_until));
        if index == TokenIndex::FIRST {
            self.refused_generation = Some(generation);
        }
        let refused = RefusedBy { api, generation, until: Deadline::after(now, NEW) };
        match self.refused_by.iter_mut().find(|refused| refused.api == api) {
            Some(before)
                if before.generation != generation
                    && !before.until.reached_on_either_clock(now)
                    && !is_new_until.reached_on_either_clock(now) =>
            {
                false
            }
            Some(before) => {
                *before = refused;
                true
            }
            None => {
                self.refused_by.push(refused);
                true
            }
        }
    }

    /// Whether no call can succeed any more: the access token has expired, and the provider refuses to
    /// renew it. A token without a stated lifetime has expired once an API refuses it.
    pub(super) fn is_refused(&self, now: Now) -> bool {
        !self.renewal.under_way && self.refusal_counts_in(now).is_some_and(|left| left.is_zero())
    }

    /// How long until a refusal counts and the access token has expired, if the provider refuses.
    fn refusal_counts_in(&self, now: Now) -> Option<Duration> {
        let counts = self.renewal.refused?.left(now);
        match self.expires {
            Some(expires) => Some(counts.max(expires.left(now))),
            None => Some(counts).filter(|_| self.refused_generation == Some(self.generation)),
        }
    }

    /// Whether the session was restored a moment ago. Restoring it again would be a loop.
    pub(super) fn is_just_restored(&self, now: Now) -> bool {
        self.restored_until.is_some_and(|until| !until.reached_on_either_clock(now))
    }

    pub(super) fn renewal_is_due(&self, now: Now) -> bool {
        let due = self.renews.is_some_and(|renews| renews.reached_on_either_clock(now));
        due && self.refresh_token.is_some() && !self.renewal.under_way && !self.is_backing_off(now)
    }

    pub(super) fn is_backing_off(&self, now: Now) -> bool {
        self.renewal.backoff.is_some_and(|backoff| !backoff.until.reached_on_either_clock(now))
    }

    /// Whether the provider asked the client to wait. Even a user's click does not override this.
    pub(super) fn retry_after_active(&self, now: Now) -> bool {
        self.renewal.backoff.is_some_and(|backoff| backoff.asked_for && !backoff.until.reached_on_either_clock(now))
    }

    /// The network is back: ends a delay that the provider did not ask for.
    pub(super) fn clear_network_backoff(&mut self) {
        if self.renewal.backoff.is_some_and(|backoff| !backoff.asked_for) {
            self.renewal.backoff = None;
        }
    }

    pub(super) fn wakes_in(&self, now: Now, online: bool) -> Option<Duration> {
        let idle = self.idle.as_ref().map(|idle| idle.wakes_in(now));
        idle.into_iter().chain(self.token_wakes_in(now, online)).min()
    }

    fn token_wakes_in(&self, now: Now, online: bool) -> Option<Duration> {
        let renewable = self.refresh_token.is_some();
        let is_due = self.renews.is_some_and(|renews| renews.reached_on_either_clock(now));
        let next = match self.renewal.backoff {
            // Only its expiry matters, and only the monotonic clock measures it.
            _ if !renewable => return self.expires.map(|expires| expires.instant().since(now.monotonic)),
            // A renewal that is under way needs no timer; one that cannot be sent has to wait.
            _ if self.renewal.under_way || !online => return None,
            Some(backoff) if is_due => Some(backoff.until.left(now)),
            _ => self.renews.map(|renews| renews.left(now)),
        };
        next.into_iter().chain(self.refusal_counts_in(now)).min()
    }

    /// Whether nobody has used the session for too long.
    pub(super) fn is_idle(&self, now: Now) -> bool {
        self.idle.as_ref().is_some_and(|idle| idle.is_over(now))
    }

    pub(super) fn show(&self, now: Now) -> UserSession {
        UserSession {
            user_id: self.id_token.subject().to_owned(),
            tenant: self.tenant.clone(),
            tenant_id: self.id_token.tenant_id().map(str::to_owned),
            identity_provider_name: self.id_token.identity_provider_name().map(str::to_owned),
            authenticated_at: self.id_token.auth_time(),
            acr: self.id_token.acr().map(str::to_owned),
            is_bound: self.key.is_some(),
            scope: self.scope.clone(),
            expires_at: self.expires.map(Deadline::wall_time),
            renews_at: self.renews.filter(|_| self.refresh_token.is_some()).map(Deadline::wall_time),
            renewals: self.renewals,
            renewing: self.renewal.under_way,
            renewal_error: self.renewal.last_error.clone(),
            idle_logout_at: self.idle.as_ref().and_then(|idle| idle.announced_end(now)),
            claims: self.id_token.claims().clone(),
            custom_state: self.custom_state.clone().unwrap_or_default(),
            clock_skew: 0,
            offline: false,
        }
    }
}

/// An access token is no longer new at this age, nor after half of its lifetime.
const NEW: Duration = Duration::from_secs(10 * 60);

/// A session that is refused within this time after it was restored is not restored again.
const JUST_RESTORED: Duration = Duration::from_secs(60);

/// In milliseconds: no token is renewed more than once a second, whatever lifetime the provider states.
const MIN_RENEWAL_INTERVAL: u64 = 1000;

/// Until when these tokens count as new. An API can report that a short-lived token has expired soon after it was issued.
fn new_until(now: Now, tokens: &TokenResponse) -> Deadline {
    Deadline::after(now, tokens.expires_in.map_or(NEW, |lifetime| (lifetime / 2).min(NEW)))
}

/// When to replace these tokens, ahead of their expiry.
fn renewal_time(config: &Config, now: Now, tokens: &TokenResponse) -> Option<Deadline> {
    tokens.expires_in.map(|lifetime| {
        // With a margin of more than a quarter, short-lived tokens would be renewed all the time.
        let lifetime = millis(lifetime);
        let margin = millis(config.renewal_margin()).min(lifetime / 4);
        Deadline::after(now, Duration::from_millis(lifetime.saturating_sub(margin).max(MIN_RENEWAL_INTERVAL)))
    })
}

/// The ID token, for a provider that is told at a logout which session ends.
fn hint_of(config: &Config, tokens: &TokenResponse) -> Option<Secret> {
    let is_told = matches!(config.provider(), Provider::OpenId(provider) if provider.id_token_hint);
    tokens.id_token.as_ref().filter(|_| is_told).cloned()
}

/// Whether the error proves that a session is over.
pub(super) fn ends_session(error: &Error) -> bool {
    matches!(error.code(), Code::InvalidGrant | Code::SubjectChanged)
}
