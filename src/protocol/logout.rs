//! The address that ends the person's session at the provider.

use super::config::{Application, Config};
use super::form::Form;
use super::metadata::ProviderMetadata;
use super::tenant::{self, Tenant};

/// Wristband's logout of this tenant. Without a tenant, of the application.
///
/// `redirect_url` has to be registered with the application; `state` comes back with it.
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

/// The provider's own logout \[OpenID Connect RP-Initiated Logout 1.0 §2], if it has one.
///
/// The client id stands in for `id_token_hint`: an ID token is never put into an address.
pub fn open_id(config: &Config, metadata: &ProviderMetadata, redirect_uri: Option<&str>, state: Option<&str>) -> Option<String> {
    let endpoint = metadata.end_session_endpoint()?;
    // A state without a redirect has nothing to come back with.
    let state = state.filter(|_| redirect_uri.is_some());
    let mut form = Form::default();
    form.put("client_id", Some(config.client_id()));
    form.put("post_logout_redirect_uri", redirect_uri);
    form.put("state", state);
    Some(form.append_to(endpoint))
}
