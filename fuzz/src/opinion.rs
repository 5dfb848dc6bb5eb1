//! What other parsers make of the same string, and what an error may say about it.

use serde_json::Value;
use url::Url;
use wristband_spa_auth::Error;
use wristband_spa_auth::protocol::http::Response;

/// What another parser makes of a body that this library accepted as a JSON object.
pub(crate) fn object(response: &Response) -> Value {
    let body = serde_json::from_str(response.body.expose()).expect("others read it as JSON too");
    assert!(matches!(body, Value::Object(_)), "others see an object too");
    body
}

/// Where a browser goes for this string; `None` if it is no URL.
///
/// # Panics
/// If the string is no URL for another reason than an international name that
/// cannot be decoded: this library only checks that those consist of letters and digits.
pub(crate) fn place(text: &str) -> Option<Url> {
    match Url::parse(text) {
        Ok(url) => Some(url),
        Err(_) if text.to_ascii_lowercase().contains("xn--") => None,
        Err(error) => panic!("{text:?} is no address: {error}"),
    }
}

/// The origin, serialized by another parser.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The parameters of a query or a form, as another parser reads them.
pub(crate) fn parameters(form: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}

/// The values of one parameter.
pub(crate) fn values<'a>(parameters: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    parameters.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
}

/// An error goes into logs: it is short, and no word of it is long enough to be a token. Longer
/// words consist of lower-case letters, as codes and member names do.
pub(crate) fn expect_harmless(error: &Error) {
    let text = error.to_string();
    assert!(text.len() < 1_000, "too long: {text}");
    assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "not printable: {text:?}");
    for word in text.split(' ') {
        // The issuer that a provider states, and the addresses that the app has configured, lead to the cause.
        if word.starts_with("https://") && word.len() <= 220 {
            continue;
        }
        let plain = |byte: u8| byte.is_ascii_lowercase() || b"_-.(),:;".contains(&byte);
        assert!(is_no_token(word) || (word.len() <= 70 && word.bytes().all(plain)), "{word:?} in {text:?}");
    }
}

/// Whether the word is short, or made of names: a token has long parts with digits, or with letters of both cases.
pub(crate) fn is_no_token(word: &str) -> bool {
    let is_short = |part: &str| part.len() <= 8;
    let is_name = |part: &str| {
        let small =
            part.bytes().skip(1).all(|byte| byte.is_ascii_lowercase()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
        part.len() <= 20 && (small || part.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    word.len() <= 22 || word.split(|sign: char| !sign.is_ascii_alphanumeric()).all(|part| is_short(part) || is_name(part))
}
