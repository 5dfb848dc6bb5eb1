//! The authorization request: the address to which a login sends the browser.

use super::form::Form;
use super::secret::{CodeVerifier, Nonce};
use super::text::decimal;

/// A request for an authorization code \[RFC 6749 §4.1.1, RFC 7636 §4.3, OIDC Core §3.1.2.1].
#[derive(Clone, Debug)]
pub struct AuthorizationRequest<'a> {
    /// The authorization endpoint; it may have a query of its own.
    pub endpoint: &'a str,
    /// The client id.
    pub client_id: &'a str,
    /// The redirect URI as it is registered, a tenant placeholder included.
    pub redirect_uri: &'a str,
    /// The scopes, separated by spaces.
    pub scope: &'a str,
    /// Ties the callback to this login.
    pub state: &'a str,
    /// Ties the ID token to this login.
    pub nonce: &'a Nonce,
    /// Its challenge is sent; the verifier stays.
    pub verifier: &'a CodeVerifier,
    /// Fills in the provider's login form.
    pub login_hint: Option<&'a str>,
    /// The name of the identity provider to go to straight away. Wristband's own parameter.
    pub idp_hint: Option<&'a str>,
    /// Whether the provider may, or must, show a login page.
    pub prompt: Option<Prompt>,
    /// How many seconds ago the person may have signed in, at the most.
    pub max_age: Option<u32>,
}

/// Whether the provider shows a login page \[OIDC Core §3.1.2.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// Always, even if the person has a session there.
    Login,
    /// Never: without a session the answer is `login_required`.
    None,
}

impl Prompt {
    /// The standard's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::None => "none",
        }
    }
}

impl AuthorizationRequest<'_> {
    /// The address to send the browser to.
    pub fn to_url(&self) -> String {
        let challenge = self.verifier.challenge();
        let max_age = self.max_age.map(|seconds| decimal(seconds.into()));
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
