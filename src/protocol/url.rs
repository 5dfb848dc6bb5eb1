//! Web addresses, read strictly.
//!
//! The `url` crate implements the WHATWG standard, with all that browsers forgive, at 68 KB of
//! compressed wasm. This library forgives nothing: what it does not recognise as a plain http(s)
//! address it refuses, so it can never take an address for another one than the browser does.

use core::fmt;

/// Scheme, host and port \[RFC 6454 §4].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Serialized: `https://host` or `https://host:port`.
    text: String,
    host_end: usize,
}

impl Origin {
    /// Parses `host` or `host:port`. The scheme is https, or http if the host is this machine and
    /// `insecure_loopback` is set.
    pub fn from_authority(authority: &str, insecure_loopback: bool) -> Option<Self> {
        let origin = Self::parse_authority(authority, true)?;
        if insecure_loopback && origin.is_loopback() { Self::parse_authority(authority, false) } else { Some(origin) }
    }

    fn parse_authority(authority: &str, secure: bool) -> Option<Self> {
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with("]") => (host, parse_port(port)?),
            _ => (authority, ""),
        };
        let host = host.to_ascii_lowercase();
        let default = if secure { "443" } else { "80" };
        is_host(&host).then(|| Self::new(secure, &host, if port == default { "" } else { port }))
    }

    fn new(secure: bool, host: &str, port: &str) -> Self {
        let scheme = if secure { SECURE } else { INSECURE };
        let text = [scheme, host, if port.is_empty() { "" } else { ":" }, port].concat();
        Self { text, host_end: scheme.len() + host.len() }
    }

    /// The host in lower case, without the port.
    pub fn host(&self) -> &str {
        self.text.get(self.scheme().len()..self.host_end).unwrap_or_default()
    }

    /// The host, and the port if it is not the default.
    pub(crate) fn authority(&self) -> &str {
        self.text.get(self.scheme().len()..).unwrap_or_default()
    }

    /// Whether the scheme is https.
    pub fn is_secure(&self) -> bool {
        self.text.starts_with(SECURE)
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || (host.starts_with("127.") && is_ipv4(host))
    }

    /// The same scheme and port, with `prefix` in front of the host.
    pub(crate) fn with_prefix(&self, prefix: &str) -> Self {
        let port = self.text.get(self.host_end..).unwrap_or_default();
        Self::new(self.is_secure(), &[prefix, self.host()].concat(), port.strip_prefix(":").unwrap_or_default())
    }

    /// The serialized origin.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL of this path.
    pub(crate) fn at(&self, path: &str) -> String {
        [&self.text, path].concat()
    }

    /// The scheme with `://`.
    fn scheme(&self) -> &'static str {
        if self.is_secure() { SECURE } else { INSECURE }
    }
}

const SECURE: &str = "https://";
const INSECURE: &str = "http://";

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An absolute http(s) URL without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl {
    origin: Origin,
    /// Path, query and fragment.
    rest: String,
    path_end: usize,
    query_end: usize,
}

impl HttpUrl {
    /// Parses an absolute URL. Refused: other schemes, credentials, white space, control and
    /// non-ASCII characters, `\`, `"`, `<` and `>` in the path, hosts that are not a DNS name, an
    /// IPv4 address or `[::1]`.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        let rest = rest.strip_prefix("//")?;
        let secure = scheme.eq_ignore_ascii_case("https");
        if !secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let authority_end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(authority_end)?;
        let rest = [if rest.starts_with("/") { "" } else { "/" }, rest].concat();
        let url = Self::new(Origin::parse_authority(authority, secure)?, rest);
        (!url.path().bytes().any(|byte| matches!(byte, b'\\' | b'"' | b'<' | b'>'))).then_some(url)
    }

    fn new(origin: Origin, rest: String) -> Self {
        let query_end = rest.find('#').unwrap_or(rest.len());
        let path_end = rest.find('?').unwrap_or(rest.len()).min(query_end);
        Self { origin, rest, path_end, query_end }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path, at least `/`.
    pub fn path(&self) -> &str {
        self.rest.get(..self.path_end).unwrap_or_default()
    }

    /// The part between `?` and `#`.
    pub fn query(&self) -> Option<&str> {
        self.rest.get(self.path_end + 1..self.query_end)
    }

    /// The part after `#`.
    pub fn fragment(&self) -> Option<&str> {
        self.rest.get(self.query_end + 1..)
    }

    /// Path, query and fragment: the URL relative to its origin.
    pub fn within_origin(&self) -> String {
        self.rest.clone()
    }

    /// The whole URL.
    pub(crate) fn text(&self) -> String {
        self.origin.at(&self.rest)
    }

    /// Path, query and fragment, with another query. An empty one leaves no `?` behind.
    pub(crate) fn with_query(&self, query: &str) -> String {
        let fragment = self.rest.get(self.query_end..).unwrap_or_default();
        [self.path(), if query.is_empty() { "" } else { "?" }, query, fragment].concat()
    }

    /// Whether a token may be sent to this URL: https, or http to this machine where allowed.
    pub(crate) fn is_protected(&self, insecure_loopback: bool) -> bool {
        self.origin.is_secure() || (insecure_loopback && self.origin.is_loopback())
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin.as_str())?;
        f.write_str(&self.rest)
    }
}

/// Where the user returns to: a path of the app's own origin.
///
/// Anything that a browser could resolve to another place is not a return address, and is ignored:
/// other origins, `//host`, `/\host`, schemes, control characters, dot segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnAddress(String);

impl ReturnAddress {
    /// Parses `/path?query#fragment`, or an absolute URL of this origin. At most 2000 bytes. A space is encoded, as browsers do:
    /// routers give decoded paths.
    pub fn parse(text: &str, origin: &Origin) -> Option<Self> {
        let text = text.replace(' ', "%20");
        let path = match HttpUrl::parse(&text) {
            Some(url) if url.origin() == origin => url.within_origin(),
            Some(_) => return None,
            None => text,
        };
        Self::from_path(path)
    }

    /// Parses `/path?query#fragment`.
    pub(crate) fn from_path(path: String) -> Option<Self> {
        let before_query = path.split(['?', '#']).next().unwrap_or_default();
        let foreign = path.len() > 2000
            || !path.starts_with("/")
            || path.starts_with("//")
            || path.bytes().any(|byte| byte <= b' ' || byte == 0x7f)
            || before_query.bytes().any(|byte| byte == b'\\')
            || has_dot_segments(before_query);
        (!foreign).then_some(Self(path))
    }

    /// The path, with query and fragment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The digits of a port, as a browser serializes them.
fn parse_port(text: &str) -> Option<&str> {
    let port = text.trim_start_matches('0');
    is_number(port, "65535").then_some(port)
}

/// Whether this is a decimal number without leading zeros, at most `most`.
fn is_number(text: &str, most: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text.len() == 1 || !text.starts_with("0");
    // Strings of the same length sort like their numbers.
    digits && plain && (text.len() < most.len() || (text.len() == most.len() && text <= most))
}

fn is_host(host: &str) -> bool {
    if host == "[::1]" {
        return true;
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return false;
    }
    // Browsers read a name whose last label is a number as an IPv4 address, even in forms such as
    // `0x7f.1`. Only the usual form is accepted.
    let last = host.rsplit_once('.').map_or(host, |(_, last)| last);
    !last.as_bytes().first().is_some_and(u8::is_ascii_digit) || is_ipv4(host)
}

/// Whether this is a label of a host name: letters, digits and inner dashes, at most 63 \[RFC 1035 §2.3.1].
pub(crate) fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with("-") && !label.ends_with("-")
}

/// Whether this is four numbers of one byte each, without leading zeros.
fn is_ipv4(host: &str) -> bool {
    host.split('.').count() == 4 && host.split('.').all(|part| is_number(part, "255"))
}

fn has_dot_segments(path: &str) -> bool {
    path.split('/').any(|segment| {
        let rest = after_dot(segment);
        rest.is_some_and(|rest| rest.is_empty() || after_dot(rest).is_some_and(str::is_empty))
    })
}

/// What follows a leading dot, whether escaped or not.
fn after_dot(text: &str) -> Option<&str> {
    match text.as_bytes() {
        [b'.', ..] => text.get(1..),
        [b'%', b'2', b'e' | b'E', ..] => text.get(3..),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_read() {
        let url = HttpUrl::parse("HTTPS://App.Example:443/a/b?x=1&y=\\#frag").unwrap();
        assert_eq!(url.to_string(), "https://app.example/a/b?x=1&y=\\#frag");
        assert_eq!(HttpUrl::parse("http://localhost:4400").unwrap().path(), "/");
    }

    #[test]
    fn addresses_that_could_mean_another_host_are_refused() {
        for text in [
            "https://a@b.example/",
            "https://a.example\\@b.example/",
            "https:/a.example",
            "//a.example",
            "javascript://a.example/%0aalert(1)",
            "https://a..example/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://a.example:0/",
            "https://a.example:99999/",
            "https://a.example:/",
            "https://a.example:+1/",
            "https://-a.example/",
            "https://a b.example/",
            "https://ä.example/",
            "https://a.example/\t",
            "https://%61.example/",
            "https:///path",
            "https://",
            "ftp://a.example/",
            "https://[::2]/",
            "https://a.example/\\..\\b",
        ] {
            assert_eq!(HttpUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn law_7_only_paths_of_the_own_origin_are_return_addresses() {
        let origin = Origin::from_authority("app.example", false).unwrap();
        for (text, path) in [
            ("/invoices?id=1#top", "/invoices?id=1#top"),
            ("https://app.example/invoices", "/invoices"),
            ("/caf\u{e9}", "/caf\u{e9}"),
            ("/a?next=https://b.example/\\", "/a?next=https://b.example/\\"),
        ] {
            assert_eq!(ReturnAddress::parse(text, &origin).unwrap().as_str(), path);
        }
        for text in [
            "",
            "invoices",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "https://app.example.evil.example/",
            "https://app.example@evil.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "\n//evil.example",
            "/..//evil.example",
            "/%2e/%2E%2e//evil.example",
            "http://app.example/",
            "https://app.example:8443/",
            "https://app.example//evil.example",
            "data:text/html,x",
        ] {
            assert_eq!(ReturnAddress::parse(text, &origin), None, "{text:?}");
        }
    }
}
