//! What a session wants done.

use core::time::Duration;

use super::grant::SessionKey;
use super::hint::Hint;
use super::input::{Ask, RequestId, SessionNumber};
use super::pending::Pending;
use crate::protocol::error::Error;
use crate::protocol::http::Request;
use crate::protocol::jwks::{Algorithm, Jwk};
use crate::protocol::secret::{AccessToken, Secret};
use crate::protocol::user_info::UserInfo;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// Tell the app's other tabs that somebody logged out of this session.
    AnnounceLogout(SessionKey),
    /// Tell the caller.
    Answer {
        /// Whom.
        ask: Ask,
        /// What.
        answer: Result<Answer, Error>,
    },
    /// Ask somebody other than the provider for the time, such as the server that the app came
    /// from, and bring back [`Input::TimeTold`](super::Input::TimeTold).
    AskTime {
        /// To be brought back.
        request: RequestId,
    },
    /// Check whether one of the keys made this signature, hash the access token, and bring back
    /// [`Input::SignatureChecked`](super::Input::SignatureChecked).
    CheckSignature {
        /// To be brought back.
        request: RequestId,
        /// What to check.
        check: Box<SignatureCheck>,
    },
    /// Take a pending login out of storage, and bring back
    /// [`Input::PendingClaimed`](super::Input::PendingClaimed) when the transaction that removed the
    /// record has committed. Of several callers, at most one gets the record.
    ClaimPending {
        /// To be brought back.
        request: RequestId,
        /// Which.
        key: PendingKey,
    },
    /// Forget that somebody was signed in.
    ClearHint,
    /// Send a request, and bring back [`Input::Fetched`](super::Input::Fetched).
    Fetch {
        /// To be brought back.
        request: RequestId,
        /// The request.
        what: Request,
        /// When to give up.
        timeout: Duration,
    },
    /// Send the browser away. Belongs to the page of the caller.
    Navigate {
        /// Whose page.
        ask: Ask,
        /// Where to. It carries the `state` and `nonce` of a login.
        url: Secret,
        /// Whether the page that is left may be gone back to. A page that would only send the
        /// browser away again may not: nobody gets past it backwards.
        keep_in_history: bool,
    },
    /// Have a page begin again with [`Input::Opened`](super::Input::Opened): the session was lost
    /// in a way that the provider may be able to mend.
    Reopen,
    /// Show another path of the app's own origin in the address bar, without loading it. Belongs
    /// to the page of the caller.
    ReplaceAddress {
        /// Whose page.
        ask: Ask,
        /// The path, with query and fragment.
        path: String,
        /// Whether the app's router has to hear of it.
        announce: bool,
    },
    /// Write a pending login, and bring back [`Input::PendingStored`](super::Input::PendingStored).
    /// Expired records are removed, and the oldest beyond [`MOST_PENDING`](super::MOST_PENDING).
    StorePending {
        /// To be brought back.
        request: RequestId,
        /// Under which key.
        key: PendingKey,
        /// What.
        pending: Pending,
    },
    /// Remember that somebody was signed in.
    WriteHint(Hint),
}

/// A signature, and what is needed to check it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureCheck {
    /// The access token that came along.
    pub access_token: AccessToken,
    /// How the signature was made, and by which function to hash.
    pub algorithm: Algorithm,
    /// Who can have made it.
    pub keys: Vec<Jwk>,
    /// What is signed.
    pub signing_input: Secret,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Under which key the record of a login is stored: a digest of the settings, and the login's `state`.
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

/// What a caller is told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// It is done.
    Done,
    /// A good access token.
    Token {
        /// The token.
        access_token: AccessToken,
        /// Which one it is, counted from the login, for [`Input::TokenRefused`](super::Input::TokenRefused).
        generation: u32,
        /// The session that the token belongs to. Its number goes with [`Input::TokenRefused`](super::Input::TokenRefused).
        session: SessionNumber,
    },
    /// Who is signed in.
    UserInfo(UserInfo),
}
