//! Token revocation \[RFC 7009].

use super::form::Form;
use super::http::Request;
use super::secret::RefreshToken;

/// The request that revokes a refresh token \[RFC 7009 §2.1].
///
/// It continues after the page is gone, because a logout leaves the page right after it.
pub fn revoke(endpoint: &str, client_id: &str, refresh_token: &RefreshToken) -> Request {
    let mut form = Form::default();
    form.put("token", Some(refresh_token.expose()));
    form.put("token_type_hint", Some("refresh_token"));
    form.put("client_id", Some(client_id));
    Request { keepalive: true, ..Request::post_form(endpoint, form.into_secret()) }
}
