//! Points in time, passed in by the caller. Nothing here reads a clock.

use core::time::Duration;

/// A point on the wall clock, in milliseconds since 1970 (UTC).
///
/// The wall clock can be wrong and can jump: it is compared with dates from elsewhere (`exp`,
/// `iat`, the age of a stored record), and never measures a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From a `NumericDate`: seconds since 1970 \[RFC 7519 §2].
    pub const fn from_seconds(seconds: i64) -> Self {
        const MAX_SECONDS: i64 = i64::MAX / 1000;
        let seconds = if seconds > MAX_SECONDS { MAX_SECONDS } else { seconds };
        Self(if seconds < -MAX_SECONDS { -MAX_SECONDS } else { seconds } * 1000)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This point plus `duration`. Saturates.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(millis(duration)))
    }

    /// This point minus `duration`. Saturates.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(millis(duration)))
    }

    /// The time from `earlier` to this point; zero if this point is earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis_since(earlier))
    }

    /// The same in milliseconds, which needs no division in the wasm file.
    pub(crate) fn millis_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

/// A point on a monotonic clock, in milliseconds since an arbitrary start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// From milliseconds since the start of this clock.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start of this clock.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// This point plus `duration`. Saturates.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// The time from `earlier` to this point; zero if this point is earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// The time on both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The clock that measures durations.
    pub monotonic: Instant,
    /// The clock that dates are compared with.
    pub wall: Timestamp,
}

/// A point that is reached as soon as *either* clock says so.
///
/// On some systems the monotonic clock stops during sleep, and a wall clock can jump. Being
/// early costs one renewal; being late costs a refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    monotonic: Instant,
    wall: Timestamp,
}

impl Deadline {
    /// The point this far in the future.
    pub fn after(now: Now, duration: Duration) -> Self {
        Self { monotonic: now.monotonic.plus(duration), wall: now.wall.plus(duration) }
    }

    /// Whether either clock has reached the point.
    pub fn reached_on_either_clock(self, now: Now) -> bool {
        now.monotonic >= self.monotonic || now.wall >= self.wall
    }

    /// Whether the monotonic clock has reached the point.
    pub fn reached_monotonic(self, now: Now) -> bool {
        now.monotonic >= self.monotonic
    }

    /// The time until the first of the two clocks reaches the point.
    pub fn left(self, now: Now) -> Duration {
        let monotonic = self.monotonic.as_millis().saturating_sub(now.monotonic.as_millis());
        Duration::from_millis(monotonic.min(self.wall.millis_since(now.wall)))
    }

    /// The point on the wall clock, for display.
    pub fn wall_time(self) -> Timestamp {
        self.wall
    }

    /// The point on the monotonic clock.
    pub fn instant(self) -> Instant {
        self.monotonic
    }
}

/// Whole milliseconds, saturating. [`Duration::as_millis`] counts in 128 bits, which would enlarge
/// the wasm file. Not inlined: it has many callers, and is larger than a call.
#[inline(never)]
pub(crate) fn millis(duration: Duration) -> u64 {
    let seconds = duration.as_secs();
    if seconds >= u64::MAX / 1000 { u64::MAX } else { seconds * 1000 + u64::from(duration.subsec_millis()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(monotonic: u64, wall: i64) -> Now {
        Now { monotonic: Instant::from_millis(monotonic), wall: Timestamp::from_millis(wall) }
    }

    #[test]
    fn a_deadline_is_reached_when_either_clock_says_so() {
        let deadline = Deadline::after(at(0, 1_000), Duration::from_millis(500));
        assert!(!deadline.reached_on_either_clock(at(499, 1_499)));
        assert!(deadline.reached_on_either_clock(at(500, -9_000)), "the wall clock was set back");
        assert!(deadline.reached_on_either_clock(at(3, 90_000)), "the machine slept");
    }

    #[test]
    fn times_beyond_range_saturate() {
        assert_eq!(Timestamp::from_seconds(i64::MAX).plus(Duration::MAX).as_millis(), i64::MAX);
        assert_eq!(Instant::from_millis(1).plus(Duration::MAX).as_millis(), u64::MAX);
    }
}
