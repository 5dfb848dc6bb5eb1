//! Logins in the system's browser (laws 3, 4, 5 and 10).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use wristband_spa_auth::native::{Auth, Options, Storage};
use wristband_spa_auth::protocol::config::IdleLogout;
use wristband_spa_auth::{Code, Config, Login, Logout, State};

use crate::support::store::Shared;
use crate::support::{ADA, App, Browser, Folder, LocalProvider, app};

#[tokio::test]
async fn a_user_signs_in_renews_and_logs_out_at_wristband() {
    signs_in_renews_and_logs_out(&LocalProvider::start()).await;
}

#[tokio::test]
async fn a_user_signs_in_renews_and_logs_out_at_any_provider() {
    signs_in_renews_and_logs_out(&LocalProvider::plain()).await;
}

async fn signs_in_renews_and_logs_out(provider: &LocalProvider) {
    let mut app = App::new(provider).await;
    assert_eq!(app.state(), "signed-out");
    let mut states = app.auth.subscribe();
    let (result, page) = app.sign_in().await;
    result.unwrap();
    assert!(page.body.contains("You are signed in"), "{}", page.body);
    assert!(states.has_changed().unwrap() && states.borrow_and_update().signed_in().is_some());
    assert_eq!(app.auth.user_info().await.unwrap().email(), Some(ADA.0));
    assert_eq!(app.auth.state().signed_in().unwrap().user_id, provider.user_id(ADA.0).await);
    app.auth.renew().await.unwrap();
    assert_eq!(provider.refreshes().await, 1);
    assert_eq!(app.auth.get(&provider.api("me")).await.unwrap().status(), 200);
    let result = app.auth.logout(Logout::default()).await.unwrap();
    assert!(result.ends_provider_session);
    assert_eq!(app.state(), "signed-out");
    assert!(app.opened.recv().await.unwrap().contains("logout") || provider.plain);
    assert_eq!(provider.requests("revoke").await.len(), 1);
    assert_eq!(app.store.text(), None);
    assert_eq!(app.auth.get(&provider.api("me")).await.unwrap_err().code(), Code::NotSignedIn);
}

#[tokio::test]
async fn the_page_in_the_browser_needs_nothing_and_keeps_nothing() {
    let provider = LocalProvider::start();
    let (result, page) = App::new(&provider).await.sign_in().await;
    result.unwrap();
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"));
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), (Some("no-store"), Some("no-referrer")));
    assert!(!page.body.contains("<script") && !page.body.contains("http"));
}

#[tokio::test]
async fn a_declined_sign_in_fails_with_its_own_page_and_another_can_follow() {
    let provider = LocalProvider::start();
    let mut app = App::new(&provider).await;
    provider
        .fault(json!({"endpoint": "authorize", "redirect": {"error": "access_denied", "error_description": "<b>no</b>"}}))
        .await;
    let (result, page) = app.sign_in().await;
    assert_eq!(result.unwrap_err().code(), Code::AccessDenied);
    assert_eq!(app.state(), "failed");
    assert!(page.body.contains("The sign-in failed") && page.body.contains("access_denied") && !page.body.contains("<b>no"));
    app.sign_in().await.0.unwrap();
}

#[tokio::test]
async fn law_3_a_token_endpoint_that_fails_for_a_moment_fails_no_login() {
    let provider = LocalProvider::start();
    let mut app = App::new(&provider).await;
    provider.fault(json!({"endpoint": "token", "status": 503})).await;
    app.sign_in().await.0.unwrap();
    assert_eq!(provider.requests("token").await.len(), 2);
}

#[tokio::test]
async fn another_login_cancels_the_one_that_waits() {
    let provider = LocalProvider::start();
    let mut app = App::new(&provider).await;
    let first = app.auth.clone();
    let waiting = tokio::spawn(async move { first.login(Login::to("acme")).await });
    let abandoned = app.opened.recv().await.unwrap();
    app.sign_in().await.0.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap_err().code(), Code::Aborted);
    // The browser window of the first one is still open.
    let back = app.browser.authorize(&abandoned, ADA).await;
    assert!(tokio::net::TcpStream::connect(crate::support::http::split(&back).0).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_login_can_be_canceled() {
    let provider = LocalProvider::start();
    let mut app = App::new(&provider).await;
    let auth = app.auth.clone();
    let waiting = tokio::spawn(async move { auth.login(Login::to("acme")).await });
    app.opened.recv().await.unwrap();
    app.auth.cancel_login();
    assert_eq!(waiting.await.unwrap().unwrap_err().code(), Code::Aborted);
    assert_eq!(app.state(), "signed-out");
}

#[tokio::test]
async fn a_browser_that_cannot_be_opened_fails_the_login() {
    let provider = LocalProvider::start();
    let options = Options::new("com.example.test").in_memory().open_browser(|_| Err(Code::ConfigInvalid.into()));
    let auth = Auth::start(provider.config(), options).await.unwrap();
    assert_eq!(auth.login(Login::to("acme")).await.unwrap_err().code(), Code::ConfigInvalid);
}

#[tokio::test]
async fn without_a_tenant_no_browser_is_opened_where_no_login_can_end() {
    let provider = LocalProvider::start();
    provider.set(json!({"applicationAuthorization": false})).await;
    let mut app = App::new(&provider).await;
    assert_eq!(app.auth.login(Login::new()).await.unwrap_err().code(), Code::TenantInvalid);
    assert!(app.opened.try_recv().is_err());
}

/// The URI of an app with a scheme of its own.
const OWN_SCHEME: &str = "com.example.app:/callback";

async fn with_own_scheme() -> (LocalProvider, App) {
    let provider = LocalProvider::with(&["--redirect-uri", OWN_SCHEME]);
    let app = App::new(&provider).await;
    (provider, app)
}

#[tokio::test]
async fn the_system_hands_the_callback_to_an_app_with_its_own_scheme() {
    let (_provider, mut app) = with_own_scheme().await;
    let auth = app.auth.clone();
    let login = tokio::spawn(async move { auth.login(Login::to("acme")).await });
    let url = app.opened.recv().await.unwrap();
    let callback = app.browser.authorize(&url, ADA).await;
    assert!(callback.starts_with("com.example.app:/callback?"), "{callback}");
    app.auth.callback(&callback).await.unwrap();
    login.await.unwrap().unwrap();
    assert_eq!(app.state(), "signed-in");
}

#[tokio::test]
async fn law_4_a_callback_that_comes_twice_is_used_once() {
    let (provider, mut app) = with_own_scheme().await;
    let auth = app.auth.clone();
    let login = tokio::spawn(async move { auth.login(Login::to("acme")).await });
    let callback = app.browser.authorize(&app.opened.recv().await.unwrap(), ADA).await;
    let (first, second) = tokio::join!(app.auth.callback(&callback), app.auth.callback(&callback));
    assert!(first.is_ok() || second.is_ok());
    login.await.unwrap().unwrap();
    app.auth.callback(&callback).await.unwrap();
    assert_eq!(provider.requests("token").await.len(), 1);
    assert_eq!(app.state(), "signed-in");
}

#[tokio::test]
async fn law_4_a_forged_callback_neither_signs_in_nor_ends_the_login() {
    let (provider, mut app) = with_own_scheme().await;
    let auth = app.auth.clone();
    let login = tokio::spawn(async move { auth.login(Login::to("acme")).await });
    let url = app.opened.recv().await.unwrap();
    for (forged, code) in [
        ("com.example.app:/callback?code=c&state=forged-state-of-somebody-else", Code::StateUnknown),
        ("com.example.app:/callback?error=access_denied&state=forged", Code::StateUnknown),
        ("com.example.app:/callback", Code::StateUnknown),
        ("com.example.app:/elsewhere?code=c&state=s", Code::CallbackInvalid),
        ("https://com.example.app.invalid/callback?code=c&state=s", Code::StateUnknown),
        ("http://127.0.0.1/callback?code=c&state=s", Code::CallbackInvalid),
        ("", Code::CallbackInvalid),
    ] {
        assert_eq!(app.auth.callback(forged).await.unwrap_err().code(), code, "{forged}");
    }
    assert!(provider.requests("token").await.is_empty());
    let callback = app.browser.authorize(&url, ADA).await;
    app.auth.callback(&callback).await.unwrap();
    login.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_callback_of_a_canceled_login_signs_nobody_in_and_ends_no_other_login() {
    let (provider, mut app) = with_own_scheme().await;
    let auth = app.auth.clone();
    let canceled = tokio::spawn(async move { auth.login(Login::to("globex")).await });
    let old = app.opened.recv().await.unwrap();
    let auth = app.auth.clone();
    let login = tokio::spawn(async move { auth.login(Login::to("acme")).await });
    let url = app.opened.recv().await.unwrap();
    assert_eq!(canceled.await.unwrap().unwrap_err().code(), Code::Aborted);
    let late = app.browser.authorize(&old, ("hank@globex.example", "scorpio")).await;
    assert_eq!(app.auth.callback(&late).await.unwrap_err().code(), Code::StateUnknown);
    assert!(provider.requests("token").await.is_empty());
    let callback = app.browser.authorize(&url, ADA).await;
    app.auth.callback(&callback).await.unwrap();
    login.await.unwrap().unwrap();

    let auth = app.auth.clone();
    let canceled = tokio::spawn(async move { auth.login(Login::to("acme")).await });
    let url = app.opened.recv().await.unwrap();
    app.auth.cancel_login();
    canceled.await.unwrap().unwrap_err();
    let late = app.browser.authorize(&url, ADA).await;
    // The session that is there goes on.
    app.auth.callback(&late).await.unwrap();
    assert_eq!(provider.requests("token").await.len(), 1);
}

#[tokio::test]
async fn settings_of_pages_are_refused() {
    let folder = Folder::new();
    let config = |redirect: &str| Config::wristband("app-org.us.wristband.dev", "client", redirect);
    let idle = config("http://127.0.0.1/callback").idle_logout(IdleLogout::after(std::time::Duration::from_secs(600)));
    let (_, _, options) = app::options(&folder);
    assert_eq!(Auth::start(idle.build().unwrap(), options).await.unwrap_err().code(), Code::ConfigInvalid);
    for name in ["", "a/b", "..", "a b"] {
        let options = Options::new(name).in_memory();
        let started = Auth::start(config("http://127.0.0.1/callback").build().unwrap(), options).await;
        assert_eq!(started.unwrap_err().code(), Code::ConfigInvalid, "{name}");
    }
}

#[tokio::test]
async fn law_12_without_a_storage_the_session_is_in_memory_and_that_is_said_once() {
    let provider = LocalProvider::start();
    let folder = Folder::new();
    let (mut opened, warnings, options) = app::options(&folder);
    let auth = Auth::start(provider.config(), options.in_memory()).await.unwrap();
    assert!(matches!(auth.storage(), Storage::Memory(error) if error.code() == Code::StorageUnavailable));
    let user = async { Browser::default().sign_in(&opened.recv().await.unwrap(), ADA).await };
    tokio::join!(auth.login(Login::to("acme")), user).0.unwrap();
    auth.renew().await.unwrap();
    assert!(matches!(auth.state(), State::SignedIn(_)));
    assert_eq!(warnings.lock().unwrap().len(), 1);
    assert!(folder.contents().is_empty());
}

#[tokio::test]
async fn if_the_browser_does_not_open_for_a_logout_the_next_login_asks_for_the_password() {
    let provider = LocalProvider::plain();
    let folder = Folder::new();
    let store = Shared::default();
    let has_browser = Arc::new(AtomicBool::new(true));
    let (sender, mut opened) = tokio::sync::mpsc::unbounded_channel();
    let start = || async {
        let (opens, sender) = (Arc::clone(&has_browser), sender.clone());
        let (_, _, options) = app::options(&folder);
        let options = options.store(store.clone()).open_browser(move |url| {
            sender.send(url.to_owned()).unwrap();
            if opens.load(Ordering::SeqCst) { Ok(()) } else { Err(Code::ConfigInvalid.into()) }
        });
        Auth::start(provider.config(), options).await.unwrap()
    };
    for is_another_process in [false, true, true] {
        has_browser.store(true, Ordering::SeqCst);
        let mut auth = start().await;
        let browser = &mut opened;
        let user = async {
            let url = browser.recv().await.unwrap();
            Browser::default().sign_in(&url, ADA).await;
            url
        };
        let (signed_in, _) = tokio::join!(auth.login(Login::new()), user);
        signed_in.unwrap();
        has_browser.store(false, Ordering::SeqCst);
        assert!(!auth.logout(Logout::default()).await.unwrap().ends_provider_session);
        opened.recv().await.unwrap();
        if is_another_process {
            auth.close().await;
            auth = start().await;
        }
        assert!(auth.login(Login::new()).await.is_err());
        let url = opened.recv().await.unwrap();
        assert!(url.contains("prompt=login"), "{url}");
        auth.close().await;
    }
    // A login has put an end to it.
    has_browser.store(true, Ordering::SeqCst);
    let auth = start().await;
    let browser = &mut opened;
    let user = async { Browser::default().sign_in(&browser.recv().await.unwrap(), ADA).await };
    tokio::join!(auth.login(Login::new()), user).0.unwrap();
    auth.close().await;
    let auth = start().await;
    has_browser.store(false, Ordering::SeqCst);
    assert!(auth.login(Login::new()).await.is_err());
    assert!(!opened.recv().await.unwrap().contains("prompt="));
}

#[tokio::test]
async fn the_last_handle_ends_the_session_of_this_process() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let clone = app.auth.clone();
    app.auth.close().await;
    assert_eq!(clone.renew().await.unwrap_err().code(), Code::Disposed);
    assert!(app.store.text().is_some(), "the record stays");
}
