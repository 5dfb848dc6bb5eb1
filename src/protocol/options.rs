//! Options as apps write them in JavaScript or in a JSON file.

use super::error::{Code, Error};
use super::json::Value;

/// The options of a call: their names, and what each may be.
pub(crate) type Options = [(&'static str, Kind)];

/// What an option may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Flag,
    /// A whole number from zero to this.
    Number(i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    Text,
    Texts,
}

impl Kind {
    fn admits(self, value: &Value) -> bool {
        match self {
            Self::Flag => value.as_bool().is_some(),
            Self::Number(most) => value.as_integer().is_some_and(|number| (0..=most).contains(&number)),
            Self::OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Self::Text => value.as_str().is_some(),
            Self::Texts => value.is_texts(),
        }
    }
}

/// No text that a page gives is longer than this: the URL that carries it has to be accepted by servers.
const MAX_TEXT: usize = 2000;

/// A return address that is too long for a URL is dropped, like others that cannot be used. It can be
/// that of the page itself, so it is no mistake before it has this length.
const MAX_RETURN_ADDRESS: usize = 64 * 1024;

/// # Errors
/// One of this code, naming the option that is too long.
pub(crate) fn check_lengths(options: &Value, call: &str, code: Code) -> Result<(), Error> {
    for (name, value) in options.members() {
        let (max, words) = match name {
            "returnTo" => (MAX_RETURN_ADDRESS, ": 65536 bytes at most"),
            // These have bounds of their own.
            "tenantCustomDomain" | "tenantName" => continue,
            _ => (MAX_TEXT, ": 2000 bytes at most"),
        };
        if value.as_str().is_some_and(|text| text.len() > max) {
            return Err(Error::with_detail(code, [call, name, words].concat()));
        }
    }
    Ok(())
}

/// Takes options over whose names are all known, and whose values are what they may be. What is
/// `null` counts as not given.
///
/// # Errors
/// `config_invalid`, naming the option.
pub(crate) fn read(options: &Value, call: &str, known: &Options) -> Result<Value, Error> {
    let invalid = |what: &[&str]| Err(Error::with_detail(Code::ConfigInvalid, [&[call], what].concat().concat()));
    if !options.is_object() {
        return invalid(&["the options are not an object"]);
    }
    for (name, value) in options.members() {
        let admitted = known.iter().any(|(other, kind)| *other == name && kind.admits(value));
        if !admitted && !matches!(value, Value::Null) {
            return invalid(&[name, ": unknown, or not of the right type"]);
        }
    }
    Ok(options.clone())
}
