//! Options as apps write them in JavaScript or in a JSON file.

use super::error::{Code, Error};
use super::json::Value;

/// Hands every option to `set`, which answers `None` for a name that it does not know and for a
/// value of another type. What is `null` counts as not given.
///
/// # Errors
/// `config_invalid`, naming the option.
pub(crate) fn read(options: &Value, call: &str, set: &mut dyn FnMut(&str, &Value) -> Option<()>) -> Result<(), Error> {
    let invalid = |what: &[&str]| Err(Error::with_detail(Code::ConfigInvalid, [&[call], what].concat().concat()));
    if !options.is_object() {
        return invalid(&["the options are not an object"]);
    }
    for (name, value) in options.members() {
        if *value != Value::Null && set(name, value).is_none() {
            return invalid(&[name, ": unknown, or not of the right type"]);
        }
    }
    Ok(())
}
