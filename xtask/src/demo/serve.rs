//! Serves a folder over HTTP as a strict static host does.

use std::ffi::{OsStr, OsString};
use std::io::{Cursor, ErrorKind};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use serde_json::Value;
use tiny_http::{Header, Method, Request, Response, Server};

use crate::build::assets::files;
use crate::build::headers::{self, ASK_AGAIN, Rule};
use crate::build::policy::Policy;
use crate::run::Result;

/// What is served.
pub(crate) struct Site {
    folder: PathBuf,
    /// The text that is served instead of the folder's own `config.json`.
    config: String,
    rules: Vec<Rule>,
}

impl Site {
    /// The files of a folder, with other settings, and with the `_headers` that match them.
    pub(crate) fn of(folder: PathBuf, config: &Value) -> Result<Self> {
        let rules = headers::rules(&Policy::of(config, &[])?, &files(&folder)?);
        Ok(Self { folder, config: config.to_string(), rules })
    }
}

/// The parts of a request that select the response.
#[derive(Clone, Copy, Default)]
struct Wish<'a> {
    accept: &'a str,
    accept_encoding: &'a str,
}

/// A response before it is sent.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    content_type: &'static str,
    encoding: Option<&'static str>,
    body: Vec<u8>,
}

/// The encodings of precompressed copies, with their extensions: the smallest first.
const ENCODINGS: &[(&str, &str)] = &[("br", "br"), ("gzip", "gz")];

/// Listens on both loopback addresses, since browsers resolve localhost to either. A machine without IPv6 is fine.
pub(crate) fn listen(port: u16) -> std::io::Result<Vec<TcpListener>> {
    let mut listeners = vec![TcpListener::bind(("127.0.0.1", port))?];
    match TcpListener::bind(("::1", port)) {
        Ok(listener) => listeners.push(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
        Err(_) => {}
    }
    Ok(listeners)
}

/// Starts to answer requests, on threads that end with the program.
pub(crate) fn start(listeners: Vec<TcpListener>, site: Site) -> Result<()> {
    let site = Arc::new(site);
    for listener in listeners {
        let server = Server::from_listener(listener, None).map_err(|error| format!("The demo cannot be served: {error}."))?;
        let server = Arc::new(server);
        // Several, so that one slow client does not block the others.
        for _ in 0..4 {
            let (server, site) = (Arc::clone(&server), Arc::clone(&site));
            thread::spawn(move || server.incoming_requests().for_each(|request| respond(request, &site)));
        }
    }
    Ok(())
}

fn respond(request: Request, site: &Site) {
    let header = |name: &'static str| {
        request.headers().iter().find(|header| header.field.equiv(name)).map_or("", |header| header.value.as_str())
    };
    let wish = Wish { accept: header("Accept"), accept_encoding: header("Accept-Encoding") };
    let path = request.url().split(['?', '#']).next().unwrap_or_default();
    let is_read = matches!(request.method(), Method::Get | Method::Head);
    let Answer { status, content_type, encoding, body } =
        if is_read { answer(site, path, wish) } else { text(405, "Only GET and HEAD are supported.\n") };
    let mut headers = vec![("Content-Type", content_type), ("Vary", "Accept-Encoding")];
    headers.extend(encoding.map(|encoding| ("Content-Encoding", encoding)));
    headers.extend(headers::of(&site.rules, path));
    if !headers.iter().any(|(name, _)| *name == "Cache-Control") {
        headers.push(("Cache-Control", ASK_AGAIN));
    }
    let headers = headers.into_iter().filter_map(|(name, value)| Header::from_bytes(name, value).ok()).collect();
    let length = body.len();
    let response = Response::new(status.into(), headers, Cursor::new(body), Some(length), None).with_chunked_threshold(usize::MAX);
    // A client that went away needs no response.
    let _ = request.respond(response);
}

fn answer(site: &Site, path: &str, wish: Wish<'_>) -> Answer {
    if path == "/config.json" {
        return Answer { status: 200, content_type: content_type("json"), encoding: None, body: site.config.clone().into_bytes() };
    }
    if let Some(found) = file_of(&site.folder, path).and_then(|file| read(&file, wish)) {
        return found;
    }
    // A path that only the app knows: the response is the app, as on static hosts with this file.
    match read(&site.folder.join("404.html"), wish).filter(|_| wish.accept.contains("text/html")) {
        Some(page) => page,
        None => text(404, "Not found.\n"),
    }
}

/// A file, or its copy in the first encoding that the client accepts.
fn read(file: &Path, wish: Wish<'_>) -> Option<Answer> {
    let content_type = content_type(file.extension()?.to_str()?);
    let copies = ENCODINGS.iter().filter(|(encoding, _)| accepts(wish.accept_encoding, encoding));
    let copy = copies.filter_map(|(encoding, ending)| {
        let copy = [file.as_os_str(), OsStr::new("."), OsStr::new(ending)].into_iter().collect::<OsString>();
        Some((Some(*encoding), std::fs::read(copy).ok()?))
    });
    let (encoding, body) = copy.take(1).next().or_else(|| Some((None, std::fs::read(file).ok()?)))?;
    Some(Answer { status: 200, content_type, encoding, body })
}

/// Whether a list such as `gzip;q=1.0, br` contains this encoding and does not forbid it.
fn accepts(list: &str, encoding: &str) -> bool {
    list.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse::<f32>().ok());
        is_named && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn text(status: u16, message: &str) -> Answer {
    Answer { status, content_type: content_type("txt"), encoding: None, body: message.into() }
}

/// The file for a path, if it is inside the folder.
fn file_of(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = decoded(path)?;
    let is_plain = |segment: &str| !segment.starts_with('.') && !segment.contains(['\\', ':', '\0']);
    let relative = path.strip_prefix('/')?;
    let relative = if relative.is_empty() { "index.html" } else { relative };
    relative.split('/').all(is_plain).then(|| relative.split('/').fold(folder.to_path_buf(), |file, segment| file.join(segment)))
}

/// Decodes the percent-encoding of a path. Invalid encoding is `None`.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut parts = path.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HTML: Wish<'static> = Wish { accept: "text/html,*/*", accept_encoding: "" };

    fn site(name: &str) -> Site {
        let folder = std::env::temp_dir().join(format!("xtask-serve-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        for (file, content) in [
            ("index.html", "index"),
            ("404.html", "app"),
            ("config.json", "static"),
            ("assets/a b.wasm", "wasm"),
            ("assets/a b.wasm.br", "brotli"),
            ("assets/a b.wasm.gz", "gzip"),
        ] {
            std::fs::write(folder.join(file), content).unwrap();
        }
        Site::of(folder, &json!({ "issuer": "https://id.example" })).unwrap()
    }

    fn told(site: &Site, path: &str, wish: Wish<'_>) -> (u16, &'static str, String) {
        let Answer { status, content_type, body, .. } = answer(site, path, wish);
        (status, content_type, String::from_utf8(body).unwrap())
    }

    #[test]
    fn files_are_served_with_their_types_and_the_configuration_is_the_given_one() {
        let site = site("files");
        assert_eq!(told(&site, "/", HTML), (200, "text/html; charset=utf-8", "index".into()));
        assert_eq!(told(&site, "/assets/a%20b.wasm", Wish::default()), (200, "application/wasm", "wasm".into()));
        let settings = r#"{"issuer":"https://id.example"}"#;
        assert_eq!(told(&site, "/config.json", Wish::default()), (200, "application/json", settings.into()));
    }

    #[test]
    fn a_client_gets_the_smallest_copy_it_accepts() {
        let site = site("encodings");
        for (accept_encoding, body, encoding) in [
            ("gzip, deflate, br, zstd", "brotli", Some("br")),
            ("GZIP;q=0.5", "gzip", Some("gzip")),
            ("br;q=0, gzip", "gzip", Some("gzip")),
            ("deflate, brotli", "wasm", None),
        ] {
            let answer = answer(&site, "/assets/a b.wasm", Wish { accept_encoding, ..Wish::default() });
            assert_eq!((answer.body, answer.encoding), (body.as_bytes().to_vec(), encoding), "{accept_encoding}");
            assert_eq!(answer.content_type, "application/wasm");
        }
    }

    #[test]
    fn an_unknown_path_serves_the_app_to_navigations_and_404_to_scripts() {
        let site = site("unknown");
        for path in ["/callback", "/invoices/7", "/assets", "/assets/"] {
            assert_eq!(told(&site, path, HTML), (200, "text/html; charset=utf-8", "app".into()), "{path}");
            assert_eq!(told(&site, path, Wish::default()).0, 404, "{path}");
        }
    }

    #[test]
    fn no_file_outside_the_folder_is_served() {
        let folder = Path::new("/site");
        for path in [
            "/../secret",
            "/%2e%2e/secret",
            "/a/..%2f..%2fsecret",
            "/.git/config",
            "/..\\secret",
            "/C:/secret",
            "//etc/../x",
            "/%zz",
            "/%",
        ] {
            assert_eq!(file_of(folder, path), None, "{path}");
        }
        for path in ["//etc/passwd", "/a//b"] {
            assert!(file_of(folder, path).is_none_or(|file| file.starts_with(folder)), "{path}");
        }
    }
}
