//! An app that leaves settings to its Wristband application.

use core::time::Duration;

use crate::browser::{clock, global, net};
use crate::protocol::config::ConfigBuilder;
use crate::protocol::error::{Code, Error};
use crate::protocol::http::Request;
use crate::protocol::json::Value;
use crate::session::Transport;

/// As Wristband's SDKs do it: three attempts, a moment apart.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);
const TIMEOUT: Duration = Duration::from_secs(5);

/// Fills in the settings that a Wristband application knows itself, from its SDK configuration: the redirect URI,
/// the login URL, the login page, and how tenants' domains are made. Settings of the app stay as they are; where the
/// application says otherwise, a warning on the console names it.
///
/// The page makes one request to the application vanity domain, which the document's Content-Security-Policy has to
/// allow (`connect-src`).
///
/// # Errors
/// `network` if the application cannot be asked; `config_invalid` if neither it nor the app has one redirect URI.
pub async fn configure(settings: ConfigBuilder) -> Result<ConfigBuilder, Error> {
    let url = settings.sdk_configuration_url()?;
    let configuration = fetch(&url).await.map_err(|error| {
        let advice = ". Set redirectUri and loginUrl in the app, if the application does not allow this request (CORS)";
        Error::with_detail(Code::Network, [&url, ": ", &error.to_string(), advice].concat())
    })?;
    let (settings, differences) = settings.fill_in(&configuration)?;
    for difference in differences {
        let warning = ["wristband-spa-auth: ", &difference].concat();
        drop(global::call(&global::get("console").unwrap_or_default(), "warn", global::with().text(&warning)));
    }
    Ok(settings)
}

async fn fetch(url: &str) -> Result<Value, Error> {
    let mut attempt = 1;
    loop {
        let error = match net::send(net::to_provider(&Request::get(url), TIMEOUT, None)).await {
            Ok(received) => match received.response.json() {
                Ok(configuration) => return Ok(configuration),
                Err(error) => error,
            },
            Err(Transport::TimedOut) => Code::Timeout.into(),
            Err(Transport::Failed) => Code::Network.into(),
        };
        if attempt == ATTEMPTS || !error.retryable() {
            return Err(error);
        }
        attempt += 1;
        clock::within(PAUSE, core::future::pending::<()>()).await;
    }
}
