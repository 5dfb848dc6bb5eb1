//! The two clocks, and timers.

use core::time::Duration;

use gloo_timers::callback::Timeout;
use web_sys::Performance;

use super::global;
use crate::protocol::time::{Instant, Now, Timestamp, millis};

/// What both clocks say.
pub(crate) fn now() -> Now {
    let wall = js_sys::Date::now();
    let monotonic = global::get::<Performance>("performance").map_or(wall, |performance| performance.now());
    Now { monotonic: Instant::from_millis(monotonic as u64), wall: Timestamp::from_millis(wall as i64) }
}

/// Calls back once, unless dropped before. Longer waits than a browser's timer can hold are cut
/// short; whoever is called back looks at the clock anyway.
pub(crate) fn after(duration: Duration, callback: impl FnOnce() + 'static) -> Timeout {
    const LONGEST: u32 = i32::MAX.unsigned_abs();
    let millis = u32::try_from(millis(duration)).unwrap_or(LONGEST).min(LONGEST);
    Timeout::new(millis, callback)
}
