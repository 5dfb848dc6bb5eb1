//! What the app is shown.

use std::sync::Arc;

use crate::protocol::error::Error;
use crate::protocol::json::Value;
use crate::protocol::tenant::Tenant;
use crate::protocol::time::Timestamp;

/// The four states, with the same names everywhere. None holds a token.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// A sign-in came to nothing. A login can be begun.
    Failed(Error),
    /// It is not known yet whether somebody is signed in.
    #[default]
    Loading,
    /// Somebody is signed in.
    SignedIn(Arc<SignedIn>),
    /// Nobody is signed in.
    SignedOut(Reason),
}

impl State {
    /// The name, as the JavaScript face spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Failed(_) => "failed",
            Self::Loading => "loading",
            Self::SignedIn(_) => "signed-in",
            Self::SignedOut(_) => "signed-out",
        }
    }

    /// The session, if somebody is signed in.
    pub fn signed_in(&self) -> Option<&SignedIn> {
        if let Self::SignedIn(session) = self { Some(session) } else { None }
    }
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The session ended at the provider, or with a reload.
    Expired,
    /// Nobody was signed in.
    NeverSignedIn,
    /// Somebody logged out.
    SignedOut,
}

impl Reason {
    /// The name, as the JavaScript face spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NeverSignedIn => "never-signed-in",
            Self::SignedOut => "signed-out",
        }
    }
}

/// Who is signed in, where, and until when.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignedIn {
    /// The person (`sub`).
    pub user_id: String,
    /// The tenant, as far as the provider named it.
    pub tenant: Tenant,
    /// The id of the tenant (`tnt_id`).
    pub tenant_id: Option<String>,
    /// Who checked the person (`idp_name`).
    pub identity_provider_name: Option<String>,
    /// When the person last proved who they are (`auth_time`).
    pub authenticated_at: Option<Timestamp>,
    /// The granted scopes, separated by spaces.
    pub scope: String,
    /// When the access token ends, by this device's clock. `None` when the provider did not say.
    pub expires_at: Option<Timestamp>,
    /// When it will be renewed, by this device's clock. `None` when it will not be.
    pub renews_at: Option<Timestamp>,
    /// How often it was renewed.
    pub renewals: u32,
    /// Whether a renewal is under way.
    pub renewing: bool,
    /// Why the last renewal came to nothing. It is tried again.
    pub trouble: Option<Error>,
    /// The claims of the ID token.
    pub claims: Value,
    /// By how many seconds the clock of this device is behind the world's; negative when it is
    /// ahead. Zero unless it was found to be wrong.
    pub clock_skew: i64,
    /// Whether the device is offline. The session goes on, and nothing is asked of the provider.
    pub offline: bool,
}
