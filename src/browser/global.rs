//! What windows and workers have in common.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::protocol::json::Value;

/// A member of the global object; `None` where it is missing or `undefined`.
pub(super) fn get<T: wasm_bindgen::JsCast>(name: &str) -> Option<T> {
    let value = Reflect::get(&js_sys::global(), &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then(|| value.unchecked_into())
}

/// A JavaScript object of these texts. One loop over a table is smaller than a call for each.
pub(super) fn texts(members: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, text) in members {
        set(&object, name, &JsValue::from_str(text));
    }
    object
}

/// Sets a member of an object that was just made, which cannot fail.
pub(super) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// A JavaScript value as what it is in JSON; `None` where JSON has no word for it.
pub(super) fn to_value(value: &JsValue) -> Option<Value> {
    Value::parse(JSON::stringify(value).ok()?.as_string()?.as_bytes())
}
