//! What can happen to a session.

use super::active_session::SessionKey;
use super::counters::TokenGeneration;
use super::hint::SessionHint;
use super::idle::Presence;
use super::options::{Login, Logout};
use super::pending::PendingLogin;
#[cfg(feature = "native")]
use super::stored::StoredSession;
use crate::protocol::error::Error;
use crate::protocol::http::Response;
use crate::protocol::id_token::Signature;
use crate::protocol::secret::{Entropy, Secret};
use crate::protocol::time::Timestamp;

/// The id of a call. Every call is answered exactly once, with
/// [`Effect::Answer`](super::Effect::Answer).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId(pub u32);

/// Distinguishes the sessions of a vault: every sign-in starts a session with another number, even for
/// the same user. With each call, a page names the session that it takes for the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionNumber(u64);

impl SessionNumber {
    /// A number that JavaScript represents exactly. Larger ones wrap around at 2^53.
    pub fn from_u64(number: u64) -> Self {
        Self(number % (1 << 53))
    }

    /// The number.
    pub fn as_u64(self) -> u64 {
        self.0
    }
}

/// Matches the result of an effect to the effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestId(u32);

impl RequestId {
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// No connection, or none that the browser allows the app to use.
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
        /// The id of the effect.
        request: RequestId,
        /// The response, or why there is none.
        outcome: Result<Response, Transport>,
    },
    /// The key pair of [`Effect::MakeKey`](super::Effect::MakeKey) was made, or not.
    KeyMade {
        /// The id of the effect.
        request: RequestId,
        /// The thumbprint of the public key.
        thumbprint: Result<String, Error>,
    },
    /// The app starts a login.
    Login {
        /// The call. Answered when the browser is redirected, or with the reason if it is not.
        call_id: CallId,
        /// The options.
        login: Login,
        /// Random bytes for this login only.
        entropy: Entropy,
    },
    /// Wristband, or the app itself, sent the user to the app's login route.
    LoginFromUrl {
        /// The call. Answered as for a login.
        call_id: CallId,
        /// The URL of the page.
        address: String,
        /// Random bytes for this login only.
        entropy: Entropy,
    },
    /// The app logs the user out.
    Logout {
        /// The call. Answered when the logout is done.
        call_id: CallId,
        /// The options.
        logout: Logout,
    },
    /// The device reports whether it has a network.
    Online(bool),
    /// A page of the app was loaded.
    Opened {
        /// The call. Answered when the state is no longer loading.
        call_id: CallId,
        /// The URL of the page, as the browser serializes it. It can contain an authorization code.
        address: Secret,
        /// The hint that the last session stored.
        hint: Option<SessionHint>,
        /// Whether the device reports that it has a network. The event for a change may have been
        /// missed.
        online: bool,
        /// Whether the page was open before, and lost its vault. The user's work there must not be
        /// lost: the page is not redirected to restore the session.
        resumed: bool,
        /// Random bytes for one login, if it is needed.
        entropy: Entropy,
    },
    /// The record of [`Effect::ClaimPending`](super::Effect::ClaimPending) was taken out.
    PendingClaimed {
        /// The id of the effect.
        request: RequestId,
        /// The record, if there was one. An error if storage cannot be read.
        pending: Result<Option<PendingLogin>, Error>,
    },
    /// The record of [`Effect::StorePending`](super::Effect::StorePending) was written, or not.
    PendingStored {
        /// The id of the effect.
        request: RequestId,
        /// The other logins that were pending before, or why the record was not written.
        stored: Result<Vec<PendingLogin>, Error>,
    },
    /// The user was seen in a page.
    Present(Presence),
    /// The user was seen in a tab with another vault.
    PresentElsewhere {
        /// The session there.
        session: SessionKey,
        /// How.
        presence: Presence,
    },
    /// The app requests new tokens.
    Renew {
        /// The call. Answered when they have arrived.
        call_id: CallId,
        /// The session that the page takes for the current one. `None` means the current one.
        session: Option<SessionNumber>,
    },
    /// The browser restored the page from its back/forward cache, as it was when it was left.
    PageRestoredFromCache {
        /// Whether the device reports that it has a network.
        online: bool,
    },
    /// The app starts, and its storage has the record of a session.
    #[cfg(feature = "native")]
    Restored {
        /// The call. Answered when the state is no longer loading.
        call_id: CallId,
        /// The redirect URI, from which the origin of the app's pages is known.
        address: Secret,
        /// The record.
        stored: StoredSession,
    },
    /// The record of [`Effect::ForgetSession`](super::Effect::ForgetSession) was removed.
    #[cfg(feature = "native")]
    SessionForgotten {
        /// What it was.
        stored: StoredSession,
    },
    /// The signature of [`Effect::CheckSignature`](super::Effect::CheckSignature) was checked.
    SignatureChecked {
        /// The id of the effect.
        request: RequestId,
        /// The result. An error if the signature could not be checked.
        signature: Result<Signature, Error>,
    },
    /// The user logged out of this session in another tab.
    SignedOutElsewhere {
        /// The session.
        session: SessionKey,
    },
    /// The lock of [`Effect::LockStored`](super::Effect::LockStored) was taken, or not.
    #[cfg(feature = "native")]
    StoredLocked {
        /// The id of the effect.
        request: RequestId,
        /// The record, if there is one. An error if the lock was not taken, or the storage cannot be read.
        stored: Result<Option<StoredSession>, Error>,
    },
    /// The time of [`Effect::FetchServerTime`](super::Effect::FetchServerTime) arrived, or could not be determined.
    ServerTime {
        /// The id of the effect.
        request: RequestId,
        /// The time, if it could be determined.
        time: Option<Timestamp>,
    },
    /// The app says that the user stays: the session does not end as idle for another while.
    Stay {
        /// The call.
        call_id: CallId,
        /// The session that the page takes for the current one. `None` means the current one.
        session: Option<SessionNumber>,
    },
    /// A page needs a usable access token.
    Token {
        /// The call. Answered with [`Answer::Token`](super::Answer::Token).
        call_id: CallId,
        /// The session that the page takes for the current one. `None` means the current one.
        session: Option<SessionNumber>,
        /// The API that it is for, by its index in [`Config::apis`](crate::protocol::config::Config::apis). `None` means
        /// the token of the sign-in itself.
        api: Option<usize>,
    },
    /// An API refused an access token.
    TokenRefused {
        /// The call. Answered with a newer token of the same session.
        call_id: CallId,
        /// The session of the refused token.
        session: SessionNumber,
        /// The number of the refused token.
        generation: TokenGeneration,
        /// Which of the configuration's APIs refused it, by its index in
        /// [`Config::apis`](crate::protocol::config::Config::apis). If an API refuses every token, the
        /// session is not renewed for it again and again.
        api: Option<usize>,
    },
    /// The app requests user info.
    UserInfo {
        /// The call. Answered with [`Answer::UserInfo`](super::Answer::UserInfo).
        call_id: CallId,
        /// The session that the page takes for the current one. `None` means the current one.
        session: Option<SessionNumber>,
    },
    /// Time has passed: a timer fired, a page became visible, or the machine woke up.
    Tick,
}
