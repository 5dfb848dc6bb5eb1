//! Decodes a value into one of the app's types, with serde.
//!
//! Only an app that uses it has this code in its wasm file. An error names the member and the
//! expected type, but never the value, which may be private.

use core::fmt;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::Value;

/// Why a value could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    text: String,
}

impl DecodeError {
    /// The same error, prefixed with the name of the member.
    pub(crate) fn within(self, name: &str) -> Self {
        Self { text: [name, ": ", &self.text].concat() }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl core::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { text: message.to_string() }
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("expected one of: {}", expected.join(", ")))
    }
}

impl<'de> IntoDeserializer<'de, DecodeError> for &'de Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for &'de Value {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.iter());
                let value = visitor.visit_seq(&mut items)?;
                items.end().map(|()| value)
            }
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Integer(value) => visitor.visit_i64(*value),
            Value::Null => visitor.visit_unit(),
            Value::Object(members) => visitor.visit_map(Members::new(members)),
            Value::String(text) => visitor.visit_borrowed_str(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if matches!(self, Value::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self {
            Value::Object(members) if members.len() == 1 => visitor.visit_enum(MapAccessDeserializer::new(Members::new(members))),
            Value::String(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            _ => Err(de::Error::custom("expected a variant")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The members of an object, in order.
struct Members<'de> {
    rest: core::slice::Iter<'de, (String, Value)>,
    value: Option<&'de (String, Value)>,
}

impl<'de> Members<'de> {
    fn new(members: &'de [(String, Value)]) -> Self {
        Self { rest: members.iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        self.value = self.rest.next();
        self.value.map(|(name, _)| seed.deserialize(BorrowedStrDeserializer::new(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let (name, value) = self.value.take().ok_or_else(|| de::Error::custom("a value without a name"))?;
        seed.deserialize(value).map_err(|error: DecodeError| error.within(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{DeserializeOwned, IgnoredAny};

    use super::*;

    fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        let value = Value::parse(text.as_bytes()).unwrap();
        T::deserialize(&value).map_err(|error| error.to_string())
    }

    /// Compares the result with that of `serde_json`.
    fn agrees<T: DeserializeOwned + PartialEq + fmt::Debug>(text: &str) {
        assert_eq!(read::<T>(text).ok(), serde_json::from_str(text).ok(), "{text}");
    }

    #[test]
    fn every_kind_of_value_becomes_what_serde_json_makes_of_it() {
        for text in ["null", "true", "7", "-7", "7.5", "300", "1e3", "\"a\"", "[]", "[1,2]", "[1,2,3]", "{}", r#"{"a":1,"b":2}"#] {
            agrees::<bool>(text);
            agrees::<u8>(text);
            agrees::<i64>(text);
            agrees::<f64>(text);
            agrees::<String>(text);
            agrees::<char>(text);
            agrees::<()>(text);
            agrees::<Option<i64>>(text);
            agrees::<Vec<i64>>(text);
            agrees::<(i64, i64)>(text);
            agrees::<std::collections::BTreeMap<String, i64>>(text);
            agrees::<Option<std::collections::BTreeMap<String, Option<u8>>>>(text);
            agrees::<Result<i64, String>>(text);
        }
        agrees::<Result<i64, String>>(r#"{"Ok":7}"#);
        agrees::<Result<i64, String>>(r#"{"Err":"no"}"#);
        agrees::<Result<i64, String>>(r#"{"Ok":7,"Err":"no"}"#);
        agrees::<std::collections::BTreeMap<String, Vec<Option<f64>>>>(r#"{"a":[1,null,2.5],"b":[]}"#);
    }

    #[test]
    fn what_does_not_fit_is_named_and_not_repeated() {
        type Nested = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u8>>;
        assert_eq!(read::<Nested>(r#"{"plan":{"seats":"many"}}"#), Err("plan: seats: expected u8".to_owned()));
        assert_eq!(read::<Nested>(r#"{"plan":{"seats":4711}}"#), Err("plan: seats: expected u8".to_owned()));
        assert_eq!(read::<Result<u8, u8>>(r#""secret""#), Err("expected one of: Ok, Err".to_owned()));
        assert_eq!(read::<Vec<u8>>("[1,-1]"), Err("expected u8".to_owned()));
    }

    #[test]
    fn whatever_is_not_wanted_is_passed_over() {
        assert!(read::<IgnoredAny>(r#"{"a":[1,{"b":null}]}"#).is_ok());
    }
}
