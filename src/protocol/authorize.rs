//! The authorization request: the URL to which a login sends the browser.

use super::form::Form;
use super::parameters::Parameters;
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
    /// Which pages the provider must show, or must not.
    pub prompt: &'a [Prompt],
    /// The maximum time since the user last signed in, in seconds.
    pub max_age: Option<u32>,
    /// The thumbprint of the key that the code is bound to \[RFC 9449 §10].
    pub dpop_jkt: Option<&'a str>,
    /// Further parameters of the settings and of the login.
    pub params: Parameters,
}

/// A page that the provider shows, or none \[OIDC Core §3.1.2.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prompt {
    /// The page on which the user agrees to the scopes. Some providers give no refresh token without it.
    Consent,
    /// The page on which a user signs up \[Initiating User Registration via OpenID Connect §4.1].
    Create,
    /// The login page, even if the user has a session at the provider.
    Login,
    /// No page. Without a session, the provider answers `login_required`.
    None,
    /// The page on which the user chooses an account.
    SelectAccount,
}

impl Prompt {
    const ALL: [Self; 5] = [Self::Consent, Self::Create, Self::Login, Self::None, Self::SelectAccount];

    /// The value of the `prompt` parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Create => "create",
            Self::Login => "login",
            Self::None => "none",
            Self::SelectAccount => "select_account",
        }
    }

    /// Reads the value of the parameter: words with spaces in between. `None` if one is unknown, or if `none` is not alone.
    pub(crate) fn parse_all(words: &str) -> Option<Vec<Self>> {
        let parse = |word: &str| Self::ALL.into_iter().find(|prompt| prompt.as_str() == word);
        let prompts = words.split_ascii_whitespace().map(parse).collect::<Option<Vec<_>>>()?;
        Self::are_possible(&prompts).then_some(prompts)
    }

    /// Whether a provider can obey all of these: `none` excludes every other.
    pub(crate) fn are_possible(prompts: &[Self]) -> bool {
        prompts.len() < 2 || !prompts.contains(&Self::None)
    }

    /// The value of the parameter. `None` if there is none.
    pub(crate) fn join(prompts: &[Self]) -> Option<String> {
        let words: Vec<_> = prompts.iter().map(|prompt| prompt.as_str()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

impl AuthorizationRequest<'_> {
    /// The URL to send the browser to.
    pub fn to_url(&self) -> String {
        self.to_form().append_to(self.endpoint)
    }

    /// The parameters.
    pub(crate) fn to_form(&self) -> Form {
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
        form.put("prompt", Prompt::join(self.prompt).as_deref());
        form.put("max_age", max_age.as_deref());
        form.put("dpop_jkt", self.dpop_jkt);
        self.params.put_into(&mut form);
        form
    }
}
