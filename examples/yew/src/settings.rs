//! The settings, read at run time. An app whose settings never change can set them in `main`.

use wristband_spa_auth::{Code, Config, ConfigBuilder, Error, Request};

/// The contents of `config.json`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// The URL of the invoices, below the first of the listed APIs.
    pub(crate) invoices_url: String,
}

/// Reads the file, which is served next to the page.
pub(crate) async fn load() -> Result<Settings, Error> {
    let settings = Request::get("/config.json").send().await?.text().await?;
    let config = settings.parse::<ConfigBuilder>()?.build()?;
    let api = config.apis().first().ok_or_else(|| invalid("config.json lists no API"))?;
    let invoices_url = [&api.url().to_string(), "invoices"].concat();
    Ok(Settings { config, invoices_url })
}

fn invalid(detail: &'static str) -> Error {
    Error::with_detail(Code::ConfigInvalid, detail)
}
