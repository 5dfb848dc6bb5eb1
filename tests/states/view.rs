//! The public state as one word, and what changed it.

use wristband_spa_auth::session::{Input, Reason, State};

/// A state as `docs/states.md` distinguishes them: the four of the types, with their reasons and with what a session is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    Loading,
    NeverSignedIn,
    SignedOut,
    Expired,
    SignedIn,
    Renewing,
    InTrouble,
    Offline,
    Failed,
}

impl View {
    pub fn of(state: &State) -> Self {
        match state {
            State::Loading => Self::Loading,
            State::Failed(_) => Self::Failed,
            State::SignedOut(Reason::NeverSignedIn) => Self::NeverSignedIn,
            // Both wait for the user, and the next login asks for the password.
            State::SignedOut(Reason::SignedOut | Reason::Idle) => Self::SignedOut,
            State::SignedOut(Reason::Expired) => Self::Expired,
            State::SignedIn(session) if session.offline => Self::Offline,
            State::SignedIn(session) if session.renewing => Self::Renewing,
            State::SignedIn(session) if session.renewal_error.is_some() => Self::InTrouble,
            State::SignedIn(_) => Self::SignedIn,
            other => panic!("a state without a box in the diagram: {other:?}"),
        }
    }

    /// The name in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::NeverSignedIn => "never-signed-in",
            Self::SignedOut => "signed-out",
            Self::Expired => "expired",
            Self::SignedIn => "signed-in",
            Self::Renewing => "renewing",
            Self::InTrouble => "in trouble",
            Self::Offline => "offline",
            Self::Failed => "failed",
        }
    }
}

/// The name of the input, as the code spells it.
pub fn name(input: &Input) -> &'static str {
    match input {
        Input::Fetched { .. } => "Fetched",
        Input::KeyMade { .. } => "KeyMade",
        Input::Login { .. } => "Login",
        Input::LoginFromUrl { .. } => "LoginFromUrl",
        Input::Logout { .. } => "Logout",
        Input::Online(_) => "Online",
        Input::Opened { .. } => "Opened",
        Input::PendingClaimed { .. } => "PendingClaimed",
        Input::PendingStored { .. } => "PendingStored",
        Input::Present(_) => "Present",
        Input::PresentElsewhere { .. } => "PresentElsewhere",
        Input::Renew { .. } => "Renew",
        Input::PageRestoredFromCache { .. } => "PageRestoredFromCache",
        #[cfg(feature = "native")]
        Input::Restored { .. } => "Restored",
        #[cfg(feature = "native")]
        Input::SessionForgotten { .. } => "SessionForgotten",
        #[cfg(feature = "native")]
        Input::StoredLocked { .. } => "StoredLocked",
        Input::SignatureChecked { .. } => "SignatureChecked",
        Input::SignedOutElsewhere { .. } => "SignedOutElsewhere",
        Input::ServerTime { .. } => "ServerTime",
        Input::Stay { .. } => "Stay",
        Input::Token { .. } => "Token",
        Input::TokenRefused { .. } => "TokenRefused",
        Input::UserInfo { .. } => "UserInfo",
        Input::Tick => "Tick",
        other => panic!("an input without a name: {other:?}"),
    }
}
