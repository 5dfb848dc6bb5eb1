//! What a session consists of while somebody is signed in.

use core::time::Duration;

use super::input::Ask;
use super::state::SignedIn;
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::id_token::{IdToken, Purpose};
use crate::protocol::pkce::base64url;
use crate::protocol::secret::{AccessToken, Nonce, RefreshToken};
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Deadline, Now, millis};
use crate::protocol::token::TokenResponse;
use sha2::{Digest as _, Sha256};

/// Tells the sessions of an app apart, without saying whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKey(String);

impl SessionKey {
    /// Takes the text of a message from another tab.
    pub fn from_message(text: String) -> Self {
        Self(text)
    }

    /// The text for a message to other tabs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The tokens of a session, and when they want attention.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) access_token: AccessToken,
    expires: Option<Deadline>,
    /// The access token that the session started with. Earlier ones belong to other sessions.
    pub(super) first_generation: u32,
    /// Which access token this is, so that a caller can say which one was refused.
    pub(super) generation: u32,
    pub(super) id_token: IdToken,
    /// Until then, the access token counts as new: it was issued a moment ago.
    is_new_until: Deadline,
    nonce: Nonce,
    pub(super) refresh_token: Option<RefreshToken>,
    /// The access token that an API refused last.
    refused_generation: Option<u32>,
    refused_by: Vec<RefusedBy>,
    pub(super) renewal: Renewal,
    renewals: u32,
    renews: Option<Deadline>,
    /// Until then, the session counts as just restored, and is not restored again.
    restored_until: Option<Deadline>,
    scope: String,
    pub(super) tenant: Tenant,
}

/// What a sign-in came to.
pub(super) struct Granted<'a> {
    pub(super) generation: u32,
    pub(super) id_token: IdToken,
    pub(super) nonce: Nonce,
    /// Whether the library itself started this sign-in, to restore a session.
    pub(super) restored: bool,
    pub(super) tenant: Tenant,
    pub(super) tokens: &'a TokenResponse,
}

/// How renewing goes.
#[derive(Debug, Default)]
pub(super) struct Renewal {
    /// Renewals that came to nothing in a row.
    pub(super) failures: u32,
    /// Whether an answer may have been lost on its way: the provider may have taken the refresh
    /// token, and given a new one that never arrived.
    pub(super) lost: bool,
    /// Whether one is under way. There is never a second.
    pub(super) under_way: bool,
    /// When the next one may be tried.
    pub(super) pause: Option<Pause>,
    /// Why the last one came to nothing.
    pub(super) trouble: Option<Error>,
    /// From when on it counts that the provider refuses to renew, if that was its last word.
    pub(super) refused: Option<Deadline>,
    /// Who waits for it.
    pub(super) waiting: Vec<Waiter>,
}

/// An API that refused an access token, and for which the session was then renewed.
#[derive(Clone, Copy, Debug)]
struct RefusedBy {
    api: Option<Api>,
    generation: u32,
    /// Until then, no newer token that this API refuses as well is renewed.
    until: Deadline,
}

/// Who can refuse an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// One of the configuration's APIs, by its place in the list.
    Listed(usize),
    UserInfo,
}

/// A pause between renewals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    /// Whether the provider asked for it.
    pub(super) asked_for: bool,
    pub(super) until: Deadline,
}

/// Somebody who waits for a renewal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    pub(super) ask: Ask,
    pub(super) want: Want,
}

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// New tokens, even if the old ones are good.
    Renewal,
    /// A good access token.
    Token,
    /// User info. `replayed` when a good-looking token was already refused once.
    UserInfo { replayed: bool },
}

impl Grant {
    pub(super) fn new(config: &Config, now: Now, granted: Granted<'_>) -> Box<Self> {
        let Granted { generation, id_token, nonce, restored, tenant, tokens } = granted;
        let mut grant = Box::new(Self {
            access_token: tokens.access_token.clone(),
            expires: None,
            first_generation: generation,
            generation,
            id_token,
            is_new_until: Deadline::after(now, Duration::ZERO),
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
        grant.schedule(config, now, tokens);
        grant
    }

    /// What tells this session from others of the app: the issuer, the person and the tenant.
    pub(super) fn key(&self) -> SessionKey {
        let claim = |name| self.id_token.claims().text(name).unwrap_or_default();
        let tenant = self.tenant.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
        let parts = [claim("iss"), "\n", claim("sub"), "\n", claim("tnt_id"), "\n", tenant].concat();
        SessionKey(base64url(&Sha256::digest(parts.as_bytes())))
    }

    /// Takes renewed tokens over.
    pub(super) fn install(
        &mut self,
        config: &Config,
        now: Now,
        tokens: &TokenResponse,
        id_token: Option<IdToken>,
        generation: u32,
    ) {
        self.access_token = tokens.access_token.clone();
        self.generation = generation;
        self.renewals = self.renewals.wrapping_add(1);
        if let Some(id_token) = id_token {
            self.id_token = id_token;
        }
        self.renewal = Renewal { waiting: core::mem::take(&mut self.renewal.waiting), ..Renewal::default() };
        self.schedule(config, now, tokens);
    }

    fn schedule(&mut self, config: &Config, now: Now, tokens: &TokenResponse) {
        if let Some(scope) = &tokens.scope {
            self.scope.clone_from(scope);
        }
        self.expires = tokens.expires_in.map(|lifetime| Deadline::after(now, lifetime));
        // Of a short-lived token, an API can say that it has ended soon after it was issued.
        self.is_new_until = Deadline::after(now, tokens.expires_in.map_or(NEW, |lifetime| (lifetime / 2).min(NEW)));
        self.renews = tokens.expires_in.map(|lifetime| {
            // A margin of more than a quarter would make short tokens be renewed all the time.
            let lifetime = millis(lifetime);
            let margin = millis(config.renewal_margin()).min(lifetime / 4);
            Deadline::after(now, Duration::from_millis(lifetime.saturating_sub(margin).max(SHORTEST_LIFETIME)))
        });
    }

    /// What the next ID token has to say.
    pub(super) fn expects(&self) -> Purpose<'_> {
        Purpose::Renewal { previous: &self.id_token, nonce: &self.nonce }
    }

    /// Whether the access token is good, as far as can be known here. A token without a stated
    /// end is good until somebody refuses it. One that cannot be renewed is not given up for a
    /// wall clock that jumped.
    pub(super) fn is_fresh(&self, now: Now) -> bool {
        let ended = if self.refresh_token.is_some() { Deadline::reached } else { Deadline::has_passed };
        self.expires.is_none_or(|expires| !ended(expires, now))
    }

    /// Whether one of the clocks says that the access token has ended.
    pub(super) fn may_have_expired(&self, now: Now) -> bool {
        self.expires.is_some_and(|expires| expires.reached(now))
    }

    /// Whether the session can no longer be used: without a refresh token it ends with its access token.
    pub(super) fn has_ended(&self, now: Now) -> bool {
        self.refresh_token.is_none() && !self.is_fresh(now)
    }

    /// An API refused the current access token. Says whether to renew for it: not when it refused an
    /// older token just before, and this one was issued since. Such an API refuses every token.
    pub(super) fn is_renewed_for(&mut self, api: Option<Api>, now: Now) -> bool {
        let Self { generation, is_new_until, refused_by, .. } = self;
        self.refused_generation = Some(*generation);
        let refused = RefusedBy { api, generation: *generation, until: Deadline::after(now, NEW) };
        match refused_by.iter_mut().find(|refused| refused.api == api) {
            Some(before) if before.generation != *generation && !before.until.reached(now) && !is_new_until.reached(now) => false,
            Some(before) => {
                *before = refused;
                true
            }
            None => {
                refused_by.push(refused);
                true
            }
        }
    }

    /// Whether no call can succeed any more: the access token has ended, and the provider refuses to
    /// renew it. A token without a stated end has ended when an API refuses it.
    pub(super) fn is_refused(&self, now: Now) -> bool {
        !self.renewal.under_way && self.refusal_counts_in(now).is_some_and(|left| left.is_zero())
    }

    /// How long until a refusal counts and the access token has ended, if the provider refuses.
    fn refusal_counts_in(&self, now: Now) -> Option<Duration> {
        let counts = self.renewal.refused?.left(now);
        match self.expires {
            Some(expires) => Some(counts.max(expires.left(now))),
            None => Some(counts).filter(|_| self.refused_generation == Some(self.generation)),
        }
    }

    /// Whether the session was restored a moment ago. To restore it again would be a loop.
    pub(super) fn is_just_restored(&self, now: Now) -> bool {
        self.restored_until.is_some_and(|until| !until.reached(now))
    }

    pub(super) fn renewal_is_due(&self, now: Now) -> bool {
        let due = self.renews.is_some_and(|renews| renews.reached(now));
        due && self.refresh_token.is_some() && !self.renewal.under_way && !self.is_pausing(now)
    }

    pub(super) fn is_pausing(&self, now: Now) -> bool {
        self.renewal.pause.is_some_and(|pause| !pause.until.reached(now))
    }

    /// Whether the provider asked to be left alone. Not even a person's click gets past this.
    pub(super) fn must_pause(&self, now: Now) -> bool {
        self.renewal.pause.is_some_and(|pause| pause.asked_for && !pause.until.reached(now))
    }

    /// The network is back: pauses that were only our own are over.
    pub(super) fn forgive_network(&mut self) {
        if self.renewal.pause.is_some_and(|pause| !pause.asked_for) {
            self.renewal.pause = None;
        }
    }

    pub(super) fn wakes_in(&self, now: Now, online: bool) -> Option<Duration> {
        let renewable = self.refresh_token.is_some();
        let is_due = self.renews.is_some_and(|renews| renews.reached(now));
        let next = match self.renewal.pause {
            // Its end is what matters, and only one clock tells it.
            _ if !renewable => return self.expires.map(|expires| expires.instant().since(now.monotonic)),
            // A renewal that is under way ends by itself; one that cannot be sent has to wait.
            _ if self.renewal.under_way || !online => return None,
            Some(pause) if is_due => Some(pause.until.left(now)),
            _ => self.renews.map(|renews| renews.left(now)),
        };
        next.into_iter().chain(self.refusal_counts_in(now)).min()
    }

    pub(super) fn show(&self) -> SignedIn {
        SignedIn {
            user_id: self.id_token.subject().to_owned(),
            tenant: self.tenant.clone(),
            tenant_id: self.id_token.tenant_id().map(str::to_owned),
            identity_provider_name: self.id_token.identity_provider_name().map(str::to_owned),
            authenticated_at: self.id_token.auth_time(),
            scope: self.scope.clone(),
            expires_at: self.expires.map(Deadline::on_the_wall),
            renews_at: self.renews.filter(|_| self.refresh_token.is_some()).map(Deadline::on_the_wall),
            renewals: self.renewals,
            renewing: self.renewal.under_way,
            trouble: self.renewal.trouble.clone(),
            claims: self.id_token.claims().clone(),
            clock_skew: 0,
            offline: false,
        }
    }
}

/// An access token of this age is no longer new; nor is one that has lived for half of its time.
const NEW: Duration = Duration::from_secs(10 * 60);

/// A session that is refused within this time after it was restored is not restored once more.
const JUST_RESTORED: Duration = Duration::from_secs(60);

/// Nothing is renewed more often than once a second, whatever the provider says of its lifetime.
const SHORTEST_LIFETIME: u64 = 1000;

/// Failures that prove that a session is over.
pub(super) fn is_proof(error: &Error) -> bool {
    matches!(error.code(), Code::InvalidGrant | Code::SubjectChanged)
}
