//! Writes JSON \[RFC 8259].

use super::Value;

/// An object as text, which is written without making a [`Value`].
///
/// What the vault signs has strings and integers only. Writing any value takes 5 KB of code, floating-point numbers above all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectText(String);

impl ObjectText {
    pub(crate) fn new() -> Self {
        Self("{".to_owned())
    }

    pub(crate) fn string(self, name: &str, text: &str) -> Self {
        let mut object = self.member(name);
        write_string(text, &mut object.0);
        object
    }

    /// A member whose value is text already.
    pub(crate) fn text(self, name: &str, json: &str) -> Self {
        let mut object = self.member(name);
        object.0.push_str(json);
        object
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn member(mut self, name: &str) -> Self {
        separate(self.0.len() - 1, &mut self.0);
        write_string(name, &mut self.0);
        self.0.push(':');
        self
    }
}

pub(super) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out);
            }
            out.push(']');
        }
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Float(value) if value.is_finite() => {
            let text = value.to_string();
            out.push_str(&text);
            // So that it is parsed as a float again.
            if !text.contains('.') {
                out.push_str(".0");
            }
        }
        Value::Float(_) | Value::Null => out.push_str("null"),
        Value::Integer(value) => out.push_str(&value.to_string()),
        Value::Object(members) => {
            out.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                separate(index, out);
                write_string(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::String(text) => write_string(text, out),
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\0'..' ' => {
                out.push_str("\\u00");
                out.extend([character as u32 >> 4, character as u32 & 15].iter().filter_map(|digit| char::from_digit(*digit, 16)));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
