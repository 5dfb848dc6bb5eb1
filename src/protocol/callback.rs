//! The callback: the URL to which the provider sends the browser back.

use super::config::{Config, Provider};
use super::error::{Code, Error, OAuthError};
use super::form::{self, Form};
use super::secret::AuthorizationCode;
use super::tenant::Tenant;
use super::url::HttpUrl;

/// The parameters of a callback \[RFC 6749 §4.1.2, RFC 9207 §2].
#[derive(Clone, Debug, PartialEq)]
pub struct Callback {
    /// The authorization code, or the provider's error response.
    pub outcome: Result<AuthorizationCode, OAuthError>,
    /// The tenant that the user signed in to, as Wristband names it.
    pub tenant: Tenant,
    /// The issuer that sent the callback (`iss`).
    pub issuer: Option<String>,
}

/// A page URL with a callback from the provider, or from an attacker who imitates it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallbackUrl {
    /// The `state` of the login that this finishes. An error if the URL has several.
    pub(crate) state: Result<String, Error>,
    /// The other parameters, or what is wrong with them. They are untrusted until the login with this
    /// `state` has been found.
    pub(crate) callback: Result<Callback, Error>,
    /// Path, query and fragment without the callback's parameters, for the address bar.
    pub(crate) clean: String,
}

/// Parameters that a callback can carry. All are removed from the address bar. The first seven and
/// `state` are read.
const PARAMETERS: &[&str] = &[
    "code",
    "error",
    "error_description",
    "iss",
    "tenant_name",
    "tenant_domain",
    "tenant_custom_domain",
    "error_uri",
    "session_state",
    "state",
];

/// Detects a callback: the redirect URI with a `state` and a code or an error. A `code` or `error`
/// without a `state` belongs to the app, unless Wristband's tenant comes with it.
pub(crate) fn detect(config: &Config, address: &HttpUrl) -> Option<CallbackUrl> {
    if !config.redirect_uri().is_at(address) {
        return None;
    }
    let parameters = form::decode(address.query().unwrap_or_default());
    let has = |wanted: &[&str]| parameters.iter().any(|(name, value)| wanted.contains(&name.as_str()) && !value.is_empty());
    let is_wristband =
        matches!(config.provider(), Provider::Wristband(_)) && has(&["code"]) && has(&["tenant_name", "tenant_domain"]);
    if !parameters.iter().any(|(name, _)| name == "code" || name == "error") || !(has(&["state"]) || is_wristband) {
        return None;
    }
    let mut clean = Form::default();
    for (name, value) in &parameters {
        if !PARAMETERS.contains(&name.as_str()) {
            clean.put(name, Some(value));
        }
    }
    let state = single(&parameters, "state").and_then(|state| Ok(state.ok_or(Code::StateUnknown)?.to_owned()));
    Some(CallbackUrl { state, callback: parse(config, &parameters), clean: address.with_query(&clean.into_query()) })
}

fn parse(config: &Config, parameters: &[(String, String)]) -> Result<Callback, Error> {
    let mut values = [None; 7];
    for (value, name) in values.iter_mut().zip(PARAMETERS) {
        *value = single(parameters, name)?;
    }
    let [code, error, description, issuer, name, legacy_name, custom_domain] = values;
    let refusal = error.and_then(|error| OAuthError::new(error, description));
    let outcome = match (code, refusal) {
        (Some(code), None) if error.is_none() => Ok(AuthorizationCode::new(code.to_owned())),
        (None, Some(refusal)) => Err(refusal),
        _ => return Err(Error::with_detail(Code::CallbackInvalid, "neither a code alone nor an error alone")),
    };
    let tenant = Tenant::parse(name.or(legacy_name), custom_domain, config);
    Ok(Callback {
        outcome,
        tenant: tenant.map_err(|error| Error::with_detail(Code::CallbackInvalid, error.detail().to_owned()))?,
        issuer: issuer.map(str::to_owned),
    })
}

fn single<'a>(parameters: &'a [(String, String)], name: &'static str) -> Result<Option<&'a str>, Error> {
    form::single(parameters, name).map_err(|()| Error::with_detail(Code::CallbackInvalid, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::wristband("app-org.us.wristband.dev", "client", "https://app.example/callback").build().unwrap()
    }

    fn at(address: &str) -> Option<CallbackUrl> {
        detect(&config(), &HttpUrl::parse(address).unwrap())
    }

    #[test]
    fn a_callback_is_read_and_cleaned() {
        let arrival = at("https://app.example/callback?code=c&state=s&tenant_name=Acme&iss=i&keep=1#f").unwrap();
        assert_eq!(arrival.clean, "/callback?keep=1#f");
        assert_eq!(arrival.state.unwrap(), "s");
        let callback = arrival.callback.unwrap();
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
            "https://app.example/callback?code=c",
            "https://app.example/callback?error=not_found",
            "https://app.example/callback?code=c&state=",
            "https://app.example/callback/x?code=c&state=s",
            "https://app.example/callbacks?code=c&state=s",
            "https://app.example:8443/callback?code=c&state=s",
            "https://app.example/callback#code=c&state=s",
        ] {
            assert_eq!(at(address), None, "{address}");
        }
    }

    #[test]
    fn law_4_a_callback_is_found_where_the_host_serves_it() {
        let at = |redirect_uri: &str, address: &str| {
            let config = Config::wristband("app-org.us.wristband.dev", "client", redirect_uri).build().unwrap();
            detect(&config, &HttpUrl::parse(&format!("{address}?code=c&state=s")).unwrap()).is_some()
        };
        for (registered, served) in [
            ("https://app.example/callback", "https://app.example/callback/"),
            ("https://app.example/callback", "https://app.example/callback/index.html"),
            ("https://app.example/callback", "https://app.example/callback.html"),
            ("https://app.example/callback/", "https://app.example/callback"),
            ("https://app.example/callback.html", "https://app.example/callback"),
            ("https://app.example/", "https://app.example/index.html"),
            ("https://app.example", "https://app.example/"),
            ("https://app.example/app/", "https://app.example/app"),
        ] {
            assert!(at(registered, served), "{registered}, served as {served}");
        }
        assert!(!at("https://app.example/callback", "https://app.example/call"));
        assert!(!at("https://app.example/", "https://app.example/callback"));
    }

    #[test]
    fn law_4_a_callback_with_two_states_names_no_login() {
        let url = at("https://app.example/callback?code=c&state=s&state=s").unwrap();
        assert_eq!(url.state.unwrap_err().code(), Code::CallbackInvalid);
        assert_eq!(url.clean, "/callback");
    }

    #[test]
    fn law_4_a_damaged_callback_has_no_code_to_use() {
        for (query, code) in [
            ("code=c&code=d&state=s", Code::CallbackInvalid),
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
