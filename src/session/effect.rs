//! The effects of a session.

use core::time::Duration;

use super::active_session::SessionKey;
use super::counters::TokenGeneration;
use super::hint::SessionHint;
use super::idle::Presence;
use super::input::{CallId, RequestId, SessionNumber};
use super::pending::PendingLogin;
#[cfg(feature = "native")]
use super::stored::StoredSession;
use crate::protocol::dpop::KeyId;
use crate::protocol::error::Error;
use crate::protocol::http::Request;
use crate::protocol::jwks::{Algorithm, Jwk};
#[cfg(feature = "native")]
use crate::protocol::secret::Nonce;
use crate::protocol::secret::{AccessToken, Secret};
use crate::protocol::user_info::UserInfo;

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// Tell the app's other tabs that the user logged out of this session.
    AnnounceLogout(SessionKey),
    /// Tell the app's other tabs, some of which may have vaults of their own, that the user of this session is present.
    AnnouncePresence(SessionKey, Presence),
    /// Answer a call.
    Answer {
        /// The call.
        call_id: CallId,
        /// The answer.
        answer: Result<Answer, Error>,
    },
    /// Ask a server other than the provider for the time, such as the one that the app came
    /// from, and return [`Input::ServerTime`](super::Input::ServerTime).
    FetchServerTime {
        /// The id to return with the result.
        request: RequestId,
    },
    /// Check whether one of the keys made this signature, hash the access token, and return
    /// [`Input::SignatureChecked`](super::Input::SignatureChecked).
    CheckSignature {
        /// The id to return with the result.
        request: RequestId,
        /// What to check.
        check: Box<SignatureCheck>,
    },
    /// Take a pending login out of storage, and return
    /// [`Input::PendingClaimed`](super::Input::PendingClaimed) when the transaction that removed the
    /// record has committed. Of several callers, at most one gets the record.
    ClaimPending {
        /// The id to return with the result.
        request: RequestId,
        /// The key of the record.
        key: PendingKey,
    },
    /// Delete the hint that a user was signed in.
    ClearHint,
    /// Send a request, and return [`Input::Fetched`](super::Input::Fetched). If it has a proof, sign that first; if there is no
    /// key pair of its id yet, make it.
    Fetch {
        /// The id to return with the result.
        request: RequestId,
        /// The request.
        what: Request,
        /// How long to wait for the response.
        timeout: Duration,
    },
    /// Make a key pair whose private key cannot be read, keep it under this id, and return
    /// [`Input::KeyMade`](super::Input::KeyMade).
    MakeKey {
        /// The id to return with the result.
        request: RequestId,
        /// The id of the key pair.
        key: KeyId,
    },
    /// Navigate the caller's page to another URL.
    Navigate {
        /// The caller.
        call_id: CallId,
        /// The URL. It contains the `state` and `nonce` of a login.
        url: Secret,
        /// Whether the Back button may return to the page that is left. It must not if the page
        /// would only redirect again.
        keep_in_history: bool,
    },
    /// Remove the stored record of the session, unless it is another login's by now
    /// ([`StoredSession::is_of`]). A process that has not the lock takes it first. If the record was this login's, it comes
    /// back as [`Input::SessionForgotten`](super::Input::SessionForgotten).
    #[cfg(feature = "native")]
    ForgetSession {
        /// The nonce of the login that the session came from.
        login: Nonce,
    },
    /// Keep this key pair, which an earlier process made, under this id.
    #[cfg(feature = "native")]
    ImportKey {
        /// The id of the key pair.
        key: KeyId,
        /// The key pair, as the driver wrote it.
        private: Secret,
    },
    /// Take the lock of the stored record, which all processes of the app share, read the record, and return
    /// [`Input::StoredLocked`](super::Input::StoredLocked).
    #[cfg(feature = "native")]
    LockStored {
        /// The id to return with the result.
        request: RequestId,
    },
    /// Have a page start again with [`Input::Opened`](super::Input::Opened): the session was lost,
    /// but the provider may be able to restore it.
    Reopen,
    /// Show another path of the app's own origin in the address bar of the caller's page, without
    /// loading it.
    ReplaceAddress {
        /// The caller.
        call_id: CallId,
        /// The path, with query and fragment.
        path: String,
        /// Whether to notify the app's router.
        announce: bool,
    },
    /// Store the record of the session in place of the last one, in storage that encrypts it, before the effects that follow.
    /// Whether that succeeded is for [`Session::note_saved`](super::Session::note_saved).
    #[cfg(feature = "native")]
    SaveSession {
        /// The record, without the private key.
        session: StoredSession,
        /// The key pair that the tokens are bound to.
        key: Option<KeyId>,
    },
    /// Store a pending login, and return [`Input::PendingStored`](super::Input::PendingStored).
    /// Expired records are removed, and the oldest beyond [`MAX_PENDING`](super::MAX_PENDING).
    StorePending {
        /// The id to return with the result.
        request: RequestId,
        /// The key of the record.
        key: PendingKey,
        /// The record.
        pending: PendingLogin,
    },
    /// Give back the lock of the stored record.
    #[cfg(feature = "native")]
    UnlockStored,
    /// Store the hint that a user was signed in.
    WriteHint(SessionHint),
}

/// A signature, and what is needed to check it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureCheck {
    /// The access token from the same response.
    pub access_token: AccessToken,
    /// The algorithm of the signature.
    pub algorithm: Algorithm,
    /// The hash function for the access token, as SubtleCrypto names it.
    pub hash: &'static str,
    /// The keys that can have made it.
    pub keys: Vec<Jwk>,
    /// The signed string (JWS signing input).
    pub signing_input: Secret,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The key of a stored login: a digest of the settings, and the login's `state`.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingKey(pub(super) String);

impl PendingKey {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for PendingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PendingKey([redacted])")
    }
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// Done, with nothing to return.
    Done,
    /// The user is logged out here.
    LoggedOut {
        /// Whether the browser is redirected to where the provider ends its own session. Otherwise that session may live
        /// on, and the next login asks for the password.
        ends_provider_session: bool,
    },
    /// The page that was opened was a callback, and has signed the user in.
    SignedIn,
    /// A usable access token.
    Token {
        /// The token.
        access_token: AccessToken,
        /// The number of the token, for [`Input::TokenRefused`](super::Input::TokenRefused).
        generation: TokenGeneration,
        /// The session that the token belongs to, for [`Input::TokenRefused`](super::Input::TokenRefused).
        session: SessionNumber,
        /// The key pair that the token is bound to. It is then sent with a proof, and as no bearer token.
        key: Option<KeyId>,
    },
    /// The provider's claims about the user.
    UserInfo(UserInfo),
}
