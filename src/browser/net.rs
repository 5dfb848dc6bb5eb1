//! Requests to the provider.

use core::time::Duration;

use gloo_net::http;
use js_sys::Object;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::AbortSignal;

use super::global;
use crate::protocol::http::{Body, Request, Response};
use crate::protocol::json::Value;
use crate::protocol::secret::Secret;
use crate::protocol::text::{cut_last, find};
use crate::protocol::time::{Timestamp, millis};
use crate::session::Transport;

/// Sends a request, and reads the whole answer before the deadline.
///
/// No cookies, no headers that would need a CORS preflight (but for a bearer token and JSON), no
/// redirects, no cache, no referrer.
pub(super) async fn send(request: &Request, timeout: Duration) -> Result<Response, Transport> {
    let timeout = u32::try_from(millis(timeout)).unwrap_or(u32::MAX);
    let response = fetch(&request.url, &init(request), timeout).await.map_err(|error| transport(&error))?;
    let retry_after = response.headers().get("retry-after").and_then(|text| retry_after(&text));
    let body = response.text().await.map_err(|error| transport(&error))?;
    Ok(Response { status: response.status(), body: Secret::new(body), retry_after })
}

/// The time of the server that the app came from, from the `Date` of an answer \[RFC 9110 §6.6.1],
/// with the `Age` that a cache in between gave it.
pub(super) async fn server_time(page: &str) -> Option<Timestamp> {
    // The folder of the page is there on every host; the callback's own address need not be.
    let page = page.get(..find(page, b"?#"))?;
    let (folder, _) = cut_last(page, b'/')?;
    let init = global::texts(&[("method", "HEAD"), ("cache", "no-store"), ("credentials", "omit")]);
    global::set(&init, "headers", &global::texts(&[("accept", "text/html")]));
    let response = fetch(&[folder, "/"].concat(), &init, TIME_TIMEOUT).await.ok()?;
    let millis = js_sys::Date::parse(&response.headers().get("date")?);
    let age = response.headers().get("age").and_then(|age| whole_number(&age)).unwrap_or(0);
    millis.is_finite().then(|| Timestamp::from_millis(millis as i64).plus(Duration::from_secs(age)))
}

/// The app's own server answers within so many milliseconds, or is not waited for.
const TIME_TIMEOUT: u32 = 5_000;

/// Sends a request, which is given up after so many milliseconds.
async fn fetch(url: &str, init: &Object, timeout: u32) -> Result<http::Response, gloo_net::Error> {
    global::set(init, "signal", &AbortSignal::timeout_with_u32(timeout));
    let request = web_sys::Request::new_with_str_and_init(url, init.unchecked_ref());
    // What is no request fails like one that cannot be sent.
    let request = request.map_err(|_| gloo_net::Error::GlooError(String::new()))?;
    http::Request::from(request).send().await
}

fn init(request: &Request) -> Object {
    let init = global::texts(&[
        ("method", if request.body.is_some() { "POST" } else { "GET" }),
        ("cache", "no-store"),
        ("credentials", "omit"),
        ("mode", "cors"),
        ("redirect", "error"),
        ("referrerPolicy", "no-referrer"),
    ]);
    let headers = global::texts(&[("accept", "application/json")]);
    if let Some(token) = &request.bearer {
        global::set(&headers, "authorization", &JsValue::from_str(&["Bearer ", token.expose()].concat()));
    }
    if let Some(body) = &request.body {
        let (content_type, text) = match body {
            Body::Form(form) => ("application/x-www-form-urlencoded", form.expose()),
            Body::Json(json) => ("application/json", json.as_str()),
        };
        global::set(&headers, "content-type", &JsValue::from_str(content_type));
        global::set(&init, "body", &JsValue::from_str(text));
    }
    global::set(&init, "headers", &headers);
    global::set(&init, "keepalive", &JsValue::from_bool(request.keepalive));
    init
}

fn transport(error: &gloo_net::Error) -> Transport {
    match error {
        gloo_net::Error::JsError(error) if error.name == "TimeoutError" => Transport::TimedOut,
        _ => Transport::Failed,
    }
}

/// Seconds, or a date \[RFC 9110 §10.2.3].
fn retry_after(text: &str) -> Option<Duration> {
    if let Some(seconds) = whole_number(text) {
        return Some(Duration::from_secs(seconds));
    }
    let millis = js_sys::Date::parse(text) - js_sys::Date::now();
    (millis > 0.0).then(|| Duration::from_millis(millis as u64))
}

/// Digits of a header. A number is read here as in JSON, which needs no further reader.
fn whole_number(text: &str) -> Option<u64> {
    u64::try_from(Value::parse(text.as_bytes())?.as_integer()?).ok()
}
