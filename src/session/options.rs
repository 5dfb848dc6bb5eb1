//! What can be said of a login and of a logout.

use crate::protocol::authorize::Prompt;
use crate::protocol::error::{Code, Error};
use crate::protocol::form;
use crate::protocol::json::Value;
use crate::protocol::options;
use crate::protocol::url::HttpUrl;

/// How somebody is to log in. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    pub(super) idp_hint: Option<String>,
    pub(super) login_hint: Option<String>,
    pub(super) max_age: Option<u32>,
    pub(super) prompt: Option<Prompt>,
    pub(super) return_to: Option<String>,
    /// Whether it was the page's own address that began this.
    pub(super) by_address: bool,
    pub(super) tenant_custom_domain: Option<String>,
    pub(super) tenant_name: Option<String>,
}

impl Login {
    /// To the tenant of the configuration, or to the application's own login page.
    pub fn new() -> Self {
        Self::default()
    }

    /// To the tenant of this name.
    pub fn to(tenant_name: impl Into<String>) -> Self {
        Self { tenant_name: Some(tenant_name.into()), ..Self::default() }
    }

    /// To the tenant of this custom domain. The application is asked whether it knows the domain
    /// before the browser is sent there.
    #[must_use]
    pub fn tenant_custom_domain(self, domain: impl Into<String>) -> Self {
        Self { tenant_custom_domain: Some(domain.into()), ..self }
    }

    /// Fills in the provider's login form, usually with an e-mail address.
    #[must_use]
    pub fn login_hint(self, hint: impl Into<String>) -> Self {
        Self { login_hint: Some(hint.into()), ..self }
    }

    /// The name of the identity provider to go to straight away.
    #[must_use]
    pub fn idp_hint(self, hint: impl Into<String>) -> Self {
        Self { idp_hint: Some(hint.into()), ..self }
    }

    /// Where the person returns to: a path of the app, or an address of its origin. Anything else
    /// is dropped. The page that asks for the login, by default.
    #[must_use]
    pub fn return_to(self, address: impl Into<String>) -> Self {
        Self { return_to: Some(address.into()), ..self }
    }

    /// Whether the provider shows a login page.
    #[must_use]
    pub fn prompt(self, prompt: Prompt) -> Self {
        Self { prompt: Some(prompt), ..self }
    }

    /// How many seconds ago the person may have signed in, at the most. The ID token has to prove it.
    #[must_use]
    pub fn max_age(self, seconds: u32) -> Self {
        Self { max_age: Some(seconds), ..self }
    }

    /// Where the person returns to, unless the login says it itself.
    #[cfg(feature = "browser")]
    pub(crate) fn or_return_to(self, address: String) -> Self {
        Self { return_to: self.return_to.or(Some(address)), ..self }
    }

    /// Reads an object with the names that the JavaScript face uses.
    ///
    /// # Errors
    /// `config_invalid`, naming what is unknown or of another type.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        let mut login = Self::default();
        options::read(settings, "login: ", &mut |name, value| login.set(name, value))?;
        Ok(login)
    }

    fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        let text = || value.as_str().map(str::to_owned);
        match name {
            "idpHint" => self.idp_hint = Some(text()?),
            "loginHint" => self.login_hint = Some(text()?),
            "maxAge" => self.max_age = Some(value.as_integer().and_then(|seconds| u32::try_from(seconds).ok())?),
            "prompt" => {
                self.prompt = Some(match value.as_str()? {
                    "login" => Prompt::Login,
                    "none" => Prompt::None,
                    _ => return None,
                });
            }
            "returnTo" => self.return_to = Some(text()?),
            "tenantCustomDomain" => self.tenant_custom_domain = Some(text()?),
            "tenantName" => self.tenant_name = Some(text()?),
            _ => return None,
        }
        Some(())
    }

    /// Reads the address of the app's login route, to which Wristband sends people.
    pub(super) fn from_address(address: &HttpUrl) -> Result<Self, Error> {
        let parameters = form::decode(address.query().unwrap_or_default());
        let get = |name: &'static str| match form::single(&parameters, name) {
            Ok(value) => Ok(value.map(str::to_owned)),
            Err(()) => Err(Error::with_detail(Code::CallbackInvalid, name)),
        };
        let name = get("tenant_name")?;
        Ok(Self {
            idp_hint: get("idp_hint")?,
            login_hint: get("login_hint")?,
            max_age: None,
            prompt: None,
            // `state` is opaque, and is not a return address.
            return_to: get("return_url")?,
            by_address: true,
            tenant_custom_domain: get("tenant_custom_domain")?,
            tenant_name: if name.is_some() { name } else { get("tenant_domain")? },
        })
    }
}

/// How somebody logs out. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logout {
    pub(super) return_to: Option<String>,
    pub(super) state: Option<String>,
}

impl Logout {
    /// To the address of the configuration, or the provider's own choice.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the person ends up: a path of the app, or an address of its origin. Anything else is
    /// dropped. The whole address has to be registered with the provider.
    #[must_use]
    pub fn return_to(self, address: impl Into<String>) -> Self {
        Self { return_to: Some(address.into()), ..self }
    }

    /// Comes back with the person, as `state`. 512 characters at the most.
    #[must_use]
    pub fn state(self, state: impl Into<String>) -> Self {
        Self { state: Some(state.into()), ..self }
    }

    /// Reads an object with the names that the JavaScript face uses.
    ///
    /// # Errors
    /// `config_invalid`, naming what is unknown or of another type.
    pub fn from_json(settings: &Value) -> Result<Self, Error> {
        let mut logout = Self::default();
        options::read(settings, "logout: ", &mut |name, value| {
            let text = Some(value.as_str()?.to_owned());
            match name {
                "returnTo" => logout.return_to = text,
                "state" => logout.state = text,
                _ => return None,
            }
            Some(())
        })?;
        Ok(logout)
    }
}
