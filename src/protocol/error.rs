//! Errors: who can fix them, what happened, and whether a retry can help.
//!
//! The table below is the only list of codes. [`Code::ALL`] is generated from it. The documentation
//! and the TypeScript types are checked against it.

use core::fmt;
use std::borrow::Cow;

use super::challenge::StepUp;
use super::json::Value;

/// An error: a stable [`Code`], its [`Blame`], and further details if known.
///
/// `Display` names the blame first: `provider: the ID token's signature is not valid
/// (id_token_signature)`. No error holds a token, an authorization code or a code verifier.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    /// Boxed: nearly every function returns errors, and one pointer takes the fewest instructions.
    known: Box<Inner>,
}

/// The fields of an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    code: Code,
    detail: Cow<'static, str>,
    oauth: Option<OAuthError>,
    /// If and only if the code is `insufficient_user_authentication`.
    step_up: Option<StepUp>,
}

impl Error {
    /// An error with this code and no detail.
    pub fn new(code: Code) -> Self {
        Self::of(code, Cow::Borrowed(""), None)
    }

    /// An error with this code and a detail about this case. The detail must not contain a secret.
    pub fn with_detail(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::of(code, detail.into(), None)
    }

    /// An error with this code and the provider's OAuth error.
    pub fn with_oauth(code: Code, oauth: OAuthError) -> Self {
        Self::of(code, Cow::Borrowed(""), Some(oauth))
    }

    /// The error of an API that needs more of the user's authentication: `insufficient_user_authentication`.
    pub fn with_step_up(step_up: StepUp) -> Self {
        Self::new(Code::InsufficientUserAuthentication).needing(step_up)
    }

    fn needing(mut self, needed: StepUp) -> Self {
        if let Some(step_up) = &mut self.known.step_up {
            *step_up = needed;
        }
        self
    }

    #[cold]
    fn of(code: Code, detail: Cow<'static, str>, oauth: Option<OAuthError>) -> Self {
        let step_up = (code == Code::InsufficientUserAuthentication).then(StepUp::default);
        Self { known: Box::new(Inner { code, detail, oauth, step_up }) }
    }

    /// The same error, with the address that was asked. If no response arrived, browsers do not say why, so the detail names
    /// the usual reason.
    pub(crate) fn at(&self, address: &str) -> Self {
        let Inner { code, detail, oauth, .. } = &*self.known;
        let address = address.split(['?', '#']).next().unwrap_or_default();
        let hint = if *code == Code::Network { ": not reachable, or not readable from this origin (CORS)" } else { "" };
        let mark = if detail.is_empty() { "" } else { ": " };
        Self::of(*code, Cow::Owned([address, mark, detail, hint].concat()), oauth.clone())
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.known.code
    }

    /// Who can fix the error.
    pub fn blame(&self) -> Blame {
        self.code().blame()
    }

    /// Whether the same call can succeed later without any change.
    pub fn retryable(&self) -> bool {
        self.code().retryable()
    }

    /// A detail about this case, or the empty string.
    pub fn detail(&self) -> &str {
        &self.known.detail
    }

    /// The provider's OAuth error, if it sent one.
    pub fn oauth(&self) -> Option<&OAuthError> {
        self.known.oauth.as_ref()
    }

    /// What an API needs of the user's authentication, for [`Login::acr_values`](crate::Login::acr_values) and
    /// [`Login::max_age`](crate::Login::max_age), if the code is `insufficient_user_authentication` \[RFC 9470].
    pub fn step_up(&self) -> Option<&StepUp> {
        self.known.step_up.as_ref()
    }

    /// What happened, as a sentence for the user: `The device is offline.` An app with several languages has sentences of
    /// its own, by [`code`](Self::code).
    pub fn message(&self) -> String {
        let mut rest = self.code().sentence().chars();
        let first = rest.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(rest).chain(['.']).collect()
    }

    /// An object with the members of the JavaScript API.
    pub(crate) fn to_json(&self) -> Value {
        let oauth = self.oauth().map_or(Value::Null, |oauth| {
            let mut written = Value::object([("error", oauth.error().into())]);
            written.insert("description", oauth.description().into());
            written
        });
        let mut written = Value::object([
            ("blame", self.blame().as_str().into()),
            ("code", self.code().as_str().into()),
            ("detail", self.detail().into()),
            ("message", Value::String(self.to_string())),
            ("oauth", oauth),
            ("retryable", self.retryable().into()),
        ]);
        if let Some(StepUp { acr_values, max_age }) = self.step_up() {
            written.insert_str("acrValues", acr_values.as_deref());
            written.insert("maxAge", max_age.map(i64::from).into());
        }
        written
    }

    /// Reads such an object. `None` if its code is unknown.
    pub(crate) fn from_json(written: &Value) -> Option<Self> {
        let code = written.get_str("code").and_then(|text| Code::ALL.iter().find(|code| code.as_str() == text)).copied()?;
        let oauth = written.get("oauth").and_then(|oauth| OAuthError::new(oauth.get_str("error")?, oauth.get_str("description")));
        let error = match oauth {
            Some(oauth) => Self::with_oauth(code, oauth),
            None => Self::with_detail(code, written.get_str("detail").unwrap_or_default().to_owned()),
        };
        Some(error.needing(StepUp {
            acr_values: written.get_str("acrValues").map(str::to_owned),
            max_age: written.get("maxAge").and_then(Value::as_integer).and_then(|seconds| u32::try_from(seconds).ok()),
        }))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { code, detail, oauth, step_up } = &*self.known;
        let mut shown = f.debug_struct("Error");
        shown.field("code", code).field("detail", detail).field("oauth", oauth);
        step_up.iter().for_each(|step_up| {
            shown.field("step_up", step_up);
        });
        shown.finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.blame().as_str())?;
        f.write_str(": ")?;
        f.write_str(self.code().sentence())?;
        if !self.detail().is_empty() {
            f.write_str(": ")?;
            f.write_str(self.detail())?;
        }
        if let Some(oauth) = self.oauth() {
            f.write_str(": ")?;
            oauth.fmt(f)?;
        }
        f.write_str(" (")?;
        f.write_str(self.code().as_str())?;
        f.write_str(")")
    }
}

impl core::error::Error for Error {}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

/// Who can fix an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Blame {
    /// The app made a call that can never succeed. Its code must change.
    Caller,
    /// No response arrived.
    Network,
    /// The provider sent a response that cannot be accepted.
    Provider,
    /// The user must act, or change something on the device: sign in again, allow storage.
    User,
}

impl Blame {
    /// The name in `Display` and in the JavaScript API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Network => "network",
            Self::Provider => "provider",
            Self::User => "user",
        }
    }
}

macro_rules! codes {
    ($($variant:ident, $text:literal, $blame:ident, $retryable:literal, $sentence:literal, $advice:literal;)*) => {
        /// All error codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(
                #[doc = concat!("`", $text, "`: ", $sentence, ". ", $advice)]
                $variant,
            )*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The names and sentences of all codes in one string: a pointer and a length for each of
            /// them would be as large as many of the strings.
            const TEXTS: &'static str = concat!($($text, "\n", $sentence, "\n"),*);

            /// The stable name of this code, such as `invalid_grant`.
            pub fn as_str(self) -> &'static str {
                Self::TEXTS.split('\n').nth(2 * self as usize).unwrap_or_default()
            }

            /// Who can fix the error.
            pub fn blame(self) -> Blame {
                match self { $(Self::$variant => Blame::$blame),* }
            }

            /// Whether the same call can succeed later without any change.
            pub fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable),* }
            }

            /// What happened, as a readable sentence.
            pub fn sentence(self) -> &'static str {
                Self::TEXTS.split('\n').nth(2 * self as usize + 1).unwrap_or_default()
            }

            /// What the app should do.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice),* }
            }
        }
    };
}

codes! {
    Aborted, "aborted", Caller, false, "the app aborted the request", "Nothing: the app wanted this. In TypeScript the call rejects with the reason of the signal, as `fetch` does.";
    AccessDenied, "access_denied", User, false, "the sign-in was declined at the provider", "Show it, and offer to log in again.";
    AccessTokenNotExposed, "access_token_not_exposed", Caller, false, "the app did not opt in to reading the access token", "Use `fetch`, or set `exposeAccessToken` knowing that every script in the page can then read the token.";
    AccessTokenRefused, "access_token_refused", Provider, false, "the API refuses an access token that was renewed for it a moment ago", "Check the audience and the scopes that the API expects; another renewal does not help.";
    AddressNotListed, "address_not_listed", Caller, false, "this URL matches none of the listed APIs, so no token is sent to it", "Add its prefix to `apis`, or use the browser's own `fetch`.";
    ApiRedirected, "api_redirected", Provider, false, "the API answered with a redirect, and a token never follows one", "Call the final URL.";
    ApiRefused, "api_refused", Provider, false, "the API refused the request", "Show what the status in the detail means in your app; 403 is a missing permission.";
    ApiResponseInvalid, "api_response_invalid", Provider, false, "the API's response cannot be read", "Compare the type that the app expects with what the API sends; the detail names the member.";
    AuthorizationFailed, "authorization_failed", Provider, false, "the provider refused to authorize", "Show it, and offer to log in again; `oauth` holds the provider's reason.";
    CallbackInvalid, "callback_invalid", User, false, "the callback URL is malformed", "Offer to log in again.";
    ClockSkew, "clock_skew", User, false, "the clock of this device and that of the provider are too far apart", "Ask the user to set the clock of the device, then to log in again.";
    ConfigInvalid, "config_invalid", Caller, false, "the configuration is not valid", "Fix the option named in the message.";
    Disposed, "disposed", Caller, false, "the session object was disposed", "Start a new one.";
    DpopUnsupported, "dpop_unsupported", Provider, false, "the provider does not bind tokens to this browser (DPoP), as the app requires", "Turn DPoP on for the client at the provider, or set `dpop` to `auto`: tokens are then bound where that is possible.";
    IdTokenAccessTokenHash, "id_token_access_token_hash", Provider, false, "the ID token was issued with another access token (at_hash)", "Do not sign the user in; report it to the provider.";
    IdTokenAcr, "id_token_acr", Provider, false, "the ID token does not prove that the user authenticated in a way that the login asked for (acr)", "Offer to log in again; check at the provider that `acrValues` are known to it and named in its ID tokens.";
    IdTokenAlgorithm, "id_token_algorithm", Provider, false, "the ID token is signed with an algorithm that is not allowed", "Have the provider sign with RS256, or another of the algorithms that the detail lists.";
    IdTokenAudience, "id_token_audience", Provider, false, "the ID token was issued to another client (aud, azp)", "Check `clientId`; otherwise report it to the provider.";
    IdTokenAuthTime, "id_token_auth_time", Provider, false, "the ID token does not prove that the user authenticated as recently as requested (auth_time)", "Log in again, with `prompt: \"login\"`.";
    IdTokenExpired, "id_token_expired", Provider, false, "the ID token has expired (exp)", "Log in again; if it persists, the clock of the device or of the provider is wrong.";
    IdTokenIssuedAt, "id_token_issued_at", Provider, false, "the ID token's issue time is not valid (iat, nbf)", "Log in again; if it persists, the clock of the device or of the provider is wrong.";
    IdTokenIssuer, "id_token_issuer", Provider, false, "the ID token was issued by another issuer (iss)", "Check the application vanity domain or the issuer; an activated custom domain changes it.";
    IdTokenKey, "id_token_key", Provider, true, "no key of the provider matches the ID token (kid)", "Log in again; the provider may be changing its keys.";
    IdTokenMalformed, "id_token_malformed", Provider, false, "the ID token is missing or cannot be read", "Check that the scope `openid` is granted; report it to the provider.";
    IdTokenNonce, "id_token_nonce", Provider, false, "the ID token was issued for another login (nonce)", "Log in again; report it if it persists.";
    IdTokenSignature, "id_token_signature", Provider, false, "the ID token's signature is not valid", "Do not sign the user in; report it to the provider.";
    IdTokenSubject, "id_token_subject", Provider, false, "the ID token has no subject (sub)", "Do not sign the user in; report it to the provider.";
    InsecureContext, "insecure_context", Caller, false, "the page was not loaded over https, so the browser offers no cryptography", "Serve the app over https, or from localhost while developing.";
    InsufficientUserAuthentication, "insufficient_user_authentication", User, false, "the API needs another or a more recent authentication of the user", "Log in with the `acrValues` and the `maxAge` of this error, and call the API again.";
    InvalidGrant, "invalid_grant", User, false, "the provider no longer accepts this sign-in", "Offer to log in again.";
    IssuerMismatch, "issuer_mismatch", Provider, false, "the response comes from another issuer than the one that was asked (RFC 9207)", "Do not sign the user in; report it to the provider.";
    LoginLoop, "login_loop", Caller, true, "a page redirects to the login again and again, without a user being signed in", "Start no login without a user's action now: offer a button. Check that `redirectUri` leads to a page of the app that is loaded with its query.";
    LoginRequired, "login_required", User, false, "the provider requires the user to log in", "Offer to log in.";
    MetadataInvalid, "metadata_invalid", Provider, false, "the provider's metadata cannot be used", "Check `issuer`: it must equal the issuer in the provider's own metadata.";
    Network, "network", Network, true, "no response arrived", "Try again later; if it never works, check CORS and the page's Content-Security-Policy.";
    NotSignedIn, "not_signed_in", User, false, "no user is signed in", "Offer to log in.";
    Offline, "offline", Network, true, "the device is offline", "Try again when it is online.";
    ParUnsupported, "par_unsupported", Provider, false, "the provider takes no pushed authorization requests (PAR), as the app requires", "Check that its metadata has `pushed_authorization_request_endpoint`, or set `par` to `auto`.";
    ProviderRejected, "provider_rejected", Provider, false, "the provider refused the request", "Check the client's settings at the provider; `oauth` holds its reason.";
    ProviderResponseInvalid, "provider_response_invalid", Provider, true, "the provider's response cannot be read", "Try again later; report it to the provider if it persists.";
    ProviderUnavailable, "provider_unavailable", Provider, true, "the provider is temporarily unavailable", "Try again later.";
    RefreshTokenMissing, "refresh_token_missing", Caller, false, "the session has no refresh token and cannot be renewed", "Ask for the scope `offline_access`, and allow refresh tokens for the client.";
    StateExpired, "state_expired", User, false, "the login took longer than an hour", "Offer to log in again.";
    StateUnknown, "state_unknown", User, false, "the login was already completed, or was started in another browser (state)", "Offer to log in again.";
    StorageUnavailable, "storage_unavailable", User, true, "what a sign-in needs could not be stored", "Ask the user to allow site data, then to log in again.";
    SubjectChanged, "subject_changed", User, false, "a refreshed ID token has a different `sub` or `tnt_id`, so the session was ended", "Offer to log in again.";
    TenantInvalid, "tenant_invalid", Caller, false, "this is not a tenant name or tenant custom domain", "Check what the user typed: letters, digits and hyphens, without dots or spaces.";
    TenantMismatch, "tenant_mismatch", Provider, false, "the user was signed in to another tenant than the requested one", "Log in to the tenant that you mean.";
    Timeout, "timeout", Network, true, "no response arrived in time", "Try again later.";
    TooManyRequests, "too_many_requests", Caller, true, "too many requests were made to the provider; no more are sent for a minute", "Find the loop in the app; wait a minute.";
    UserInfoInvalid, "user_info_invalid", Provider, true, "the provider's user info cannot be read", "Report it to the provider.";
    UserInfoSubject, "user_info_subject", Provider, false, "the user info has another `sub` or `tnt_id` than the ID token", "Do not use it; report it to the provider.";
    VaultLost, "vault_lost", User, true, "the browser ended the worker that kept the session", "Ask the user to log in. A new worker was started, and the page is not redirected automatically. While the provider's session lives, the login needs no password.";
    VaultUnavailable, "vault_unavailable", Caller, false, "no vault could be started for the session", "Check that the package's `vault.js` and `vault.wasm` are served, both of the package's version, and that the Content-Security-Policy allows them. The detail says what was tried.";
}

/// The provider's OAuth error: `error` and `error_description` \[RFC 6749 §4.1.2.1, §5.2].
///
/// Both are untrusted: non-ASCII characters become `?`, control characters become spaces, long
/// strings are truncated, and words that are long enough to be a token are redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    error: String,
    description: Option<String>,
}

impl OAuthError {
    /// Sanitizes both untrusted strings. `None` if nothing is left of `error`.
    pub fn new(error: &str, description: Option<&str>) -> Option<Self> {
        let error = code(error);
        let description = description.map(|text| sanitize(text, 300, MAX_WORD_LEN)).filter(|text| !text.is_empty());
        (!error.is_empty()).then_some(Self { error, description })
    }

    /// Reads the body of an error response: OAuth's, or Wristband's `{"type", "code", "message", "ticket"}`.
    pub fn from_body(body: &Value) -> Option<Self> {
        let text = |name| body.get_str(name);
        match text("error") {
            Some(error) => Self::new(error, text("error_description")),
            None => Self::new(text("code").or_else(|| text("type"))?, text("message")),
        }
    }

    /// The provider's error code, such as `invalid_grant`.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// The provider's description, if it sent one.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Whether the provider's error code is this one, ignoring case, as Wristband's SDKs do.
    pub fn is(&self, code: &str) -> bool {
        self.error.eq_ignore_ascii_case(code)
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        if let Some(description) = &self.description {
            f.write_str(" - ")?;
            f.write_str(description)?;
        }
        Ok(())
    }
}

/// Keeps a code of lower case letters, `_`, `-` and `.`. Anything else could be a token, and is sanitized.
fn code(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-' || byte == b'.';
    if text.len() <= MAX_CODE_LEN && text.bytes().all(plain) { text.to_owned() } else { sanitize(text, MAX_CODE_LEN, MAX_WORD_LEN) }
}

/// A word of a description that is longer than this may be a token, and is redacted, unless it is made of names.
const MAX_WORD_LEN: usize = 20;
/// A part of a word that is longer than this, and is not a name, may be a part of a token.
const MAX_MIXED_LEN: usize = 8;

/// Whether a long word may be a secret. The names of parameters, scopes and addresses are made of parts that have
/// letters only, or are short; tokens, codes and identifiers have long parts with digits or with letters of both cases.
fn may_be_secret(word: &str) -> bool {
    let is_name = |part: &str| {
        let rest = part.strip_prefix(|first: char| first.is_ascii_uppercase()).unwrap_or(part);
        rest.bytes().all(|byte| byte.is_ascii_lowercase()) || part.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    let mut parts = word.split(|sign: char| !sign.is_ascii_alphanumeric());
    parts.any(|part| part.len() > MAX_WORD_LEN || (part.len() > MAX_MIXED_LEN && !is_name(part)))
}

/// A value that a provider publishes, for the detail of an error: printable characters, and not too many.
pub(crate) fn published(text: &str) -> String {
    const MOST: usize = 200;
    text.chars().take(MOST).map(|sign| if sign.is_ascii_graphic() { sign } else { '?' }).collect()
}
/// No provider's error code is longer than this, in bytes.
const MAX_CODE_LEN: usize = 64;

/// Keeps ASCII. A run of spaces and control characters becomes one space, and each other character a
/// question mark: if it were dropped, the rest could be another code.
fn sanitize(text: &str, most: usize, longest_word: usize) -> String {
    let (mut out, mut word) = (String::new(), String::new());
    for byte in text.bytes().chain([b' ']) {
        if !byte.is_ascii() {
            // One for each character: only its first byte has these bits.
            word.push_str(if byte & 0xc0 == 0xc0 { "?" } else { "" });
        } else if byte.is_ascii_graphic() {
            word.push(char::from(byte));
        } else if !word.is_empty() && out.len() <= most {
            out.push_str(if out.is_empty() { "" } else { " " });
            out.push_str(if word.len() > longest_word && may_be_secret(&word) { "[redacted]" } else { &word });
            word.clear();
        }
    }
    out.truncate(most);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_blame_first() {
        let error = Error::new(Code::IdTokenSignature);
        assert_eq!(error.to_string(), "provider: the ID token's signature is not valid (id_token_signature)");
    }

    #[test]
    fn codes_are_unique() {
        for (i, a) in Code::ALL.iter().enumerate() {
            assert!(Code::ALL.iter().skip(i + 1).all(|b| a.as_str() != b.as_str()), "{a:?}");
        }
    }

    #[test]
    fn a_token_in_a_description_is_not_repeated() {
        let token = "a".repeat(43);
        let error = OAuthError::new("invalid_grant", Some(&format!("the token {token}\nis dead"))).unwrap();
        assert_eq!(error.description(), Some("the token [redacted] is dead"));
    }

    #[test]
    fn long_names_in_a_description_are_kept_and_what_may_be_a_secret_is_not() {
        let description = |text: &str| OAuthError::new("e", Some(text)).unwrap().description().unwrap().to_owned();
        for kept in [
            "post_logout_redirect_uri is missing",
            "see https://login.example/docs/redirect-uris",
            "urn:ietf:params:oauth:grant-type:refresh_token",
            "unsupported_response_type",
        ] {
            assert_eq!(description(kept), kept);
        }
        for secret in [
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "SplxlOBeZQQYbYS6WxSbIA",
            "swfcmqjzwgrek5agtxhv7mnzav",
            "36a304b66dad36a304b66dad",
            "9188040d-6c67-4c5b-b112-36a304b66dad",
            "https://app.example/callback?code=SplxlOBeZQQYbYS6WxSbIA",
            "abcdefghijklmnopqrstuvwxyz",
        ] {
            assert_eq!(description(secret), "[redacted]", "{secret}");
        }
    }

    #[test]
    fn wristbands_own_error_body_is_read() {
        let body = Value::parse(br#"{"type":"base_error","code":"not_found","message":"No such thing","ticket":"1"}"#);
        let error = OAuthError::from_body(&body.unwrap()).unwrap();
        assert_eq!((error.error(), error.description()), ("not_found", Some("No such thing")));
    }
}
