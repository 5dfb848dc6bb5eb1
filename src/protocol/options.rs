//! Options as apps write them in JavaScript or in a JSON file.

use super::error::{Code, Error};
use super::json::Value;

/// The options of a call: their names and types.
pub(crate) type Options = [(&'static str, Kind)];

/// The type of an option.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Any JSON value. What it may be is checked by what reads it.
    Any,
    Flag,
    /// An integer from zero to this.
    Number(i64),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// An object. What it may hold is checked by what reads it.
    Object,
    String,
    StringList,
    /// A list of strings and objects.
    Entries,
    /// A string, or a list of strings.
    Strings,
}

impl Kind {
    fn admits(self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Flag => value.as_bool().is_some(),
            Self::Number(most) => value.as_integer().is_some_and(|number| (0..=most).contains(&number)),
            Self::OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Self::String => value.as_str().is_some(),
            Self::Entries => {
                value.as_array().is_some_and(|items| items.iter().all(|item| item.is_object() || item.as_str().is_some()))
            }
            Self::Object => value.is_object(),
            Self::StringList => value.is_string_array(),
            Self::Strings => value.as_str().is_some() || value.is_string_array(),
        }
    }
}

/// The longest option, in bytes: servers must accept the URL that carries it.
pub(crate) const MAX_OPTION: usize = 2000;

/// The longest return address, in bytes. One that is too long for a URL is ignored, like others that cannot
/// be used: it can be that of the page itself, so it is not an error below this length.
pub(crate) const MAX_RETURN_ADDRESS: usize = 64 * 1024;

/// # Errors
/// One with this code, naming the option, if its value is longer than this.
pub(crate) fn check_length(name: &str, value: Option<&str>, max: usize, code: Code) -> Result<(), Error> {
    if value.is_some_and(|value| value.len() > max) {
        return Err(Error::with_detail(code, [name, ": ", &max.to_string(), " bytes at most"].concat()));
    }
    Ok(())
}

/// Checks that every name is known, and that every value has the type of its option. `null` counts as
/// absent.
///
/// # Errors
/// `config_invalid`, naming the option.
pub(crate) fn check(options: &Value, call: &str, known: &Options) -> Result<(), Error> {
    if !options.is_object() {
        return Err(Error::with_detail(Code::ConfigInvalid, [call, "the options are not an object"].concat()));
    }
    for (name, value) in options.members() {
        let admitted = known.iter().any(|(other, kind)| *other == name && kind.admits(value));
        if !admitted && !matches!(value, Value::Null) {
            return Err(Error::with_detail(Code::ConfigInvalid, [call, name, ": unknown, or not of the right type"].concat()));
        }
    }
    Ok(())
}
