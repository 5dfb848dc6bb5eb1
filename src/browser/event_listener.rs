//! Event listeners.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::EventTarget;

use super::global::{call, with};

/// A closure that JavaScript calls. One type serves every use: each further type would add generated code.
pub(crate) type Callback = Closure<dyn FnMut(JsValue) -> JsValue>;

/// Listens to one kind of event until dropped.
#[derive(Debug)]
pub(crate) struct EventListener {
    callback: Callback,
    name: &'static str,
    target: EventTarget,
}

impl EventListener {
    /// Starts listening.
    pub(crate) fn new(target: &EventTarget, name: &'static str, heard: impl Fn(JsValue) + 'static) -> Self {
        let callback = Callback::new(move |event| {
            heard(event);
            JsValue::UNDEFINED
        });
        let listening = Self { callback, name, target: target.clone() };
        listening.call("addEventListener");
        listening
    }

    /// Calls the method that adds or removes the listener. On an existing target, neither fails.
    fn call(&self, method: &str) {
        let _ = call(&self.target, method, with().text(self.name).value(self.callback.as_ref()));
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        self.call("removeEventListener");
    }
}
