//! The URL that ends the user's session at the provider.

use super::config::{Application, Config, OpenIdProvider};
use super::form::Form;
use super::metadata::ProviderMetadata;
use super::secret::Secret;
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

/// What the provider gets to know about the session that ends.
#[derive(Debug, Default)]
pub(crate) struct EndedSession {
    /// The session's ID token, for `id_token_hint`.
    pub(crate) id_token: Option<Secret>,
    /// The provider's own name for the user, for `logout_hint`.
    pub(crate) login_hint: Option<String>,
}

/// The longest ID token that is put into a URL, in bytes.
const MAX_HINT: usize = 6000;

/// The provider's logout URL, if it has one \[OpenID Connect RP-Initiated Logout 1.0 §2], or else the configured one.
///
/// `id_token_hint` is recommended: without it, a provider may ask the user, and must not redirect back.
pub(crate) fn open_id(
    config: &Config,
    provider: &OpenIdProvider,
    metadata: Option<&ProviderMetadata>,
    ended: &EndedSession,
    redirect_uri: Option<&str>,
    state: Option<&str>,
) -> Option<String> {
    let standard = metadata.and_then(|metadata| metadata.end_session_endpoint());
    let mut form = Form::default();
    form.put("client_id", Some(config.client_id()));
    let endpoint = match (&provider.logout_url, standard) {
        (Some(own), _) => own,
        (None, standard) => {
            let hint = ended.id_token.as_ref().map(Secret::expose).filter(|token| token.len() <= MAX_HINT);
            form.put("id_token_hint", hint);
            form.put("logout_hint", ended.login_hint.as_deref());
            standard?
        }
    };
    form.put(provider.logout_return_parameter.as_deref().unwrap_or("post_logout_redirect_uri"), redirect_uri);
    // Without a redirect, a `state` cannot be returned.
    form.put("state", state.filter(|_| redirect_uri.is_some()));
    Some(form.append_to(endpoint))
}
