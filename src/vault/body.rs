//! Bodies on their way to a page.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageChannel, MessagePort, ReadableStream, ReadableStreamDefaultReader};

use crate::browser::global::{Members as _, member, set};
use crate::browser::listening::Callback;

/// Posts an answer together with a body.
///
/// The stream itself is handed over where the engine can do that. Where it cannot, the page gets
/// a port instead, on which it asks for one chunk after the other.
pub(super) fn post(port: &MessagePort, answer: &Object, body: &ReadableStream) -> Result<(), JsValue> {
    set(answer, "body", body);
    if port.post_message_with_transferable(answer, &Array::of1(body)).is_ok() {
        return Ok(());
    }
    let channel = MessageChannel::new()?;
    pump(&channel.port1(), body.get_reader().unchecked_into());
    set(answer, "body", &channel.port2());
    port.post_message_with_transferable(answer, &Array::of1(&channel.port2()))
}

/// Answers every `true` with the next chunk, and takes anything else for the wish to stop.
fn pump(port: &MessagePort, reader: ReadableStreamDefaultReader) {
    let to_page = port.clone();
    let on_message = Callback::new(move |event| {
        let to_page = to_page.clone();
        let goes_on = member(&event, "data").is_truthy();
        let done = JsFuture::from(if goes_on { reader.read() } else { reader.cancel() });
        spawn_local(async move {
            let done = done.await;
            if goes_on {
                // Without a page there is nobody who waits for the chunk.
                let _ = post_chunk(&to_page, done);
            } else {
                to_page.close();
            }
        });
        JsValue::UNDEFINED
    });
    port.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
}

/// Posts `{ chunk }`, `{}` at the end, or `{ failed: true }`.
fn post_chunk(port: &MessagePort, read: Result<JsValue, JsValue>) -> Result<(), JsValue> {
    let Ok(read) = read else {
        return port.post_message(&Object::new().flag("failed", true));
    };
    match member(&read, "value").dyn_into::<Uint8Array>() {
        Ok(chunk) => port.post_message_with_transferable(&Object::new().value("chunk", &chunk), &Array::of1(&chunk.buffer())),
        Err(_) => port.post_message(&Object::new()),
    }
}
