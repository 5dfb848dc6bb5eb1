//! What the storage has refused, and is tried again: as long as it has an old record, the next start would use a refresh
//! token that has been used already, or continue a session that is over.

use std::time::Duration;

use tokio::time::Instant;

use crate::protocol::secret::Nonce;
use crate::session::StoredSession;

/// The first attempt comes after this long, and each other after twice as long. The storage may ask the user each time.
const FIRST: Duration = Duration::from_secs(1);

const LONGEST: Duration = Duration::from_secs(60);

/// A change of the record that the storage has refused.
#[derive(Debug)]
pub(super) struct Owed {
    due: Instant,
    /// The logins whose records may be replaced. The record of any other was stored by another process, later.
    logins: Vec<Nonce>,
    pause: Duration,
    /// The record to save. `None` if there is to be none.
    pub(super) session: Option<StoredSession>,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Settled {
    /// There is no record.
    Removed,
    /// Another process has stored a newer record.
    Replaced,
    Saved,
}

impl Owed {
    /// This record was not saved, and the storage still has the last one.
    pub(super) fn of(before: Option<Self>, session: StoredSession, last: Option<&StoredSession>) -> Self {
        let last = last.filter(|last| !last.is_newer_than(&session)).map(|last| last.login().clone());
        let login = session.login().clone();
        Self::new(before, Some(session), [login].into_iter().chain(last))
    }

    /// The record of this login was not removed.
    pub(super) fn removal(before: Option<Self>, login: &Nonce) -> Self {
        Self::new(before, None, [login.clone()])
    }

    fn new(before: Option<Self>, session: Option<StoredSession>, logins: impl IntoIterator<Item = Nonce>) -> Self {
        let before = before.map(|before| before.logins).unwrap_or_default();
        Self { due: Instant::now() + FIRST, logins: before.into_iter().chain(logins).collect(), pause: FIRST, session }
    }

    /// Whether this record may be replaced.
    pub(super) fn replaces(&self, stored: &StoredSession) -> bool {
        let is_newer = self.session.as_ref().is_some_and(|session| stored.is_newer_than(session));
        !is_newer && self.logins.iter().any(|login| stored.is_of(login))
    }

    pub(super) fn is_due_in(&self) -> Duration {
        self.due.saturating_duration_since(Instant::now())
    }

    /// It is being tried.
    pub(super) fn tried(&mut self) {
        self.pause = (self.pause * 2).min(LONGEST);
        self.due = Instant::now() + self.pause;
    }
}
