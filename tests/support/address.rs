//! URLs, parsed for tests.

use wristband_spa_auth::protocol::url::HttpUrl;

/// A URL and its parameters. It must be one that the library itself can parse.
#[derive(Clone, Debug)]
pub struct Address {
    pub url: HttpUrl,
    pub parameters: Vec<(String, String)>,
}

impl Address {
    pub fn parse(text: &str) -> Self {
        let url = HttpUrl::parse(text).unwrap_or_else(|| panic!("no address: {text}"));
        let parameters = parameters(url.query().unwrap_or_default());
        Self { url, parameters }
    }

    pub fn host(&self) -> &str {
        self.url.origin().host()
    }

    pub fn origin(&self) -> String {
        self.url.origin().to_string()
    }

    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The only value of this name. A duplicate name fails the test.
    pub fn get(&self, name: &str) -> Option<&str> {
        only(&self.parameters, name)
    }

    /// The value of a name that is required.
    pub fn need(&self, name: &str) -> &str {
        self.get(name).unwrap_or_else(|| panic!("{name} is missing from {}", self.url))
    }
}

pub fn parameters(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

pub fn only<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let values: Vec<&str> = parameters.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect();
    assert!(values.len() < 2, "{name} is there twice");
    values.first().copied()
}

/// The URL with these parameters.
pub fn with(address: &str, parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{address}{}{query}", if address.contains('?') { '&' } else { '?' })
}
