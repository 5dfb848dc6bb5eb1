//! Entry point of the worker, and of a vault that runs in the page's own thread.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, MessagePort};

use super::vault_server;
use crate::browser::event_listener::{Callback, EventListener};
use crate::browser::global::{Members as _, call, member, with};
use crate::protocol::error::{Code, Error};
use crate::wire::{self, VERSION, encode, message};

#[wasm_bindgen(module = "/src/server/early.js")]
extern "C" {
    /// Dispatches the events again that came before the module was compiled.
    fn replay();
}

/// Serves the vault to the pages that connect to this worker. The `main` of an app's own worker calls only
/// this. The worker's script has to be a module.
pub fn serve() {
    let scope: EventTarget = js_sys::global().unchecked_into();
    let name = member(&scope, "name").as_string().unwrap_or_default();
    let is_shared = !member(&scope, "SharedWorkerGlobalScope").is_undefined();
    let ended: Ended = Rc::new(|| drop(call(&js_sys::global(), "close", with())));
    let closing = Rc::clone(&ended);
    let listening = [
        EventListener::new(&scope, if is_shared { "connect" } else { "message" }, move |event| {
            if let Ok(port) = Array::from(&member(&event, "ports")).get(0).dyn_into() {
                attach(&name, &port, &ended);
            }
        }),
        // A module that trapped cannot continue. When its worker closes, the tabs notice that their vault is
        // gone.
        EventListener::new(&scope, "error", move |event| {
            if member(&member(&event, "error"), "name") == "RuntimeError" {
                closing();
            }
        }),
    ];
    // The listeners live as long as the worker.
    std::mem::forget(listening);
    replay();
}

/// Called when a vault has ended, or could not be started.
pub(crate) type Ended = Rc<dyn Fn()>;

thread_local! {
    /// The vaults of this thread, by name, each with the function that connects a port to it. A worker has one.
    static VAULTS: RefCell<Vec<(String, Function)>> = const { RefCell::new(Vec::new()) };
}

/// Connects a port to the vault of this name. Starts the vault if there is none.
pub(crate) fn attach(name: &str, port: &MessagePort, ended: &Ended) {
    // A page that has gone meanwhile needs no message.
    let _ = port.post_message(&message::event("ready").text("version", VERSION));
    match get_or_start(name, ended) {
        Ok(connect) => drop(connect.call1(&JsValue::UNDEFINED, port)),
        Err(error) => {
            let _ = port.post_message(&message::event("failed").value("error", &error));
            ended();
        }
    }
}

/// The function that the page's client calls to run a vault in this page.
#[cfg(feature = "page")]
pub(crate) fn in_page() -> JsValue {
    let serve = Callback::new(|name: JsValue| {
        let name = name.as_string().unwrap_or_default();
        let connect = Callback::new(move |port: JsValue| {
            attach(&name, port.unchecked_ref(), &(Rc::new(|| {}) as Ended));
            JsValue::UNDEFINED
        });
        connect.into_js_value()
    });
    serve.into_js_value()
}

fn get_or_start(name: &str, ended: &Ended) -> Result<Function, JsValue> {
    let known = VAULTS.with_borrow(|vaults| vaults.iter().find(|(other, _)| other == name).map(|(_, connect)| connect.clone()));
    if let Some(connect) = known {
        return Ok(connect);
    }
    let options = wire::parse(name).ok_or_else(|| encode::error(&Error::with_detail(Code::ConfigInvalid, "the worker's name")))?;
    let on_idle = {
        let (name, ended) = (name.to_owned(), Rc::clone(ended));
        Callback::new(move |_| {
            VAULTS.with_borrow_mut(|vaults| vaults.retain(|(other, _)| *other != name));
            ended();
            JsValue::UNDEFINED
        })
    };
    let connect = vault_server::start(name, options, on_idle.into_js_value().unchecked_into())?;
    VAULTS.with_borrow_mut(|vaults| vaults.push((name.to_owned(), connect.clone())));
    Ok(connect)
}
