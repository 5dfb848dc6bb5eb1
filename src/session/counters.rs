//! What a session counts. Each counter has its own type, so that none is compared with another.

/// The number of an access token, counted over all sessions of a vault. It tells which token an API refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TokenGeneration(pub u32);

/// Counts the starts and ends of sessions, so that a response to a request of another session is recognized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Epoch(u32);

/// Counts logouts: a sign-in that started before a logout does not sign the user in again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Logouts(u32);

impl TokenGeneration {
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

impl Epoch {
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// Whether no session has started yet.
    pub(super) fn is_first(self) -> bool {
        self.0 == 0
    }

    /// How many sessions have started or ended.
    pub(super) fn count(self) -> u64 {
        self.0.into()
    }
}

impl Logouts {
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}
