//! Requests for user info.

use super::active_session::{Api, PendingCall, TokenUse};
use super::counters::{Epoch, TokenGeneration};
use super::effect::Answer;
use super::input::{CallId, SessionNumber};
use super::{Expect, Outcome, Phase, Session};
use crate::protocol::config::TokenIndex;
use crate::protocol::error::{Code, Error};
use crate::protocol::user_info::UserInfo;

/// A request for user info.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    call_id: CallId,
    epoch: Epoch,
    generation: TokenGeneration,
    /// Whether an access token was already refused once.
    replayed: bool,
}

impl Call {
    /// The session that the call belongs to.
    pub(super) fn epoch(&self) -> Epoch {
        self.epoch
    }
}

impl Session {
    pub(super) fn user_info(&mut self, call_id: CallId, session: Option<SessionNumber>) {
        self.call(session, PendingCall { call_id, token_use: TokenUse::UserInfo { replayed: false } });
    }

    pub(super) fn fetch_user_info(&mut self, call_id: CallId, replayed: bool) {
        let (Phase::SignedIn(active), Some(metadata)) = (&self.phase, &self.metadata) else {
            return self.fail(call_id, Code::NotSignedIn.into());
        };
        let Some(endpoint) = metadata.userinfo_endpoint() else {
            return self.fail(call_id, Error::with_detail(Code::MetadataInvalid, "userinfo_endpoint"));
        };
        let request = UserInfo::request(endpoint, active.access_token.clone());
        let key = active.key;
        let call = Call { call_id, epoch: self.epoch, generation: active.generation, replayed };
        let request = self.proven(request, key);
        self.fetch(request, Expect::UserInfo(call));
    }

    pub(super) fn user_info_fetched(&mut self, call: Call, outcome: Outcome<'_>) {
        let active = match &mut self.phase {
            Phase::SignedIn(active) if call.epoch == self.epoch => active,
            // The response is about a user who is no longer signed in.
            _ => return self.fail(call.call_id, Code::NotSignedIn.into()),
        };
        let is_refused = outcome.as_ref().is_ok_and(|response| response.status == 401) && !call.replayed;
        if is_refused && active.refresh_token.is_some() {
            let is_current = active.generation == call.generation;
            if !is_current || active.is_renewed_for(Some(Api::UserInfo), TokenIndex::FIRST, self.now) {
                return self.user_info_refused(call);
            }
        }
        let user_info = outcome.and_then(|response| UserInfo::parse(response, &active.id_token));
        self.answer(call.call_id, user_info.map(Answer::UserInfo));
    }

    /// The provider no longer accepts the access token: retries once with a new one.
    fn user_info_refused(&mut self, call: Call) {
        let pending_call = PendingCall { call_id: call.call_id, token_use: TokenUse::UserInfo { replayed: true } };
        match &self.phase {
            Phase::SignedIn(active) if active.generation != call.generation => self.with_token(pending_call),
            _ => self.after_refresh(pending_call),
        }
    }
}
