//! JSON, parsed and written in one place.
//!
//! The library parses all JSON into [`Value`]: provider responses, token claims, options, stored
//! records. One type means one parser in the wasm file, and one place for the rules: a duplicate
//! member is rejected (two parsers could pick different ones), and nesting is at most 127 deep.

mod decode;
mod read;
mod write;

use core::fmt;
#[cfg(any(feature = "browser", feature = "native"))]
use zeroize::Zeroize as _;

pub(crate) use write::ObjectText;

pub use decode::DecodeError;
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
    /// An integer.
    Integer(i64),
    /// `null`
    #[default]
    Null,
    /// `{…}`, in source order, without duplicate names.
    Object(Vec<(String, Self)>),
    /// `"…"`
    String(String),
}

impl Value {
    /// Parses JSON. `None` if it is invalid, has a duplicate member, or is nested too deeply.
    pub fn parse(text: &[u8]) -> Option<Self> {
        read::read(text)
    }

    /// Parses a JSON object. `None` if it is anything else.
    pub fn parse_object(text: &[u8]) -> Option<Self> {
        Self::parse(text).filter(Self::is_object)
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Serializes to JSON.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        write::write(self, &mut out);
        out
    }

    /// An object with these members.
    pub fn object<const N: usize>(mut members: [(&str, Self); N]) -> Self {
        Self::object_of(&mut members)
    }

    /// Takes the values out of `members`. Not generic over their number.
    fn object_of(members: &mut [(&str, Self)]) -> Self {
        let mut object = Vec::new();
        for (name, value) in members {
            object.push(((*name).to_owned(), core::mem::take(value)));
        }
        Self::Object(object)
    }

    /// The member with this name. `null` counts as absent.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().find(|(other, value)| *other == name && !matches!(value, Self::Null)).map(|(_, value)| value)
    }

    /// The member with this name, if it is a string.
    pub(crate) fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The members of an object. Other values have none.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Sets a member of an object, replacing one with the same name.
    pub(crate) fn insert(&mut self, name: &str, value: Self) {
        self.remove(name);
        if let Self::Object(members) = self {
            members.push((name.to_owned(), value));
        }
    }

    /// Sets a member of an object to this string, or to `null`.
    #[inline(never)]
    pub(crate) fn insert_str(&mut self, name: &str, text: Option<&str>) {
        self.insert(name, text.into());
    }

    /// Removes the member with this name.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Self::Object(members) = self {
            members.retain(|(other, _)| other != name);
        }
    }

    /// Overwrites all strings, of which one may be a secret.
    #[cfg(any(feature = "browser", feature = "native"))]
    pub(crate) fn wipe(&mut self) {
        match self {
            Self::Array(items) => items.iter_mut().for_each(Self::wipe),
            Self::Object(members) => members.iter_mut().for_each(|(_, value)| value.wipe()),
            Self::String(text) => text.zeroize(),
            Self::Bool(_) | Self::Float(_) | Self::Integer(_) | Self::Null => {}
        }
    }

    /// Takes a string out of an object and leaves `null`: for secrets, which must not stay there.
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

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The items, if this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The number, truncated to an integer. A `NumericDate` may have a fraction \[RFC 7519 §2].
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            // The cast saturates, so a number out of range does not wrap.
            Self::Float(value) if value.is_finite() => Some(*value as i64),
            _ => None,
        }
    }

    /// Whether this is an array of strings.
    pub(crate) fn is_string_array(&self) -> bool {
        self.as_array().is_some_and(|items| items.iter().all(|item| item.as_str().is_some()))
    }

    /// Whether this is an array that contains this string.
    pub(crate) fn contains_str(&self, text: &str) -> bool {
        self.as_array().is_some_and(|items| items.iter().any(|item| item.as_str() == Some(text)))
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
                return Err(A::Error::custom("a member occurs twice"));
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
            // Most numbers fit in 32 bits, and JavaScript needs only these two types. For others, a
            // serializer for JavaScript would add an error message to the module.
            Self::Integer(value) => match i32::try_from(*value) {
                Ok(value) => serializer.serialize_i32(value),
                Err(_) => serializer.serialize_f64(*value as f64),
            },
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
        let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(Value::parse(&nested(127)).is_some());
        for depth in [128, 4000] {
            assert_eq!(Value::parse(&nested(depth)), None);
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = br#"{"a":[1,-2,true,null,"x\"\\\u0001"],"b":{"c":1.5,"d":2.0},"e":[],"f":{}}"#;
        let value = Value::parse(text).unwrap();
        assert_eq!(value.to_text().as_bytes(), text);
        assert_eq!(Value::Float(f64::INFINITY).to_text(), "null");
    }

    /// Compares the result with that of another parser, and with that of writing and parsing it
    /// again.
    fn agree(text: &[u8]) {
        let (ours, theirs) = (Value::parse(text), serde_json::from_slice::<Value>(text).ok());
        assert_eq!(ours.is_some(), theirs.is_some(), "{}", String::from_utf8_lossy(text));
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            assert!(same(&ours, &theirs), "{ours:?} {theirs:?}");
            assert!(Value::parse(ours.to_text().as_bytes()).is_some_and(|again| same(&again, &ours)), "{ours:?}");
        }
    }

    /// If a fraction has more digits than a float can hold, the last ones may differ.
    fn same(a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Value::Float(a), Value::Float(b)) => a.is_sign_negative() == b.is_sign_negative() && (a - b).abs() <= a.abs() * 1e-14,
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1))
            }
            _ => a == b,
        }
    }

    #[test]
    fn json_is_read_as_others_read_it() {
        for text in [
            r#"{}"#,
            "[]",
            " [ 1 , 2 ] ",
            "\t{ \"a\" : null }\r\n",
            "null",
            "true",
            "false",
            r#""""#,
            "0",
            "-0",
            "-0.0",
            "1e5",
            "1E+5",
            "1e-5",
            "1.25e-3",
            "0.1",
            "1.1",
            "123456789.5",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1e22",
            "0e999999999999999999999999",
            "1e-999999999999999999999999",
            "1e308",
            "2e308",
            "1e400",
            "-1e400",
            "4e-320",
            r#""\u00e4\ud83d\ude00\/\b\f\n\r\t\"\\""#,
            "\"\u{e4}\u{1f600}\u{7f}\"",
        ] {
            agree(text.as_bytes());
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            " ",
            "nul",
            "nulll",
            "True",
            "[",
            "]",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{",
            "{}}",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":1 "b":2}"#,
            "{a:1}",
            "{1:2}",
            r#"{"a" "b"}"#,
            "1 1",
            "01",
            "-",
            "+1",
            ".5",
            "1.",
            "1.e5",
            "1e",
            "1e+",
            "-01",
            "0x1",
            "1_0",
            "Infinity",
            "NaN",
            "'a'",
            r#""a"#,
            r#""\x""#,
            r#""\u12""#,
            r#""\u12g4""#,
            r#""\ud83d""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
            r#""\ud83d\ud83d""#,
            "\"\n\"",
            "\"\0\"",
            "\"\t\"",
            "// x\n1",
            "\u{feff}1",
            "\u{a0}1",
            "1,",
        ] {
            assert_eq!(Value::parse(text.as_bytes()), None, "{text}");
            agree(text.as_bytes());
        }
        for bytes in [&b"\"\xff\""[..], b"\"\xed\xa0\x80\"", b"\xff", b"\"\xc3", b"\"\xc0\x80\""] {
            assert_eq!(Value::parse(bytes), None);
        }
    }

    #[test]
    fn damaged_json_is_judged_as_others_judge_it() {
        let whole = r#"{"a":[1,-2.5e3,true,false,null,"x\u00e4\n"],"b":{"c":"d","e":[{}]},"f":18446744073709551615}"#.as_bytes();
        for end in 0..whole.len() {
            agree(&whole[..end]);
            for byte in b"\"{}[]:,\\0e-. tn\x00\xff" {
                let mut damaged = whole.to_vec();
                damaged[end] = *byte;
                agree(&damaged);
            }
        }
    }

    #[test]
    fn numbers_beyond_range_do_not_wrap() {
        assert_eq!(Value::parse(b"1e300").unwrap().as_integer(), Some(i64::MAX));
        assert_eq!(Value::parse(b"18446744073709551615").unwrap().as_integer(), Some(i64::MAX));
    }
}
