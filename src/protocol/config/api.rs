//! An API that may receive an access token, as the app writes it.

use super::builder::invalid;
use crate::protocol::error::Error;
use crate::protocol::json::Value;
use crate::protocol::options::{self, Kind, Options};
use crate::protocol::parameters::Parameters;

/// An API with an access token of its own: the refresh token obtains it when the API is first called
/// \[RFC 6749 §6, RFC 8707 §2.2].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Api {
    audience: Option<String>,
    pub(super) prefix: String,
    resource: Option<String>,
    scope: Option<String>,
}

const API: &Options = &[("audience", Kind::String), ("prefix", Kind::String), ("resource", Kind::String), ("scope", Kind::String)];

impl Api {
    /// An API with this URL prefix, such as `https://api.example/v1/`.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..Self::default() }
    }

    /// The API that the token is for, as some providers name it (`audience`).
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..self }
    }

    /// The API that the token is for \[RFC 8707 §2].
    #[must_use]
    pub fn resource(self, resource: impl Into<String>) -> Self {
        Self { resource: Some(resource.into()), ..self }
    }

    /// The scopes of the token, separated by spaces \[RFC 6749 §3.3].
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// Reads a URL prefix, or an object.
    pub(super) fn from_json(written: &Value) -> Result<Self, Error> {
        if let Some(prefix) = written.as_str() {
            return Ok(Self::new(prefix));
        }
        options::check(written, "apis: ", API)?;
        let text = |name| written.get_str(name).map(str::to_owned);
        let prefix = text("prefix").ok_or_else(|| invalid("apis: an object has a prefix"))?;
        Ok(Self { audience: text("audience"), prefix, resource: text("resource"), scope: text("scope") })
    }

    pub(super) fn to_json(&self) -> Value {
        let mut written = Value::object([("prefix", self.prefix.as_str().into())]);
        written.insert_str("audience", self.audience.as_deref());
        written.insert_str("resource", self.resource.as_deref());
        written.insert_str("scope", self.scope.as_deref());
        written
    }

    /// What a token request for this API sends in addition. None if it uses the session's first token.
    ///
    /// # Errors
    /// `config_invalid`, naming the member.
    pub(super) fn token_params(&self) -> Result<Parameters, Error> {
        let mut params = Parameters::default();
        for (name, value) in [("audience", &self.audience), ("resource", &self.resource), ("scope", &self.scope)] {
            let Some(value) = value else { continue };
            if value.is_empty() {
                return Err(invalid(["apis: ", name, ": empty"].concat()));
            }
            params.put(name, value);
        }
        params.check_resources("apis: ").map(|()| params)
    }
}
