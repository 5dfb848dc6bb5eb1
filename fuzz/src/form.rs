//! Forms and queries that are sent: the provider reads what was meant.

use url::Url;
use wristband_spa_auth::Prompt;
use wristband_spa_auth::Value;
use wristband_spa_auth::protocol::authorize::AuthorizationRequest;
use wristband_spa_auth::protocol::config::{Config, TokenIndex};
use wristband_spa_auth::protocol::http::{Body, Request};
use wristband_spa_auth::protocol::parameters::Parameters;
use wristband_spa_auth::protocol::secret::{AuthorizationCode, CodeVerifier, Nonce, RefreshToken};
use wristband_spa_auth::protocol::url::HttpUrl;
use wristband_spa_auth::protocol::{revoke, token};

use crate::given::{CALLBACK, CLIENT};
use crate::opinion::parameters;

const ENDPOINT: &str = "https://id.example/token";

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (endpoint, value) = text.split_once('\n').unwrap_or(("", &text));
    posted(value);
    authorization(&format!("https://id.example/authorize{endpoint}"), value);
}

fn posted(value: &str) {
    let (code, verifier) = (AuthorizationCode::new(value.to_owned()), CodeVerifier::new(value.to_owned()));
    let refresh_token = RefreshToken::new(value.to_owned());
    let config = Config::openid("https://id.example", CLIENT, CALLBACK).build().expect("a configuration");
    expect_form(
        &token::exchange_code(ENDPOINT, &config, &code, &verifier),
        &[
            ("grant_type", "authorization_code"),
            ("code", value),
            ("redirect_uri", CALLBACK),
            ("code_verifier", value),
            ("client_id", CLIENT),
        ],
    );
    expect_form(
        &token::refresh(ENDPOINT, &config, &refresh_token, TokenIndex::FIRST),
        &[("grant_type", "refresh_token"), ("refresh_token", value), ("client_id", CLIENT)],
    );
    expect_form(
        &revoke::revoke(ENDPOINT, CLIENT, &refresh_token),
        &[("token", value), ("token_type_hint", "refresh_token"), ("client_id", CLIENT)],
    );
}

fn expect_form(request: &Request, expected: &[(&str, &str)]) {
    let Some(Body::Form(form)) = &request.body else { panic!("no form") };
    assert_eq!(request.url, ENDPOINT);
    assert!(form.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    let sent = parameters(form.expose());
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(sent, expected);
    let printed = format!("{request:?}");
    let secret = expected[1].1;
    assert!(secret.len() < 22 || secret == CALLBACK || !printed.contains(secret), "a secret is printed");
}

/// The parameters follow the query that the endpoint already has.
fn authorization(endpoint: &str, value: &str) {
    // An endpoint is parsed before it is used, and has no fragment.
    let Some(read) = HttpUrl::parse(endpoint).filter(|url| url.fragment().is_none()) else { return };
    let (nonce, verifier) = (Nonce::new(value.to_owned()), CodeVerifier::new(value.to_owned()));
    let written = Value::Object(vec![("further".to_owned(), Value::String(value.to_owned()))]);
    let params = Parameters::of_authorization("authorizationParams", Some(&written)).ok();
    let request = AuthorizationRequest {
        endpoint,
        client_id: value,
        redirect_uri: CALLBACK,
        scope: value,
        state: value,
        nonce: &nonce,
        verifier: &verifier,
        login_hint: Some(value),
        prompt: &[Prompt::None],
        max_age: Some(u32::MAX),
        dpop_jkt: Some(value),
        params: params.clone().unwrap_or_default(),
    };
    let url = Url::parse(&request.to_url()).expect("an address");
    assert_eq!(url.path(), Url::parse(&read.to_string()).expect("an address").path());
    let challenge = verifier.challenge();
    let mut expected = parameters(read.query().unwrap_or_default());
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", value),
        ("redirect_uri", CALLBACK),
        ("scope", value),
        ("state", value),
        ("nonce", value),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("login_hint", value),
        ("prompt", "none"),
        ("max_age", "4294967295"),
        ("dpop_jkt", value),
    ] {
        expected.push((name.to_owned(), value.to_owned()));
    }
    expected.extend(params.map(|_| ("further".to_owned(), value.to_owned())));
    assert_eq!(parameters(url.query().unwrap_or_default()), expected);
}
