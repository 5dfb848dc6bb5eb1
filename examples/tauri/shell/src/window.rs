//! The window. Its web view shows the app's own page, and never another one.

use tauri::webview::NewWindowResponse;
use tauri::{App, AppHandle, Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

/// The name of the window. `capabilities/main.json` says what it may do.
pub(crate) const MAIN: &str = "main";

/// Opens it.
pub(crate) fn open(app: &App) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Invoices")
        .inner_size(760.0, 720.0)
        // A content security policy does not restrict where a page can go, so the shell does. Otherwise a script could send what
        // it has seen to any server, as a part of a URL.
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    Ok(())
}

/// Puts it in front of the others, such as the browser's.
pub(crate) fn focus(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        // The system may refuse that.
        let _ = window.set_focus();
    }
}

/// Whether this is the app's page, by the name that it has on this platform.
fn is_own(url: &Url) -> bool {
    if cfg!(any(windows, target_os = "android")) {
        url.scheme() == "http" && url.host_str() == Some("tauri.localhost") && url.port().is_none()
    } else {
        url.scheme() == "tauri" && url.host_str() == Some("localhost")
    }
}

#[cfg(all(test, not(any(windows, target_os = "android"))))]
mod tests {
    use super::*;

    #[test]
    fn only_the_apps_own_page_is_shown() {
        let is_shown = |url: &str| url.parse().is_ok_and(|url| is_own(&url));
        assert!(is_shown("tauri://localhost") && is_shown("tauri://localhost/index.html"));
        for url in [
            "https://host.example/?stolen",
            "http://localhost/",
            "tauri://host.example/",
            "about:blank",
            "data:text/html,x",
            "file:///etc/passwd",
        ] {
            assert!(!is_shown(url), "{url}");
        }
    }
}
