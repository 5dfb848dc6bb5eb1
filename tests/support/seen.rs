//! What a test can see of the world.

use wristband_spa_auth::protocol::error::{Code, Error};
use wristband_spa_auth::protocol::user_info::UserInfo;
use wristband_spa_auth::session::{Answer, CallId, SessionKey, State, UserSession};

use super::{Address, Endpoint, Event, Sent, World};

impl World {
    pub fn state(&self) -> State {
        self.session.state()
    }

    pub fn signed_in_as(&self) -> UserSession {
        self.state().signed_in().expect("the user is signed out").clone()
    }

    pub fn is_signed_in(&self) -> bool {
        self.state().signed_in().is_some()
    }

    /// The answer to a call.
    pub fn answer(&self, call_id: CallId) -> &Result<Answer, Error> {
        self.answers.get(&call_id.0).expect("no answer yet")
    }

    pub fn is_answered(&self, call_id: CallId) -> bool {
        self.answers.contains_key(&call_id.0)
    }

    /// The error of a call.
    pub fn error(&self, call_id: CallId) -> &Error {
        self.answer(call_id).as_ref().expect_err("this went well")
    }

    pub fn code(&self, call_id: CallId) -> Code {
        self.error(call_id).code()
    }

    /// The access token that a call received, and its generation.
    pub fn token_of(&self, call_id: CallId) -> (&str, u32) {
        match self.answer(call_id) {
            Ok(Answer::Token { access_token, generation, .. }) => (access_token.expose(), generation.0),
            other => panic!("not a token: {other:?}"),
        }
    }

    pub fn user_info_of(&self, call_id: CallId) -> &UserInfo {
        match self.answer(call_id) {
            Ok(Answer::UserInfo(user_info)) => user_info,
            other => panic!("not user info: {other:?}"),
        }
    }

    /// The requests that were sent since the history was last cleared.
    pub fn sent(&self) -> Vec<&Sent> {
        self.events.iter().filter_map(|event| if let Event::Sent(sent) = event { Some(sent) } else { None }).collect()
    }

    pub fn sent_to(&self, endpoint: Endpoint) -> Vec<&Sent> {
        self.sent().into_iter().filter(|sent| sent.endpoint == endpoint).collect()
    }

    pub fn renewals_sent(&self) -> usize {
        self.sent().iter().filter(|sent| sent.is_renewal()).count()
    }

    /// The refresh tokens that were sent to the revocation endpoint.
    pub fn revoked(&self) -> Vec<&str> {
        self.sent_to(Endpoint::Revocation).iter().map(|sent| sent.field("token").unwrap()).collect()
    }

    /// The keys of the sessions whose users were said to be present.
    pub fn presence_announced(&self) -> Vec<&SessionKey> {
        self.events.iter().filter_map(|event| if let Event::PresenceAnnounced(key) = event { Some(key) } else { None }).collect()
    }

    pub fn navigations(&self) -> Vec<Address> {
        let url = |event: &Event| if let Event::Navigated(url) = event { Some(Address::parse(url)) } else { None };
        self.events.iter().filter_map(url).collect()
    }

    pub fn last_navigation(&self) -> Address {
        self.navigations().pop().expect("the browser was sent nowhere")
    }

    /// The URLs that the address bar was made to show, in order.
    pub fn addresses_shown(&self) -> Vec<&str> {
        let shown = self.events.iter().filter_map(|event| match event {
            Event::AddressReplaced { path, .. } => Some(path.as_str()),
            _ => None,
        });
        shown.collect()
    }
}
