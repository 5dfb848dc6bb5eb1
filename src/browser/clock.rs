//! The two clocks, and timers.

use core::cell::Cell;
use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;

use wasm_bindgen::JsValue;
use web_sys::Performance;

use super::event_listener::Callback;
use super::global::{self, call, with};
use super::oneshot;
use crate::protocol::time::{Instant, Now, Timestamp, millis};

/// The time of both clocks.
pub(crate) fn now() -> Now {
    let wall = js_sys::Date::now();
    let monotonic = global::get::<Performance>("performance").map_or(wall, |performance| performance.now());
    Now { monotonic: Instant::from_millis(monotonic as u64), wall: Timestamp::from_millis(wall as i64) }
}

/// A timer that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Timer {
    _callback: Callback,
    id: JsValue,
}

/// Calls `callback` once, unless the timer is dropped first. A wait longer than a browser's timer can hold
/// (2^31 - 1 ms) is cut short, so the callback has to check the clock.
pub(crate) fn after(duration: Duration, callback: impl Fn() + 'static) -> Timer {
    Timer::start(
        duration,
        Callback::new(move |_| {
            callback();
            JsValue::UNDEFINED
        }),
    )
}

/// The output of `work`, or `None` if it takes longer than `limit`. A browser's promises and events may never
/// come.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let (sender, mut over) = oneshot::channel::<()>();
    let sender = Cell::new(Some(sender));
    let _timer = after(limit, move || drop(sender.take()));
    let mut work = pin!(work);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Pin::new(&mut over).poll(context).map(|_| None),
    })
    .await
}

impl Timer {
    fn start(duration: Duration, callback: Callback) -> Self {
        const MAX_TIMEOUT: u64 = i32::MAX.unsigned_abs() as u64;
        let millis = millis(duration).min(MAX_TIMEOUT) as f64;
        let id = call(&js_sys::global(), "setTimeout", with().value(callback.as_ref()).number(millis)).unwrap_or_default();
        Self { _callback: callback, id }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let _ = call(&js_sys::global(), "clearTimeout", with().value(&self.id));
    }
}
