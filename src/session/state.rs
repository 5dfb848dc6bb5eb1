//! The state that the app sees.

use serde::de::DeserializeOwned;
use std::sync::Arc;

use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::tenant::Tenant;
use crate::protocol::time::Timestamp;

/// The four states, with the same names everywhere. None contains a token.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// A sign-in failed. A login can be started.
    Failed(Error),
    /// It is not known yet whether the user is signed in.
    #[default]
    Loading,
    /// The user is signed in.
    SignedIn(Arc<UserSession>),
    /// The user is signed out.
    SignedOut(Reason),
}

impl State {
    /// The name in the JavaScript API.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Failed(_) => "failed",
            Self::Loading => "loading",
            Self::SignedIn(_) => "signed-in",
            Self::SignedOut(_) => "signed-out",
        }
    }

    /// The session, if the user is signed in.
    pub fn signed_in(&self) -> Option<&UserSession> {
        if let Self::SignedIn(session) = self { Some(session) } else { None }
    }
}

/// Why the user is signed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The session ended at the provider, or with a reload.
    Expired,
    /// Nobody used the session for as long as the app allows.
    Idle,
    /// No user was signed in.
    NeverSignedIn,
    /// The user logged out.
    SignedOut,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::Expired, Self::Idle, Self::NeverSignedIn, Self::SignedOut];

    /// Whether the user is signed out although the provider's session may live on: a login is only started by the user.
    pub fn waits_for_user(self) -> bool {
        matches!(self, Self::Idle | Self::SignedOut)
    }

    /// The name in the JavaScript API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Idle => "idle",
            Self::NeverSignedIn => "never-signed-in",
            Self::SignedOut => "signed-out",
        }
    }
}

impl UserSession {
    /// The claims of the ID token, decoded into one of the app's types.
    ///
    /// # Errors
    /// `id_token_malformed`, naming the claim that has the wrong type.
    pub fn claims_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(&self.claims).map_err(|error| Error::with_detail(Code::IdTokenMalformed, error.to_string()))
    }
}

/// Who is signed in, where, and until when.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UserSession {
    /// The id of the user (`sub`).
    pub user_id: String,
    /// The tenant, as far as the provider named it.
    pub tenant: Tenant,
    /// The id of the tenant (`tnt_id`).
    pub tenant_id: Option<String>,
    /// Who authenticated the user (`idp_name`).
    pub identity_provider_name: Option<String>,
    /// When the user last authenticated (`auth_time`).
    pub authenticated_at: Option<Timestamp>,
    /// How the user authenticated (`acr`), as far as the provider says.
    pub acr: Option<String>,
    /// Whether the tokens are bound to a key of the vault (DPoP): nobody else can use them.
    pub is_bound: bool,
    /// The granted scopes, separated by spaces.
    pub scope: String,
    /// When the access token expires, by this device's clock. `None` if the provider did not say.
    pub expires_at: Option<Timestamp>,
    /// When it will be renewed, by this device's clock. `None` if it will not be.
    pub renews_at: Option<Timestamp>,
    /// How often it was renewed.
    pub renewals: u32,
    /// Whether a renewal is under way.
    pub renewing: bool,
    /// Why the last renewal failed. It is retried.
    pub renewal_error: Option<Error>,
    /// When the session ends because nobody uses it, by this device's clock. `None` until the warning begins.
    pub idle_logout_at: Option<Timestamp>,
    /// The claims of the ID token.
    pub claims: Value,
    /// The value that the login of this session was given; `null` if none, or after the session was restored.
    pub custom_state: Value,
    /// How many seconds this device's clock is behind the real time; negative if it is ahead.
    /// Zero unless the clock was found to be wrong.
    pub clock_skew: i64,
    /// Whether the device is offline. The session continues without requests to the provider.
    pub offline: bool,
}
