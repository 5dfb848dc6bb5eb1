//! Redirect URIs of native apps: the loopback address, and schemes of their own \[RFC 8252 §7].

use super::{AppUrl, Config, ConfigBuilder, MAX_URI_LEN};
use crate::protocol::error::Error;
use crate::protocol::json::Value;
use crate::protocol::url::HttpUrl;

/// How the browser comes back to a native app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NativeRedirect {
    /// The app listens on the loopback address \[RFC 8252 §7.3].
    Loopback {
        /// Whether the address is that of IPv6.
        v6: bool,
        /// Zero for a free one, which the provider accepts.
        port: u16,
        /// The path.
        path: String,
    },
    /// The system hands the URL to the app: a scheme of its own, or a claimed https URL \[RFC 8252 §7.1, §7.2].
    System,
}

/// Reads a redirect URI that only a native app can have. `None` for any other.
pub(super) fn redirect_uri(text: &str) -> Option<Box<AppUrl>> {
    if text.len() > MAX_URI_LEN {
        return None;
    }
    let url = HttpUrl::parse(text).filter(is_loopback_literal).or_else(|| https_form(text))?;
    (url.query().is_none() && url.fragment().is_none()).then(|| Box::new(AppUrl { text: text.to_owned(), rest: None, url }))
}

/// http to 127.0.0.1 or \[::1], and to no name: a name can lead to another machine \[RFC 8252 §8.3].
fn is_loopback_literal(url: &HttpUrl) -> bool {
    !url.origin().is_secure() && matches!(url.origin().host(), "127.0.0.1" | "[::1]")
}

/// A URL of a private-use scheme, in the form of an https URL, which all checks understand. Its host is a name that can
/// never exist \[RFC 6761 §6.4]. The scheme is a domain name of the app's owner in reverse \[RFC 8252 §7.1].
fn https_form(text: &str) -> Option<HttpUrl> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')) && scheme.contains('.');
    let path = rest.trim_start_matches('/');
    if !is_scheme || !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    HttpUrl::parse(&["https://", &scheme.to_ascii_lowercase(), ".invalid/", path].concat())
}

impl Config {
    /// How the browser comes back.
    pub(crate) fn native_redirect(&self) -> NativeRedirect {
        let url = &self.redirect_uri().url;
        if !is_loopback_literal(url) {
            return NativeRedirect::System;
        }
        let (authority, host) = (url.origin().authority(), url.origin().host());
        let written = authority.strip_prefix(host).and_then(|port| port.strip_prefix(":"));
        let port = written.and_then(|port| port.parse().ok()).unwrap_or(0);
        NativeRedirect::Loopback { v6: host == "[::1]", port, path: url.path().to_owned() }
    }

    /// The start page, as far as a native app has one: it tells the session the origin of its redirect URI.
    pub(crate) fn native_address(&self) -> String {
        self.redirect_uri().url.origin().at("/")
    }

    /// A URL that the system has handed to the app, in the form that the session reads. `None` if it is none of this app's.
    pub(crate) fn callback_form(&self, url: &str) -> Option<String> {
        let read = HttpUrl::parse(url).or_else(|| https_form(url))?;
        self.redirect_uri().is_at(&read).then(|| read.text())
    }

    /// The same settings, with some that differ.
    ///
    /// # Errors
    /// `config_invalid`, naming the one that is wrong.
    pub(crate) fn changed(&self, changes: &[(&str, Value)]) -> Result<Self, Error> {
        let mut settings = self.to_json();
        for (name, value) in changes {
            settings.insert(name, value.clone());
        }
        ConfigBuilder::from_json(&settings)?.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(redirect_uri: &str) -> Result<Config, Error> {
        Config::wristband("app-org.us.wristband.dev", "client", redirect_uri).build()
    }

    #[test]
    fn redirect_uris_of_native_apps_are_accepted_and_kept_as_written() {
        let loopback = |v6, port| NativeRedirect::Loopback { v6, port, path: "/callback".to_owned() };
        for (written, redirect) in [
            ("http://127.0.0.1/callback", loopback(false, 0)),
            ("http://127.0.0.1:4321/callback", loopback(false, 4321)),
            ("http://[::1]/callback", loopback(true, 0)),
            ("com.example.app:/callback", NativeRedirect::System),
            ("com.example.app://callback", NativeRedirect::System),
            ("https://app.example/callback", NativeRedirect::System),
        ] {
            let config = config(written).unwrap();
            assert_eq!((config.redirect_uri().as_str(), config.native_redirect()), (written, redirect));
            assert_eq!(config.changed(&[]).unwrap(), config);
        }
    }

    #[test]
    fn other_redirect_uris_are_refused() {
        for written in [
            "http://localhost/callback",
            "http://127.0.0.2/callback",
            "http://app.example/callback",
            "http://127.0.0.1/callback?x=1",
            "myapp:/callback",
            "javascript:alert(1)",
            "1com.example:/callback",
            "com.example.app:/call back",
            "com.example.app:/callback#x",
        ] {
            assert!(config(written).is_err(), "{written}");
        }
        let settings = Config::openid("http://127.0.0.1/", "client", "http://127.0.0.1/callback");
        assert!(settings.build().is_err(), "the provider needs https all the same");
    }

    #[test]
    fn a_handed_in_url_is_recognized() {
        let config = config("com.example.app:/callback").unwrap();
        let form = config.callback_form("com.example.app:/callback?code=c&state=s");
        assert_eq!(form.as_deref(), Some("https://com.example.app.invalid/callback?code=c&state=s"));
        for other in ["com.example.other:/callback?code=c", "com.example.app:/else", "https://app.example/callback", ""] {
            assert_eq!(config.callback_form(other), None, "{other}");
        }
    }
}
