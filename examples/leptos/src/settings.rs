//! The settings, read at run time: an app whose settings never change can write them down in `main`.

use wristband_spa_auth::{Code, Config, ConfigBuilder, Error, Request, Value};

/// What `config.json` says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// Where the invoices are: below the first of the APIs that are listed.
    pub(crate) invoices_url: String,
}

/// Reads the file, which the host serves beside the page.
pub(crate) async fn load() -> Result<Settings, Error> {
    let unreachable = |_| Error::with_detail(Code::Network, "config.json");
    let response = Request::get("/config.json").send().await.map_err(unreachable)?;
    let text = response.text().await.map_err(unreachable)?;
    let settings = Value::parse(text.as_bytes()).ok_or_else(|| invalid("config.json is not JSON"))?;
    let config = ConfigBuilder::from_json(&settings)?.build()?;
    let api = config.apis().first().ok_or_else(|| invalid("config.json lists no API"))?;
    let invoices_url = [&api.url().to_string(), "invoices"].concat();
    Ok(Settings { config, invoices_url })
}

fn invalid(detail: &'static str) -> Error {
    Error::with_detail(Code::ConfigInvalid, detail)
}
