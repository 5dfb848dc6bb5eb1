//! Tests of the driver's parts, in a real browser.

use core::time::Duration;
use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::oneshot;
use super::store::{self, Store};
use super::{clock, net, signature};
use crate::protocol::config::{Config, TokenIndex};
use crate::protocol::http::{Request, Response};
use crate::protocol::id_token::Signature;
use crate::protocol::json::Value;
use crate::protocol::jwks::{Algorithm, Jwk, JwkSet};
use crate::protocol::secret::{AccessToken, RefreshToken, Secret};
use crate::protocol::time::{Now, Timestamp};
use crate::protocol::token;
use crate::session::{
    Effect, Input, Login, MAX_PENDING, PendingKey, PendingLogin, Session, SessionHint, SignatureCheck, Transport,
};

wasm_bindgen_test_configure!(run_in_browser);

/// Every test has a database of its own.
fn config(client_id: &str) -> Config {
    Config::wristband("app-org.us.wristband.dev", client_id, "https://app.example/callback").build().unwrap()
}

/// The pending login of a session, started at this time.
fn in_flight(config: &Config, at: i64, seed: u8) -> (PendingKey, PendingLogin) {
    let mut session = Session::new(config.clone(), 0);
    let now = Now { wall: Timestamp::from_millis(at), ..clock::now() };
    let entropy = || crate::protocol::secret::Entropy::new([seed; 96]);
    let address = Secret::new("https://app.example/".to_owned());
    let _ = session.handle(
        now,
        Input::Opened { call_id: crate::session::CallId(1), address, hint: None, online: true, resumed: false, entropy: entropy() },
    );
    let login = Input::Login { call_id: crate::session::CallId(2), login: Login::to("acme"), entropy: entropy() };
    match session.handle(now, login).pop() {
        Some(Effect::StorePending { key, pending, .. }) => (key, pending),
        other => panic!("{other:?}"),
    }
}

/// What a page with this callback gets.
async fn claim(store: &Store, key: &PendingKey, config: &Config) -> Option<PendingLogin> {
    store::pending(&store.claim_pending(key).await.unwrap(), config)
}

fn present() -> i64 {
    clock::now().wall.as_millis()
}

#[wasm_bindgen_test]
async fn law_4_a_pending_login_is_claimed_once() {
    let config = config("claimed-once");
    let store = Store::new(&config);
    let (key, pending) = in_flight(&config, present(), 1);
    store.put_pending(&key, &pending, clock::now()).await.unwrap();
    // Two pages with the same callback at the same moment.
    let other = Store::new(&config);
    let race = futures_join(claim(&store, &key, &config), claim(&other, &key, &config)).await;
    let won = [race.0, race.1];
    assert_eq!(won.iter().flatten().count(), 1);
    assert_eq!(won.into_iter().flatten().next(), Some(pending));
    assert_eq!(claim(&store, &key, &config).await, None);
}

#[wasm_bindgen_test]
async fn law_4_a_client_with_other_settings_neither_finds_a_login_nor_removes_it() {
    let config = config("other-settings");
    let store = Store::new(&config);
    let (key, pending) = in_flight(&config, present(), 1);
    store.put_pending(&key, &pending, clock::now()).await.unwrap();
    let other = Config::wristband("app-org.us.wristband.dev", "other-settings", "https://app.example/callback");
    let other = other.expose_access_token(true).build().unwrap();
    let (same_state, _) = in_flight(&other, present(), 1);
    assert_eq!(claim(&Store::new(&other), &same_state, &other).await, None);
    assert_eq!(claim(&store, &key, &config).await, Some(pending));
}

#[wasm_bindgen_test]
async fn law_8_the_oldest_pending_logins_give_way() {
    let config = config("oldest");
    let store = Store::new(&config);
    let logins: Vec<_> = (0..7).map(|i| in_flight(&config, present() + i64::from(i), i)).collect();
    for (key, pending) in &logins {
        store.put_pending(key, pending, clock::now()).await.unwrap();
    }
    let mut left = 0;
    for (index, (key, _)) in logins.iter().enumerate() {
        let found = claim(&store, key, &config).await.is_some();
        assert_eq!(found, index >= 7 - MAX_PENDING, "{index}");
        left += usize::from(found);
    }
    assert_eq!(left, MAX_PENDING);
}

#[wasm_bindgen_test]
async fn law_8_an_expired_pending_login_is_swept_at_the_start() {
    let config = config("expired");
    let store = Store::new(&config);
    let (old, pending) = in_flight(&config, present() - 61 * 60 * 1000, 1);
    store.put_pending(&old, &pending, clock::now()).await.unwrap();
    let (fresh, pending) = in_flight(&config, present(), 2);
    store.put_pending(&fresh, &pending, clock::now()).await.unwrap();
    store.sweep(clock::now()).await.unwrap();
    assert_eq!(claim(&store, &old, &config).await, None);
    assert!(claim(&store, &fresh, &config).await.is_some());
}

#[wasm_bindgen_test]
async fn the_hint_is_written_read_and_cleared() {
    let config = config("hint");
    let store = Store::new(&config);
    let hint = SessionHint::from_json(&Value::parse(br#"{"tenantName":"acme"}"#).unwrap(), &config);
    store.write_hint(&hint).await.unwrap();
    assert_eq!(store::hint(&store.read_hint().await.unwrap(), &config), Some(hint));
    store.clear_hint().await.unwrap();
    assert_eq!(store::hint(&store.read_hint().await.unwrap(), &config), None);
}

#[wasm_bindgen_test]
async fn law_5_signatures_of_every_allowed_algorithm_are_checked() {
    for algorithm in Algorithm::ALL {
        let (keys, bytes) = signed_by_the_browser(algorithm, "header.claims").await;
        let candidates = keys.candidates(algorithm, Some("k"));
        assert_eq!(candidates.len(), 1, "{algorithm:?}");
        let is_valid = async |keys: &[Jwk], text: &str, bytes: &[u8]| {
            let check = SignatureCheck {
                access_token: AccessToken::new("abc".into()),
                algorithm,
                hash: algorithm.hash(),
                keys: keys.to_vec(),
                signing_input: Secret::new(text.into()),
                signature: bytes.to_vec(),
            };
            let checked = signature::check(&check).await.unwrap();
            matches!(checked, Signature::Valid { access_token_hash } if !access_token_hash.is_empty())
        };
        assert!(is_valid(&candidates, "header.claims", &bytes).await, "{algorithm:?}");
        assert!(!is_valid(&candidates, "header.Claims", &bytes).await, "{algorithm:?}");
        let mut tampered = bytes.clone();
        tampered[7] ^= 1;
        assert!(!is_valid(&candidates, "header.claims", &tampered).await, "{algorithm:?}");
        let (other, _) = signed_by_the_browser(algorithm, "").await;
        let other = other.candidates(algorithm, None);
        assert!(!is_valid(&other, "header.claims", &bytes).await, "{algorithm:?}");
        let both = [other, candidates].concat();
        assert!(is_valid(&both, "header.claims", &bytes).await, "{algorithm:?}");
    }
}

#[wasm_bindgen_test]
async fn a_token_request_needs_no_preflight_and_takes_nothing_along() {
    let seen = with_fetch("(request) => { globalThis.seen = request; return Promise.resolve(new Response('{}')); }", async {
        let request =
            token::refresh("https://provider.example/token", &config("token"), &RefreshToken::new("r".into()), TokenIndex::FIRST);
        let response = send(&request, Duration::from_secs(1)).await.unwrap();
        assert_eq!((response.status, response.body.expose()), (200, "{}"));
        call(
            "const r = globalThis.seen; return [r.method, r.mode, r.credentials, r.redirect, r.cache, r.referrerPolicy, \
              ...[...r.headers].flat()].join(' ')",
        )
    })
    .await;
    let expected =
        "POST cors omit error no-store no-referrer accept application/json content-type application/x-www-form-urlencoded";
    assert_eq!(seen.as_string().unwrap(), expected);
}

#[wasm_bindgen_test]
async fn law_9_a_request_that_is_never_answered_times_out() {
    let never = "(request) => new Promise((_, reject) => \
        request.signal.addEventListener('abort', () => reject(request.signal.reason)))";
    let outcome = with_fetch(never, send(&get(), Duration::from_millis(1))).await;
    assert_eq!(outcome, Err(Transport::TimedOut));
    let broken = with_fetch("() => Promise.reject(new TypeError('Failed to fetch'))", send(&get(), Duration::from_secs(9))).await;
    assert_eq!(broken, Err(Transport::Failed));
}

#[wasm_bindgen_test]
async fn law_9_retry_after_is_read_as_seconds_and_as_a_date() {
    for (text, least, most) in [("'7'", 7, 7), ("new Date(Date.now() + 90e3).toUTCString()", 80, 90)] {
        let fetch = format!("() => Promise.resolve(new Response('', {{ status: 503, headers: {{ 'retry-after': {text} }} }}))");
        let response: Response = with_fetch(&fetch, send(&get(), Duration::from_secs(9))).await.unwrap();
        let seconds = response.retry_after.unwrap().as_secs();
        assert!((least..=most).contains(&seconds), "{seconds}");
    }
}

#[wasm_bindgen_test]
async fn law_9_a_timer_beyond_the_browsers_range_does_not_fire_at_once() {
    let fired = Rc::new(Cell::new(false));
    let (sender, receiver) = oneshot::channel::<()>();
    let sender = Cell::new(Some(sender));
    let far = {
        let fired = Rc::clone(&fired);
        clock::after(Duration::MAX, move || fired.set(true))
    };
    let _near = clock::after(Duration::from_millis(5), move || drop(sender.take()));
    let _ = receiver.await;
    assert!(!fired.get());
    drop(far);
}

#[wasm_bindgen_test]
async fn a_sender_that_is_dropped_ends_the_wait() {
    let (sender, receiver) = oneshot::channel::<()>();
    let dropping = clock::after(Duration::ZERO, {
        let sender = Cell::new(Some(sender));
        move || drop(sender.take())
    });
    assert!(receiver.await.is_err());
    drop(dropping);
    let (sender, receiver) = oneshot::channel();
    sender.send(7);
    assert_eq!(receiver.await.ok(), Some(7));
}

#[wasm_bindgen_test]
async fn the_time_of_the_apps_server_is_asked_for_without_credentials() {
    let fetch = "(request) => { globalThis.seen = request; \
        return Promise.resolve(new Response(null, { headers: { date: 'Thu, 01 Jan 1970 00:01:00 GMT', age: '7' } })); }";
    let (time, seen) = with_fetch(fetch, async {
        let time = net::send(net::to_app(net::folder_of("https://app.example/a/b?c#d"))).await.unwrap().time;
        (
            time,
            call("const r = globalThis.seen; return [r.method, r.url, r.credentials, r.cache, ...[...r.headers].flat()].join(' ')"),
        )
    })
    .await;
    assert_eq!(time, Some(Timestamp::from_millis(67_000)));
    assert_eq!(seen.as_string().unwrap(), "HEAD https://app.example/a/ omit no-store accept text/html");
}

async fn send(request: &Request, timeout: Duration) -> Result<Response, Transport> {
    net::send(net::to_provider(request, timeout, None)).await.map(|received| received.response)
}

fn get() -> Request {
    JwkSet::request("https://provider.example/jwks")
}

/// Runs with `fetch` replaced in the page.
async fn with_fetch<T>(fetch: &str, work: impl Future<Output = T>) -> T {
    let own = call(&format!("const own = globalThis.fetch; globalThis.fetch = {fetch}; return own"));
    let outcome = work.await;
    Reflect::set(&js_sys::global(), &"fetch".into(), &own).unwrap();
    outcome
}

fn call(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

/// Has the browser make a key and a signature.
async fn signed_by_the_browser(algorithm: Algorithm, text: &str) -> (JwkSet, Vec<u8>) {
    const RSA: &str = "modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1])";
    let hash = algorithm.hash();
    let salt = hash.trim_start_matches("SHA-").parse::<usize>().unwrap() / 8;
    let how = match algorithm.as_str() {
        "EdDSA" | "Ed25519" => "{ name: 'Ed25519' }".to_owned(),
        "ES256" => "{ name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }".to_owned(),
        "ES384" => "{ name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }".to_owned(),
        "ES512" => "{ name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' }".to_owned(),
        name if name.starts_with("PS") => format!("{{ name: 'RSA-PSS', {RSA}, hash: '{hash}', saltLength: {salt} }}"),
        _ => format!("{{ name: 'RSASSA-PKCS1-v1_5', {RSA}, hash: '{hash}' }}"),
    };
    let made = call(&format!(
        "return (async () => {{ const how = {how}; \
         const pair = await crypto.subtle.generateKey(how, true, ['sign', 'verify']); \
         const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey); \
         const signature = await crypto.subtle.sign(how, pair.privateKey, new TextEncoder().encode('{text}')); \
         return [JSON.stringify({{ keys: [{{ ...jwk, kid: 'k', use: 'sig' }}] }}), new Uint8Array(signature)]; }})()"
    ));
    let made: js_sys::Array = JsFuture::from(made.unchecked_into::<Promise>()).await.unwrap().unchecked_into();
    let body = Secret::new(made.get(0).as_string().unwrap());
    let keys = JwkSet::parse(&Response { status: 200, body, retry_after: None, ..Response::default() }).unwrap();
    (keys, made.get(1).unchecked_into::<js_sys::Uint8Array>().to_vec())
}

/// Runs both at once.
async fn futures_join<A: 'static, B: 'static>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (Box::pin(a), Box::pin(b));
    let (mut first, mut second) = (None, None);
    core::future::poll_fn(move |context| {
        if first.is_none()
            && let core::task::Poll::Ready(value) = a.as_mut().poll(context)
        {
            first = Some(value);
        }
        if second.is_none()
            && let core::task::Poll::Ready(value) = b.as_mut().poll(context)
        {
            second = Some(value);
        }
        match (first.take(), second.take()) {
            (Some(one), Some(two)) => core::task::Poll::Ready((one, two)),
            (one, two) => {
                (first, second) = (one, two);
                core::task::Poll::Pending
            }
        }
    })
    .await
}
