//! The one door between JavaScript's values and the library's.

use js_sys::JSON;
use serde::Serialize as _;
use wasm_bindgen::JsValue;

use crate::protocol::json::Value;

/// A value of JavaScript's as what it is in JSON; `None` where JSON has no word for it.
pub(crate) fn read(value: &JsValue) -> Option<Value> {
    Value::parse(JSON::stringify(value).ok()?.as_string()?.as_bytes())
}

/// A value for JavaScript: plain objects, arrays, texts, numbers.
pub(crate) fn write(value: &Value) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
