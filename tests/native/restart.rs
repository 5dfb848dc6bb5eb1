//! A process ends, and the next one continues the session from its record (laws 2, 3, 5 and 12).

use serde_json::json;
use wristband_spa_auth::native::Storage;
use wristband_spa_auth::native::reqwest::StatusCode;
use wristband_spa_auth::protocol::config::Use;
use wristband_spa_auth::{Code, Logout, Reason, State};

use crate::support::{ADA, App, LocalProvider};

/// An app whose access token has expired when it starts again: its times are in the record, and nobody can change them.
async fn with_short_tokens(provider: &LocalProvider) -> App {
    provider.set(json!({"accessTokenTtl": 1})).await;
    let app = App::signed_in(provider).await;
    provider.set(json!({"accessTokenTtl": 1800})).await;
    let expires = app.auth.state().signed_in().unwrap().expires_at.unwrap();
    app.auth.close().await;
    let wall = || i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    while wall() <= expires.as_millis() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    app
}

#[tokio::test]
async fn the_next_process_needs_no_login_and_no_renewal() {
    let provider = LocalProvider::start();
    let mut app = App::signed_in(&provider).await.restart(&provider).await;
    assert_eq!(app.state(), "signed-in");
    assert_eq!(app.auth.get(&provider.api("me")).await.unwrap().status(), 200);
    assert_eq!((provider.refreshes().await, app.opened.try_recv().is_err()), (0, true));
    assert_eq!(app.auth.storage(), Storage::Secure("shared".to_owned()));
    assert!(app.warnings.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_expired_session_is_renewed_at_the_start() {
    for provider in [LocalProvider::start(), LocalProvider::plain()] {
        let app = with_short_tokens(&provider).await.restart(&provider).await;
        assert_eq!(app.state(), "signed-in");
        assert_eq!(provider.refreshes().await, 1);
        assert_eq!(app.auth.user_info().await.unwrap().email(), Some(ADA.0));
        let app = app.restart(&provider).await;
        assert_eq!((app.state(), provider.refreshes().await), ("signed-in", 1));
    }
}

#[tokio::test]
async fn law_3_a_revoked_refresh_token_signs_out_and_the_record_is_removed() {
    let provider = LocalProvider::start();
    let app = with_short_tokens(&provider).await;
    provider.revoke_all().await;
    let app = app.restart(&provider).await;
    assert_eq!(app.auth.state(), State::SignedOut(Reason::Expired));
    assert_eq!(app.store.text(), None);
    let mut app = app.restart(&provider).await;
    assert_eq!(app.auth.state(), State::SignedOut(Reason::NeverSignedIn));
    app.sign_in().await.0.unwrap();
}

#[tokio::test]
async fn law_3_a_provider_that_fails_at_the_start_ends_nothing() {
    let provider = LocalProvider::start();
    let app = with_short_tokens(&provider).await;
    provider.fault(json!({"endpoint": "token", "status": 503})).await;
    let app = app.restart(&provider).await;
    let mut states = app.auth.subscribe();
    assert_eq!(app.auth.state().signed_in().unwrap().renewal_error.as_ref().unwrap().code(), Code::ProviderUnavailable);
    assert!(app.store.text().is_some());
    // It is tried again by itself.
    let is_renewed = |state: &State| state.signed_in().is_some_and(|session| session.renewal_error.is_none());
    states.wait_for(is_renewed).await.unwrap();
    assert_eq!(app.auth.get(&provider.api("me")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn law_3_without_a_provider_at_the_start_the_record_stays() {
    let provider = LocalProvider::plain();
    let app = App::signed_in(&provider).await;
    let (record, config) = (app.store.text(), app.auth.config().clone());
    app.auth.close().await;
    drop(provider);
    let elsewhere = LocalProvider::plain();
    let app = app.restart_with(&elsewhere, config).await;
    assert_eq!(app.state(), "signed-in");
    assert_eq!(app.store.text(), record);
    assert_eq!(app.auth.user_info().await.unwrap_err().code(), Code::Network);
}

#[tokio::test]
async fn a_record_that_was_tampered_with_is_refused_and_removed() {
    let provider = LocalProvider::start();
    let mut app = App::signed_in(&provider).await;
    let record = app.store.text().unwrap();
    let user = provider.user_id(ADA.0).await;
    for tampered in [record.replace(&user, "another-user"), record.replace("acme", "globex"), record[1..].to_owned(), String::new()]
    {
        app.store.put(&tampered);
        app = app.restart(&provider).await;
        assert_eq!(app.auth.state(), State::SignedOut(Reason::NeverSignedIn));
        assert_eq!(app.store.text(), None);
    }
}

#[tokio::test]
async fn a_record_that_another_process_is_saving_is_not_removed() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    app.store.is_saving();
    let app = app.restart(&provider).await;
    assert_eq!(app.state(), "signed-in");
    assert!(app.store.text().is_some());
}

#[tokio::test]
async fn a_record_of_other_settings_is_refused_and_removed() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let other = provider.builder().scopes(["openid"]).build().unwrap();
    let app = app.restart_with(&provider, other).await;
    assert_eq!(app.state(), "signed-out");
    assert_eq!(app.store.text(), None);
}

#[tokio::test]
async fn law_12_a_storage_that_cannot_save_is_reported_once_and_the_session_goes_on() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    app.store.cannot_save(true);
    for _ in 0..3 {
        app.auth.renew().await.unwrap();
    }
    assert_eq!(app.state(), "signed-in");
    assert!(matches!(app.auth.storage(), Storage::Memory(_)));
    assert_eq!(app.warnings.lock().unwrap().len(), 1);
    app.store.cannot_save(false);
    app.auth.renew().await.unwrap();
    assert_eq!(app.auth.storage(), Storage::Secure("shared".to_owned()));
    assert_eq!(app.restart(&provider).await.state(), "signed-in");
}

#[tokio::test]
async fn law_12_a_storage_that_cannot_be_read_leaves_the_session_in_memory() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    app.store.cannot_load(true);
    let mut app = app.restart(&provider).await;
    assert!(matches!(app.auth.storage(), Storage::Memory(error) if error.code() == Code::StorageUnavailable));
    assert_eq!(app.state(), "signed-out");
    app.sign_in().await.0.unwrap();
    assert_eq!(app.warnings.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn law_2_two_handles_share_one_renewal() {
    let provider = LocalProvider::start();
    provider.set(json!({"reuseGraceSeconds": 0})).await;
    let first = App::signed_in(&provider).await;
    let second = first.another(&provider).await;
    provider.expire_access_tokens().await;
    let url = provider.api("me");
    let (one, two) = tokio::join!(first.auth.get(&url), second.auth.get(&url));
    assert_eq!((one.unwrap().status(), two.unwrap().status()), (StatusCode::OK, StatusCode::OK));
    assert_eq!(provider.refreshes().await, 1);
    for round in 2..5 {
        let (one, two) = tokio::join!(first.auth.renew(), second.auth.renew());
        assert!(one.is_ok() && two.is_ok());
        assert_eq!(provider.refreshes().await, round);
    }
}

#[tokio::test]
async fn a_logout_in_one_process_signs_the_other_out_at_its_next_renewal() {
    let provider = LocalProvider::start();
    let first = App::signed_in(&provider).await;
    let second = first.another(&provider).await;
    first.auth.logout(Logout::default()).await.unwrap();
    assert_eq!(second.auth.renew().await.unwrap_err().code(), Code::NotSignedIn);
    assert_eq!(second.auth.state(), State::SignedOut(Reason::SignedOut));
}

#[tokio::test]
async fn law_13_a_logout_does_not_sign_out_the_user_of_another_login() {
    let provider = LocalProvider::start();
    let first = App::signed_in(&provider).await;
    let second = first.another(&provider).await.into_signed_in().await;
    let record = second.store.text();
    first.auth.logout(Logout::default()).await.unwrap();
    assert_eq!(second.store.text(), record);
    second.auth.renew().await.unwrap();
    assert_eq!(second.restart(&provider).await.state(), "signed-in");
}

#[tokio::test]
async fn a_record_that_cannot_be_removed_is_overwritten_at_a_logout() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let other = app.another(&provider).await;
    app.store.cannot_remove(true);
    assert!(app.auth.logout(Logout::default()).await.unwrap().record_removed);
    assert_eq!(other.auth.renew().await.unwrap_err().code(), Code::NotSignedIn);
    let app = app.restart(&provider).await;
    assert_eq!(app.auth.state(), State::SignedOut(Reason::NeverSignedIn));
    assert_eq!(app.auth.storage(), Storage::Secure("shared".to_owned()));
}

#[tokio::test]
async fn a_logout_says_if_the_record_is_left() {
    let provider = LocalProvider::start();
    let mut app = App::signed_in(&provider).await;
    app.store.cannot_save(true);
    assert!(!app.auth.logout(Logout::default()).await.unwrap().record_removed);
    assert!(matches!(app.auth.storage(), Storage::Memory(_)));
    app.store.cannot_save(false);
    // The browser has been opened for the logout.
    assert!(app.opened.try_recv().is_ok());
    app.sign_in().await.0.unwrap();
    assert!(app.auth.logout(Logout::default()).await.unwrap().record_removed);
    assert_eq!(app.store.text(), None);
}

/// Waits for this, at most ten seconds.
async fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it did not happen");
}

#[tokio::test]
async fn law_2_a_record_that_was_neither_saved_nor_removed_is_saved_as_soon_as_possible() {
    let provider = LocalProvider::start();
    provider.set(json!({"reuseGraceSeconds": 0})).await;
    let app = App::signed_in(&provider).await;
    let old = app.store.text();
    app.store.cannot_save(true);
    app.auth.renew().await.unwrap();
    assert_eq!(app.store.text(), old);
    app.store.cannot_save(false);
    until(|| app.store.text() != old).await;
    until(|| app.auth.storage() == Storage::Secure("shared".to_owned())).await;
    let app = app.restart(&provider).await;
    app.auth.renew().await.unwrap();
    assert_eq!((app.state(), provider.refreshes().await), ("signed-in", 2));
}

#[tokio::test]
async fn law_2_a_record_that_was_neither_saved_nor_removed_is_saved_when_the_app_closes() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let old = app.store.text();
    app.store.cannot_save(true);
    app.auth.renew().await.unwrap();
    app.store.cannot_save(false);
    app.auth.close().await;
    assert_ne!(app.store.text(), old);
}

#[tokio::test]
async fn a_record_that_was_not_removed_at_a_logout_is_removed_as_soon_as_possible() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    app.store.cannot_save(true);
    assert!(!app.auth.logout(Logout::default()).await.unwrap().record_removed);
    app.store.cannot_save(false);
    until(|| app.store.text().is_none()).await;
    assert!(app.auth.logout(Logout::default()).await.unwrap().record_removed);
}

#[tokio::test]
async fn law_13_what_is_owed_to_the_storage_does_not_replace_a_later_login() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let mut other = app.another(&provider).await;
    app.store.cannot_save(true);
    app.auth.renew().await.unwrap();
    app.store.cannot_save(false);
    other.sign_in().await.0.unwrap();
    let record = app.store.text();
    app.auth.close().await;
    assert_eq!(app.store.text(), record);
}

#[tokio::test]
async fn law_3_a_record_that_is_gone_revokes_nothing() {
    let provider = LocalProvider::start();
    let app = App::signed_in(&provider).await;
    let other = app.another(&provider).await;
    other.store.forget();
    assert_eq!(app.auth.renew().await.unwrap_err().code(), Code::NotSignedIn);
    app.auth.close().await;
    assert_eq!(provider.requests("revoke").await.len(), 0);
}

#[tokio::test]
async fn tokens_stay_bound_to_their_key_in_the_next_process() {
    for provider in [LocalProvider::with(&["--dpop", "required"]), LocalProvider::with(&["--plain", "--dpop", "required"])] {
        provider.set(json!({"dpopNonce": true, "apiDpopNonce": true})).await;
        let config = provider.builder().dpop(Use::Required).build().unwrap();
        let app = App::with(&provider, config).await.into_signed_in().await;
        assert!(app.auth.state().signed_in().unwrap().is_bound);
        assert_eq!(app.auth.get(&provider.api("me")).await.unwrap().status(), 200);
        let app = app.restart(&provider).await;
        assert!(app.auth.state().signed_in().unwrap().is_bound);
        assert_eq!(app.auth.get(&provider.api("me")).await.unwrap().status(), 200);
        app.auth.renew().await.unwrap();
        assert_eq!(app.auth.user_info().await.unwrap().email(), Some(ADA.0));
    }
}
