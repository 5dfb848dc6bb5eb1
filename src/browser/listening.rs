//! Listening to the browser's events.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::EventTarget;

use super::global::{call, with};

/// What JavaScript calls. One kind serves for everything: every other would bring its own glue.
pub(crate) type Callback = Closure<dyn FnMut(JsValue) -> JsValue>;

/// Listens to one kind of event until dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    callback: Callback,
    name: &'static str,
    target: EventTarget,
}

impl Listening {
    /// Begins to listen.
    pub(crate) fn to(target: &EventTarget, name: &'static str, heard: impl Fn(JsValue) + 'static) -> Self {
        let callback = Callback::new(move |event| {
            heard(event);
            JsValue::UNDEFINED
        });
        let listening = Self { callback, name, target: target.clone() };
        listening.call("addEventListener");
        listening
    }

    /// Calls one of the two methods that begin and end it. On what is there, neither fails.
    fn call(&self, method: &str) {
        let _ = call(&self.target, method, with().text(self.name).value(self.callback.as_ref()));
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.call("removeEventListener");
    }
}
