//! URLs that the system hands to the app, if the redirect URI has a scheme of the app's own \[RFC 8252 §7.1].

use tauri::{App, AppHandle, Manager as _};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::session::Session;

/// Finishes logins by the URLs that come.
pub(crate) fn listen(app: &App) {
    let handle = app.handle().clone();
    app.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            let handle = handle.clone();
            tauri::async_runtime::spawn(async move { finish_login(&handle, url.as_str()).await });
        }
    });
}

/// Any program can hand any URL to the app. One that is not of the login that waits changes nothing.
async fn finish_login(app: &AppHandle, url: &str) {
    if let Ok(auth) = app.state::<Session>().auth().await {
        // The command that waits for the login gets the error.
        let _ = auth.callback(url).await;
    }
}
