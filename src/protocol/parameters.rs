//! Further parameters of requests: what a provider needs beyond the standard's own.

use super::error::{Code, Error};
use super::form::{self, Form};
use super::json::Value;

/// Parameters that the app adds to a request, in the order in which they are sent. A name can occur several times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters(Vec<(String, String)>);

/// What the library itself sends with an authorization request, or would turn it into another kind of request.
const OF_AUTHORIZATION: &[&str] = &[
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// The same for token requests. A public client has no secret.
const OF_TOKEN: &[&str] = &[
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "redirect_uri",
    "refresh_token",
];

/// The names that \[RFC 6749 Appendix A] allows.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

/// Whether this is an absolute URI, as far as a client can tell that has no use for its parts \[RFC 3986 §4.3].
fn is_absolute_uri(text: &str) -> bool {
    let is_graphic = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let scheme = text.split_once(':').filter(|(_, rest)| !rest.is_empty()).map_or("", |(scheme, _)| scheme);
    let is_scheme_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    is_graphic && scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(is_scheme_byte)
}

/// Some servers do not tell cases apart.
fn is_reserved(name: &str, reserved: &[&str]) -> bool {
    reserved.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether a URL for authorization requests already contains what the library sends itself: no parameter may occur
/// twice \[RFC 6749 §3.1].
pub(crate) fn anticipates_request(query: &str) -> bool {
    form::decode(query).iter().any(|(name, _)| is_reserved(name, OF_AUTHORIZATION))
}

/// The largest number of bytes of all parameters of a request.
const MAX_LEN: usize = 4000;

impl Parameters {
    /// Reads an object whose values are strings or lists of strings.
    ///
    /// # Errors
    /// `config_invalid`, naming the parameter, if a value has another type or the library sends it itself.
    pub fn of_authorization(option: &str, written: Option<&Value>) -> Result<Self, Error> {
        Self::read(option, written, OF_AUTHORIZATION)
    }

    /// The same for token requests.
    ///
    /// # Errors
    /// As [`of_authorization`](Self::of_authorization).
    pub fn of_token(option: &str, written: Option<&Value>) -> Result<Self, Error> {
        Self::read(option, written, OF_TOKEN)
    }

    fn read(option: &str, written: Option<&Value>, reserved: &[&str]) -> Result<Self, Error> {
        let mut parameters = Self::default();
        for (name, value) in written.into_iter().flat_map(Value::members) {
            let refused = |why: &str| Error::with_detail(Code::ConfigInvalid, [option, ": ", name, why].concat());
            if !is_name(name) {
                return Err(refused(": not the name of a parameter"));
            }
            if is_reserved(name, reserved) {
                return Err(refused(": the library sets this parameter itself"));
            }
            if !parameters.add(name, value) {
                return Err(refused(": not a string or a list of strings"));
            }
        }
        if parameters.0.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_LEN {
            return Err(Error::with_detail(Code::ConfigInvalid, [option, ": 4000 bytes at most"].concat()));
        }
        Ok(parameters)
    }

    /// Adds a string, or each string of a list. Returns whether the value is one of these.
    fn add(&mut self, name: &str, value: &Value) -> bool {
        match value {
            Value::Null => {}
            Value::String(text) => self.put(name, text),
            _ if value.is_string_array() => {
                let texts = value.as_array().unwrap_or_default().iter().filter_map(Value::as_str);
                texts.for_each(|text| self.put(name, text));
            }
            _ => return false,
        }
        true
    }

    /// Adds one parameter.
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Adds an option that is a string or a list of strings, as one parameter for each.
    pub(crate) fn put_each(&mut self, name: &str, option: Option<&Value>) {
        // The type was checked with the other options.
        let _is_text = option.is_none_or(|value| self.add(name, value));
    }

    /// Adds an option that is a string or a list of strings, as one parameter with spaces in between.
    pub(crate) fn put_joined(&mut self, name: &str, option: Option<&Value>) {
        if let Some(words) = Self::joined(option) {
            self.put(name, &words);
        }
    }

    /// An option that is a string or a list of strings, with spaces in between.
    pub(crate) fn joined(option: Option<&Value>) -> Option<String> {
        let mut words = Self::default();
        words.put_each("", option);
        let words: Vec<String> = words.0.into_iter().map(|(_, word)| word).collect();
        Some(words.join(" ")).filter(|words| !words.is_empty())
    }

    /// Replaces the parameters of this name by these values.
    pub(crate) fn set<T: AsRef<str>>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        self.0.retain(|(other, _)| other != name);
        values.into_iter().for_each(|value| self.put(name, value.as_ref()));
    }

    /// Whether there is a parameter of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// Checks that each `resource` is an absolute URI without a fragment \[RFC 8707 §2].
    ///
    /// # Errors
    /// `config_invalid`, with this text in front of the name.
    pub(crate) fn check_resources(&self, option: &str) -> Result<(), Error> {
        let resources = self.0.iter().filter(|(name, _)| name == "resource");
        if resources.into_iter().all(|(_, value)| is_absolute_uri(value)) {
            return Ok(());
        }
        Err(Error::with_detail(Code::ConfigInvalid, [option, "resource: an absolute URI without a fragment"].concat()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These parameters, and of the others those with other names.
    pub(crate) fn or(&self, others: &Self) -> Self {
        let is_other = |(name, _): &&(String, String)| !self.0.iter().any(|(own, _)| own == name);
        Self(others.0.iter().filter(is_other).chain(&self.0).cloned().collect())
    }

    /// Appends the parameters to a form.
    pub(crate) fn put_into(&self, form: &mut Form) {
        for (name, value) in &self.0 {
            form.put(name, Some(value));
        }
    }

    /// The parameters as an app writes them.
    pub(crate) fn to_object(&self) -> Value {
        let mut written = Value::object([]);
        for (name, value) in &self.0 {
            let value = Value::String(value.clone());
            match written.get(name).cloned() {
                None => written.insert(name, value),
                Some(Value::Array(values)) => written.insert(name, Value::Array([values, vec![value]].concat())),
                Some(first) => written.insert(name, Value::Array(vec![first, value])),
            }
        }
        written
    }

    /// The parameters as JSON, which [`from_json`](Self::from_json) reads.
    pub(crate) fn to_json(&self) -> Value {
        let pair = |(name, value): &(String, String)| Value::Array([name, value].map(|text| text.as_str().into()).into());
        Value::Array(self.0.iter().map(pair).collect())
    }

    /// Reads stored parameters. Invalid ones are left out.
    pub(crate) fn from_json(stored: Option<&Value>) -> Self {
        let pair = |pair: &Value| match pair.as_array() {
            Some([name, value]) => Some((name.as_str()?.to_owned(), value.as_str()?.to_owned())),
            _ => None,
        };
        Self(stored.and_then(Value::as_array).unwrap_or_default().iter().filter_map(pair).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Parameters, Error> {
        Parameters::of_authorization("authorizationParams", Some(&Value::parse(text.as_bytes()).unwrap()))
    }

    fn form(parameters: &Parameters) -> String {
        let mut form = Form::default();
        parameters.put_into(&mut form);
        form.into_query()
    }

    #[test]
    fn strings_and_lists_of_strings_are_sent_in_order() {
        let parameters = read(r#"{"organization": "a b", "resource": ["https://one.example", "https://two.example"]}"#).unwrap();
        assert_eq!(form(&parameters), "organization=a+b&resource=https%3A%2F%2Fone.example&resource=https%3A%2F%2Ftwo.example");
        assert_eq!(Parameters::from_json(Some(&parameters.to_json())), parameters);
    }

    #[test]
    fn what_the_library_sends_itself_cannot_be_set() {
        for name in OF_AUTHORIZATION {
            let error = read(&format!(r#"{{"{name}": "x"}}"#)).unwrap_err();
            assert_eq!(error.code(), Code::ConfigInvalid);
            assert!(error.detail().contains(name), "{error}");
        }
        assert!(read(r#"{"a": 1}"#).is_err() && read(r#"{"a": [1]}"#).is_err());
        assert!(read(&format!(r#"{{"a": "{}"}}"#, "x".repeat(MAX_LEN))).is_err());
    }

    #[test]
    fn the_parameters_of_a_call_replace_those_of_the_settings() {
        let (settings, call) = (read(r#"{"audience": "a", "x": "1"}"#).unwrap(), read(r#"{"audience": "b"}"#).unwrap());
        assert_eq!(form(&call.or(&settings)), "x=1&audience=b");
    }
}
