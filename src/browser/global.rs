//! What windows and workers have in common.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// A member of the global object; `None` where it is missing or `undefined`.
pub(crate) fn get<T: wasm_bindgen::JsCast>(name: &str) -> Option<T> {
    let value = Reflect::get(&js_sys::global(), &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then(|| value.unchecked_into())
}

/// A JavaScript object of these members.
pub(crate) fn object(members: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, value);
    }
    object
}

/// A JavaScript object of these texts. One loop over a table is smaller than a call for each.
pub(super) fn texts(members: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, text) in members {
        set(&object, name, &JsValue::from_str(text));
    }
    object
}

/// Whether the device has a network, as far as the browser knows.
pub(super) fn is_online() -> bool {
    let known = get::<JsValue>("navigator").and_then(|navigator| Reflect::get(&navigator, &JsValue::from_str("onLine")).ok());
    known.and_then(|online| online.as_bool()).unwrap_or(true)
}

/// Sets a member of an object that was just made, which cannot fail.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}
