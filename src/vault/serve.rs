//! Entry point of the worker, and of a vault that runs in the page's own thread.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, JSON};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{EventTarget, MessagePort};

use super::{encode, host, message};
use crate::browser::global::{Members as _, call, member, with};
use crate::browser::listening::{Callback, Listening};
use crate::browser::value;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;

/// The version of both sides of a port, which have to be the same.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Serves the vault to whoever connects to this worker: all that the `main` of a worker of the
/// app's own has to call. The worker's script has to be a module.
pub fn serve() {
    let scope: EventTarget = js_sys::global().unchecked_into();
    let name = member(&scope, "name").as_string().unwrap_or_default();
    let is_shared = !member(&scope, "SharedWorkerGlobalScope").is_undefined();
    let ended: Ended = Rc::new(|| drop(call(&js_sys::global(), "close", with())));
    let closing = Rc::clone(&ended);
    let listening = [
        Listening::to(&scope, if is_shared { "connect" } else { "message" }, move |event| {
            if let Ok(port) = Array::from(&member(&event, "ports")).get(0).dyn_into() {
                admit(&name, &port, &ended);
            }
        }),
        // A module that trapped does nothing any more. Without it the tabs notice that their vault is gone.
        Listening::to(&scope, "error", move |event| {
            if member(&member(&event, "error"), "name") == "RuntimeError" {
                closing();
            }
        }),
    ];
    // For as long as the worker lives.
    std::mem::forget(listening);
}

/// Called when a vault forgot everything, or could not be started.
pub(super) type Ended = Rc<dyn Fn()>;

thread_local! {
    /// The vaults of this thread, by name, each with what connects a port to it. In a worker there is one.
    static VAULTS: RefCell<Vec<(String, Function)>> = const { RefCell::new(Vec::new()) };
}

/// Connects a port to the vault of this name, which is started where it is not there.
pub(super) fn admit(name: &str, port: &MessagePort, ended: &Ended) {
    // Whoever has gone meanwhile hears nothing.
    let _ = port.post_message(&message::event("ready").text("version", VERSION));
    match connector(name, ended) {
        Ok(connect) => drop(connect.call1(&JsValue::UNDEFINED, port)),
        Err(error) => {
            let _ = port.post_message(&message::event("failed").value("error", &error));
            ended();
        }
    }
}

/// Runs vaults in this page: what its client calls to have one served.
#[cfg(feature = "page")]
pub(super) fn in_page() -> JsValue {
    let serve = Callback::new(|name: JsValue| {
        let name = name.as_string().unwrap_or_default();
        let connect = Callback::new(move |port: JsValue| {
            admit(&name, port.unchecked_ref(), &(Rc::new(|| {}) as Ended));
            JsValue::UNDEFINED
        });
        connect.into_js_value()
    });
    serve.into_js_value()
}

fn connector(name: &str, ended: &Ended) -> Result<Function, JsValue> {
    let known = VAULTS.with_borrow(|vaults| vaults.iter().find(|(other, _)| other == name).map(|(_, connect)| connect.clone()));
    if let Some(connect) = known {
        return Ok(connect);
    }
    let options = options(name).ok_or_else(|| encode::error(&Error::with_detail(Code::ConfigInvalid, "the worker's name")))?;
    let forgotten = {
        let (name, ended) = (name.to_owned(), Rc::clone(ended));
        Callback::new(move |_| {
            VAULTS.with_borrow_mut(|vaults| vaults.retain(|(other, _)| *other != name));
            ended();
            JsValue::UNDEFINED
        })
    };
    let connect = host::start(name, options, forgotten.into_js_value().unchecked_into())?;
    VAULTS.with_borrow_mut(|vaults| vaults.push((name.to_owned(), connect.clone())));
    Ok(connect)
}

/// The settings, which are the third part of the name; a fourth one only tells vaults apart. `None` for
/// a page of another version: it refuses this worker when it hears of it, and has asked for its session
/// to be opened by then.
fn options(name: &str) -> Option<JsValue> {
    let parts = Value::parse(name.as_bytes())?;
    match parts.as_array()? {
        [version, _, options, ..] if version.as_str() == Some(VERSION) => Some(value::write(options)),
        _ => None,
    }
}

/// The name of a vault: the whole configuration.
pub(super) fn name(wasm: &str, options: Value) -> String {
    let name = value::write(&Value::Array(vec![VERSION.into(), wasm.into(), options]));
    // Not by the library itself: how it writes numbers is a tenth of what the page has of it.
    JSON::stringify(&name).ok().and_then(|text| text.as_string()).unwrap_or_default()
}
