//! What windows and workers have in common.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// A member of the global object; `None` where it is missing or `undefined`.
pub(crate) fn get<T: wasm_bindgen::JsCast>(name: &str) -> Option<T> {
    let value = member(&js_sys::global(), name);
    (!value.is_undefined() && !value.is_null()).then(|| value.unchecked_into())
}

/// A member of an object; `undefined` where there is none.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Calls a method. One way to call them all is smaller than glue for each.
///
/// # Errors
/// What the method throws, or what comes of its not being there.
pub(crate) fn call(object: &JsValue, method: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
    let given = Array::new();
    for argument in arguments {
        given.push(argument);
    }
    member(object, method).dyn_into::<Function>()?.apply(object, &given)
}

/// A JavaScript object of these members.
pub(crate) fn object(members: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, value);
    }
    object
}

/// A JavaScript object of these texts, without the empty ones. One loop over a table is smaller than a call for each.
pub(super) fn texts(members: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, text) in members.iter().filter(|(_, text)| !text.is_empty()) {
        set(&object, name, &JsValue::from_str(text));
    }
    object
}

/// Whether the device has a network, as far as the browser knows.
pub(super) fn is_online() -> bool {
    get::<JsValue>("navigator").and_then(|navigator| member(&navigator, "onLine").as_bool()).unwrap_or(true)
}

/// Sets a member of an object that was just made, which cannot fail.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}
