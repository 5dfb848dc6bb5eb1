//! Requests to the app's API.

use serde_json::Value;
use wristband_spa_auth::Code;
use wristband_spa_auth::native::Auth;

use crate::problem::Problem;

/// A longer path is none of this API's.
const MAX_PATH: usize = 200;

/// Fetches the JSON that is at this path below the first of the listed APIs.
pub(crate) async fn get(auth: &Auth, path: &str) -> Result<Value, Problem> {
    let api = auth.config().apis().first().ok_or(Code::AddressNotListed)?.url().to_string();
    let url = url_of(&api, path).ok_or(Code::AddressNotListed)?;
    Ok(auth.get_json(&url).await?)
}

/// The URL of a path below the API. The path is checked by what it may contain: a dot, a `%`, a `\`, a second slash or a query
/// could lead elsewhere, and the app's API has none of them. The library compares the URL with the listed APIs once more.
fn url_of(api: &str, path: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_segment = |segment: &str| !segment.is_empty() && segment.bytes().all(is_plain);
    (path.len() <= MAX_PATH && path.split('/').all(is_segment)).then(|| [api.trim_end_matches('/'), path].join("/"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_the_api() {
        for api in ["https://api.example/v1/", "https://api.example/v1"] {
            assert_eq!(url_of(api, "invoices/inv-1001").unwrap(), "https://api.example/v1/invoices/inv-1001");
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_no_path() {
        let long = "a".repeat(MAX_PATH + 1);
        for path in [
            "",
            "/",
            "/invoices",
            "invoices/",
            "a//b",
            "//host/x",
            "https://host/x",
            "http:host",
            "@host",
            "..",
            "../admin",
            "a/../b",
            "./a",
            "%2e%2e/admin",
            "a%2f..",
            "a\\b",
            "\\\\host",
            "a?b",
            "a#b",
            "a b",
            "a\nb",
            "a\0",
            "ä",
            "．．/admin",
            "a;b",
            "javascript:1",
            &long,
        ] {
            assert_eq!(url_of("https://api.example/v1/", path), None, "{path:?}");
        }
    }
}
