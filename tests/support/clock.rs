//! Time, and the clocks that show it more or less accurately.

use core::time::Duration;

use wristband_spa_auth::protocol::time::{Instant, Now, Timestamp};

/// The true time, and how far the device's clocks are from it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    true_millis: i64,
    wall_skew: i64,
    asleep: i64,
}

/// Some day in 2027.
const BEGINNING: i64 = 1_800_000_000_000;

impl Default for Clock {
    fn default() -> Self {
        Self { true_millis: BEGINNING, wall_skew: 0, asleep: 0 }
    }
}

impl Clock {
    /// What the device's clocks show.
    pub fn now(&self) -> Now {
        let elapsed = self.true_millis - BEGINNING - self.asleep;
        Now {
            monotonic: Instant::from_millis(u64::try_from(elapsed).unwrap()),
            wall: Timestamp::from_millis(self.true_millis + self.wall_skew),
        }
    }

    /// What a server with an accurate clock says, to the second, as `Date` does.
    pub fn true_time(&self) -> Timestamp {
        Timestamp::from_seconds(self.seconds())
    }

    /// What the provider's clock shows, in seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.true_millis / 1000
    }

    pub fn pass(&mut self, duration: Duration) {
        self.true_millis += millis(duration);
    }

    /// The machine sleeps: its monotonic clock stands still.
    pub fn pass_asleep(&mut self, duration: Duration) {
        self.true_millis += millis(duration);
        self.asleep += millis(duration);
    }

    /// The user changes the device's clock.
    pub fn set_wall_off_by(&mut self, seconds: i64) {
        self.wall_skew = seconds * 1000;
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap()
}
