//! The device: its clocks, its connection, and what its browser stores.

use wristband_spa_auth::protocol::config::Config;
use wristband_spa_auth::protocol::error::{Code, Error};
use wristband_spa_auth::protocol::time::{Instant, Now, Timestamp};
use wristband_spa_auth::session::{MAX_PENDING, PendingLogin, SessionHint};

use super::text;

/// Some day in 2027.
pub const BEGINNING: i64 = 1_800_000_000_000;

#[derive(Debug, Default)]
pub struct Device {
    /// How far the wall clock is ahead of the true time, in milliseconds.
    pub wall_skew: i64,
    /// Whether the wall clock was ever set back, or writing the hint once failed: both weaken the guard
    /// against redirect loops, which relies on them.
    pub guard_is_weak: bool,
    /// How long the machine slept, while its monotonic clock stood still.
    pub asleep: i64,
    pub offline: bool,
    pub storage: Storage,
}

impl Device {
    /// What the clocks show at this true time.
    pub fn now(&self, time: i64) -> Now {
        let monotonic = u64::try_from(self.monotonic(time)).unwrap_or(0);
        Now { monotonic: Instant::from_millis(monotonic), wall: Timestamp::from_millis(self.wall(time)) }
    }

    pub fn monotonic(&self, time: i64) -> i64 {
        time - BEGINNING - self.asleep
    }

    pub fn wall(&self, time: i64) -> i64 {
        time + self.wall_skew
    }

    /// The true time at which the monotonic clock will show this, unless the machine sleeps.
    pub fn true_time(&self, monotonic: i64) -> i64 {
        monotonic + BEGINNING + self.asleep
    }
}

/// What the tabs of the app share: pending logins and the hint.
#[derive(Debug, Default)]
pub struct Storage {
    pub pending: Vec<(u32, PendingLogin)>,
    pub hint: Option<SessionHint>,
    pub trouble: Trouble,
}

/// How storage fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    #[default]
    None,
    /// The browser refuses to read and to write.
    Blocked,
    /// Nothing more can be written.
    Full,
}

impl Storage {
    /// A page opens: expired logins are removed, and the hint is read.
    pub fn open(&mut self, now: Now) -> Option<SessionHint> {
        if self.trouble == Trouble::Blocked {
            return None;
        }
        self.sweep(now, MAX_PENDING);
        self.hint.clone()
    }

    pub fn store(&mut self, now: Now, key: &str, pending: PendingLogin) -> Result<Vec<PendingLogin>, Error> {
        self.may(Trouble::Full)?;
        let others = self.pending.iter().map(|(_, other)| other.clone()).filter(|other| !other.has_expired(now)).collect();
        self.sweep(now, MAX_PENDING - 1);
        self.pending.push((text::login_number(key).unwrap_or(u32::MAX), pending));
        Ok(others)
    }

    /// Takes a record out, parsed from its stored form. No other caller gets it.
    pub fn claim(&mut self, config: &Config, key: &str) -> Result<Option<PendingLogin>, Error> {
        self.may(Trouble::Blocked)?;
        let number = text::login_number(key);
        let index = self.pending.iter().position(|(login, _)| Some(*login) == number);
        let record = index.map(|index| self.pending.swap_remove(index).1);
        Ok(record.and_then(|pending| PendingLogin::from_json(pending.to_json(), config)))
    }

    pub fn write_hint(&mut self, hint: Option<SessionHint>) {
        if self.may(Trouble::Full).is_ok() {
            self.hint = hint;
        }
    }

    /// Removes expired logins, and the oldest beyond `most`.
    fn sweep(&mut self, now: Now, most: usize) {
        self.pending.retain(|(_, pending)| !pending.has_expired(now));
        self.pending.sort_by_key(|(_, pending)| pending.age(now));
        self.pending.truncate(most);
    }

    /// Full storage can still be read; blocked storage can neither be read nor written.
    fn may(&self, worst: Trouble) -> Result<(), Error> {
        let refused = self.trouble == Trouble::Blocked || (worst == Trouble::Full && self.trouble == Trouble::Full);
        if refused { Err(Code::StorageUnavailable.into()) } else { Ok(()) }
    }
}
