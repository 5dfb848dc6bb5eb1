//! Listening to the browser's events.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::EventTarget;

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
        // Listening to what is there cannot fail.
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self { callback, name, target: target.clone() }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.callback.as_ref().unchecked_ref());
    }
}
