//! The one door between JavaScript's values and the library's.

use serde::Serialize as _;
use wasm_bindgen::JsValue;

use crate::protocol::json::Value;

/// A value of JavaScript's. `None` for what JSON has no word for.
pub(crate) fn read(value: JsValue) -> Option<Value> {
    serde_wasm_bindgen::from_value(value).ok()
}

/// A value for JavaScript: plain objects, arrays, texts, numbers.
pub(crate) fn write(value: &Value) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
