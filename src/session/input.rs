//! What can happen to a session.

use super::grant::SessionKey;
use super::hint::Hint;
use super::options::{Login, Logout};
use super::pending::Pending;
use crate::protocol::error::Error;
use crate::protocol::http::Response;
use crate::protocol::id_token::Signature;
use crate::protocol::secret::{Entropy, Secret};
use crate::protocol::time::Timestamp;

/// The ticket of a caller. Every ask is answered exactly once, with
/// [`Effect::Answer`](super::Effect::Answer).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ask(pub u32);

/// Tells the sessions of a vault apart: every sign-in starts a session with another number, for the
/// same user too. A page says with each call which session it believes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionNumber(u64);

impl SessionNumber {
    /// A number that JavaScript holds exactly. Larger ones wrap around.
    pub fn from_u64(number: u64) -> Self {
        Self(number % (1 << 53))
    }

    /// The number.
    pub fn as_u64(self) -> u64 {
        self.0
    }
}

/// Ties what came of an effect to the effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestId(pub(super) u32);

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// No connection, or none that the browser lets the app use.
    Failed,
    /// The deadline passed.
    TimedOut,
}

/// What happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// A request of [`Effect::Fetch`](super::Effect::Fetch) ended.
    Fetched {
        /// The effect's.
        request: RequestId,
        /// What came.
        outcome: Result<Response, Transport>,
    },
    /// The app wants somebody to log in.
    Login {
        /// The caller. Answered when the browser is sent away, or why not.
        ask: Ask,
        /// How.
        login: Login,
        /// For this login alone.
        entropy: Entropy,
    },
    /// Wristband, or the app itself, sent somebody to the app's login route.
    LoginFromUrl {
        /// The caller, as for a login.
        ask: Ask,
        /// The address of the page.
        address: String,
        /// For this login alone.
        entropy: Entropy,
    },
    /// The app wants the session to end.
    Logout {
        /// The caller. Answered when all is done.
        ask: Ask,
        /// How.
        logout: Logout,
    },
    /// The device says whether it has a network.
    Online(bool),
    /// A page of the app was loaded.
    Opened {
        /// The caller. Answered when the state is no longer loading.
        ask: Ask,
        /// The address of the page, as the browser spells it. It may carry a code.
        address: Secret,
        /// What the last session left behind.
        hint: Option<Hint>,
        /// Whether the device says that it has a network. The event that tells of a change may have
        /// been missed.
        online: bool,
        /// Whether the page was open before, and lost its vault. What the user does there must not
        /// be lost: the page is not sent away to restore the session.
        resumed: bool,
        /// For one login, should it be needed.
        entropy: Entropy,
    },
    /// The record of [`Effect::ClaimPending`](super::Effect::ClaimPending) was taken out.
    PendingClaimed {
        /// The effect's.
        request: RequestId,
        /// The record, if there was one. An error when storage cannot be read.
        pending: Result<Option<Pending>, Error>,
    },
    /// The record of [`Effect::StorePending`](super::Effect::StorePending) was written, or not.
    PendingStored {
        /// The effect's.
        request: RequestId,
        /// Which other logins were pending before.
        stored: Result<Vec<Pending>, Error>,
    },
    /// The app wants new tokens now.
    Renew {
        /// The caller. Answered when they are there.
        ask: Ask,
        /// The session that the page believes in. `None` means the current one.
        session: Option<SessionNumber>,
    },
    /// The page came back from the browser's cache, as it was when it was left.
    Returned {
        /// Whether the device says that it has a network.
        online: bool,
    },
    /// The signature of [`Effect::CheckSignature`](super::Effect::CheckSignature) was checked.
    SignatureChecked {
        /// The effect's.
        request: RequestId,
        /// What came of it. An error when it could not be checked.
        signature: Result<Signature, Error>,
    },
    /// Somebody logged out of this session in another tab.
    SignedOutElsewhere {
        /// Which session.
        session: SessionKey,
    },
    /// The time of [`Effect::AskTime`](super::Effect::AskTime) came.
    TimeTold {
        /// The effect's.
        request: RequestId,
        /// The time, if anybody could tell.
        time: Option<Timestamp>,
    },
    /// Somebody needs a good access token.
    Token {
        /// The caller. Answered with [`Answer::Token`](super::Answer::Token).
        ask: Ask,
        /// The session that the page believes in. `None` means the current one.
        session: Option<SessionNumber>,
    },
    /// An API refused an access token.
    TokenRefused {
        /// The caller. Answered with a newer token of the same session.
        ask: Ask,
        /// The session of the refused token. `None` means the current one.
        session: Option<SessionNumber>,
        /// Which token was refused.
        generation: u32,
        /// Which of the configuration's APIs refused it, by its place in
        /// [`Config::apis`](crate::protocol::config::Config::apis). An API that refuses every token is
        /// not renewed for again and again.
        api: Option<usize>,
    },
    /// The app wants to know about the person.
    UserInfo {
        /// The caller. Answered with [`Answer::UserInfo`](super::Answer::UserInfo).
        ask: Ask,
        /// The session that the page believes in. `None` means the current one.
        session: Option<SessionNumber>,
    },
    /// Time passed: a timer, a page that became visible, a machine that woke up.
    Woke,
}
