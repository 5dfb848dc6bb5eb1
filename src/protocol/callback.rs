//! The callback: the address with which the provider sends the browser back.

use super::config::Config;
use super::error::{Code, Error, OAuthError};
use super::form::{self, Form};
use super::secret::AuthorizationCode;
use super::tenant::Tenant;
use super::url::HttpUrl;

/// The parameters of a callback \[RFC 6749 §4.1.2, RFC 9207 §2].
#[derive(Clone, Debug, PartialEq)]
pub struct Callback {
    /// Says which login this finishes.
    pub state: String,
    /// The code, or why there is none.
    pub outcome: Result<AuthorizationCode, OAuthError>,
    /// The tenant that the person signed in to, as Wristband says it.
    pub tenant: Tenant,
    /// Who sent this.
    pub issuer: Option<String>,
}

/// What a page finds in its own address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrival {
    /// The callback, or what is wrong with it. An error may carry the provider's own words.
    pub(crate) callback: Result<Callback, Error>,
    /// The address without the callback's parameters, to be shown in the address bar.
    pub(crate) clean: String,
}

/// Parameters that a callback can carry. All of them leave the address bar; the first eight are read.
const PARAMETERS: &[&str] = &[
    "code",
    "state",
    "error",
    "error_description",
    "iss",
    "tenant_name",
    "tenant_domain",
    "tenant_custom_domain",
    "error_uri",
    "session_state",
];

/// Looks whether this address is a callback: the redirect URI, with a code or an error.
pub(crate) fn arrival(config: &Config, address: &HttpUrl) -> Option<Arrival> {
    if !config.redirect_uri().is_at(address) {
        return None;
    }
    let parameters = form::decode(address.query().unwrap_or_default());
    if !parameters.iter().any(|(name, _)| name == "code" || name == "error") {
        return None;
    }
    let mut clean = Form::default();
    for (name, value) in &parameters {
        if !PARAMETERS.contains(&name.as_str()) {
            clean.put(name, Some(value));
        }
    }
    Some(Arrival { callback: parse(config, &parameters), clean: address.with_query(&clean.into_query()) })
}

fn parse(config: &Config, parameters: &[(String, String)]) -> Result<Callback, Error> {
    let mut values = [None; 8];
    for (value, name) in values.iter_mut().zip(PARAMETERS) {
        *value = form::single(parameters, name).map_err(|()| Error::with_detail(Code::CallbackInvalid, *name))?;
    }
    let [code, state, error, description, issuer, name, legacy_name, custom_domain] = values;
    let refusal = error.and_then(|error| OAuthError::new(error, description));
    let outcome = match (code, refusal) {
        (Some(code), None) if error.is_none() => Ok(AuthorizationCode::new(code.to_owned())),
        (None, Some(refusal)) => Err(refusal),
        _ => return Err(Error::with_detail(Code::CallbackInvalid, "neither a code alone nor an error alone")),
    };
    let Some(state) = state else {
        return Err(match outcome {
            Ok(_) => Error::new(Code::StateMissing),
            Err(refusal) => Error::with_oauth(Code::StateMissing, refusal),
        });
    };
    let tenant = Tenant::parse(name.or(legacy_name), custom_domain, config);
    Ok(Callback {
        state: state.to_owned(),
        outcome,
        tenant: tenant.map_err(|error| Error::with_detail(Code::CallbackInvalid, error.detail().to_owned()))?,
        issuer: issuer.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let builder = Config::builder("client", "https://app.example/callback");
        builder.application_vanity_domain("app-org.us.wristband.dev").build().unwrap()
    }

    fn at(address: &str) -> Option<Arrival> {
        arrival(&config(), &HttpUrl::parse(address).unwrap())
    }

    #[test]
    fn a_callback_is_read_and_cleaned() {
        let arrival = at("https://app.example/callback?code=c&state=s&tenant_name=Acme&iss=i&keep=1#f").unwrap();
        assert_eq!(arrival.clean, "/callback?keep=1#f");
        let callback = arrival.callback.unwrap();
        assert_eq!(callback.state, "s");
        assert_eq!(callback.tenant.name.unwrap().as_str(), "acme");
        assert_eq!(callback.outcome.unwrap().expose(), "c");
        assert_eq!(callback.issuer.as_deref(), Some("i"));
    }

    #[test]
    fn the_legacy_tenant_parameter_is_read() {
        let tenant =
            |query: &str| at(&format!("https://app.example/callback?code=c&state=s&{query}")).unwrap().callback.unwrap().tenant;
        assert_eq!(tenant("tenant_domain=old").name.unwrap().as_str(), "old");
        assert_eq!(tenant("tenant_domain=old&tenant_name=new").name.unwrap().as_str(), "new");
    }

    #[test]
    fn other_addresses_are_no_callbacks() {
        for address in [
            "https://app.example/callback",
            "https://app.example/callback?state=s",
            "https://app.example/other?code=c&state=s",
            "https://app.example/callback/?code=c&state=s",
            "https://app.example:8443/callback?code=c&state=s",
            "https://app.example/callback#code=c&state=s",
        ] {
            assert_eq!(at(address), None, "{address}");
        }
    }

    #[test]
    fn law_4_a_damaged_callback_has_no_code_to_use() {
        for (query, code) in [
            ("code=c", Code::StateMissing),
            ("error=access_denied", Code::StateMissing),
            ("code=c&state=", Code::StateMissing),
            ("code=c&code=d&state=s", Code::CallbackInvalid),
            ("code=c&state=s&state=s", Code::CallbackInvalid),
            ("code=c&error=e&state=s", Code::CallbackInvalid),
            ("code=&state=s", Code::CallbackInvalid),
            ("error=%00&code=c&state=s", Code::CallbackInvalid),
            ("code=c&state=s&tenant_name=a/b", Code::CallbackInvalid),
            ("code=c&state=s&iss=a&iss=b", Code::CallbackInvalid),
        ] {
            let arrival = at(&format!("https://app.example/callback?{query}")).unwrap();
            assert_eq!(arrival.callback.unwrap_err().code(), code, "{query}");
            assert_eq!(arrival.clean, "/callback");
        }
    }
}
