//! Requests to APIs (laws 6, 10 and 13).

use serde_json::{Value, json};
use wristband_spa_auth::native::reqwest::{Method, Request, StatusCode};
use wristband_spa_auth::{Code, Logout};

use crate::support::{App, LocalProvider};

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_request_sent_again() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    provider.expire_access_tokens().await;
    let url = provider.api("echo");
    let calls = (0..20).map(|_| {
        let mut request = Request::new(Method::POST, url.parse().unwrap());
        *request.body_mut() = Some("{\"a\":1}".into());
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
        app.auth.fetch(request)
    });
    for response in join_all(calls).await {
        assert_eq!(response.unwrap().status(), StatusCode::OK);
    }
    assert_eq!(provider.refreshes().await, 1);
}

/// Awaits all of them at the same time.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (future, done) in futures.iter_mut().zip(&mut done).filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(output) = future.as_mut().poll(context) {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(done.iter_mut().map(|done| done.take().unwrap()).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn law_6_no_token_goes_to_another_address() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let api = provider.api("");
    for url in [
        format!("http://127.0.0.1:{}/me", provider.port()),
        api.replace("/v1/", "/v2/me"),
        format!("{api}../v2/me"),
        format!("{api}%2e%2e/x"),
        api.replace("localhost", "localhost.evil.example"),
        api.replace("localhost:", "localhost@127.0.0.1:"),
        "not a URL".to_owned(),
    ] {
        assert_eq!(app.auth.get(&url).await.unwrap_err().code(), Code::AddressNotListed, "{url}");
    }
}

#[tokio::test]
async fn law_6_a_redirect_carries_no_token_on() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let url = provider.api(&format!("redirect?to=http://127.0.0.1:{}/health", provider.port()));
    assert_eq!(app.auth.get(&url).await.unwrap_err().code(), Code::ApiRedirected);
}

#[tokio::test]
async fn an_api_that_wants_a_step_up_says_what_it_wants() {
    let provider = LocalProvider::with(&["--step-up"]);
    let app = App::signed_in(&provider).await;
    let error = app.auth.get(&provider.api("sensitive")).await.unwrap_err();
    assert_eq!(error.code(), Code::InsufficientUserAuthentication);
    assert!(error.step_up().is_some());
}

#[tokio::test]
async fn json_is_decoded_and_a_refusal_has_its_status() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let me: std::collections::BTreeMap<String, Value> = app.auth.get_json(&provider.api("me")).await.unwrap();
    assert!(!me.is_empty());
    assert_eq!(app.auth.get_json::<Vec<u8>>(&provider.api("me")).await.unwrap_err().code(), Code::ApiResponseInvalid);
    let missing = app.auth.get_json::<Value>(&provider.api("missing")).await.unwrap_err();
    assert_eq!((missing.code(), missing.detail()), (Code::ApiRefused, "status 404"));
}

#[tokio::test]
async fn law_13_a_call_ends_with_the_session_that_it_was_made_in() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    provider.fault(json!({"endpoint": "api", "delayMs": 300})).await;
    let url = provider.api("me");
    let (call, _) = tokio::join!(app.auth.get(&url), async {
        while provider.requests("api").await.is_empty() {
            tokio::task::yield_now().await;
        }
        app.auth.logout(Logout::default()).await
    });
    assert_eq!(call.unwrap_err().code(), Code::NotSignedIn);
}

#[tokio::test]
async fn law_1_the_access_token_is_not_handed_out_unless_the_app_opted_in() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    assert_eq!(app.auth.access_token().await.unwrap_err().code(), Code::AccessTokenNotExposed);
    let config = provider.builder().expose_access_token(true).build().unwrap();
    let app = App::with(&provider, config).await.into_signed_in().await;
    let token = app.auth.access_token().await.unwrap();
    assert!(provider.secrets().await.contains(&token.expose().to_owned()));
}

#[tokio::test]
async fn the_futures_can_be_sent_to_another_thread() {
    fn assert_send<T: Send>(_: &T) {}
    let provider = LocalProvider::start();
    let app = App::new(&provider).await;
    let auth = &app.auth;
    assert_send(&auth.login(app.login()));
    assert_send(&auth.get(""));
    assert_send(&auth.user_info());
    assert_send(&auth.renew());
    assert_send(&auth.logout(Logout::default()));
    assert_send(&auth.callback(""));
    assert_send(&auth.close());
}
