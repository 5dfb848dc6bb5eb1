//! Encodes and decodes `application/x-www-form-urlencoded` \[RFC 6749 appendix B].

use zeroize::Zeroize as _;

use super::secret::Secret;

/// Encoded parameters.
#[derive(Default)]
pub(crate) struct Form(String);

impl Form {
    /// Appends a parameter. Without a value, it is left out.
    pub(crate) fn put(&mut self, name: &str, value: Option<&str>) {
        let (Self(form), Some(value)) = (self, value) else { return };
        make_room(form, 3 * (name.len() + value.len()) + 2);
        if !form.is_empty() {
            form.push('&');
        }
        escape(name, form);
        form.push('=');
        escape(value, form);
    }

    /// The form as a request body that contains a secret.
    pub(crate) fn into_secret(self) -> Secret {
        Secret::new(self.0)
    }

    /// The form as the query of a URL.
    pub(crate) fn into_query(self) -> String {
        self.0
    }

    /// The URL with the parameters appended to its query, if any.
    pub(crate) fn append_to(self, address: &str) -> String {
        let query = self.0;
        let mark = match address.split_once('?') {
            _ if query.is_empty() => "",
            None => "?",
            // Only the first question mark starts the query. Others are part of a value.
            Some((_, before)) if before.is_empty() || before.ends_with("&") => "",
            Some(_) => "&",
        };
        [address, mark, &query].concat()
    }
}

/// Makes room, and leaves no copy of what may be a secret: a string that grows by itself frees its old buffer as it is.
fn make_room(form: &mut String, more: usize) {
    if form.capacity() - form.len() < more {
        let mut larger = String::with_capacity(form.len() + more.max(256));
        larger.push_str(form);
        core::mem::replace(form, larger).zeroize();
    }
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                out.push(digit(byte >> 4));
                out.push(digit(byte & 15));
            }
        }
    }
}

fn digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'A' - 10 + value })
}

/// Decodes the parameters of a query.
pub(crate) fn decode(query: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if !parameter.is_empty() {
            parameters.push((unescape(name), unescape(value)));
        }
    }
    parameters
}

fn unescape(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        let escaped = if *first == b'%' { more.split_at_checked(2).and_then(|(digits, _)| value(digits)) } else { None };
        bytes.push(match (escaped, first) {
            (Some(byte), _) => byte,
            (None, b'+') => b' ',
            (None, byte) => *byte,
        });
        rest = if escaped.is_some() { more.get(2..).unwrap_or_default() } else { more };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value of hexadecimal digits.
fn value(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?)).map(|value| value as u8)
}

/// The value of this parameter. `None` if it is absent or empty. `Err` if it occurs more than once:
/// that is not allowed \[RFC 6749 §3.1], and can make two parsers see different values.
pub(crate) fn single<'a>(parameters: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, ()> {
    let mut single = None;
    for (_, value) in parameters.iter().filter(|(other, _)| other == name) {
        if single.replace(value.as_str()).is_some() {
            return Err(());
        }
    }
    Ok(single.filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_to_any_query() {
        let add = |address| {
            let mut form = Form::default();
            form.put("a", Some("1 2"));
            form.put("b", Some("&"));
            form.put("c", None);
            form.append_to(address)
        };
        assert_eq!(add("https://x.example/"), "https://x.example/?a=1+2&b=%26");
        assert_eq!(add("https://x.example/?p=q"), "https://x.example/?p=q&a=1+2&b=%26");
        assert_eq!(add("https://x.example/?"), "https://x.example/?a=1+2&b=%26");
        assert_eq!(add("https://x.example/?p&"), "https://x.example/?p&a=1+2&b=%26");
        assert_eq!(add("https://x.example/?p=?"), "https://x.example/?p=?&a=1+2&b=%26");
        assert_eq!(Form::default().append_to("https://x.example/"), "https://x.example/");
    }

    #[test]
    fn what_is_escaped_is_read_again() {
        let text = (0..=255).map(char::from).collect::<String>() + "\u{1f600}";
        let mut form = Form::default();
        form.put("", Some(&text));
        form.put(&text, Some(""));
        let form = form.into_query();
        assert!(form.bytes().all(|byte| byte.is_ascii_graphic()));
        assert_eq!(decode(&form), [(String::new(), text.clone()), (text, String::new())]);
        let mut form = Form::default();
        form.put("a", Some("*-._~ \"%/?"));
        assert_eq!(form.into_query(), "a=*-._%7E+%22%25%2F%3F");
    }

    #[test]
    fn damaged_escapes_are_read_as_they_stand() {
        let read = |query| decode(query).pop().unwrap_or_default().1;
        for (query, text) in [
            ("a=%", "%"),
            ("a=%4", "%4"),
            ("a=%4g", "%4g"),
            ("a=%+1", "% 1"),
            ("a=%4a%4A", "JJ"),
            ("a=%C3%A4", "\u{e4}"),
            ("a=x%ff", "x\u{fffd}"),
            ("a=%e4%C3%A4%c3", "\u{fffd}\u{e4}\u{fffd}"),
            ("a=b=c", "b=c"),
            ("&&a=1&", "1"),
            ("a", ""),
        ] {
            assert_eq!(read(query), text, "{query}");
        }
    }

    #[test]
    fn a_name_that_is_there_twice_is_an_error() {
        let parameters = decode("a=1&b=&a=1");
        assert_eq!(single(&parameters, "a"), Err(()));
        assert_eq!(single(&parameters, "b"), Ok(None));
    }
}
