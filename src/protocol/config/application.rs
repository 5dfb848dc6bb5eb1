//! What a Wristband application knows itself: its SDK configuration.

use super::ConfigBuilder;
use super::builder::invalid;
use crate::protocol::error::Error;
use crate::protocol::json::Value;
use crate::protocol::url::Origin;

/// The options that an application fills in, and its own name for each.
const NAMES: [(&str, &str); 6] = [
    ("applicationAuthorization", "applicationAuthorizationRequestsEnabled"),
    ("applicationCustomDomainActive", "isApplicationCustomDomainActive"),
    ("applicationLoginPage", "customApplicationLoginPageUrl"),
    ("loginUrl", "loginUrl"),
    ("redirectUri", "redirectUri"),
    ("tenantFromRootDomain", "loginUrlTenantDomainSuffix"),
];

impl ConfigBuilder {
    /// The URL of the application's SDK configuration. It needs no authentication.
    ///
    /// # Errors
    /// `config_invalid` if the application vanity domain or the client id is missing or malformed.
    pub fn sdk_configuration_url(&self) -> Result<String, Error> {
        let domain = self.get_str("applicationVanityDomain").unwrap_or_default();
        let origin = Origin::from_authority(domain, self.allows_loopback());
        let origin = origin.ok_or_else(|| invalid("applicationVanityDomain: a host name, without a scheme and a path"))?;
        let client_id = self.check_client_id()?;
        if !client_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return Err(invalid("clientId: letters and digits, as Wristband makes them"));
        }
        Ok(origin.at(&["/api/v1/clients/", &client_id, "/sdk-configuration"].concat()))
    }

    /// Fills in the options that the app has left out. Options that it sets stay as they are: for each that the
    /// application contradicts, the second value has a sentence.
    ///
    /// # Errors
    /// `config_invalid` if the application names an option of the wrong type, or if there is no redirect URI: a
    /// client with several leaves the choice to the app.
    pub fn fill_in(mut self, configuration: &Value) -> Result<(Self, Vec<String>), Error> {
        let mut differences = Vec::new();
        for (option, name) in NAMES {
            let Some(known) = configuration.get(name).filter(|known| **known != Value::Null) else { continue };
            match self.options.get(option) {
                None => self.options.insert(option, known.clone()),
                Some(given) if given == known => {}
                Some(given) => differences.push(
                    [option, " is ", &given.to_text(), " in the app, and ", &known.to_text(), " in the Wristband application"]
                        .concat(),
                ),
            }
        }
        if self.get_str("redirectUri").is_none() {
            return Err(invalid("redirectUri: the client has none or several, so the app has to choose one"));
        }
        Ok((Self::from_json(&self.options)?, differences))
    }
}
