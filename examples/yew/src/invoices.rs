//! The responses of the app's own API.

use serde::Deserialize;
use wristband_spa_auth::{Error, Response};

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
    response.json::<Answer>().await.map(|answer| answer.invoices)
}
