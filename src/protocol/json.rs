//! The one door through which JSON comes in and goes out.
//!
//! Everything that the library reads is read into [`Value`], once: provider answers, token claims,
//! options, stored records. One type means one instance of the parser in the wasm file, and one
//! place where the rules hold: a member that is there twice is refused (two readers could take
//! different ones), and nesting ends at 128.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A JSON value \[RFC 8259].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `[…]`
    Array(Vec<Self>),
    /// `true`, `false`
    Bool(bool),
    /// A number with a fraction or an exponent, or beyond 64 bits.
    Float(f64),
    /// A whole number.
    Integer(i64),
    /// `null`
    #[default]
    Null,
    /// `{…}`, in the order of the text. No name is there twice.
    Object(Vec<(String, Self)>),
    /// `"…"`
    String(String),
}

impl Value {
    /// Reads JSON text. `None` when it is not JSON, or breaks the rules above.
    pub fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// Reads JSON text that has to be an object.
    pub fn parse_object(text: &[u8]) -> Option<Self> {
        Self::parse(text).filter(Self::is_object)
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Writes JSON text.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// An object of these members.
    pub fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The member of this name. A member that is `null` counts as absent.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().find(|(n, value)| *n == name && *value != &Self::Null).map(|(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Takes a text out of an object, leaving `null`: for secrets, which must not stay behind.
    pub fn take_string(&mut self, name: &str) -> Option<String> {
        let Self::Object(members) = self else { return None };
        let (_, value) = members.iter_mut().find(|(n, _)| n == name)?;
        match core::mem::take(value) {
            Self::String(text) => Some(text),
            other => {
                *value = other;
                None
            }
        }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The items, if this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The number in whole units, a fraction cut off. `NumericDate` may carry one \[RFC 7519 §2].
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            // The cast saturates, so a number out of range stays far away and is not wrapped.
            Self::Float(value) if value.is_finite() => Some(*value as i64),
            _ => None,
        }
    }

    /// The texts of an array of texts; `None` when anything else is among them.
    pub fn as_strings(&self) -> Option<Vec<&str>> {
        self.as_array()?.iter().map(Self::as_str).collect()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl<T> From<Option<T>> for Value
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.iter().any(|(n, _)| *n == name) {
                return Err(A::Error::custom("a member is there twice"));
            }
            members.push((name, value));
        }
        Ok(Value::Object(members))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Array(items) => serializer.collect_seq(items),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Null => serializer.serialize_unit(),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Self::String(text) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_there_twice_is_refused() {
        assert_eq!(Value::parse(br#"{"sub":"a","sub":"b"}"#), None);
        assert_eq!(Value::parse(br#"{"a":{"x":1,"x":1}}"#), None);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = [vec![b'['; 4000], vec![b']'; 4000]].concat();
        assert_eq!(Value::parse(&deep), None);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = br#"{"a":[1,-2,true,null,"x"],"b":{"c":1.5}}"#;
        let value = Value::parse(text).unwrap();
        assert_eq!(value.to_text().as_bytes(), text);
    }

    #[test]
    fn numbers_beyond_range_do_not_wrap() {
        assert_eq!(Value::parse(b"1e300").unwrap().as_integer(), Some(i64::MAX));
        assert_eq!(Value::parse(b"18446744073709551615").unwrap().as_integer(), Some(i64::MAX));
    }
}
