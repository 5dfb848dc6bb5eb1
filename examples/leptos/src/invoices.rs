//! The responses of the app's own API.

use serde::Deserialize;
use wristband_spa_auth::{Code, Error, Response, Value};

/// An invoice.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) amount: f64,
    pub(crate) currency: String,
    pub(crate) customer: String,
    pub(crate) due: String,
    pub(crate) id: String,
}

#[derive(Deserialize)]
struct Answer {
    invoices: Vec<Invoice>,
}

/// Reads the API's response.
pub(crate) async fn read(response: Response) -> Result<Vec<Invoice>, Error> {
    let text = response.text().await.map_err(|_| Error::new(Code::Network))?;
    // A response with a status other than 2xx has another body.
    let answer = Value::parse(text.as_bytes()).and_then(|body| Answer::deserialize(&body).ok());
    answer.map(|answer| answer.invoices).ok_or_else(|| Error::with_detail(Code::Network, "the API answered with something else"))
}
