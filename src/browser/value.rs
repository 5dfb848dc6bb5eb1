//! Converts between JavaScript's values and the library's.
//!
//! An incoming value may come from any script that can send a message or write to the origin's storage. So its
//! size is limited, and anything but plain data is rejected.

use js_sys::{Array, JsString, Object};
use serde::Serialize as _;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::protocol::json::Value;

/// The maximum nesting depth. The library's own values stay below it.
const MAX_DEPTH: u32 = 16;
/// The maximum number of array items and object members.
const MAX_PARTS: u32 = 4096;
/// The maximum length of all strings of a value together, in UTF-16 code units.
pub(crate) const MAX_TEXT: u32 = 1024 * 1024;

/// Reads a JavaScript value: `null`, booleans, finite numbers, strings, and arrays and plain objects of these.
/// `undefined` becomes `null`. `None` for anything else, and for a value that is cyclic or too large.
pub(crate) fn read(value: &JsValue) -> Option<Value> {
    Reader { parts_left: MAX_PARTS, text_left: MAX_TEXT }.read(value, MAX_DEPTH)
}

struct Reader {
    parts_left: u32,
    text_left: u32,
}

impl Reader {
    fn read(&mut self, value: &JsValue, depth: u32) -> Option<Value> {
        if value.is_null() || value.is_undefined() {
            return Some(Value::Null);
        }
        if let Some(text) = value.dyn_ref::<JsString>() {
            return self.read_text(text).map(Value::String);
        }
        if let Some(value) = value.as_bool() {
            return Some(Value::Bool(value));
        }
        if let Some(number) = value.as_f64() {
            return number.is_finite().then(|| read_number(number));
        }
        let depth = depth.checked_sub(1)?;
        if let Some(list) = value.dyn_ref::<Array>() {
            self.parts_left = self.parts_left.checked_sub(list.length())?;
            let mut items = Vec::new();
            for item in list.iter() {
                items.push(self.read(&item, depth)?);
            }
            return Some(Value::Array(items));
        }
        let object = value.dyn_ref::<Object>().filter(|object| is_plain(object))?;
        let entries = Object::entries(object);
        self.parts_left = self.parts_left.checked_sub(entries.length())?;
        let mut members = Vec::new();
        for entry in entries.iter() {
            let entry: Array = entry.unchecked_into();
            let name = self.read_text(entry.get(0).unchecked_ref())?;
            members.push((name, self.read(&entry.get(1), depth)?));
        }
        Some(Value::Object(members))
    }

    /// A string that is too long is not copied into WebAssembly memory: running out of memory would end the
    /// vault.
    fn read_text(&mut self, text: &JsString) -> Option<String> {
        self.text_left = self.text_left.checked_sub(text.length())?;
        text.as_string()
    }
}

fn read_number(number: f64) -> Value {
    /// `Number.MAX_SAFE_INTEGER`: up to here, a JavaScript number holds every integer exactly.
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    let is_whole = number.trunc() == number && number.abs() <= MAX_SAFE_INTEGER;
    if is_whole { Value::Integer(number as i64) } else { Value::Float(number) }
}

/// Whether this is a plain object, and not a `Map`, a `Date` or an instance of another class.
fn is_plain(object: &JsValue) -> bool {
    let prototype = Object::get_prototype_of(object);
    prototype.is_null() || Object::get_prototype_of(&prototype).is_null()
}

/// Converts a value to JavaScript: plain objects, arrays, strings, numbers.
pub(crate) fn write(value: &Value) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
