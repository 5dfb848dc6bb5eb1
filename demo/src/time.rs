//! Points in time, as users read them.

use core::time::Duration;

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wristband_spa_auth::Timestamp;

/// The latest time of a JavaScript `Date`, in milliseconds. Later ones throw when formatted.
const FURTHEST: i64 = 8_640_000_000_000_000;

/// A date and a time, in the language and the time zone of the browser.
#[component]
pub(crate) fn Moment(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    moment(at, &[("dateStyle", "medium"), ("timeStyle", "medium")])
}

/// A time without a date.
#[component]
pub(crate) fn TimeOfDay(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    moment(at, &[("timeStyle", "medium")])
}

fn moment(at: Timestamp, style: &[(&str, &str)]) -> AnyView {
    let millis = at.as_millis();
    if millis.unsigned_abs() > FURTHEST.unsigned_abs() {
        return "a date beyond all calendars".into_any();
    }
    let date = Date::new(&JsValue::from_f64(millis as f64));
    let machine = date.to_iso_string().as_string();
    view! { <time datetime=machine>{in_words(&date, style)}</time> }.into_any()
}

fn in_words(date: &Date, style: &[(&str, &str)]) -> Option<String> {
    let options = Object::new();
    for (name, value) in style {
        Reflect::set(&options, &(*name).into(), &(*value).into()).ok()?;
    }
    let format = Intl::DateTimeFormat::new(&Array::new(), &options).format();
    format.call1(&JsValue::UNDEFINED, date).ok()?.as_string()
}

/// The current time by this device's clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(Date::now() as i64)
}

/// The clock of the whole page. It ticks every second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(ReadSignal<Timestamp>);

/// Starts the clock, and provides it as context.
pub(crate) fn provide_clock() {
    let (clock, set_clock) = signal(now());
    if let Ok(ticking) = set_interval_with_handle(move || set_clock.set(now()), Duration::from_secs(1)) {
        on_cleanup(move || ticking.clear());
    }
    provide_context(Clock(clock));
}

/// The clock that [`provide_clock`] started.
pub(crate) fn use_clock() -> Clock {
    expect_context()
}

impl Clock {
    /// The current time, tracked so that it is read again at every tick. A change between two ticks
    /// also gets the current time, not that of the last tick.
    pub(crate) fn get(self) -> Timestamp {
        self.0.track();
        now()
    }
}

/// The time left until `at`, such as `29:12`. `None` when `at` has passed.
pub(crate) fn left(at: Timestamp, now: Timestamp) -> Option<String> {
    // A started second counts in full, so the last value shown is 00:01 and not 00:00.
    (at > now).then(|| minutes(at.since(now).as_millis().div_ceil(1000) as u64))
}

fn minutes(seconds: u64) -> String {
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}
