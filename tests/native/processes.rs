//! Several processes of one app, with the platform's real storages (laws 2, 8 and 12).

use serde_json::json;

use crate::support::command::Cli;
use crate::support::platform::{SecretService, has_keyutils};
use crate::support::{Browser, LocalProvider};

/// The tool with each storage that this machine has. What it has not is named.
async fn with_each_storage<F: Future<Output = ()>>(name: &str, test: impl Fn(LocalProvider, Cli) -> F) {
    let app = format!("com.example.{name}.{}", std::process::id());
    match SecretService::start() {
        Some(service) => {
            let provider = LocalProvider::start();
            let mut cli = Cli::new(&provider, "Secret Service", &app);
            cli.environment.push(service.bus());
            test(provider, cli).await;
        }
        None => println!("skipped: dbus-daemon or gnome-keyring-daemon is missing"),
    }
    if has_keyutils() {
        let provider = LocalProvider::start();
        let cli = Cli::new(&provider, "keyutils", &app);
        test(provider, cli).await;
    } else {
        println!("skipped: the kernel has no keyring for this process");
    }
}

#[tokio::test]
async fn each_command_is_a_process_and_the_session_goes_on() {
    with_each_storage("commands", |provider, cli| async move {
        assert!(cli.fails(&["whoami"]).await.contains("not_signed_in"));
        let (printed, complained) = cli.login(Some("acme"), &mut Browser::default()).await;
        assert!(printed.contains("ada@acme.example acme"), "{printed}");
        assert_eq!(complained, "");
        assert_eq!(cli.succeeds(&["whoami"]).await, "ada@acme.example acme\n");
        assert!(cli.succeeds(&["call", &provider.api("me")]).await.starts_with("200 OK\n"));
        cli.succeeds(&["renew"]).await;
        assert_eq!(cli.succeeds(&["whoami"]).await, "ada@acme.example acme\n");
        assert_eq!(provider.refreshes().await, 1);
        assert!(cli.succeeds(&["--print-url", "logout"]).await.contains("Signed out, here and at the provider"));
        assert!(cli.fails(&["whoami"]).await.contains("not_signed_in"));
        assert_eq!(provider.requests("revoke").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_user_signs_in_with_a_real_browser() {
    with_each_storage("chromium", |provider, cli| async move {
        let Some((page, printed)) = cli.login_in_chromium().await else {
            return println!("skipped: Chromium or playwright-core is missing");
        };
        assert_eq!(page.trim(), r#"{"heading":"You are signed in","problems":[]}"#);
        assert!(printed.contains("ada@acme.example acme"), "{printed}");
        cli.succeeds(&["renew"]).await;
        assert_eq!(cli.succeeds(&["whoami"]).await, "ada@acme.example acme\n");
        assert_eq!(provider.refreshes().await, 1);
        assert!(cli.succeeds(&["--print-url", "logout"]).await.contains("Signed out"));
    })
    .await;
}

#[tokio::test]
async fn law_2_ten_processes_at_once_after_expiry_make_one_refresh_request() {
    with_each_storage("ten", |provider, cli| async move {
        provider.set(json!({"accessTokenTtl": 1, "reuseGraceSeconds": 0})).await;
        cli.login(Some("acme"), &mut Browser::default()).await;
        provider.set(json!({"accessTokenTtl": 1800})).await;
        // The token's lifetime passes.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        let url = provider.api("me");
        let words = ["call", url.as_str()];
        let before = provider.refreshes().await;
        let calls = (cli.succeeds(&words), cli.succeeds(&words), cli.succeeds(&words), cli.succeeds(&words), cli.succeeds(&words));
        let more = (cli.succeeds(&words), cli.succeeds(&words), cli.succeeds(&words), cli.succeeds(&words), cli.succeeds(&words));
        let ((a, b, c, d, e), (f, g, h, i, j)) =
            tokio::join!(async { tokio::join!(calls.0, calls.1, calls.2, calls.3, calls.4) }, async {
                tokio::join!(more.0, more.1, more.2, more.3, more.4)
            },);
        assert!([a, b, c, d, e, f, g, h, i, j].iter().all(|printed| printed.starts_with("200 OK\n")));
        assert_eq!(provider.refreshes().await - before, 1);
        cli.succeeds(&["--print-url", "logout"]).await;
    })
    .await;
}

#[tokio::test]
async fn law_12_without_a_storage_a_tool_says_so_and_signs_in_for_itself() {
    let provider = LocalProvider::start();
    // No desktop, and no kernel keyring under this name: the tool is told to find none.
    let cli = Cli::new(&provider, "memory", "com.example.none");
    let (printed, complained) = cli.login(Some("acme"), &mut Browser::default()).await;
    assert!(printed.contains("ada@acme.example"));
    assert_eq!(complained.matches("The session is not stored").count(), 1, "{complained}");
    assert!(cli.fails(&["whoami"]).await.contains("not_signed_in"));
}

#[tokio::test]
async fn law_1_no_proxy_gets_what_goes_to_this_machine_in_clear_text() {
    let provider = LocalProvider::start();
    let mut cli = Cli::new(&provider, "memory", "com.example.proxy");
    // Nothing listens there.
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        cli.environment.push((name.to_owned(), "http://127.0.0.1:9".to_owned()));
    }
    let (printed, _) = cli.login(Some("acme"), &mut Browser::default()).await;
    assert!(printed.contains("ada@acme.example"), "{printed}");
}

#[tokio::test]
async fn a_storage_that_is_not_there_is_named() {
    let provider = LocalProvider::start();
    let cli = Cli::new(&provider, "Secret Service", "com.example.none");
    let problem = cli.fails(&["whoami"]).await;
    assert!(problem.contains("Secret Service") && problem.contains("storage_unavailable"), "{problem}");
}
