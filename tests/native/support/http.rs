//! HTTP for tests: one request for each connection, to this machine, whatever the host is called.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Host with port, and path with query.
pub fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").unwrap().1;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    (&rest[..end], if end == rest.len() { "/" } else { &rest[end..] })
}

pub async fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (host, path) = split(url);
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    raw(host, request.as_bytes()).await.unwrap_or_else(|| panic!("no answer from {url}"))
}

pub fn address(host: &str) -> SocketAddr {
    if host.starts_with('[') {
        return host.parse().unwrap();
    }
    let port = host.rsplit_once(':').map_or(80, |(_, port)| port.parse().unwrap());
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Sends these bytes, and reads the answer. `None` if the connection is refused, or closed without one.
pub async fn raw(host: &str, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address(host)).await.ok()?;
    // The server may close before it has read all.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut answer = Answer { status, headers, body: String::new() };
    let is_chunked = answer.header("transfer-encoding") == Some("chunked");
    answer.body = if is_chunked { unchunked(&bytes[end + 4..]) } else { String::from_utf8_lossy(&bytes[end + 4..]).into_owned() };
    Some(answer)
}

fn unchunked(mut bytes: &[u8]) -> String {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap().trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        body.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
    String::from_utf8_lossy(&body).into_owned()
}
