//! The two clocks.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::protocol::time::{Instant, Now, Timestamp, millis};

/// The time of both clocks. On most systems, the monotonic one stops while the machine sleeps.
pub(super) fn now() -> Now {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    let monotonic = START.get_or_init(std::time::Instant::now).elapsed();
    Now { monotonic: Instant::from_millis(millis(monotonic)), wall: wall(SystemTime::now()) }
}

/// A point on the wall clock. Before 1970 there is none.
pub(super) fn wall(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(millis(since)).unwrap_or(i64::MAX))
}
