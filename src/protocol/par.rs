//! Pushed authorization requests \[RFC 9126]: the provider gets the request from the vault, and the browser carries a reference.

use super::error::{Code, Error};
use super::form::Form;
use super::http::{Request, Response};
use super::json::Value;
use super::secret::Secret;

/// The longest reference that is accepted, in bytes.
const MAX_REFERENCE: usize = 2048;

/// The request that pushes an authorization request \[RFC 9126 §2.1].
pub(crate) fn request(endpoint: &str, parameters: Secret) -> Request {
    Request::post_form(endpoint, parameters)
}

/// The URL to which the browser is redirected with the reference that the provider gave \[RFC 9126 §2.2, §4]. It is made from
/// a response that has just arrived and is used once: every login pushes a request of its own.
///
/// # Errors
/// A `provider_…` code for a failed response, or one with a member that is missing or not as the standard requires.
pub(crate) fn redirect(response: &Response, authorization_endpoint: &str, client_id: &str) -> Result<Secret, Error> {
    let pushed = response.json()?;
    let wrong = |name: &'static str| Error::with_detail(Code::ProviderResponseInvalid, name);
    let is_reference =
        |text: &&str| !text.is_empty() && text.len() <= MAX_REFERENCE && text.bytes().all(|byte| byte.is_ascii_graphic());
    let reference = pushed.get_str("request_uri").filter(is_reference).ok_or_else(|| wrong("request_uri"))?;
    // A reference that has ended already is of no use, and one without an end is none of the standard's.
    let lifetime = pushed.get("expires_in").and_then(Value::as_integer);
    lifetime.filter(|seconds| *seconds > 0).ok_or_else(|| wrong("expires_in"))?;
    let mut form = Form::default();
    form.put("client_id", Some(client_id));
    form.put("request_uri", Some(reference));
    Ok(Secret::new(form.append_to(authorization_endpoint)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirected(status: u16, body: &str) -> Result<String, (Code, String)> {
        let response = Response { status, body: Secret::new(body.into()), ..Response::default() };
        let url = redirect(&response, "https://as.example.com/authorize?x=1", "s6BhdRkqt3");
        url.map(|url| url.expose().to_owned()).map_err(|error| (error.code(), error.detail().to_owned()))
    }

    #[test]
    fn the_answer_of_the_standard_becomes_a_redirect() {
        // RFC 9126 §2.2 and §4.
        let body = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","expires_in":60}"#;
        let url = "https://as.example.com/authorize?x=1&client_id=s6BhdRkqt3&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c";
        assert_eq!(redirected(201, body), Ok(url.to_owned()));
    }

    #[test]
    fn any_other_answer_is_refused() {
        for (body, member) in [
            (r#"{"expires_in":60}"#, "request_uri"),
            (r#"{"request_uri":"","expires_in":60}"#, "request_uri"),
            (r#"{"request_uri":"a b","expires_in":60}"#, "request_uri"),
            (r#"{"request_uri":7,"expires_in":60}"#, "request_uri"),
            (r#"{"request_uri":"urn:x"}"#, "expires_in"),
            (r#"{"request_uri":"urn:x","expires_in":0}"#, "expires_in"),
            (r#"{"request_uri":"urn:x","expires_in":-1}"#, "expires_in"),
            (r#"{"request_uri":"urn:x","expires_in":"soon"}"#, "expires_in"),
        ] {
            assert_eq!(redirected(201, body), Err((Code::ProviderResponseInvalid, member.to_owned())), "{body}");
        }
        assert_eq!(redirected(400, r#"{"error":"invalid_request"}"#).unwrap_err().0, Code::ProviderRejected);
        assert_eq!(redirected(429, "").unwrap_err().0, Code::ProviderUnavailable);
    }
}
