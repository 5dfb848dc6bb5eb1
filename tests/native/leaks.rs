//! No token is on disk, in a log, or printed (laws 1 and 8).

use serde_json::json;

use crate::support::command::Cli;
use crate::support::platform::{SecretService, has_keyutils};
use crate::support::{App, Browser, LocalProvider};

/// Asserts that none of these secrets is in this text.
fn assert_free(secrets: &[String], place: &str, text: &[u8]) {
    for secret in secrets {
        let found = text.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "a secret is in {place}");
    }
}

#[tokio::test]
async fn law_1_no_token_is_on_disk_or_printed_by_a_tool() {
    let provider = LocalProvider::start();
    let service = SecretService::start();
    let store = match &service {
        Some(_) => "Secret Service",
        None if has_keyutils() => "keyutils",
        None => {
            println!("skipped: this machine has no secure storage");
            return;
        }
    };
    let mut cli = Cli::new(&provider, store, &format!("com.example.leaks.{}", std::process::id()));
    cli.environment.extend(service.as_ref().map(SecretService::bus));
    let mut printed = Vec::new();
    let (out, err) = cli.login(Some("acme"), &mut Browser::default()).await;
    printed.push(out + &err);
    provider.expire_access_tokens().await;
    let url = provider.api("me");
    for words in [&["whoami"][..], &["call", &url], &["renew"], &["call", "https://elsewhere.example/"]] {
        let output = cli.run(words).await;
        printed.push(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned());
    }
    // While the session is stored, and after it.
    for words in [&["whoami"][..], &["--print-url", "logout"]] {
        let output = cli.run(words).await;
        printed.push(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned());
        let secrets = provider.secrets().await;
        assert!(secrets.len() >= 8, "{} secrets", secrets.len());
        let own = cli.home.contents();
        let of_service = service.as_ref().map(|service| service.folder().contents()).unwrap_or_default();
        for (path, bytes) in own.iter().chain(&of_service) {
            assert_free(&secrets, &path.display().to_string(), bytes);
        }
        for text in &printed {
            assert_free(&secrets, "what was printed", text.as_bytes());
        }
    }
    // The search finds what is there.
    assert!(cli.home.contents().iter().any(|(path, _)| path.ends_with("settings.json")));
    let locks = cli.home.contents().into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "lock"));
    for (path, bytes) in locks {
        assert!(bytes.is_empty(), "{}", path.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[tokio::test]
async fn law_1_no_value_of_the_library_prints_a_token() {
    let provider = LocalProvider::start();
    let mut app = App::new(&provider).await;
    let mut printed = String::new();
    let mut print = |app: &App| {
        let (auth, state) = (&app.auth, app.auth.state());
        printed += &format!("{auth:?} {auth:#?} {state:?} {:?} {:?}", auth.storage(), auth.config());
    };
    print(&app);
    app.sign_in().await.0.unwrap();
    print(&app);
    app.auth.renew().await.unwrap();
    provider.fault(json!({"endpoint": "token", "status": 400, "body": {"error": "invalid_client"}})).await;
    let error = app.auth.renew().await.unwrap_err();
    print(&app);
    printed += &format!("{error:?} {error}");
    assert_free(&provider.secrets().await, "what was printed", printed.as_bytes());
    let record = app.store.text().unwrap();
    let secrets = provider.secrets().await;
    assert!(secrets.iter().any(|secret| record.contains(secret)), "the search would find a token");
}
