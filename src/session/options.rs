//! The options of a login and of a logout.

use crate::protocol::authorize::Prompt;
use crate::protocol::challenge::StepUp;
use crate::protocol::error::{Code, Error};
use crate::protocol::form;
use crate::protocol::json::Value;
use crate::protocol::options::{self, Kind, MAX_OPTION, MAX_RETURN_ADDRESS, Options};
use crate::protocol::parameters::Parameters;
use crate::protocol::url::HttpUrl;

/// The options of a login. All of them are optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Login {
    /// Separated by spaces. The ID token has to satisfy one of them, unlike those that are among `params`.
    pub(super) acr_values: Option<String>,
    pub(super) automatic: bool,
    pub(super) custom_state: Option<Value>,
    /// Whether the options come from the URL of the login route, not from the app.
    pub(super) from_url: bool,
    pub(super) idp_hint: Option<String>,
    pub(super) keep_in_history: Option<bool>,
    pub(super) login_hint: Option<String>,
    pub(super) max_age: Option<u32>,
    /// The page that starts the login.
    pub(super) page: Option<String>,
    pub(super) params: Parameters,
    pub(super) prompt: Vec<Prompt>,
    pub(super) return_to: Option<String>,
    pub(super) silent: bool,
    pub(super) tenant_custom_domain: Option<String>,
    pub(super) tenant_name: Option<String>,
}

/// The options by the names that the JavaScript API uses, and the type of each.
const LOGIN: &Options = &[
    ("acrValues", Kind::Strings),
    ("audience", Kind::String),
    ("authorizationParams", Kind::Object),
    ("automatic", Kind::Flag),
    ("customState", Kind::Any),
    ("idpHint", Kind::String),
    ("keepInHistory", Kind::Flag),
    ("loginHint", Kind::String),
    ("maxAge", Kind::Number(u32::MAX as i64)),
    ("prompt", Kind::String),
    ("resource", Kind::Strings),
    ("returnTo", Kind::String),
    ("silent", Kind::Flag),
    ("tenantCustomDomain", Kind::String),
    ("tenantName", Kind::String),
    ("uiLocales", Kind::Strings),
];

impl Login {
    /// A login to the configuration's default tenant, or through the application's login page.
    pub fn new() -> Self {
        Self::default()
    }

    /// A login to the tenant with this name.
    pub fn to(tenant_name: impl Into<String>) -> Self {
        Self { tenant_name: Some(tenant_name.into()), ..Self::default() }
    }

    /// A login to the tenant with this custom domain. The application confirms the domain before the
    /// browser is redirected to it.
    #[must_use]
    pub fn tenant_custom_domain(self, domain: impl Into<String>) -> Self {
        Self { tenant_custom_domain: Some(domain.into()), ..self }
    }

    /// Prefills the provider's login form, usually with an email address: `login_hint` \[OIDC Core §3.1.2.1].
    #[must_use]
    pub fn login_hint(self, hint: impl Into<String>) -> Self {
        Self { login_hint: Some(hint.into()), ..self }
    }

    /// The name of the identity provider that the provider redirects to without showing its login form.
    #[must_use]
    pub fn idp_hint(self, hint: impl Into<String>) -> Self {
        Self { idp_hint: Some(hint.into()), ..self }
    }

    /// The page that the user returns to: a path of the app, or a URL of its origin. Any other value is
    /// ignored. The default is the page that starts the login.
    #[must_use]
    pub fn return_to(self, address: impl Into<String>) -> Self {
        Self { return_to: Some(address.into()), ..self }
    }

    /// A page that the provider shows, or that it shows none \[OIDC Core §3.1.2.1]. Called twice, the provider shows
    /// both.
    #[must_use]
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        if !self.prompt.contains(&prompt) {
            self.prompt.push(prompt);
        }
        self
    }

    /// The authentication context classes of which the user has to satisfy one, best first (`acr_values`)
    /// \[OIDC Core §3.1.2.1]. The ID token has to prove it with `acr`. For a wish that need not be fulfilled, or a
    /// provider with a meaning of its own for `acr_values`, use [`authorization_params`](Self::authorization_params).
    #[must_use]
    pub fn acr_values<T: AsRef<str>>(self, values: impl IntoIterator<Item = T>) -> Self {
        Self { acr_values: Some(join(values)).filter(|words| !words.is_empty()), ..self }
    }

    /// What an API needs of the user's authentication, as its refusal says: [`Error::step_up`] \[RFC 9470].
    #[must_use]
    pub fn satisfying(self, needed: &StepUp) -> Self {
        Self { acr_values: needed.acr_values.clone(), max_age: needed.max_age, ..self }
    }

    /// The languages of the provider's pages, best first (`ui_locales`) \[OIDC Core §3.1.2.1].
    #[must_use]
    pub fn ui_locales<T: AsRef<str>>(self, locales: impl IntoIterator<Item = T>) -> Self {
        self.words("ui_locales", locales)
    }

    /// The API that the access token is for, as some providers name it (`audience`).
    #[must_use]
    pub fn audience(self, audience: impl AsRef<str>) -> Self {
        self.words("audience", [audience])
    }

    /// The APIs that the access token is for \[RFC 8707 §2].
    #[must_use]
    pub fn resource<T: AsRef<str>>(mut self, resources: impl IntoIterator<Item = T>) -> Self {
        self.params.set("resource", resources);
        self
    }

    /// Further parameters of the authorization request, as an object of strings or lists of strings.
    ///
    /// # Errors
    /// `config_invalid` for another type, or for a parameter that the library sets itself.
    pub fn authorization_params(self, params: impl Into<Value>) -> Result<Self, Error> {
        let params = Parameters::of_authorization("login: authorizationParams", Some(&params.into()))?;
        Ok(Self { params: params.or(&self.params), ..self })
    }

    fn words<T: AsRef<str>>(mut self, name: &str, words: impl IntoIterator<Item = T>) -> Self {
        self.params.set(name, [join(words)]);
        self
    }

    /// How many seconds ago the user may have authenticated, at most. The ID token has to prove it
    /// with `auth_time` \[OIDC Core §3.1.2.1].
    #[must_use]
    pub fn max_age(self, seconds: u32) -> Self {
        Self { max_age: Some(seconds), ..self }
    }

    /// Whether the browser's Back button leads to the page that starts the login; by default it does.
    /// Use `false` on pages that redirect automatically; otherwise Back returns to a page that redirects again.
    #[must_use]
    pub fn keep_in_history(self, keep: bool) -> Self {
        Self { keep_in_history: Some(keep), ..self }
    }

    /// Whether the page starts this login automatically, without a user's action, as route guards do. Such
    /// a login is refused after one that failed, while the device is offline, and when several were started
    /// within a minute: it would be a loop. By default, the page is not kept in the browser's history.
    #[must_use]
    pub fn automatic(self, automatic: bool) -> Self {
        Self { automatic, ..self }
    }

    /// Whether the user is only signed in if the provider has a session, without a login page: for pages where
    /// users land with a live session at the provider, after a sign-up, an invitation or a password reset. If
    /// there is no session, the user comes back signed out, without an error. Within a minute of such a login,
    /// the next one does nothing.
    #[must_use]
    pub fn silent(self, silent: bool) -> Self {
        Self { silent, ..self }
    }

    /// A value of the app's own, which comes back with the session that this login starts. At most 1,024 bytes of
    /// JSON. It is stored with the pending login, and is lost if the login goes by another origin or by the
    /// application's login page.
    #[must_use]
    pub fn custom_state(self, state: impl Into<Value>) -> Self {
        Self { custom_state: Some(state.into()), ..self }
    }

    /// The options, by the names that the JavaScript API uses.
    #[cfg(feature = "browser")]
    pub(crate) fn to_json(&self) -> Value {
        let mut options = Value::object([]);
        options.insert_str("acrValues", self.acr_values.as_deref());
        options.insert("authorizationParams", self.params.to_object());
        options.insert("automatic", self.automatic.into());
        options.insert("customState", self.custom_state.clone().unwrap_or_default());
        options.insert_str("idpHint", self.idp_hint.as_deref());
        options.insert("keepInHistory", self.keep_in_history.map_or(Value::Null, Value::from));
        options.insert_str("loginHint", self.login_hint.as_deref());
        options.insert("maxAge", self.max_age.map(i64::from).into());
        options.insert_str("prompt", Prompt::join(&self.prompt).as_deref());
        options.insert_str("returnTo", self.return_to.as_deref());
        options.insert("silent", self.silent.into());
        options.insert_str("tenantCustomDomain", self.tenant_custom_domain.as_deref());
        options.insert_str("tenantName", self.tenant_name.as_deref());
        options
    }

    /// The same login, which returns to this page unless the app chose another one of its own.
    #[cfg(feature = "browser")]
    pub(crate) fn or_return_to(self, address: String) -> Self {
        Self { page: Some(address), ..self }
    }

    pub(super) fn is_kept_in_history(&self) -> bool {
        !self.from_url && self.keep_in_history.unwrap_or_else(|| !self.is_automatic())
    }

    pub(super) fn is_automatic(&self) -> bool {
        self.automatic || self.silent
    }

    /// # Errors
    /// `config_invalid`, naming the option that is too long or impossible; `callback_invalid` if it came from a URL.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !Prompt::are_possible(&self.prompt) {
            return Err(wrong_prompt());
        }
        self.params.check_resources("login: ")?;
        let code = if self.from_url { Code::CallbackInvalid } else { Code::ConfigInvalid };
        if self.custom_state.as_ref().is_some_and(|state| size(state) > MAX_CUSTOM_STATE) {
            return Err(Error::with_detail(code, "login: customState: 1024 bytes at most"));
        }
        // Tenants have their own limits.
        let named = [
            ("login: acrValues", &self.acr_values, MAX_OPTION),
            ("login: idpHint", &self.idp_hint, MAX_OPTION),
            ("login: loginHint", &self.login_hint, MAX_OPTION),
            ("login: returnTo", &self.return_to, MAX_RETURN_ADDRESS),
        ];
        named.into_iter().try_for_each(|(name, value, max)| options::check_length(name, value.as_deref(), max, code))
    }

    /// Reads an object with the names that the JavaScript API uses.
    ///
    /// # Errors
    /// `config_invalid`, naming an option that is unknown or has the wrong type.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        options::check(settings, "login: ", LOGIN)?;
        let text = |name| settings.get_str(name).map(str::to_owned);
        let flag = |name| settings.get(name).and_then(Value::as_bool);
        let mut params = Parameters::of_authorization("login: authorizationParams", settings.get("authorizationParams"))?;
        check_not_twice(settings, &params)?;
        params.put_each("audience", settings.get("audience"));
        params.put_each("resource", settings.get("resource"));
        params.put_joined("ui_locales", settings.get("uiLocales"));
        let prompt = settings.get_str("prompt").map(|words| Prompt::parse_all(words).ok_or_else(wrong_prompt)).transpose()?;
        Ok(Self {
            acr_values: Parameters::joined(settings.get("acrValues")),
            automatic: flag("automatic") == Some(true),
            custom_state: settings.get("customState").cloned(),
            from_url: false,
            idp_hint: text("idpHint"),
            keep_in_history: flag("keepInHistory"),
            login_hint: text("loginHint"),
            max_age: settings.get("maxAge").and_then(Value::as_integer).and_then(|seconds| u32::try_from(seconds).ok()),
            page: None,
            params,
            prompt: prompt.unwrap_or_default(),
            return_to: text("returnTo"),
            silent: flag("silent") == Some(true),
            tenant_custom_domain: text("tenantCustomDomain"),
            tenant_name: text("tenantName"),
        })
    }

    /// Reads the URL of the app's login route, to which Wristband redirects users.
    pub(super) fn from_url(address: &HttpUrl) -> Result<Self, Error> {
        let parameters = form::decode(address.query().unwrap_or_default());
        let parameter = |name: &'static str| match form::single(&parameters, name) {
            Ok(value) => Ok(value.map(str::to_owned)),
            Err(()) => Err(Error::with_detail(Code::CallbackInvalid, name)),
        };
        // A return URL comes back from tenant discovery as `state`; any other `state` is opaque.
        let state = form::single(&parameters, "state").unwrap_or_default();
        let returned = state.filter(|state| state.starts_with('/') || state.starts_with("http")).map(str::to_owned);
        // `tenant_domain` is the older name of `tenant_name`.
        let older_name = || parameter("tenant_domain");
        Ok(Self {
            from_url: true,
            idp_hint: parameter("idp_hint")?,
            login_hint: parameter("login_hint")?,
            return_to: parameter("return_url")?.or(returned),
            tenant_custom_domain: parameter("tenant_custom_domain")?,
            tenant_name: parameter("tenant_name")?.map_or_else(older_name, |name| Ok(Some(name)))?,
            ..Self::default()
        })
    }
}

fn join<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
    words.join(" ")
}

/// Some options have a parameter of their own, which the further parameters must not name again \[RFC 6749 §3.1].
fn check_not_twice(settings: &Value, params: &Parameters) -> Result<(), Error> {
    let options = [
        ("acrValues", "acr_values"),
        ("audience", "audience"),
        ("idpHint", "idp_hint"),
        ("resource", "resource"),
        ("uiLocales", "ui_locales"),
    ];
    let is_set = |option| settings.get(option).is_some_and(|value| !matches!(value, Value::Null));
    match options.into_iter().find(|(option, name)| is_set(option) && params.has(name)) {
        Some((option, name)) => {
            let detail = ["login: authorizationParams: ", name, ": given twice, also as ", option].concat();
            Err(Error::with_detail(Code::ConfigInvalid, detail))
        }
        None => Ok(()),
    }
}

fn wrong_prompt() -> Error {
    let detail = "login: prompt: words of consent, create, login and select_account, or none";
    Error::with_detail(Code::ConfigInvalid, detail)
}

/// The largest value of the app's own in a login, in bytes.
const MAX_CUSTOM_STATE: usize = 1024;

/// The bytes that a value takes as JSON, with 20 for each number. The JSON itself would bring its writer along.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum::<usize>() + 2,
        Value::Bool(_) | Value::Null => 5,
        Value::Float(_) | Value::Integer(_) => 20,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value) + 4).sum::<usize>() + 2,
        Value::String(text) => text.len() + 2,
    }
}

/// The options of a logout. All of them are optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logout {
    pub(super) return_to: Option<String>,
    pub(super) state: Option<String>,
    pub(super) tenant_custom_domain: Option<String>,
    pub(super) tenant_name: Option<String>,
}

const LOGOUT: &Options =
    &[("returnTo", Kind::String), ("state", Kind::String), ("tenantCustomDomain", Kind::String), ("tenantName", Kind::String)];

/// The longest `state` of a logout that Wristband accepts, in bytes.
const MAX_STATE: usize = 512;

impl Logout {
    /// A logout that leads to the configuration's `postLogoutUrl`, or to a page of the provider's choice.
    pub fn new() -> Self {
        Self::default()
    }

    /// The page that the user returns to: a path of the app, or a URL of its origin. Any other value is
    /// ignored. The whole URL has to be registered with the provider.
    #[must_use]
    pub fn return_to(self, address: impl Into<String>) -> Self {
        Self { return_to: Some(address.into()), ..self }
    }

    /// A value that the provider returns as `state` \[OIDC RP-Initiated Logout §3]. At most 512 bytes.
    #[must_use]
    pub fn state(self, state: impl Into<String>) -> Self {
        Self { state: Some(state.into()), ..self }
    }

    /// The tenant whose session ends. By default it is that of the session here, or else of the last one.
    #[must_use]
    pub fn tenant_name(self, name: impl Into<String>) -> Self {
        Self { tenant_name: Some(name.into()), ..self }
    }

    /// The tenant whose session ends, by its custom domain. The application confirms the domain first.
    #[must_use]
    pub fn tenant_custom_domain(self, domain: impl Into<String>) -> Self {
        Self { tenant_custom_domain: Some(domain.into()), ..self }
    }

    /// The options, by the names that the JavaScript API uses.
    #[cfg(feature = "browser")]
    pub(crate) fn to_json(&self) -> Value {
        let mut options = Value::object([]);
        options.insert_str("returnTo", self.return_to.as_deref());
        options.insert_str("state", self.state.as_deref());
        options.insert_str("tenantCustomDomain", self.tenant_custom_domain.as_deref());
        options.insert_str("tenantName", self.tenant_name.as_deref());
        options
    }

    /// # Errors
    /// `config_invalid`, naming the option that is too long.
    pub(super) fn check_lengths(&self) -> Result<(), Error> {
        options::check_length("logout: returnTo", self.return_to.as_deref(), MAX_RETURN_ADDRESS, Code::ConfigInvalid)?;
        options::check_length("logout: state", self.state.as_deref(), MAX_STATE, Code::ConfigInvalid)
    }

    /// Reads an object with the names that the JavaScript API uses.
    ///
    /// # Errors
    /// `config_invalid`, naming an option that is unknown or has the wrong type.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        options::check(settings, "logout: ", LOGOUT)?;
        let text = |name| settings.get_str(name).map(str::to_owned);
        Ok(Self {
            return_to: text("returnTo"),
            state: text("state"),
            tenant_custom_domain: text("tenantCustomDomain"),
            tenant_name: text("tenantName"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_kept_in_history_unless_it_logs_in_by_itself() {
        assert!(Login::new().is_kept_in_history() && Login::new().keep_in_history(true).is_kept_in_history());
        let address = HttpUrl::parse("https://app.example/login?tenant_name=acme").unwrap();
        for login in [Login::to("acme").keep_in_history(false), Login::from_url(&address).unwrap()] {
            assert!(!login.is_kept_in_history());
        }
    }
}
