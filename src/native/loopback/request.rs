//! Reads the one request that the loopback server waits for \[RFC 9112].

use crate::protocol::form;

/// Why a request is not the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Not a request for this path.
    ElsewhereOrUnknown,
    /// Not HTTP, or for another host.
    Malformed,
    /// Longer than any callback.
    TooLong,
}

impl Problem {
    pub(super) fn status(self) -> &'static str {
        match self {
            Self::ElsewhereOrUnknown => "404 Not Found",
            Self::Malformed => "400 Bad Request",
            Self::TooLong => "431 Request Header Fields Too Large",
        }
    }
}

/// The target of a request, if it is the callback with this `state`.
///
/// The host must be the loopback address itself: a page that gives its own name this address (DNS rebinding) is refused.
pub(super) fn callback<'a>(head: &'a str, authority: &str, path: &str, state: &str) -> Result<&'a str, Problem> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let is_http = matches!(version, Some("HTTP/1.1" | "HTTP/1.0")) && words.next().is_none();
    let target = target.filter(|target| is_http && target.starts_with("/") && target.bytes().all(|byte| byte.is_ascii_graphic()));
    let target = target.ok_or(Problem::Malformed)?;
    if !has_host(lines, authority) {
        return Err(Problem::Malformed);
    }
    let (asked, query) = target.split_once('?').unwrap_or((target, ""));
    if asked != path {
        return Err(Problem::ElsewhereOrUnknown);
    }
    if method != Some("GET") {
        return Err(Problem::Malformed);
    }
    let parameters = form::decode(query);
    match form::single(&parameters, "state") {
        Ok(Some(sent)) if sent == state => Ok(target),
        _ => Err(Problem::Malformed),
    }
}

/// Whether there is one header `Host`, with this value.
fn has_host<'a>(headers: impl Iterator<Item = &'a str>, authority: &str) -> bool {
    let mut hosts = headers.filter_map(|line| line.split_once(':')).filter(|(name, _)| name.eq_ignore_ascii_case("host"));
    let is_own = hosts.next().is_some_and(|(_, host)| host.trim() == authority);
    is_own && hosts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Result<&str, Problem> {
        callback(head, "127.0.0.1:4000", "/callback", "s")
    }

    #[test]
    fn the_callback_is_recognized() {
        let head = "GET /callback?code=c&state=s HTTP/1.1\r\nAccept: */*\r\nhost: 127.0.0.1:4000";
        assert_eq!(read(head), Ok("/callback?code=c&state=s"));
    }

    #[test]
    fn law_4_every_other_request_is_refused() {
        let with_host = |line: &str| format!("{line}\r\nHost: 127.0.0.1:4000");
        for line in [
            "POST /callback?code=c&state=s HTTP/1.1",
            "HEAD /callback?code=c&state=s HTTP/1.1",
            "GET /callback?code=c&state=t HTTP/1.1",
            "GET /callback?code=c HTTP/1.1",
            "GET /callback?code=c&state=s&state=s HTTP/1.1",
            "GET /callback/?code=c&state=s HTTP/1.1",
            "GET /favicon.ico HTTP/1.1",
            "GET http://127.0.0.1:4000/callback?code=c&state=s HTTP/1.1",
            "GET /callback?code=c&state=s HTTP/2",
            "GET /callback?code=c&state=s",
            "GET /callback?code=c&state=s HTTP/1.1 more",
            "GET  HTTP/1.1",
            "",
            "\u{16}\u{3}\u{1}",
        ] {
            assert!(read(&with_host(line)).is_err(), "{line}");
        }
        for hosts in [
            "",
            "Host: localhost:4000",
            "Host: 127.0.0.1",
            "Host: evil.example:4000",
            "Host: 127.0.0.1:4000\r\nHost: 127.0.0.1:4000",
        ] {
            assert!(read(&format!("GET /callback?code=c&state=s HTTP/1.1\r\n{hosts}")).is_err(), "{hosts}");
        }
    }
}
