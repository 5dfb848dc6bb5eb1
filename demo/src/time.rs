//! Points in time, for people.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wristband_spa_auth::Timestamp;

/// The furthest that a JavaScript date goes, in milliseconds. Dates beyond it throw.
const FURTHEST: i64 = 8_640_000_000_000_000;

/// A day and a time, in the language and the time zone of the browser.
#[component]
pub(crate) fn Moment(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let millis = at.as_millis();
    if millis.unsigned_abs() > FURTHEST.unsigned_abs() {
        return "a date beyond all calendars".into_any();
    }
    let date = Date::new(&JsValue::from_f64(millis as f64));
    let machine = date.to_iso_string().as_string();
    view! { <time datetime=machine>{in_words(&date)}</time> }.into_any()
}

fn in_words(date: &Date) -> Option<String> {
    let options = Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "medium")] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    let format = Intl::DateTimeFormat::new(&Array::new(), &options).format();
    format.call1(&JsValue::UNDEFINED, date).ok()?.as_string()
}

/// What this device's clock says.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(Date::now() as i64)
}

/// Minutes and seconds, such as `29:12`.
pub(crate) fn minutes(seconds: u64) -> String {
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}
