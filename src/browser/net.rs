//! Requests to the provider.

use core::time::Duration;

use gloo_net::http;
use js_sys::Object;
use wasm_bindgen::{JsCast as _, JsValue};

use super::clock;
use super::global::{self, call, promised, with};
#[cfg(feature = "inspect")]
use super::inspect::InFlight;
use crate::protocol::http::{Body, Request, Response};
use crate::protocol::json::Value;
use crate::protocol::secret::Secret;
use crate::protocol::time::{Timestamp, millis};
use crate::session::Transport;

/// A request in the form that the browser's `fetch` takes.
pub(crate) struct Prepared {
    #[cfg(feature = "inspect")]
    pub(super) in_flight: InFlight,
    init: Object,
    timeout: u32,
    url: String,
}

/// A response, and the server's time.
pub(crate) struct Received {
    pub(crate) response: Response,
    /// The server's time: the `Date` of the response \[RFC 9110 §6.6.1], plus the `Age` that a cache gave it
    /// \[RFC 9111 §5.1].
    pub(super) time: Option<Timestamp>,
}

/// A request to the provider, with its signed proof if it has one. No cookies, no headers that would need a CORS preflight
/// (except for a token, a proof and JSON), no redirects, no cache, no referrer.
pub(crate) fn to_provider(request: &Request, timeout: Duration, proof: Option<&str>) -> Prepared {
    let init = global::json(
        r#"{"cache":"no-store","credentials":"omit","headers":{"accept":"application/json"},"mode":"cors","redirect":"error","referrerPolicy":"no-referrer"}"#,
    );
    let headers = global::member(&init, "headers").unchecked_into();
    if let Some(token) = &request.bearer {
        let header = if request.proof.is_some() { token.to_dpop() } else { token.to_bearer() };
        global::set_text(&headers, "authorization", Some(header.expose()));
    }
    // A header whose value is undefined would be sent as that word.
    if let Some(proof) = proof {
        global::set_text(&headers, "dpop", Some(proof));
    }
    if let Some(body) = &request.body {
        let (content_type, text) = match body {
            Body::Form(form) => ("application/x-www-form-urlencoded", form.expose()),
            Body::Json(json) => ("application/json", json.as_str()),
        };
        global::set_text(&headers, "content-type", Some(content_type));
        global::set_text(&init, "body", Some(text));
        global::set_text(&init, "method", Some("POST"));
    }
    global::set(&init, "keepalive", &JsValue::from_bool(request.keepalive));
    Prepared {
        #[cfg(feature = "inspect")]
        in_flight: InFlight::to_provider(request),
        init,
        timeout: u32::try_from(millis(timeout)).unwrap_or(u32::MAX),
        url: request.url.clone(),
    }
}

/// The folder of a page's URL, without the code that its query may hold.
pub(super) fn folder_of(page: &str) -> String {
    let page = page.split(['?', '#']).next().unwrap_or_default();
    let (folder, _) = page.rsplit_once('/').unwrap_or_default();
    [folder, "/"].concat()
}

/// A request to the app's own server, which is asked for the time. The page's folder exists on every host; the
/// callback's own URL may not.
pub(super) fn to_app(folder: String) -> Prepared {
    /// In milliseconds.
    const TIMEOUT: u32 = 5_000;
    let init = global::json(r#"{"cache":"no-store","credentials":"omit","headers":{"accept":"text/html"},"method":"HEAD"}"#);
    Prepared {
        #[cfg(feature = "inspect")]
        in_flight: InFlight::now(super::Purpose::Time, "HEAD", &folder),
        init,
        timeout: TIMEOUT,
        url: folder,
    }
}

/// Sends a request, and reads the whole response before the timeout.
pub(crate) async fn send(prepared: Prepared) -> Result<Received, Transport> {
    /// The browser itself ends the request at the timeout. If it does not, the wait ends this much later.
    const GRACE: Duration = Duration::from_secs(1);
    let limit = Duration::from_millis(prepared.timeout.into()).saturating_add(GRACE);
    clock::within(limit, exchange(prepared)).await.unwrap_or(Err(Transport::TimedOut))
}

async fn exchange(Prepared { init, timeout, url, .. }: Prepared) -> Result<Received, Transport> {
    if let Ok(signal) = call(&global::get("AbortSignal").unwrap_or_default(), "timeout", with().number(timeout.into())) {
        global::set(&init, "signal", &signal);
    }
    let request = web_sys::Request::new_with_str_and_init(&url, init.unchecked_ref());
    // An invalid request fails like one that cannot be sent.
    let request = request.map_err(|_| Transport::Failed)?;
    // Not with gloo: it panics if the page's instrumentation of `fetch` throws instead of rejecting.
    let response = promised(&js_sys::global(), "fetch", with().value(&request)).await.map_err(|error| transport(&error))?;
    let body = promised(&response, "text", with()).await.map_err(|error| transport(&error))?;
    Ok(received(&http::Response::from(response.unchecked_into::<web_sys::Response>()), body.as_string().unwrap_or_default()))
}

fn received(answer: &http::Response, body: String) -> Received {
    let header = |name| answer.headers().get(name);
    let retry_after = header("retry-after").and_then(|text| retry_after(&text));
    let time = header("date").and_then(|date| {
        let millis = js_sys::Date::parse(&date);
        let age = header("age").and_then(|age| whole_number(&age)).unwrap_or(0);
        millis.is_finite().then(|| Timestamp::from_millis(millis as i64).plus(Duration::from_secs(age)))
    });
    let response = Response {
        status: answer.status(),
        body: Secret::new(body),
        retry_after,
        dpop_nonce: header("dpop-nonce"),
        www_authenticate: header("www-authenticate"),
    };
    Received { response, time }
}

fn transport(error: &JsValue) -> Transport {
    if global::member(error, "name") == "TimeoutError" { Transport::TimedOut } else { Transport::Failed }
}

/// Reads `Retry-After`: seconds, or a date \[RFC 9110 §10.2.3].
fn retry_after(text: &str) -> Option<Duration> {
    if let Some(seconds) = whole_number(text) {
        return Some(Duration::from_secs(seconds));
    }
    let millis = js_sys::Date::parse(text) - js_sys::Date::now();
    (millis > 0.0).then(|| Duration::from_millis(millis as u64))
}

/// Reads a header of digits. The JSON parser reads the number, so that no other parser is needed.
fn whole_number(text: &str) -> Option<u64> {
    u64::try_from(Value::parse(text.as_bytes())?.as_integer()?).ok()
}
