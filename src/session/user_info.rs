//! Asking the provider about the person.

use super::effect::Answer;
use super::grant::{Api, Waiter, Want};
use super::input::{Ask, SessionNumber};
use super::{Expect, Outcome, Phase, Session};
use crate::protocol::error::{Code, Error};
use crate::protocol::user_info::UserInfo;

/// A request for user info.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    ask: Ask,
    epoch: u32,
    generation: u32,
    /// Whether an access token was already refused once.
    replayed: bool,
}

impl Session {
    pub(super) fn user_info(&mut self, ask: Ask, session: Option<SessionNumber>) {
        self.call(session, Waiter { ask, want: Want::UserInfo { replayed: false } });
    }

    pub(super) fn fetch_user_info(&mut self, ask: Ask, replayed: bool) {
        let (Phase::SignedIn(grant), Some(metadata)) = (&self.phase, &self.metadata) else {
            return self.fail(ask, Code::NotSignedIn.into());
        };
        let Some(endpoint) = metadata.userinfo_endpoint() else {
            return self.fail(ask, Error::with_detail(Code::MetadataInvalid, "userinfo_endpoint"));
        };
        let request = UserInfo::request(endpoint, grant.access_token.clone());
        let call = Call { ask, epoch: self.epoch, generation: grant.generation, replayed };
        self.fetch(request, Expect::UserInfo(call));
    }

    pub(super) fn user_info_fetched(&mut self, call: Call, outcome: Outcome<'_>) {
        let grant = match &mut self.phase {
            Phase::SignedIn(grant) if call.epoch == self.epoch => grant,
            // The answer is about somebody who is no longer signed in.
            _ => return self.fail(call.ask, Code::NotSignedIn.into()),
        };
        let is_refused = outcome.as_ref().is_ok_and(|response| response.status == 401) && !call.replayed;
        if is_refused && grant.refresh_token.is_some() {
            let is_current = grant.generation == call.generation;
            if !is_current || grant.is_renewed_for(Some(Api::UserInfo), self.now) {
                return self.user_info_refused(call);
            }
        }
        let user_info = outcome.and_then(|response| UserInfo::parse(response, &grant.id_token));
        self.answer(call.ask, user_info.map(Answer::UserInfo));
    }

    /// The provider no longer takes the access token: one more try with a new one.
    fn user_info_refused(&mut self, call: Call) {
        let waiter = Waiter { ask: call.ask, want: Want::UserInfo { replayed: true } };
        match &self.phase {
            Phase::SignedIn(grant) if grant.generation != call.generation => self.want(waiter),
            _ => self.want_renewed(waiter),
        }
    }
}
