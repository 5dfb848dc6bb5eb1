//! Sessions that outlive their process: restored from a stored record, and shared with the app's other processes.
//!
//! The driver keeps one record for the app, and a lock for it. Before each renewal, the session asks for the lock and the
//! record: another process may have renewed meanwhile, and then the refresh token of this one is no longer valid. After
//! each renewal, the new record is saved before the lock is given back.

use super::active_session::ActiveSession;
use super::counters::{Epoch, TokenGeneration};
use super::effect::Effect;
use super::input::{CallId, RequestId};
use super::state::Reason;
use super::stored::StoredSession;
use super::{AwaitingMetadata, Expect, Phase, Session};
use crate::protocol::config::{Config, TokenIndex};
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::{Nonce, RefreshToken, Secret};
use crate::protocol::url::HttpUrl;

/// What is known of the stored record.
#[derive(Debug, Default)]
pub(super) struct Remembering {
    /// Whether the driver has a place for the record.
    is_on: bool,
    /// Whether this session holds the lock.
    holds_lock: bool,
    /// Whether a record of this session is stored.
    is_saved: bool,
    /// The tokens of the last record of this session.
    last: Option<(RefreshToken, TokenGeneration)>,
    /// The login of the last record, by its nonce.
    login: Option<Nonce>,
    /// The number of the last record.
    revision: i64,
    /// Whether a restored session is waiting for its first renewal, or for the provider's metadata.
    is_restoring: bool,
    /// Whether the stored record belongs to another login, which is left alone.
    is_replaced: bool,
}

impl Session {
    /// This session, with a stored record that outlives it.
    #[must_use]
    pub fn remembering(mut self) -> Self {
        self.remembering.is_on = true;
        self
    }

    /// Uses the same settings with another redirect URI: the port on which this process waits for a callback
    /// \[RFC 8252 §7.3]. No login may be pending.
    pub fn redirect_to(&mut self, config: Config) {
        self.page = Some(config.redirect_uri().origin().clone());
        self.config = config;
    }

    /// Notes whether the last record was saved.
    pub fn note_saved(&mut self, is_saved: bool) {
        self.remembering.is_saved = is_saved;
    }

    /// The browser was not opened for a logout: the provider's session may live on, and the next login asks for the
    /// password.
    pub fn note_logout_not_shown(&mut self) {
        self.must_ask = true;
    }

    /// Whether a restored session is not shown yet: it is shown when its access token is valid, or when the first attempt to
    /// renew it has failed.
    pub(super) fn is_restoring_stored(&self) -> bool {
        let is_unknown = |active: &ActiveSession| {
            active.renewal.under_way || !(active.is_fresh(self.now) || active.renewal.last_error.is_some())
        };
        self.remembering.is_restoring && matches!(&self.phase, Phase::SignedIn(active) if is_unknown(active))
    }

    /// The app starts, and finds the record of a session. If its access token is still valid, the user is signed in; if
    /// not, it is renewed first.
    pub(super) fn restored(&mut self, call_id: CallId, address: &Secret, stored: StoredSession) {
        self.page = HttpUrl::parse(address.expose()).map(|address| address.origin().clone());
        let key = stored.key().map(|key| self.proofs.new_key(key.algorithm));
        if let (Some(key), Some(stored)) = (key, stored.key()) {
            self.effects.push(Effect::ImportKey { key, private: stored.private.clone() });
        }
        self.epoch = self.epoch.next();
        self.last_tenant = stored.fields.tenant.clone();
        let generation = self.next_generation();
        self.remembering = Remembering {
            is_on: true,
            is_saved: true,
            is_restoring: true,
            last: Some((stored.fields.refresh_token.clone(), generation)),
            login: Some(stored.fields.nonce.clone()),
            revision: stored.fields.revision,
            ..Remembering::default()
        };
        let mut active = ActiveSession::restored(self.now, stored, generation, key);
        // A logout needs the metadata as well as a renewal does.
        active.renewal.under_way = self.metadata.is_none();
        self.phase = Phase::SignedIn(active);
        self.waiting_for_state.push(call_id);
        if self.metadata.is_none() {
            self.await_metadata(AwaitingMetadata::Restore(self.epoch));
        }
    }

    /// The metadata that a restored session waits for has arrived, or not.
    pub(super) fn metadata_of_restored(&mut self, epoch: Epoch, error: Option<&Error>) {
        let Phase::SignedIn(active) = &mut self.phase else { return };
        if epoch != self.epoch {
            return;
        }
        active.renewal.under_way = false;
        if let Some(error) = error {
            // The next renewal asks for the metadata again.
            active.expire_now(self.now);
            self.renewal_failed(TokenIndex::FIRST, error, None, None);
        }
    }

    /// What has to happen before a renewal is sent. `None` if nothing has to.
    pub(super) fn prepare_renewal(&mut self, token: TokenIndex) -> Option<bool> {
        let Phase::SignedIn(active) = &mut self.phase else { return None };
        let is_possible = active.refresh_token.is_some() && !active.renewal.under_way;
        if !self.remembering.is_on || self.remembering.holds_lock || !is_possible {
            return None;
        }
        active.renewal.under_way = true;
        if self.metadata.is_none() {
            self.await_metadata(AwaitingMetadata::Restore(self.epoch));
        } else {
            let request = self.expect(Expect::StoredSession { epoch: self.epoch, token });
            self.effects.push(Effect::LockStored { request });
        }
        Some(true)
    }

    /// The lock was taken, and the record was read again. On an error, the lock was not taken.
    pub(super) fn stored_locked(&mut self, request: RequestId, stored: Result<Option<StoredSession>, Error>) {
        let expected = self.take_expected(request);
        self.remembering.holds_lock = stored.is_ok();
        let (Some(Expect::StoredSession { epoch, token }), Phase::SignedIn(active)) = (expected, &mut self.phase) else { return };
        if epoch != self.epoch {
            return;
        }
        active.renewal.under_way = false;
        match stored {
            Err(error) => self.renewal_failed(token, &error, None, None),
            Ok(None) if self.remembering.is_saved => self.forgotten_elsewhere(),
            Ok(Some(stored)) if !active.has_login_of(&stored) => {
                self.remembering.is_replaced = true;
                self.start_renewal(token);
            }
            Ok(None) => {
                self.start_renewal(token);
            }
            Ok(Some(stored)) => self.renewed_elsewhere(token, stored),
        }
    }

    /// Another process of the app has removed the record: the user logged out there. That process has revoked the refresh
    /// token of the record. This one's is not revoked: if the record is gone for another reason, that could end, at some
    /// providers, a session that has newer tokens.
    fn forgotten_elsewhere(&mut self) {
        self.remembering.last = None;
        if let Phase::SignedIn(active) = &mut self.phase {
            active.refresh_token = None;
        }
        self.end_session(Reason::SignedOut, &Code::NotSignedIn.into());
    }

    /// Another process of the app may have renewed the session. Its refresh token replaces this one's, which is no longer
    /// valid, and its access token makes a renewal unnecessary.
    fn renewed_elsewhere(&mut self, token: TokenIndex, stored: StoredSession) {
        if stored.fields.revision <= self.remembering.revision {
            self.start_renewal(token);
            return;
        }
        let generation = self.next_generation();
        self.remembering.revision = stored.fields.revision;
        self.remembering.is_saved = true;
        self.remembering.last = Some((stored.fields.refresh_token.clone(), generation));
        let Phase::SignedIn(active) = &mut self.phase else { return };
        active.take_over(self.now, stored, generation);
        if token != TokenIndex::FIRST || !active.is_fresh(self.now) || active.renewal_is_due(self.now) {
            self.start_renewal(token);
            return;
        }
        for pending_call in active.take_waiting_for(token) {
            self.complete(pending_call);
        }
    }

    /// After each input: the record follows the session, and the lock is held no longer than a renewal takes.
    pub(super) fn update_stored(&mut self) {
        if !self.remembering.is_on {
            return;
        }
        let is_renewing = matches!(&self.phase, Phase::SignedIn(active) if active.renewal.under_way);
        self.remembering.is_restoring = self.is_restoring_stored();
        self.save_or_forget();
        if self.remembering.holds_lock && !is_renewing {
            self.remembering.holds_lock = false;
            self.effects.push(Effect::UnlockStored);
        }
    }

    fn save_or_forget(&mut self) {
        let tokens = match &self.phase {
            Phase::SignedIn(active) => active.refresh_token.clone().map(|refresh_token| (refresh_token, active.generation)),
            _ => None,
        };
        if tokens == self.remembering.last {
            return;
        }
        let had_record = self.remembering.last.is_some();
        self.remembering.last = tokens;
        if self.remembering.is_replaced {
            return;
        }
        let Phase::SignedIn(active) = &self.phase else { return self.forget(had_record) };
        self.remembering.revision = self.remembering.revision.saturating_add(1);
        match StoredSession::of(active, self.now, self.remembering.revision) {
            // Before everything else: whoever gets an answer may end the process.
            Some(session) => {
                self.remembering.login = Some(session.fields.nonce.clone());
                self.effects.insert(0, Effect::SaveSession { session, key: active.key });
            }
            None => self.forget(had_record),
        }
    }

    fn forget(&mut self, had_record: bool) {
        self.remembering.is_saved = false;
        if let Some(login) = self.remembering.login.take().filter(|_| had_record) {
            self.effects.insert(0, Effect::ForgetSession { login });
        }
    }

    /// The record was removed. If another process had renewed it, its refresh token is the one that is still valid.
    pub(super) fn session_forgotten(&mut self, stored: &StoredSession) {
        if stored.fields.revision > self.remembering.revision {
            self.revoke(&stored.fields.refresh_token, None);
        }
    }

    /// A new login has begun a session: its record replaces the stored one.
    pub(super) fn remember_login(&mut self) {
        self.remembering.is_replaced = false;
    }
}
