//! Requests to the provider.

use core::time::Duration;

use gloo_net::http;
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, RequestMode, RequestRedirect};

use crate::protocol::http::{Body, Request, Response};
use crate::protocol::secret::Secret;
use crate::protocol::time::{Timestamp, millis};
use crate::session::Transport;

/// Sends a request, and reads the whole answer before the deadline.
///
/// No cookies, no headers that would need a CORS preflight (but for a bearer token and JSON), no
/// redirects, no cache, no referrer.
pub(super) async fn send(request: &Request, timeout: Duration) -> Result<Response, Transport> {
    let prepared = prepare(request, timeout).map_err(|_| Transport::Failed)?;
    let response = http::Request::from(prepared).send().await.map_err(|error| transport(&error))?;
    let retry_after = response.headers().get("retry-after").and_then(|text| retry_after(&text));
    let body = response.text().await.map_err(|error| transport(&error))?;
    Ok(Response { status: response.status(), body: Secret::new(body), retry_after })
}

/// The time of the server that the app came from, from the `Date` of an answer \[RFC 9110 §6.6.1],
/// with the `Age` that a cache in between gave it.
pub(super) async fn server_time(page: &str) -> Option<Timestamp> {
    // The folder of the page is there on every host; the callback's own address need not be.
    let folder = page.split(['?', '#']).next().and_then(|page| page.rsplit_once('/')).map_or("", |(folder, _)| folder);
    let address = [folder, "/"].concat();
    let request =
        http::RequestBuilder::new(&address).header("accept", "text/html").method(http::Method::HEAD).cache(RequestCache::NoStore);
    let timeout = AbortSignal::timeout_with_u32(TIME_TIMEOUT);
    let response = request.credentials(RequestCredentials::Omit).abort_signal(Some(&timeout)).send().await.ok()?;
    let millis = js_sys::Date::parse(&response.headers().get("date")?);
    let age: i64 = response.headers().get("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    millis.is_finite().then(|| Timestamp::from_millis((millis as i64).saturating_add(age.saturating_mul(1000))))
}

/// The app's own server answers within so many milliseconds, or is not waited for.
const TIME_TIMEOUT: u32 = 5_000;

fn prepare(request: &Request, timeout: Duration) -> Result<web_sys::Request, JsValue> {
    let init = RequestInit::new();
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    if let Some(token) = &request.bearer {
        headers.set("authorization", &["Bearer ", token.expose()].concat())?;
    }
    if let Some(body) = &request.body {
        let (content_type, text) = match body {
            Body::Form(form) => ("application/x-www-form-urlencoded", form.expose()),
            Body::Json(json) => ("application/json", json.as_str()),
        };
        headers.set("content-type", content_type)?;
        init.set_method("POST");
        init.set_body(&JsValue::from_str(text));
    }
    init.set_headers(&headers);
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_mode(RequestMode::Cors);
    init.set_redirect(RequestRedirect::Error);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(u32::try_from(millis(timeout)).unwrap_or(u32::MAX))));
    // web-sys has no setter for this member.
    Reflect::set(&init, &JsValue::from_str("keepalive"), &JsValue::from_bool(request.keepalive))?;
    web_sys::Request::new_with_str_and_init(&request.url, &init)
}

fn transport(error: &gloo_net::Error) -> Transport {
    match error {
        gloo_net::Error::JsError(error) if error.name == "TimeoutError" => Transport::TimedOut,
        _ => Transport::Failed,
    }
}

/// Seconds, or a date \[RFC 9110 §10.2.3].
fn retry_after(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let millis = js_sys::Date::parse(text) - js_sys::Date::now();
    (millis > 0.0).then(|| Duration::from_millis(millis as u64))
}
