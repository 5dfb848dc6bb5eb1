//! What can be said of a login and of a logout.

use crate::protocol::authorize::Prompt;
use crate::protocol::error::{Code, Error};
use crate::protocol::form;
use crate::protocol::json::Value;
use crate::protocol::options::{self, Kind, Options};
use crate::protocol::url::HttpUrl;

/// How somebody is to log in. Everything is optional.
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    /// By the names that the JavaScript face uses, each of its kind.
    options: Value,
    /// Whether it was the page's own address that began this.
    pub(super) by_address: bool,
}

const LOGIN: &Options = &[
    ("automatic", Kind::Flag),
    ("idpHint", Kind::Text),
    ("keepInHistory", Kind::Flag),
    ("loginHint", Kind::Text),
    ("maxAge", Kind::Number(u32::MAX as i64)),
    ("prompt", Kind::OneOf(&["login", "none"])),
    ("returnTo", Kind::Text),
    ("tenantCustomDomain", Kind::Text),
    ("tenantName", Kind::Text),
];

impl Default for Login {
    fn default() -> Self {
        Self { options: Value::object([]), by_address: false }
    }
}

impl Login {
    /// To the tenant of the configuration, or to the application's own login page.
    pub fn new() -> Self {
        Self::default()
    }

    /// To the tenant of this name.
    pub fn to(tenant_name: impl Into<String>) -> Self {
        Self::default().with("tenantName", Value::String(tenant_name.into()))
    }

    /// To the tenant of this custom domain. The application is asked whether it knows the domain
    /// before the browser is sent there.
    #[must_use]
    pub fn tenant_custom_domain(self, domain: impl Into<String>) -> Self {
        self.with("tenantCustomDomain", Value::String(domain.into()))
    }

    /// Fills in the provider's login form, usually with an e-mail address.
    #[must_use]
    pub fn login_hint(self, hint: impl Into<String>) -> Self {
        self.with("loginHint", Value::String(hint.into()))
    }

    /// The name of the identity provider to go to straight away.
    #[must_use]
    pub fn idp_hint(self, hint: impl Into<String>) -> Self {
        self.with("idpHint", Value::String(hint.into()))
    }

    /// Where the person returns to: a path of the app, or an address of its origin. Anything else
    /// is dropped. The page that asks for the login, by default.
    #[must_use]
    pub fn return_to(self, address: impl Into<String>) -> Self {
        self.with("returnTo", Value::String(address.into()))
    }

    /// Whether the provider shows a login page.
    #[must_use]
    pub fn prompt(self, prompt: Prompt) -> Self {
        self.with("prompt", prompt.as_str().into())
    }

    /// How many seconds ago the person may have signed in, at the most. The ID token has to prove it.
    #[must_use]
    pub fn max_age(self, seconds: u32) -> Self {
        self.with("maxAge", i64::from(seconds).into())
    }

    /// The options, by the names that the JavaScript face uses.
    #[cfg(feature = "browser")]
    pub(crate) fn to_json(&self) -> &Value {
        &self.options
    }

    /// Whether the browser's Back button leads to the page that is left; it does by default. Of a
    /// page that begins a login by itself nobody would get past it backwards.
    #[must_use]
    pub fn keep_in_history(self, keep: bool) -> Self {
        self.with("keepInHistory", keep.into())
    }

    /// Whether a page starts this login by itself, without a user's action, as guards of routes do. Such
    /// a login is refused after one that failed, while offline, and when several were started within a
    /// minute: it would be a loop. The page that is left is not kept in history.
    #[must_use]
    pub fn automatic(self, automatic: bool) -> Self {
        self.with("automatic", automatic.into())
    }

    /// Where the person returns to, unless the login says it itself.
    #[cfg(feature = "browser")]
    pub(crate) fn or_return_to(self, address: String) -> Self {
        if self.text("returnTo").is_some() { self } else { self.return_to(address) }
    }

    /// To whatever tenant the page's own host names.
    pub(super) fn without_tenant_name(mut self) -> Self {
        self.options.remove("tenantName");
        self
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.options.put(name, value);
        self
    }

    /// The option of this name, if it is a text and was given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.options.text(name)
    }

    pub(super) fn wanted_prompt(&self) -> Option<Prompt> {
        let word = self.text("prompt")?;
        [Prompt::Login, Prompt::None].iter().copied().find(|prompt| prompt.as_str() == word)
    }

    pub(super) fn is_kept_in_history(&self) -> bool {
        let kept = self.options.get("keepInHistory").and_then(Value::as_bool).unwrap_or_else(|| !self.is_automatic());
        !self.by_address && kept
    }

    pub(super) fn is_automatic(&self) -> bool {
        self.options.get("automatic").and_then(Value::as_bool) == Some(true)
    }

    /// # Errors
    /// `config_invalid`, naming the option that is too long; `callback_invalid` where a URL gave it.
    pub(super) fn check_lengths(&self) -> Result<(), Error> {
        let code = if self.by_address { Code::CallbackInvalid } else { Code::ConfigInvalid };
        options::check_lengths(&self.options, "login: ", code)
    }

    pub(super) fn wanted_age(&self) -> Option<u32> {
        self.options.get("maxAge")?.as_integer().and_then(|seconds| u32::try_from(seconds).ok())
    }

    /// Reads an object with the names that the JavaScript face uses.
    ///
    /// # Errors
    /// `config_invalid`, naming what is unknown or of another type.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        Ok(Self { options: options::read(settings, "login: ", LOGIN)?, by_address: false })
    }

    /// Reads the address of the app's login route, to which Wristband sends people.
    pub(super) fn from_address(address: &HttpUrl) -> Result<Self, Error> {
        let parameters = form::decode(address.query().unwrap_or_default());
        let mut login = Self { by_address: true, ..Self::default() };
        // `state` is opaque, and is not a return address.
        for (parameter, name) in &[
            ("idp_hint", "idpHint"),
            ("login_hint", "loginHint"),
            ("return_url", "returnTo"),
            ("tenant_custom_domain", "tenantCustomDomain"),
            ("tenant_name", "tenantName"),
            ("tenant_domain", "tenantName"),
        ] {
            // Of the two names of one option, the newer one is enough.
            if login.text(name).is_some() {
                continue;
            }
            match form::single(&parameters, parameter) {
                Ok(Some(text)) => login.options.put(name, text.into()),
                Ok(None) => {}
                Err(()) => return Err(Error::with_detail(Code::CallbackInvalid, *parameter)),
            }
        }
        Ok(login)
    }
}

/// How somebody logs out. Everything is optional.
#[derive(Clone, Debug, PartialEq)]
pub struct Logout {
    /// By the names that the JavaScript face uses, each of its kind.
    options: Value,
}

const LOGOUT: &Options = &[("returnTo", Kind::Text), ("state", Kind::Text)];

impl Default for Logout {
    fn default() -> Self {
        Self { options: Value::object([]) }
    }
}

impl Logout {
    /// To the address of the configuration, or the provider's own choice.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the person ends up: a path of the app, or an address of its origin. Anything else is
    /// dropped. The whole address has to be registered with the provider.
    #[must_use]
    pub fn return_to(mut self, address: impl Into<String>) -> Self {
        self.options.put("returnTo", Value::String(address.into()));
        self
    }

    /// Comes back with the person, as `state`. 512 characters at the most.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.options.put("state", Value::String(state.into()));
        self
    }

    /// The options, by the names that the JavaScript face uses.
    #[cfg(feature = "browser")]
    pub(crate) fn to_json(&self) -> &Value {
        &self.options
    }

    /// # Errors
    /// `config_invalid`, naming the option that is too long.
    pub(super) fn check_lengths(&self) -> Result<(), Error> {
        options::check_lengths(&self.options, "logout: ", Code::ConfigInvalid)
    }

    /// The option of this name, if it was given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.options.text(name)
    }

    /// Reads an object with the names that the JavaScript face uses.
    ///
    /// # Errors
    /// `config_invalid`, naming what is unknown or of another type.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        Ok(Self { options: options::read(settings, "logout: ", LOGOUT)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_kept_in_history_unless_it_logs_in_by_itself() {
        assert!(Login::new().is_kept_in_history() && Login::new().keep_in_history(true).is_kept_in_history());
        let address = HttpUrl::parse("https://app.example/login?tenant_name=acme").unwrap();
        for login in [Login::to("acme").keep_in_history(false), Login::from_address(&address).unwrap()] {
            assert!(!login.is_kept_in_history());
        }
    }
}
