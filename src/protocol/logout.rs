//! The URL that ends the user's session at the provider.

use super::config::{Application, Config};
use super::form::Form;
use super::metadata::ProviderMetadata;
use super::tenant::{self, Tenant};

/// The logout URL of this Wristband tenant. Without a tenant, that of the application.
///
/// `redirect_url` must be registered with the application. `state` is returned with it.
pub fn wristband(
    config: &Config,
    application: &Application,
    tenant: &Tenant,
    redirect_url: Option<&str>,
    state: Option<&str>,
) -> String {
    let endpoint = tenant::tenant_origin(application, tenant).at("/api/v1/logout");
    let mut form = Form::default();
    form.put("client_id", Some(config.client_id()));
    form.put("redirect_url", redirect_url);
    form.put("state", state);
    form.append_to(&endpoint)
}

/// The provider's logout URL, if it has one \[OpenID Connect RP-Initiated Logout 1.0 §2].
///
/// The client id replaces `id_token_hint`: an ID token is never put into a URL.
pub fn open_id(config: &Config, metadata: &ProviderMetadata, redirect_uri: Option<&str>, state: Option<&str>) -> Option<String> {
    let endpoint = metadata.end_session_endpoint()?;
    // Without a redirect, a `state` cannot be returned.
    let state = state.filter(|_| redirect_uri.is_some());
    let mut form = Form::default();
    form.put("client_id", Some(config.client_id()));
    form.put("post_logout_redirect_uri", redirect_uri);
    form.put("state", state);
    Some(form.append_to(endpoint))
}
