//! `fetch`, by way of the vault: a request taken apart, and a response put together again.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Object, Promise};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessagePort, ReadableStream, Request, Response};

use super::connection::Connection;
use crate::browser::global::{call, construct, member, object, set, with};
use crate::browser::listening::{Callback, Listening};
use crate::protocol::error::{Code, Error};

/// Sends a request by way of the vault. Its signal ends the call, and the body of the answer.
pub(super) async fn fetch(connection: &Rc<Connection>, request: Request) -> Result<Response, Error> {
    let init = init(&request).await?;
    let signal = request.signal();
    if signal.aborted() {
        return Err(Code::Network.into());
    }
    let id = Rc::new(Cell::new(0));
    let _stopping = {
        let (connection, id) = (Rc::downgrade(connection), Rc::clone(&id));
        Listening::to(&signal, "abort", move |_| {
            if let Some(connection) = connection.upgrade() {
                connection.abort(id.get());
            }
        })
    };
    let members: [(&str, &JsValue); 2] = [("url", &request.url().into()), ("init", &init)];
    let asked = connection.ask_now("fetch", &members)?;
    id.set(asked.id);
    let answer = asked.answer().await?;
    response(&answer, &signal).map_err(|_| Code::Network.into())
}

/// What of a request crosses the port: all that a page may say.
async fn init(request: &Request) -> Result<Object, Error> {
    let init = object(&[("headers", &Array::from(&request.headers()))]);
    for name in ["method", "credentials", "cache", "integrity", "keepalive", "referrerPolicy"] {
        set(&init, name, &member(request, name));
    }
    if !matches!(request.method().as_str(), "GET" | "HEAD") {
        // Bytes can be sent a second time, after a renewal.
        let bytes = call(request, "blob", with()).and_then(JsValue::dyn_into::<Promise>);
        let used = |_| Error::with_detail(Code::ConfigInvalid, "fetch: the body was used already");
        let body = JsFuture::from(bytes.map_err(used)?).await.map_err(used)?;
        if member(&body, "size").as_f64() > Some(0.0) {
            set(&init, "body", &body);
        }
    }
    Ok(init)
}

fn response(answer: &JsValue, signal: &JsValue) -> Result<Response, JsValue> {
    let (head, body) = (member(answer, "value"), member(answer, "body"));
    let stream = match body.dyn_into::<MessagePort>() {
        Ok(port) => from_port(port)?,
        Err(body) if body.is_instance_of::<ArrayBuffer>() => member(&construct("Response", with().value(&body))?, "body"),
        Err(body) => body,
    };
    // A response of these has no body, and one that is empty is too much for the constructor.
    let is_bodyless = matches!(member(&head, "status").as_f64(), Some(204.0 | 205.0 | 304.0));
    let stream = if is_bodyless || stream.is_undefined() { JsValue::NULL } else { ending_with(&stream, signal)? };
    let response = construct("Response", with().value(&stream).value(&head))?;
    let url = object(&[("value", &member(&head, "url"))]);
    let response: Object = response.unchecked_into();
    Ok(Object::define_property(&response, &"url".into(), &url).unchecked_into())
}

/// The stream, until the signal ends it.
fn ending_with(stream: &JsValue, signal: &JsValue) -> Result<JsValue, JsValue> {
    let through = construct("TransformStream", with())?;
    call(stream, "pipeThrough", with().value(&through).value(&object(&[("signal", signal)])))
}

/// A stream of chunks that come over a port, each of which has to be asked for.
fn from_port(port: MessagePort) -> Result<JsValue, JsValue> {
    let stopping = port.clone();
    let pull = Callback::new(move |controller| pull(&port, &controller).into());
    let cancel = Callback::new(move |_| {
        // A vault that is gone has stopped already.
        let _ = stopping.post_message(&JsValue::FALSE);
        JsValue::UNDEFINED
    });
    let source = object(&[("pull", &pull.into_js_value()), ("cancel", &cancel.into_js_value())]);
    ReadableStream::new_with_underlying_source(&source).map(JsValue::from)
}

/// Asks for the next chunk, and is done when it has come.
fn pull(port: &MessagePort, controller: &JsValue) -> Promise {
    Promise::new(&mut |resolve, reject| {
        let controller = controller.clone();
        let on_message = Callback::new(move |event| {
            let data = member(&event, "data");
            let chunk = member(&data, "chunk");
            let done = match () {
                () if member(&data, "failed").is_truthy() => {
                    return reject.call1(&JsValue::UNDEFINED, &broken()).unwrap_or(JsValue::UNDEFINED);
                }
                () if chunk.is_undefined() => call(&controller, "close", with()),
                () => call(&controller, "enqueue", with().value(&chunk)),
            };
            // A stream that was cancelled meanwhile takes nothing more.
            drop(done);
            resolve.call0(&JsValue::UNDEFINED).unwrap_or(JsValue::UNDEFINED)
        });
        port.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
        let _ = port.post_message(&JsValue::TRUE);
    })
}

/// What the browser's own streams end with when the network does.
fn broken() -> JsValue {
    js_sys::TypeError::new("network error").into()
}
