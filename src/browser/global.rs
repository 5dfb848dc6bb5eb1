//! What windows and workers have in common.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::protocol::json::Value;

/// A member of the global object; `None` where it is missing or `undefined`.
pub(super) fn get<T: wasm_bindgen::JsCast>(name: &str) -> Option<T> {
    let value = Reflect::get(&js_sys::global(), &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then(|| value.unchecked_into())
}

/// A JavaScript object of these members.
pub(super) fn object(members: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object
}

/// A JavaScript value as what it is in JSON; `None` where JSON has no word for it.
pub(super) fn to_value(value: &JsValue) -> Option<Value> {
    Value::parse(JSON::stringify(value).ok()?.as_string()?.as_bytes())
}
