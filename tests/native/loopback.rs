//! What other programs and pages can do to the server that waits for a callback (laws 4 and 11).

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use wristband_spa_auth::protocol::error::Error;
use wristband_spa_auth::{Code, Login};

use crate::support::http::{self, address, split};
use crate::support::{ADA, App, LocalProvider};

/// A login that waits, and the callback that its browser would open.
struct Waiting {
    login: JoinHandle<Result<(), Error>>,
    callback: String,
    app: App,
    provider: LocalProvider,
}

async fn waiting() -> Waiting {
    let provider = LocalProvider::start();
    let mut app = App::new(&provider).await;
    let auth = app.auth.clone();
    let login = tokio::spawn(async move { auth.login(Login::to("acme")).await });
    let url = app.opened.recv().await.unwrap();
    let callback = app.browser.authorize(&url, ADA).await;
    Waiting { login, callback, app, provider }
}

impl Waiting {
    /// The real callback still works, once.
    async fn finishes(self) {
        let page = http::send("GET", &self.callback, &[], "").await;
        assert_eq!(page.status, 200);
        self.login.await.unwrap().unwrap();
        assert_eq!(self.app.state(), "signed-in");
        assert_eq!(self.provider.requests("token").await.len(), 1);
        let host = split(&self.callback).0;
        assert!(TcpStream::connect(address(host)).await.is_err(), "the server has ended");
    }
}

#[tokio::test]
async fn the_redirect_uri_is_a_free_port_of_the_loopback_address() {
    let waiting = waiting().await;
    assert!(waiting.callback.starts_with("http://127.0.0.1:"), "{}", waiting.callback);
    waiting.finishes().await;
}

#[tokio::test]
async fn law_4_other_requests_get_an_error_and_end_nothing() {
    let waiting = waiting().await;
    let callback = waiting.callback.clone();
    let state = callback.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let host = split(&callback).0;
    for (method, url, status) in [
        ("GET", format!("http://{host}/"), 404),
        ("GET", format!("http://{host}/favicon.ico"), 404),
        ("GET", callback.replace("/callback", "/callback/x"), 404),
        ("GET", callback.replace(&state, "another-state-of-another-login"), 400),
        ("GET", format!("http://{host}/callback"), 400),
        ("GET", format!("http://{host}/callback?code=c&state="), 400),
        ("POST", callback.clone(), 400),
        ("HEAD", callback.clone(), 400),
        ("OPTIONS", callback.clone(), 400),
        ("PUT", callback.clone(), 400),
    ] {
        let answer = http::send(method, &url, &[], "").await;
        assert_eq!(answer.status, status, "{method} {url}");
        assert!(!answer.body.contains(&state) && answer.header("access-control-allow-origin").is_none());
    }
    assert!(waiting.provider.requests("token").await.is_empty());
    waiting.finishes().await;
}

#[tokio::test]
async fn law_4_a_name_that_leads_to_this_machine_is_not_the_loopback_address() {
    let waiting = waiting().await;
    let (host, path) = split(&waiting.callback);
    let port = host.rsplit_once(':').unwrap().1;
    for other in [
        "evil.example".to_owned(),
        format!("localhost:{port}"),
        format!("evil.example:{port}"),
        "127.0.0.1".to_owned(),
        String::new(),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {other}\r\n\r\n");
        assert_eq!(http::raw(host, request.as_bytes()).await.unwrap().status, 400, "{other}");
    }
    waiting.finishes().await;
}

#[tokio::test]
async fn law_11_what_is_no_request_of_a_browser_is_closed() {
    let waiting = waiting().await;
    let host = split(&waiting.callback).0;
    let huge = format!("GET /callback HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    assert_eq!(http::raw(host, huge.as_bytes()).await.unwrap().status, 431);
    for garbage in [&b"\x16\x03\x01\x02\x00\x01\r\n\r\n"[..], b"\r\n\r\n", b"GET\r\n\r\n", &[0xFF; 64]] {
        let mut stream = TcpStream::connect(address(host)).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.starts_with(b"HTTP/1.1 4"), "{garbage:?}");
    }
    waiting.finishes().await;
}

#[tokio::test]
async fn law_11_clients_that_send_nothing_keep_nobody_waiting() {
    let waiting = waiting().await;
    let host = address(split(&waiting.callback).0);
    let mut silent = Vec::new();
    for part in [&b""[..], b"GET /call", b"GET /callback HTTP/1.1\r\nHost: "].iter().cycle().take(20) {
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(part).await.unwrap();
        silent.push(stream);
    }
    waiting.finishes().await;
}

#[tokio::test]
async fn law_4_of_two_callbacks_at_the_same_time_one_is_used() {
    let Waiting { login, callback, app, provider } = waiting().await;
    let host = split(&callback).0.to_owned();
    let request = format!("GET {} HTTP/1.1\r\nHost: {host}\r\n\r\n", split(&callback).1);
    let (one, two) = tokio::join!(http::raw(&host, request.as_bytes()), http::raw(&host, request.as_bytes()));
    assert!(one.is_some() || two.is_some());
    login.await.unwrap().unwrap();
    assert_eq!((app.state(), provider.requests("token").await.len()), ("signed-in", 1));
}

#[tokio::test]
async fn law_11_a_user_who_closes_the_window_before_the_page_is_shown_is_signed_in() {
    let Waiting { login, callback, app, provider: _provider } = waiting().await;
    let host = split(&callback).0;
    let mut stream = TcpStream::connect(address(host)).await.unwrap();
    stream.write_all(format!("GET {} HTTP/1.1\r\nHost: {host}\r\n\r\n", split(&callback).1).as_bytes()).await.unwrap();
    drop(stream);
    login.await.unwrap().unwrap();
    assert_eq!(app.state(), "signed-in");
}

#[tokio::test]
async fn a_fixed_port_that_is_taken_fails_the_login() {
    let provider = LocalProvider::start();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let config = provider.config();
    let settings = serde_json::json!({"redirectUri": format!("http://127.0.0.1:{port}/callback")});
    let mut all = provider.settings();
    all["redirectUri"] = settings["redirectUri"].clone();
    let value = wristband_spa_auth::Value::parse(all.to_string().as_bytes()).unwrap();
    let config_with_port = wristband_spa_auth::ConfigBuilder::from_json(&value).unwrap().build().unwrap();
    assert_ne!(config.redirect_uri(), config_with_port.redirect_uri());
    let mut app = App::with(&provider, config_with_port).await;
    assert_eq!(app.auth.login(Login::to("acme")).await.unwrap_err().code(), Code::ConfigInvalid);
    drop(taken);
    let (result, _) = app.sign_in().await;
    result.unwrap();
}

#[tokio::test]
async fn the_ipv6_loopback_address_works_where_there_is_one() {
    if tokio::net::TcpListener::bind("[::1]:0").await.is_err() {
        println!("skipped: this machine has no IPv6");
        return;
    }
    let provider = LocalProvider::with(&["--redirect-uri", "http://[::1]/callback"]);
    let mut app = App::new(&provider).await;
    let (result, page) = app.sign_in().await;
    result.unwrap();
    assert_eq!(page.status, 200);
}
