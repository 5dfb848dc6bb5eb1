//! The one door between JavaScript's values and the library's.
//!
//! What comes in may have been made by anybody who can send a message or write into the origin's
//! storage: it has bounds, and whatever is no plain data is refused instead of guessed at.

use js_sys::{Array, JsString, Object};
use serde::Serialize as _;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::protocol::json::Value;

/// No value of the library's own is nested deeper than this.
const DEEPEST: u32 = 16;
/// Nor has one more parts.
const MOST_PARTS: u32 = 4096;
/// No value has more characters than this, all its strings taken together.
pub(crate) const MAX_TEXT: u32 = 1024 * 1024;

/// A value of JavaScript's: `null`, truth values, finite numbers, texts, and lists and objects of
/// these. `undefined` is `null`. `None` for anything else, and for what has no end.
pub(crate) fn read(value: &JsValue) -> Option<Value> {
    Reader { parts_left: MOST_PARTS, text_left: MAX_TEXT }.read(value, DEEPEST)
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

    /// A string that is too long is not copied into this memory at all: what does not fit there ends the vault.
    fn read_text(&mut self, text: &JsString) -> Option<String> {
        self.text_left = self.text_left.checked_sub(text.length())?;
        text.as_string()
    }
}

fn read_number(number: f64) -> Value {
    /// Up to here a number of JavaScript's holds every integer exactly.
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    let is_whole = number.trunc() == number && number.abs() <= LARGEST;
    if is_whole { Value::Integer(number as i64) } else { Value::Float(number) }
}

/// Whether this is `{…}` and not a map, a date or another object with a life of its own.
fn is_plain(object: &JsValue) -> bool {
    let prototype = Object::get_prototype_of(object);
    prototype.is_null() || Object::get_prototype_of(&prototype).is_null()
}

/// A value for JavaScript: plain objects, arrays, texts, numbers.
pub(crate) fn write(value: &Value) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
