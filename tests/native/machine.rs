//! Client credentials (laws 1, 2, 6 and 9).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wristband_spa_auth::native::{ClientSecret, Machine};
use wristband_spa_auth::{Api, Code, Config, Use};

/// A provider with one confidential client, and its API.
struct Provider {
    port: u16,
    tokens: Arc<AtomicUsize>,
}

const SECRET: &str = "a secret/with+signs%:";

/// How the provider answers token requests.
#[derive(Clone, Copy)]
struct Answers {
    lifetime: u64,
    status: u16,
    /// The API accepts the token with this number only.
    accepted: usize,
}

async fn provider(answers: Answers) -> Provider {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, tokens) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&tokens);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                let is_whole = |request: &[u8]| {
                    let text = String::from_utf8_lossy(request);
                    text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                        let length = head.to_ascii_lowercase();
                        let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                        body.len() >= length.unwrap_or(0)
                    })
                };
                while !is_whole(&request) {
                    let read = stream.read(&mut buffer).await.unwrap_or(0);
                    if read == 0 {
                        return;
                    }
                    request.extend_from_slice(&buffer[..read]);
                }
                let (status, body) = answer(&String::from_utf8(request).unwrap(), &count, answers);
                let response = format!(
                    "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(response.as_bytes()).await;
            });
        }
    });
    Provider { port, tokens }
}

fn answer(request: &str, count: &AtomicUsize, answers: Answers) -> (u16, String) {
    let line = request.lines().next().unwrap();
    let header = |name: &str| request.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap_or_default();
    if line.starts_with("GET /v1/") {
        let expected = format!("Bearer token-{}", answers.accepted);
        let is_accepted = answers.accepted == 0 || header("authorization: ") == expected;
        return (if is_accepted { 200 } else { 401 }, "{}".to_owned());
    }
    assert!(line.starts_with("POST /api/v1/oauth2/token "), "{line}");
    let credentials = format!("machine-1:{}", form_urlencoded::byte_serialize(SECRET.as_bytes()).collect::<String>());
    if header("authorization: ") != format!("Basic {}", STANDARD.encode(credentials)) {
        return (401, r#"{"error":"invalid_client","error_description":"no such client"}"#.to_owned());
    }
    let body = request.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(body, "grant_type=client_credentials&scope=invoices%3Aread");
    let number = count.fetch_add(1, Ordering::SeqCst) + 1;
    (answers.status, format!(r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":{}}}"#, answers.lifetime))
}

impl Provider {
    fn machine(&self, secret: &str) -> Machine {
        let config = Config::wristband(format!("localhost:{}", self.port), "machine-1", "http://127.0.0.1/")
            .apis([self.url("")])
            .allow_insecure_loopback(true)
            .build()
            .unwrap();
        Machine::new(config, ClientSecret::new(secret)).unwrap().scope("invoices:read")
    }

    fn url(&self, path: &str) -> String {
        format!("http://localhost:{}/v1/{path}", self.port)
    }

    fn count(&self) -> usize {
        self.tokens.load(Ordering::SeqCst)
    }
}

const USUAL: Answers = Answers { lifetime: 3600, status: 200, accepted: 0 };

#[tokio::test]
async fn law_2_many_callers_make_one_token_request() {
    let provider = provider(USUAL).await;
    let machine = Arc::new(provider.machine(SECRET));
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let machine = Arc::clone(&machine);
            tokio::spawn(async move { machine.access_token().await.unwrap().expose().to_owned() })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), "token-1");
    }
    assert_eq!(machine.get(&provider.url("invoices")).await.unwrap().status(), 200);
    assert_eq!(provider.count(), 1);
}

#[tokio::test]
async fn a_token_is_replaced_before_it_expires() {
    let provider = provider(Answers { lifetime: 1, ..USUAL }).await;
    let machine = provider.machine(SECRET);
    machine.access_token().await.unwrap();
    // A quarter of the lifetime before the end.
    tokio::time::sleep(std::time::Duration::from_millis(760)).await;
    assert_eq!(machine.access_token().await.unwrap().expose(), "token-2");
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let second = provider(Answers { accepted: 2, ..USUAL }).await;
    assert_eq!(second.machine(SECRET).get(&second.url("invoices")).await.unwrap().status(), 200);
    assert_eq!(second.count(), 2);
    let never = provider(Answers { accepted: 99, ..USUAL }).await;
    let machine = never.machine(SECRET);
    for _ in 0..5 {
        assert_eq!(machine.get(&never.url("invoices")).await.unwrap().status(), 401);
    }
    assert_eq!(never.count(), 2, "law 9: an API that refuses every token causes no storm");
}

#[tokio::test]
async fn law_9_many_callers_of_a_provider_that_is_down_make_one_request() {
    let down = provider(Answers { status: 503, ..USUAL }).await;
    let machine = Arc::new(down.machine(SECRET));
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let machine = Arc::clone(&machine);
            tokio::spawn(async move { machine.access_token().await.unwrap_err().code() })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Code::ProviderUnavailable);
    }
    assert_eq!(down.count(), 1);
}

#[test]
fn law_6_settings_that_ask_for_more_than_one_bearer_token_are_refused() {
    let settings = || Config::openid("https://id.example/", "id", "http://127.0.0.1/");
    let own = Api::new("https://api.example/own/").resource("urn:own");
    for config in [settings().api(own).build().unwrap(), settings().dpop(Use::Required).build().unwrap()] {
        assert_eq!(Machine::new(config, ClientSecret::new(SECRET)).unwrap_err().code(), Code::ConfigInvalid);
    }
}

#[tokio::test]
async fn law_10_a_wrong_secret_is_the_providers_own_error() {
    let provider = provider(USUAL).await;
    let error = provider.machine("wrong").access_token().await.unwrap_err();
    assert_eq!(error.code(), Code::ProviderRejected);
    assert!(error.to_string().contains("invalid_client"), "{error}");
    assert!(!error.to_string().contains("wrong"));
}

#[tokio::test]
async fn law_10_a_provider_that_is_down_is_told_from_one_that_refuses() {
    let down = provider(Answers { status: 503, ..USUAL }).await;
    assert_eq!(down.machine(SECRET).access_token().await.unwrap_err().code(), Code::ProviderUnavailable);
    let gone = provider(USUAL).await;
    let machine = Provider { port: 1, tokens: gone.tokens }.machine(SECRET);
    assert_eq!(machine.access_token().await.unwrap_err().code(), Code::Network);
}

#[tokio::test]
async fn law_6_the_token_goes_to_listed_apis_only() {
    let provider = provider(USUAL).await;
    let other = format!("http://localhost:{}/v2/", provider.port);
    assert_eq!(provider.machine(SECRET).get(&other).await.unwrap_err().code(), Code::AddressNotListed);
    assert_eq!(provider.count(), 0);
}

#[test]
fn an_empty_secret_is_refused() {
    let machine = Machine::wristband("app-org.us.wristband.dev", "id", ClientSecret::new(""), ["https://api.example/"]);
    assert_eq!(machine.unwrap_err().code(), Code::ConfigInvalid);
}
