//! The server on this machine's loopback address that waits for one callback \[RFC 8252 §7.3].

mod page;
mod request;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};

pub(super) use page::Page;
use request::Problem;

use crate::protocol::error::{Code, Error};
use crate::protocol::secret::Secret;

/// A request is not longer than this, in bytes. A callback has a code, a state and few more.
const MAX_REQUEST: usize = 16 * 1024;

/// How long a client may take to send its request, or to read the response.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the app waits until its user has the page. Then it may end.
const PAGE_TIMEOUT: Duration = Duration::from_secs(2);

/// As many clients are served at the same time. Browsers open some connections ahead, which stay silent.
const MAX_CLIENTS: usize = 32;

/// A server that is bound, and waits.
#[derive(Debug)]
pub(super) struct Loopback {
    listener: TcpListener,
    /// The address as the browser names it: `127.0.0.1:49152`.
    authority: String,
    path: String,
}

/// A callback, whose browser waits for a page.
#[derive(Debug)]
pub(super) struct Callback {
    /// The URL. It contains the code.
    pub(super) url: Secret,
    stream: TcpStream,
}

/// What a request must have to be the callback.
struct Expected {
    authority: String,
    path: String,
    state: String,
}

impl Loopback {
    /// Binds a port, a free one if `port` is zero: of 127.0.0.1, or of \[::1] if this machine has no IPv4, or if `v6`.
    ///
    /// # Errors
    /// `config_invalid` if a fixed port is taken; `network` if none can be bound.
    pub(super) async fn bind(v6: bool, port: u16, path: &str) -> Result<Self, Error> {
        let (v4_address, v6_address) =
            (SocketAddr::from((Ipv4Addr::LOCALHOST, port)), SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
        let bound = match TcpListener::bind(if v6 { v6_address } else { v4_address }).await {
            Err(error) if !v6 && error.kind() == std::io::ErrorKind::AddrNotAvailable => TcpListener::bind(v6_address).await,
            bound => bound,
        };
        let failed = |error: std::io::Error| {
            let code = if port == 0 { Code::Network } else { Code::ConfigInvalid };
            Error::with_detail(code, format!("redirectUri: no port on the loopback address: {error}"))
        };
        let listener = bound.map_err(failed)?;
        let authority = listener.local_addr().map_err(failed)?.to_string();
        Ok(Self { listener, authority, path: path.to_owned() })
    }

    /// The redirect URI, with the port.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }

    /// Waits for the callback with this `state`. Every other request gets an error, and ends nothing: any page in the user's
    /// browser can send one. After the callback, the server ends.
    pub(super) async fn callback(self, state: &str) -> Callback {
        let expected = Arc::new(Expected { authority: self.authority, path: self.path, state: state.to_owned() });
        let clients = Arc::new(Semaphore::new(MAX_CLIENTS));
        let (found, mut callbacks) = mpsc::channel(1);
        loop {
            tokio::select! {
                Some(callback) = callbacks.recv() => return callback,
                accepted = accept(&self.listener, &clients) => {
                    let Some((stream, place)) = accepted else { continue };
                    let (expected, found) = (Arc::clone(&expected), found.clone());
                    tokio::spawn(async move {
                        let _place = place;
                        if let Some(callback) = serve(stream, &expected).await {
                            // Only the first one is taken. The connection of another is closed.
                            let _ = found.try_send(callback);
                        }
                    });
                }
            }
        }
    }
}

async fn accept(listener: &TcpListener, clients: &Arc<Semaphore>) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(clients).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(_) => {
            // The process has too many files open. Trying again at once would only burn time.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// Reads one request. Returns it if it is the callback, and answers it otherwise.
async fn serve(mut stream: TcpStream, expected: &Expected) -> Option<Callback> {
    let read = tokio::time::timeout(CLIENT_TIMEOUT, read_head(&mut stream)).await.ok()?;
    let checked = read.and_then(|head| {
        let target = request::callback(head.expose(), &expected.authority, &expected.path, &expected.state)?;
        Ok(Secret::new(["http://", &expected.authority, target].concat()))
    });
    match checked {
        Ok(url) => Some(Callback { url, stream }),
        Err(problem) => {
            respond(stream, problem.status(), &Page::Problem.html(), CLIENT_TIMEOUT).await;
            None
        }
    }
}

/// Reads up to the empty line. A callback has no body.
async fn read_head(stream: &mut TcpStream) -> Result<Secret, Problem> {
    let mut head = zeroize::Zeroizing::new(vec![0; MAX_REQUEST]);
    let mut length = 0;
    loop {
        let room = head.get_mut(length..).filter(|room| !room.is_empty()).ok_or(Problem::TooLong)?;
        let read = stream.read(room).await.map_err(|_| Problem::Malformed)?;
        if read == 0 {
            return Err(Problem::Malformed);
        }
        length += read;
        let whole = head.get(..length).unwrap_or_default();
        if let Some(end) = whole.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = whole.get(..end).and_then(|head| std::str::from_utf8(head).ok()).ok_or(Problem::Malformed)?;
            return Ok(Secret::new(text.to_owned()));
        }
    }
}

impl Callback {
    /// Shows the page, and closes the connection.
    pub(super) async fn show(self, page: &Page<'_>) {
        respond(self.stream, "200 OK", &page.html(), PAGE_TIMEOUT).await;
    }
}

/// The policy allows nothing but the style of the page itself.
const HEADERS: &str = "Content-Type: text/html; charset=utf-8\r\n\
    Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
    Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n";

async fn respond(mut stream: TcpStream, status: &str, html: &str, limit: Duration) {
    let response = format!("HTTP/1.1 {status}\r\n{HEADERS}Content-Length: {}\r\n\r\n{html}", html.len());
    let work = async {
        stream.write_all(response.as_bytes()).await?;
        stream.shutdown().await?;
        // What the client still sends is read, or its system would drop the response.
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    // A client that has gone needs no page.
    let _ = tokio::time::timeout(limit, work).await;
}
