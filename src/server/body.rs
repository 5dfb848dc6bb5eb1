//! Response bodies on their way to a page.

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageChannel, Response};

use crate::browser::event_listener::Callback;
use crate::browser::global::{self, Members as _, call, construct, member, promised, set, with};
use crate::protocol::error::{Code, Error};

/// The body of a response, as the page gets it: `null`, all its bytes, or the stream.
///
/// Responses with some statuses have no body (Fetch, "null body status"). Chromium gives them a stream, which no
/// page would read.
///
/// If the page does not read a transferred stream, the stream lives as long as the page. If it does, that costs
/// some messages. So a short body is read here. The `Content-Length` may be that of a compressed body, so the
/// bytes are counted as they arrive.
///
/// # Errors
/// `network`, if the rest of the body does not arrive.
pub(super) async fn of(response: &Response) -> Result<JsValue, Error> {
    let network = |_| Error::new(Code::Network);
    let body = member(response, "body");
    if body.is_null() || matches!(response.status(), 204 | 205 | 304) {
        return Ok(JsValue::NULL);
    }
    if !seems_short(response) {
        return Ok(body);
    }
    // Only one of the two halves is read. The other one still has all the bytes.
    let Ok(halves) = call(&body, "tee", with()).map(|halves| Array::from(&halves)) else { return Ok(body) };
    let (read, kept) = (halves.get(0), halves.get(1));
    let reader = call(&read, "getReader", with()).map_err(network)?;
    let (chunks, mut length) = (Array::new(), 0.0);
    loop {
        let chunk = member(&promised(&reader, "read", with()).await.map_err(network)?, "value");
        if chunk.is_undefined() {
            break;
        }
        length += member(&chunk, "byteLength").as_f64().unwrap_or(f64::INFINITY);
        chunks.push(&chunk);
        if length > MAX_SHORT {
            let _ = call(&reader, "cancel", with());
            return Ok(kept);
        }
    }
    let _ = call(&kept, "cancel", with());
    let blob = construct("Blob", with().value(&chunks)).map_err(network)?;
    promised(&blob, "arrayBuffer", with()).await.map_err(network)
}

/// A body of more bytes is not read here.
const MAX_SHORT: f64 = 100_000.0;

fn seems_short(response: &Response) -> bool {
    /// The digits of a length below 100 kB.
    const MAX_DIGITS: usize = 5;
    let length = call(&member(response, "headers"), "get", with().text("content-length"));
    length.ok().and_then(|length| length.as_string()).is_some_and(|digits| digits.len() <= MAX_DIGITS)
}

/// Posts an answer together with a body.
///
/// Bytes are transferred, and so is a stream if the engine can transfer streams. If it cannot, the page gets a
/// port instead, over which it requests one chunk after the other.
pub(super) fn post(port: &JsValue, answer: &Object, body: &JsValue) -> Result<(), JsValue> {
    set(answer, "body", body);
    if global::post(port, answer, with().value(body)).is_ok() {
        return Ok(());
    }
    let channel = MessageChannel::new()?;
    pump(member(&channel, "port1"), call(body, "getReader", with())?);
    let other_end = member(&channel, "port2");
    set(answer, "body", &other_end);
    global::post(port, answer, with().value(&other_end))
}

/// Answers every `true` with the next chunk. Any other message cancels the stream.
fn pump(port: JsValue, reader: JsValue) {
    let to_page = port.clone();
    let on_message = Callback::new(move |event| {
        let to_page = to_page.clone();
        let goes_on = member(&event, "data").is_truthy();
        let done = promised(&reader, if goes_on { "read" } else { "cancel" }, with());
        spawn_local(async move {
            let done = done.await;
            // If the page is gone, it needs no chunk.
            let _ = if goes_on { post_chunk(&to_page, done) } else { call(&to_page, "close", with()).map(drop) };
        });
        JsValue::UNDEFINED
    });
    set(port.unchecked_ref(), "onmessage", &on_message.into_js_value());
}

/// Posts `{ chunk }`, `{}` at the end, or `{ failed: true }`.
fn post_chunk(port: &JsValue, read: Result<JsValue, JsValue>) -> Result<(), JsValue> {
    let Ok(read) = read else {
        return global::post(port, &Object::new().flag("failed", true), with());
    };
    let chunk = member(&read, "value");
    if chunk.is_undefined() {
        return global::post(port, &Object::new(), with());
    }
    global::post(port, &Object::new().value("chunk", &chunk), with().value(&member(&chunk, "buffer")))
}
