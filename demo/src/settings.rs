//! The settings, read at run time: one build of the demo serves any provider.

use wristband_spa_auth::protocol::config::Provider;
use wristband_spa_auth::{Code, Config, ConfigBuilder, Error, Request, Value};

/// What `config.json` says.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What "Call API" fetches.
    pub(crate) api_url: Option<String>,
    /// The settings of the library.
    pub(crate) config: Config,
}

impl Settings {
    /// Whether the provider has tenants. Only Wristband's applications do.
    pub(crate) fn has_tenants(&self) -> bool {
        matches!(self.config.provider(), Provider::Wristband(_))
    }
}

/// Reads `config.json` in the app's folder, whose address ends with a slash.
pub(crate) async fn load(folder: String) -> Result<Settings, Error> {
    let text = fetch(&[&folder, "config.json"].concat()).await?;
    read(&text, &folder)
}

async fn fetch(address: &str) -> Result<String, Error> {
    let unreachable = |_| Error::with_detail(Code::Network, "config.json");
    // Whoever changes the settings wants to see the change, not what the browser remembers.
    let request = Request::get(address).cache(web_sys::RequestCache::NoStore);
    let response = request.send().await.map_err(unreachable)?;
    if !response.ok() {
        return Err(invalid(format!("config.json: the server answered with status {}", response.status())));
    }
    response.text().await.map_err(unreachable)
}

fn read(text: &str, folder: &str) -> Result<Settings, Error> {
    let Some(Value::Object(mut members)) = Value::parse_object(text.as_bytes()) else {
        return Err(invalid("config.json: not a JSON object".to_owned()));
    };
    let own = members.iter().position(|(name, _)| name == "apiUrl").map(|index| members.remove(index).1);
    // Most deployments register just these two, so they need not be written down.
    for (name, page) in [("redirectUri", "callback"), ("postLogoutUrl", "")] {
        if !members.iter().any(|(given, _)| given == name) {
            members.push((name.to_owned(), Value::from([folder, page].concat().as_str())));
        }
    }
    let config = ConfigBuilder::from_json(&Value::Object(members))?.build()?;
    let api_url = match own {
        None | Some(Value::Null) => config.apis().first().map(|api| api.url().to_string()),
        Some(Value::String(url)) => Some(url),
        Some(_) => return Err(invalid("apiUrl: not a text".to_owned())),
    };
    Ok(Settings { api_url, config })
}

fn invalid(detail: String) -> Error {
    Error::with_detail(Code::ConfigInvalid, detail)
}
