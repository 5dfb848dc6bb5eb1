//! The authorization request: the URL to which a login sends the browser.

use super::form::Form;
use super::secret::{CodeVerifier, Nonce};

/// A request for an authorization code \[RFC 6749 §4.1.1, RFC 7636 §4.3, OIDC Core §3.1.2.1].
#[derive(Clone, Debug)]
pub struct AuthorizationRequest<'a> {
    /// The authorization endpoint. It may already have a query.
    pub endpoint: &'a str,
    /// The client id.
    pub client_id: &'a str,
    /// The redirect URI as registered, including a tenant placeholder.
    pub redirect_uri: &'a str,
    /// The scopes, separated by spaces.
    pub scope: &'a str,
    /// Ties the callback to this login.
    pub state: &'a str,
    /// Ties the ID token to this login.
    pub nonce: &'a Nonce,
    /// The PKCE code verifier. Only its challenge is sent.
    pub verifier: &'a CodeVerifier,
    /// Prefills the provider's login form.
    pub login_hint: Option<&'a str>,
    /// The name of the identity provider to go to directly. A Wristband parameter, not a standard one.
    pub idp_hint: Option<&'a str>,
    /// Whether the provider must, or must not, show a login page.
    pub prompt: Option<Prompt>,
    /// The maximum time since the user last signed in, in seconds.
    pub max_age: Option<u32>,
}

/// Whether the provider shows a login page \[OIDC Core §3.1.2.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// Always, even if the user has a session at the provider.
    Login,
    /// Never. Without a session, the provider answers `login_required`.
    None,
}

impl Prompt {
    /// The value of the `prompt` parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::None => "none",
        }
    }
}

impl AuthorizationRequest<'_> {
    /// The URL to send the browser to.
    pub fn to_url(&self) -> String {
        let challenge = self.verifier.challenge();
        let max_age = self.max_age.map(|seconds| seconds.to_string());
        let mut form = Form::default();
        form.put("response_type", Some("code"));
        form.put("client_id", Some(self.client_id));
        form.put("redirect_uri", Some(self.redirect_uri));
        form.put("scope", Some(self.scope));
        form.put("state", Some(self.state));
        form.put("nonce", Some(self.nonce.expose()));
        form.put("code_challenge", Some(challenge.as_str()));
        form.put("code_challenge_method", Some("S256"));
        form.put("login_hint", self.login_hint);
        form.put("idp_hint", self.idp_hint);
        form.put("prompt", self.prompt.map(Prompt::as_str));
        form.put("max_age", max_age.as_deref());
        form.append_to(self.endpoint)
    }
}
