//! What the web view learns about an error.

use serde::Serialize;
use wristband_spa_auth::{Code, Error};

/// An error, as the web view shows it. The library's messages contain no token and no authorization code.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self { code: error.code().as_str(), message: error.to_string() }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Error::from(code).into()
    }
}
