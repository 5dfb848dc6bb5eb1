//! The settings, read at run time: one build of the demo serves any provider.

use wristband_spa_auth::protocol::config::Provider;
use wristband_spa_auth::{Code, Config, ConfigBuilder, Error, Request, Value, VaultOptions};

/// The contents of `config.json`.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The URL that "Call API" fetches.
    pub(crate) api_url: Option<String>,
    /// The settings of the library.
    pub(crate) config: Config,
    /// Where the session may run.
    pub(crate) vault: VaultOptions,
    /// The names of the places in the drawing.
    pub(crate) places: Places,
}

/// The hosts of the app, the provider and the API.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) app: String,
    pub(crate) provider: String,
    pub(crate) api: String,
}

impl Settings {
    /// Whether the provider has tenants. Only Wristband applications do.
    pub(crate) fn has_tenants(&self) -> bool {
        matches!(self.config.provider(), Provider::Wristband(_))
    }

    /// Whether the provider is the local one, whose tenants and users are known.
    pub(crate) fn is_local(&self) -> bool {
        let host = self.places.provider.split(':').next().unwrap_or_default();
        self.has_tenants() && host.ends_with(".localhost")
    }
}

/// Reads `config.json` in the app's folder. The folder's URL ends with a slash.
pub(crate) async fn load(folder: String) -> Result<Settings, Error> {
    let text = fetch(&[&folder, "config.json"].concat()).await?;
    read(&text, &folder)
}

async fn fetch(address: &str) -> Result<String, Error> {
    // A change of the settings takes effect at once, not only when the browser's cache expires.
    let response = Request::get(address).no_store().send().await?;
    if !response.ok() {
        return Err(invalid(format!("config.json: the server answered with status {}", response.status())));
    }
    response.text().await
}

fn read(text: &str, folder: &str) -> Result<Settings, Error> {
    let Some(Value::Object(mut members)) = Value::parse_object(text.as_bytes()) else {
        return Err(invalid("config.json: not a JSON object".to_owned()));
    };
    let mut own = |name: &str| match members.iter().position(|(given, _)| given == name).map(|index| members.remove(index).1) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(format!("{name}: not a text"))),
    };
    let api_url = own("apiUrl")?;
    let vault = vault(own("vault")?, own("workerUrl")?, own("wasmUrl")?, folder)?;
    // Most deployments register these two URLs, so they are the defaults.
    for (name, page) in [("redirectUri", "callback"), ("postLogoutUrl", "")] {
        if !members.iter().any(|(given, _)| given == name) {
            members.push((name.to_owned(), Value::from([folder, page].concat().as_str())));
        }
    }
    let named = |name: &str| members.iter().find(|(given, _)| given == name).and_then(|(_, value)| value.as_str());
    let provider = named("applicationVanityDomain").or_else(|| named("issuer")).map(host).unwrap_or_default();
    let config = ConfigBuilder::from_json(&Value::Object(members))?.build()?;
    let api_url = api_url.or_else(|| config.apis().first().map(|api| api.url().to_string()));
    let places = Places { app: host(folder), provider, api: api_url.as_deref().map_or_else(|| "none".to_owned(), host) };
    Ok(Settings { api_url, config, vault, places })
}

/// The kind of vault that the settings name, or the safest available one. Unless the settings say otherwise,
/// its files are in the app's folder.
fn vault(home: Option<String>, worker: Option<String>, wasm: Option<String>, folder: &str) -> Result<VaultOptions, Error> {
    let home = home.as_deref().unwrap_or("auto");
    let vault =
        VaultOptions::named(home).ok_or_else(|| invalid(format!("vault: \"{home}\" is none of auto, shared, worker, page")))?;
    let in_folder = |name: &str| [folder, name].concat();
    let vault = vault.worker_url(worker.unwrap_or_else(|| in_folder("vault.js")));
    Ok(match wasm {
        Some(wasm) => vault.wasm_url(wasm),
        None => vault.wasm_url(in_folder("vault.wasm")),
    })
}

/// The host of a URL. A string without a scheme is a host already.
fn host(address: &str) -> String {
    let url = web_sys::Url::new(address).ok().filter(|_| address.contains("://"));
    url.map_or_else(|| address.to_owned(), |url| url.host())
}

fn invalid(detail: String) -> Error {
    Error::with_detail(Code::ConfigInvalid, detail)
}
