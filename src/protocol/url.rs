//! Web addresses, read strictly.
//!
//! The `url` crate implements the WHATWG standard, with all that browsers forgive, at 68 KB of
//! compressed wasm. This library forgives nothing: what it does not recognise as a plain http(s)
//! address it refuses, so it can never take an address for another one than the browser does.

use core::fmt;

/// Scheme, host and port \[RFC 6454 §4].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    secure: bool,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// Reads `host` or `host:port`. The scheme is https, or http where the host is this machine
    /// and `insecure_loopback` says so.
    pub fn from_authority(authority: &str, insecure_loopback: bool) -> Option<Self> {
        let origin = Self::parse_authority(authority, true)?;
        if insecure_loopback && origin.is_loopback() { Self::parse_authority(authority, false) } else { Some(origin) }
    }

    fn parse_authority(authority: &str, secure: bool) -> Option<Self> {
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(parse_port(port)?)),
            _ => (authority, None),
        };
        let host = host.to_ascii_lowercase();
        let default = if secure { 443 } else { 80 };
        is_host(&host).then_some(Self { secure, host, port: port.filter(|port| *port != default) })
    }

    /// The host in lower case, without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the scheme is https.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether the host is this very machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || self.host == "[::1]"
            || (self.host.starts_with("127.") && is_ipv4(&self.host))
    }

    /// The same scheme and port at the host that has `prefix` in front of this one.
    pub(crate) fn with_prefix(&self, prefix: &str) -> Self {
        Self { secure: self.secure, host: prefix.to_owned() + &self.host, port: self.port }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secure { "https://" } else { "http://" })?;
        f.write_str(&self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// An absolute http(s) address without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl {
    origin: Origin,
    path: String,
    query: Option<String>,
    fragment: Option<String>,
}

impl HttpUrl {
    /// Reads an absolute address. Refused: other schemes, credentials, white space, control and
    /// non-ASCII characters, backslashes in the path, hosts that are not DNS names or this
    /// machine's numbers.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let secure = match () {
            () if scheme.eq_ignore_ascii_case("https") => true,
            () if scheme.eq_ignore_ascii_case("http") => false,
            () => return None,
        };
        let (rest, fragment) = split(rest, '#');
        let (rest, query) = split(rest, '?');
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        if path.contains(['\\', '"', '<', '>']) {
            return None;
        }
        Some(Self {
            origin: Origin::parse_authority(authority, secure)?,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            fragment: fragment.map(str::to_owned),
        })
    }

    /// The path of this origin.
    pub(crate) fn at(origin: &Origin, path: &str) -> Self {
        Self { origin: origin.clone(), path: path.to_owned(), query: None, fragment: None }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path, at least `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What stands between `?` and `#`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// What stands after `#`.
    pub fn fragment(&self) -> Option<&str> {
        self.fragment.as_deref()
    }

    /// Path, query and fragment: the address as seen from its own origin.
    pub fn within_origin(&self) -> String {
        let mut out = self.path.clone();
        push_part(&mut out, '?', self.query());
        push_part(&mut out, '#', self.fragment());
        out
    }

    /// This address with another query. An empty one leaves no `?` behind.
    pub(crate) fn with_query(mut self, query: String) -> Self {
        self.query = (!query.is_empty()).then_some(query);
        self
    }

    /// Whether a token may be sent here at all: https, or http on this machine where allowed.
    pub(crate) fn is_protected(&self, insecure_loopback: bool) -> bool {
        self.origin.secure || (insecure_loopback && self.origin.is_loopback())
    }

    /// Whether `.` or `..` is a segment of the path, in any spelling.
    pub(crate) fn has_dot_segments(&self) -> bool {
        has_dot_segments(&self.path)
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin.fmt(f)?;
        f.write_str(&self.within_origin())
    }
}

/// Where the person returns to: a path of the app's own origin.
///
/// Anything that a browser could read as another place is not a return address, and is dropped:
/// other origins, `//host`, `/\host`, schemes, control characters, dot segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnAddress(String);

impl ReturnAddress {
    /// Reads `/path?query#fragment`, or an absolute address of this origin.
    pub fn parse(text: &str, origin: &Origin) -> Option<Self> {
        let path = match HttpUrl::parse(text) {
            Some(url) if url.origin() == origin => url.within_origin(),
            Some(_) => return None,
            None => text.to_owned(),
        };
        Self::from_path(path)
    }

    /// Reads `/path?query#fragment`.
    pub(crate) fn from_path(path: String) -> Option<Self> {
        let before_query = path.split(['?', '#']).next().unwrap_or_default();
        let foreign = path.len() > 2000
            || !path.starts_with('/')
            || path.starts_with("//")
            || path.contains(|c: char| c.is_control() || c.is_whitespace())
            || before_query.contains('\\')
            || has_dot_segments(before_query);
        (!foreign).then_some(Self(path))
    }

    /// The path, with query and fragment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

fn push_part(out: &mut String, mark: char, part: Option<&str>) {
    if let Some(part) = part {
        out.push(mark);
        out.push_str(part);
    }
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

fn is_host(host: &str) -> bool {
    if host == "[::1]" {
        return true;
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return false;
    }
    // A name whose last label is a number is read as an IPv4 address by browsers, in spellings
    // such as `0x7f.1`. Only the usual spelling is accepted.
    let last = host.rsplit('.').next().unwrap_or_default();
    !last.starts_with(|c: char| c.is_ascii_digit()) || is_ipv4(host)
}

/// A label of a host name: letters, digits and inner dashes, 63 at the most \[RFC 1035 §2.3.1].
pub(crate) fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_ipv4(host: &str) -> bool {
    host.parse::<core::net::Ipv4Addr>().is_ok()
}

fn has_dot_segments(path: &str) -> bool {
    path.split('/').any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
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
