//! `application/x-www-form-urlencoded`, out and in \[RFC 6749 appendix B].

use super::secret::Secret;
use super::text::cut;

/// Writes the parameters in order.
pub(crate) fn encode<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        form.append_pair(name, value);
    }
    form.finish()
}

/// Writes parameters among which there is a secret.
pub(crate) fn encode_secret<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Secret {
    Secret::new(encode(parameters))
}

/// The address with the parameters added to whatever query it has.
pub(crate) fn append<'a>(address: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = encode(parameters);
    let mark = match () {
        () if query.is_empty() => "",
        () if cut(address, b'?').is_none() => "?",
        () if address.ends_with(['?', '&']) => "",
        () => "&",
    };
    [address, mark, &query].concat()
}

/// Reads the parameters of a query.
pub(crate) fn decode(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The only value of this name. `Err` when the name is there more than once, which is never
/// right \[RFC 6749 §3.1] and is how two readers are made to see different things.
pub(crate) fn single<'a>(parameters: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = parameters.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (first, None) => Ok(first.filter(|value| !value.is_empty())),
        (_, Some(_)) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_to_any_query() {
        let add = |address| append(address, [("a", "1 2"), ("b", "&")]);
        assert_eq!(add("https://x.example/"), "https://x.example/?a=1+2&b=%26");
        assert_eq!(add("https://x.example/?p=q"), "https://x.example/?p=q&a=1+2&b=%26");
        assert_eq!(append("https://x.example/", []), "https://x.example/");
    }

    #[test]
    fn a_name_that_is_there_twice_is_an_error() {
        let parameters = decode("a=1&b=&a=1");
        assert_eq!(single(&parameters, "a"), Err(()));
        assert_eq!(single(&parameters, "b"), Ok(None));
    }
}
