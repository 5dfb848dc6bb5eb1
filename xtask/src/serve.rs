//! Serves a folder over HTTP as a strict static host does.

use std::io::{Cursor, ErrorKind};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use tiny_http::{Header, Method, Request, Response, Server};

use crate::provider::Ports;
use crate::run::Result;

/// What is served.
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    /// The text that is served instead of the folder's own `config.json`.
    pub(crate) config: String,
    /// The content security policy.
    pub(crate) policy: String,
}

/// An answer before it is sent.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

/// The policy of the demo: its own files, and requests to the provider and the API.
pub(crate) fn policy(ports: Ports) -> String {
    let Ports { provider, api, .. } = ports;
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self' http://*.localhost:{provider} http://localhost:{api}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// Listens on both loopback addresses, since browsers send localhost to either. A machine without IPv6 is fine.
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
        // A few, so that one slow reader does not keep the others waiting.
        for _ in 0..4 {
            let (server, site) = (Arc::clone(&server), Arc::clone(&site));
            thread::spawn(move || server.incoming_requests().for_each(|request| respond(request, &site)));
        }
    }
    Ok(())
}

fn respond(request: Request, site: &Site) {
    let accepts_html =
        request.headers().iter().any(|header| header.field.equiv("Accept") && header.value.as_str().contains("text/html"));
    let is_read = matches!(request.method(), Method::Get | Method::Head);
    let Answer { status, content_type, body } =
        if is_read { answer(site, request.url(), accepts_html) } else { text(405, "Only GET and HEAD are answered here.\n") };
    let headers = [
        ("Content-Type", content_type),
        ("Cache-Control", "no-cache"),
        ("Content-Security-Policy", site.policy.as_str()),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ];
    let headers = headers.into_iter().filter_map(|(name, value)| Header::from_bytes(name, value).ok()).collect();
    let length = body.len();
    let response = Response::new(status.into(), headers, Cursor::new(body), Some(length), None).with_chunked_threshold(usize::MAX);
    // A reader that went away needs no answer.
    let _ = request.respond(response);
}

fn answer(site: &Site, url: &str, accepts_html: bool) -> Answer {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    if path == "/config.json" {
        return Answer { status: 200, content_type: content_type("json"), body: site.config.clone().into_bytes() };
    }
    if let Some(found) = file_of(&site.folder, path).and_then(|file| read(&file)) {
        return found;
    }
    // An address that only the app knows: it is sent the app, as static hosts do with this file.
    match read(&site.folder.join("404.html")).filter(|_| accepts_html) {
        Some(page) => page,
        None => text(404, "There is nothing here.\n"),
    }
}

fn read(file: &Path) -> Option<Answer> {
    let body = std::fs::read(file).ok()?;
    Some(Answer { status: 200, content_type: content_type(file.extension()?.to_str()?), body })
}

fn text(status: u16, message: &str) -> Answer {
    Answer { status, content_type: content_type("txt"), body: message.into() }
}

/// The file that a path names, if it stays inside the folder.
fn file_of(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = decoded(path)?;
    let is_plain = |segment: &str| !segment.starts_with('.') && !segment.contains(['\\', ':', '\0']);
    let relative = path.strip_prefix('/')?;
    let relative = if relative.is_empty() { "index.html" } else { relative };
    relative.split('/').all(is_plain).then(|| relative.split('/').fold(folder.to_path_buf(), |file, segment| file.join(segment)))
}

/// Reads the percent-encoding of a path. Nonsense has no meaning.
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
    use super::*;

    fn site(name: &str) -> Site {
        let folder = std::env::temp_dir().join(format!("xtask-serve-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        for (file, content) in
            [("index.html", "index"), ("404.html", "app"), ("config.json", "static"), ("assets/a b.wasm", "wasm")]
        {
            std::fs::write(folder.join(file), content).unwrap();
        }
        Site { folder, config: "generated".into(), policy: String::new() }
    }

    fn told(site: &Site, url: &str, accepts_html: bool) -> (u16, &'static str, String) {
        let Answer { status, content_type, body } = answer(site, url, accepts_html);
        (status, content_type, String::from_utf8(body).unwrap())
    }

    #[test]
    fn files_are_served_with_their_types_and_the_configuration_is_the_generated_one() {
        let site = site("files");
        assert_eq!(told(&site, "/?code=1", true), (200, "text/html; charset=utf-8", "index".into()));
        assert_eq!(told(&site, "/assets/a%20b.wasm", false), (200, "application/wasm", "wasm".into()));
        assert_eq!(told(&site, "/config.json?1", false), (200, "application/json", "generated".into()));
    }

    #[test]
    fn an_unknown_address_is_the_app_to_a_reader_and_nothing_to_a_script() {
        let site = site("unknown");
        for url in ["/callback?code=1", "/invoices/7", "/assets", "/assets/"] {
            assert_eq!(told(&site, url, true), (200, "text/html; charset=utf-8", "app".into()), "{url}");
            assert_eq!(told(&site, url, false).0, 404, "{url}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
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
