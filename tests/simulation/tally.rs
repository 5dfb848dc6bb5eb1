//! Counts how often each kind of event happened, to prove that it was tried.

use std::collections::BTreeMap;

use wristband_spa_auth::protocol::error::Code;

use super::view::View;

macro_rules! kinds {
    ($($name:ident,)*) => {
        /// What is counted: faults, user actions, and outcomes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($name),* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

kinds! {
    // The network.
    LostRequest, LostAnswer, TimeoutBeforeArrival, TimeoutAfterArrival, RequestDuplicated, AnswersReordered, OfflineRequest,
    // The provider's responses.
    ServerError, ServerErrorAfterwards, RequestTimeout408, TooManyRequests429, RetryAfter, HtmlPage, TruncatedAnswer, WrongTokenType,
    NoAccessToken, ProviderRejected, RefusedWithoutReason, FalseInvalidGrant,
    // ID tokens.
    LieIssuer, LieAudience, LieNonce, LieSubject, LieTenant, LieExpired, LieFuture, LieOld, LieAccessTokenHash, LieSignature,
    LieUnknownKey, LieAlgorithm, LieAuthTime, LieMissing, LieMalformed, UserInfoLies,
    // Proofs.
    TokensBound, NonceWanted,
    // The provider's settings and events.
    Rotation, NoRotation, GraceForReuse, NoRefreshToken, NoIdTokenOnRenewal, NoLifetime, ShortLifetime, ProviderSkewed, KeysRotated,
    RefusesToRenew, DeniesAnApi, ApiDenied, RenewalRefused, MovesAuthTime, ReuseDetected, FamilyRevoked, CookieLost, CodeExpired, CodeUsedTwice,
    // Callbacks.
    CallbackLoginRequired, CallbackAccessDenied, CallbackServerError, CallbackOfWrongTenant, CallbackOfWrongIssuer, CallbackForged,
    CallbackReplayed, SessionPlanted, RecoveryRedirect, CallbackMixedUp, CallbackDamaged, CallbackExpired,
    // The device.
    WallJumpedForward, WallJumpedBack, WallDrifts, Slept, Stalled, TimerLate, WentOffline, WentOnline, StorageBlocked, StorageFull,
    StorageSlow, TimeUntold, SignatureUncheckable,
    // Tabs.
    TabOpened, TabClosed, VaultLost, TabReloaded, TabWentBack, TabDuplicated, PageFrozen, PageThawed, SharedSession, Announced, ForeignAnnouncement,
    // Callers.
    CallLogin, CallLoginToDomain, CallLoginToEvil, CallLoginEvilReturn, CallLoginFromUrl, CallLogout, CallRenew, CallToken,
    CallTokenRefused, CallUserInfo, CallStorm, CallAutomaticLogin, AutomaticLoginLeft, CallbackLost, CallOfAnEarlierSession, ApiRefused, ApiAlwaysRefuses, RenewedForAnApi,
    // Outcomes.
    SignedIn, SignedInWhileSignedIn, Restored, RestoreRedirect, Renewed, EndedByInvalidGrant, EndedBySubject, EndedByLogout, EndedByRefusal,
    EndedByAnnouncement, EndedByExpiry, Recovered, TokenAnswered, OwnTokenAnswered, UserInfoAnswered, LoggedOutOffline, ClockSkewLearned, LoginLeft,
    SettledSignedIn, SettledSignedOut,
}

/// The name of an input, and whether something was due by a clock when it came.
pub type Told = (&'static str, bool);

#[derive(Clone, Debug, Default)]
pub struct Tally {
    kinds: Vec<u64>,
    codes: Vec<u64>,
    /// How the shown state changed: from, cause, to.
    pub changes: BTreeMap<(View, Told, View), u64>,
    pub steps: u64,
    pub runs: u64,
}

impl Tally {
    pub fn count(&mut self, kind: Kind) {
        self.kinds.resize(Kind::ALL.len(), 0);
        self.kinds[kind as usize] += 1;
    }

    /// A caller received an error.
    pub fn count_code(&mut self, code: Code) {
        self.codes.resize(Code::ALL.len(), 0);
        self.codes[code as usize] += 1;
    }

    /// The shown state may have changed.
    pub fn count_change(&mut self, from: View, told: Told, to: View) {
        if from != to {
            *self.changes.entry((from, told, to)).or_default() += 1;
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.kinds.resize(Kind::ALL.len(), 0);
        self.codes.resize(Code::ALL.len(), 0);
        self.kinds.iter_mut().zip(&other.kinds).for_each(|(sum, more)| *sum += more);
        self.codes.iter_mut().zip(&other.codes).for_each(|(sum, more)| *sum += more);
        for (change, count) in &other.changes {
            *self.changes.entry(*change).or_default() += count;
        }
        self.steps += other.steps;
        self.runs += other.runs;
    }

    pub fn print(&self) {
        let kinds = Kind::ALL.iter().zip(&self.kinds).map(|(kind, count)| format!("{kind:?} {count}"));
        let codes = Code::ALL.iter().zip(&self.codes).filter(|(_, count)| **count > 0);
        let codes = codes.map(|(code, count)| format!("{} {count}", code.as_str()));
        for (title, list) in [("What happened:", kinds.collect::<Vec<_>>()), ("Errors answered:", codes.collect())] {
            println!("{title}");
            list.chunks(5).for_each(|line| println!("  {}", line.join(", ")));
        }
    }

    /// What never happened, and was therefore not tried.
    pub fn never(&self) -> Vec<Kind> {
        Kind::ALL.iter().filter(|kind| self.kinds.get(**kind as usize).is_none_or(|count| *count == 0)).copied().collect()
    }
}
