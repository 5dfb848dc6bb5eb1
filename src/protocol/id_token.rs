//! ID tokens: parsing, then full validation \[OIDC Core §3.1.3.7, §12.2].
//!
//! Each step has its type. [`UnverifiedIdToken`] exposes no claims. The driver of the session checks
//! the signature over [`UnverifiedIdToken::signing_input`]. [`UnverifiedIdToken::verify`] takes the
//! result, checks the claims, and only then returns an [`IdToken`].

use core::time::Duration;

use super::base64url::{base64url, from_base64url};
use super::error::{Code, Error};
use super::json::Value;
use super::jwks::Algorithm;
use super::metadata::{is_issuer, other_issuer};
use super::secret::{Nonce, Secret};
use super::time::{Timestamp, millis};

/// An ID token that has passed every check.
#[derive(Clone, Debug, PartialEq)]
pub struct IdToken {
    claims: Value,
}

impl IdToken {
    /// Whether both tokens name the same session at the provider (`sid`) \[OIDC Back-Channel Logout §2.1].
    pub(crate) fn has_session_of(&self, other: &Self) -> bool {
        self.get_str("sid").is_some_and(|sid| other.get_str("sid") == Some(sid))
    }

    /// The provider's own name for the user (`login_hint`), if it is opaque: an email address is never kept.
    pub(crate) fn login_hint(&self) -> Option<String> {
        const MAX: usize = 512;
        let hint = self.get_str("login_hint").filter(|hint| hint.len() <= MAX && !hint.contains('@'));
        hint.map(str::to_owned)
    }

    /// The id of the user (`sub`).
    pub fn subject(&self) -> &str {
        self.get_str("sub").unwrap_or_default()
    }

    /// When the token was issued (`iat`).
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.date("iat")
    }

    /// When the user last authenticated (`auth_time`).
    pub fn auth_time(&self) -> Option<Timestamp> {
        self.date("auth_time")
    }

    /// How the user authenticated (`acr`).
    pub fn acr(&self) -> Option<&str> {
        self.get_str("acr")
    }

    /// The id of the tenant (`tnt_id`), if the provider is Wristband.
    pub fn tenant_id(&self) -> Option<&str> {
        self.get_str("tnt_id")
    }

    /// The identity provider that authenticated the user (`idp_name`), if the provider is Wristband.
    pub fn identity_provider_name(&self) -> Option<&str> {
        self.get_str("idp_name")
    }

    /// All claims except `nonce`.
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// A token that passed every check in an earlier process. `None` if it does not say whom it is about.
    #[cfg(feature = "native")]
    pub(crate) fn remembered(claims: Value) -> Option<Self> {
        let has = |name| claims.get_str(name).is_some_and(|text| !text.is_empty());
        (has("iss") && has("sub")).then_some(Self { claims })
    }

    /// This token with these claims only.
    #[cfg(feature = "native")]
    pub(crate) fn only(&self, names: &[&str]) -> Self {
        let mut claims = Value::object([]);
        for name in names {
            if let Some(value) = self.claims.get(name) {
                claims.insert(name, value.clone());
            }
        }
        Self { claims }
    }

    /// Takes the claims of a later token of the same session, and keeps the others.
    #[cfg(feature = "native")]
    pub(crate) fn update(&mut self, later: &Self) {
        for (name, value) in later.claims.members() {
            self.claims.insert(name, value.clone());
        }
    }

    /// Whether both tokens are about the same user of the same tenant.
    #[cfg(feature = "native")]
    pub(crate) fn has_user_of(&self, other: &Self) -> bool {
        ["iss", "sub", "tnt_id"].iter().all(|name| self.claims.get(name) == other.claims.get(name))
    }

    /// Removes the nonce, which has been checked and is no longer needed.
    fn forget_nonce(&mut self) {
        self.claims.remove("nonce");
    }

    /// Keeps claims of the previous token that this one omits. Otherwise a claim could be changed
    /// by omitting it once.
    fn keep(&mut self, previous: &Self) {
        for name in &["acr", "app_id", "auth_time", "idp_name", "tnt_id"] {
            if let (None, Some(value)) = (self.claims.get(name), previous.claims.get(name)) {
                self.claims.insert(name, value.clone());
            }
        }
    }

    fn get_str(&self, name: &str) -> Option<&str> {
        self.claims.get_str(name)
    }

    fn date(&self, name: &str) -> Option<Timestamp> {
        date(&self.claims, name)
    }
}

/// An ID token that has been parsed, but not verified.
#[derive(Clone)]
pub struct UnverifiedIdToken {
    algorithm: Algorithm,
    claims: Value,
    kid: Option<String>,
    signature: Vec<u8>,
    signing_input: Secret,
}

impl core::fmt::Debug for UnverifiedIdToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("UnverifiedIdToken([redacted])")
    }
}

/// The result of a signature check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a signature is valid or it is not")]
pub enum Signature {
    /// No key verifies it.
    Invalid,
    /// One of the keys verifies it.
    Valid {
        /// The hash of the access token from the same response, made with [`Algorithm::hash`].
        access_token_hash: Vec<u8>,
    },
}

/// What an ID token must match to be accepted.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    /// The issuer, compared as a string.
    pub issuer: &'a str,
    /// The id of this client.
    pub client_id: &'a str,
    /// What the token is for.
    pub purpose: Purpose<'a>,
    /// The current time.
    pub now: Timestamp,
    /// Whether a server has confirmed `now`.
    pub now_was_told: bool,
    /// The allowed difference between clocks.
    pub tolerance: Duration,
}

/// What an ID token is for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Purpose<'a> {
    /// A login \[OIDC Core §3.1.3.7].
    Login {
        /// The nonce that the login sent.
        nonce: &'a Nonce,
        /// The maximum time since the user authenticated, in seconds, if the login set one.
        max_age: Option<u32>,
        /// The authentication context classes of which the login asked for one, separated by spaces.
        acr_values: Option<&'a str>,
    },
    /// A renewal, which must be for the same user as before \[OIDC Core §12.2].
    Renewal {
        /// The previous ID token.
        previous: &'a IdToken,
        /// The nonce of the login.
        nonce: &'a Nonce,
    },
}

/// The longest token that is parsed, in bytes.
const MAX_ID_TOKEN_LEN: usize = 64 * 1024;

/// No registered algorithm has a longer name, in bytes.
const MAX_ALGORITHM: usize = 20;

/// The error for a token that is signed with this algorithm.
fn not_allowed(name: &str, allowed: &[Algorithm]) -> Error {
    let is_plain = name.len() <= MAX_ALGORITHM && name.bytes().all(|byte| byte.is_ascii_graphic());
    let shown = if is_plain { name } else { "another" };
    let mut detail = [shown, ", allowed:"].concat();
    for algorithm in allowed {
        detail.push(' ');
        detail.push_str(algorithm.as_str());
    }
    Error::with_detail(Code::IdTokenAlgorithm, detail)
}

impl UnverifiedIdToken {
    /// Parses a signed JWT in compact serialization \[RFC 7515 §3.1].
    ///
    /// # Errors
    /// `id_token_malformed`, or `id_token_algorithm` if the algorithm is not in `allowed`.
    pub fn parse(text: &str, allowed: &[Algorithm]) -> Result<Self, Error> {
        let malformed = |what: &'static str| Error::with_detail(Code::IdTokenMalformed, what);
        if text.len() > MAX_ID_TOKEN_LEN {
            return Err(malformed("too long"));
        }
        let (signing_input, signature) = text.rsplit_once('.').ok_or_else(|| malformed("not a JWT"))?;
        let (header, payload) = signing_input.split_once('.').ok_or_else(|| malformed("not a JWT"))?;
        let object = |part| Value::parse_object(&from_base64url(part)?);
        let header = object(header).ok_or_else(|| malformed("header"))?;
        let claims = object(payload).ok_or_else(|| malformed("claims"))?;
        let signature = from_base64url(signature).ok_or_else(|| malformed("signature"))?;
        check_header(&header)?;
        let name = header.get_str("alg").ok_or_else(|| malformed("alg"))?;
        let algorithm = Algorithm::parse(name).filter(|algorithm| allowed.contains(algorithm));
        let kid = match header.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str().ok_or_else(|| malformed("kid"))?.to_owned()),
        };
        Ok(Self {
            algorithm: algorithm.ok_or_else(|| not_allowed(name, allowed))?,
            claims,
            kid,
            signature,
            signing_input: Secret::new(signing_input.to_owned()),
        })
    }

    /// The algorithm of the signature.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key id (`kid`), if the token has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The bytes of the signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The signed string (JWS signing input).
    pub fn signing_input(&self) -> &Secret {
        &self.signing_input
    }

    /// Checks the signature's result and all claims \[OIDC Core §3.1.3.7, §3.1.3.8, §12.2].
    ///
    /// # Errors
    /// One code for each check, starting with `id_token_`; `subject_changed` if a renewal is for another
    /// user or tenant.
    pub fn verify(&self, signature: &Signature, expected: &Expected<'_>) -> Result<IdToken, Error> {
        let Signature::Valid { access_token_hash } = signature else { return Err(Code::IdTokenSignature.into()) };
        check_issuer(&self.claims, expected)?;
        check_audience(&self.claims, expected)?;
        check_subject(&self.claims)?;
        check_times(&self.claims, expected)?;
        check_access_token_hash(&self.claims, access_token_hash)?;
        match &expected.purpose {
            Purpose::Login { nonce, max_age, acr_values } => {
                check_nonce(&self.claims, nonce, true)?;
                check_auth_time(&self.claims, *max_age, expected)?;
                check_acr(&self.claims, *acr_values)?;
            }
            Purpose::Renewal { previous, nonce } => {
                check_nonce(&self.claims, nonce, false)?;
                check_continuity(&self.claims, previous, expected)?;
            }
        }
        let mut id_token = IdToken { claims: self.claims.clone() };
        id_token.forget_nonce();
        if let Purpose::Renewal { previous, .. } = expected.purpose {
            id_token.keep(previous);
        }
        Ok(id_token)
    }
}

fn check_header(header: &Value) -> Result<(), Error> {
    // Unknown critical extensions must be refused \[RFC 7515 §4.1.11], and none is known.
    if header.members().any(|(name, _)| name == "crit") {
        return Err(Error::with_detail(Code::IdTokenMalformed, "crit"));
    }
    // Another kind of token, signed with the same keys, must not pass for an ID token \[RFC 8725 §3.11].
    match header.get("typ") {
        None => Ok(()),
        Some(Value::String(typ)) if ["jwt", "id+jwt", "application/id+jwt"].iter().any(|t| typ.eq_ignore_ascii_case(t)) => Ok(()),
        Some(_) => Err(Error::with_detail(Code::IdTokenMalformed, "typ")),
    }
}

fn check_issuer(claims: &Value, expected: &Expected<'_>) -> Result<(), Error> {
    match claims.get_str("iss") {
        Some(issuer) if is_issuer(issuer, expected.issuer, claims.get_str("tid")) => Ok(()),
        found => Err(other_issuer(Code::IdTokenIssuer, found, expected.issuer)),
    }
}

fn check_audience(claims: &Value, expected: &Expected<'_>) -> Result<(), Error> {
    let party = claims.get("azp");
    let party_is_us = party.and_then(Value::as_str) == Some(expected.client_id);
    let (addressed, alone) = match claims.get("aud") {
        Some(Value::String(audience)) => (audience == expected.client_id, true),
        Some(list) => {
            (list.is_string_array() && list.contains_str(expected.client_id), list.as_array().is_some_and(|list| list.len() == 1))
        }
        None => (false, false),
    };
    // With several audiences, the token must say that it was issued to this client (`azp`).
    let alone = alone && party.is_none();
    if !addressed || !(alone || party_is_us) {
        return Err(Code::IdTokenAudience.into());
    }
    Ok(())
}

fn check_subject(claims: &Value) -> Result<(), Error> {
    match claims.get_str("sub") {
        Some(subject) if (1..=255).contains(&subject.len()) => Ok(()),
        _ => Err(Code::IdTokenSubject.into()),
    }
}

fn check_times(claims: &Value, expected: &Expected<'_>) -> Result<(), Error> {
    let latest = expected.now.plus(expected.tolerance);
    let expires = date(claims, "exp").ok_or(Code::IdTokenExpired)?;
    let issued = date(claims, "iat").ok_or(Code::IdTokenIssuedAt)?;
    if expires <= expected.now.minus(expected.tolerance) || expires <= issued {
        return Err(Code::IdTokenExpired.into());
    }
    if issued > latest {
        return Err(Code::IdTokenIssuedAt.into());
    }
    match claims.get("nbf") {
        None => Ok(()),
        Some(_) if date(claims, "nbf").is_some_and(|from| from <= latest) => Ok(()),
        Some(_) => Err(Error::with_detail(Code::IdTokenIssuedAt, "nbf")),
    }
}

fn check_nonce(claims: &Value, nonce: &Nonce, required: bool) -> Result<(), Error> {
    match claims.get("nonce") {
        None if !required => Ok(()),
        Some(Value::String(text)) if text == nonce.expose() => Ok(()),
        _ => Err(Code::IdTokenNonce.into()),
    }
}

/// A login that asked for a way to authenticate is satisfied by one of those that it named \[RFC 9470 §5].
fn check_acr(claims: &Value, acr_values: Option<&str>) -> Result<(), Error> {
    let Some(wanted) = acr_values else { return Ok(()) };
    let acr = claims.get_str("acr").filter(|acr| !acr.is_empty());
    match acr {
        Some(acr) if wanted.split(' ').any(|value| value == acr) => Ok(()),
        Some(_) => Err(Error::with_detail(Code::IdTokenAcr, "none of the acrValues")),
        None => Err(Error::with_detail(Code::IdTokenAcr, "missing")),
    }
}

fn check_auth_time(claims: &Value, max_age: Option<u32>, expected: &Expected<'_>) -> Result<(), Error> {
    let auth_time = date(claims, "auth_time");
    let readable = auth_time.is_some() || claims.get("auth_time").is_none();
    let fresh = match (max_age, auth_time) {
        (None, _) => true,
        (Some(seconds), Some(time)) => {
            expected.now.millis_since(time) <= (u64::from(seconds) * 1000).saturating_add(millis(expected.tolerance))
        }
        (Some(_), None) => false,
    };
    if readable && fresh { Ok(()) } else { Err(Code::IdTokenAuthTime.into()) }
}

/// Checks the left half of the access token's hash, if the token contains it \[OIDC Core §3.1.3.8].
fn check_access_token_hash(claims: &Value, hash: &[u8]) -> Result<(), Error> {
    let Some(claimed) = claims.get("at_hash") else { return Ok(()) };
    let (left_half, _) = hash.split_at(hash.len() / 2);
    if claimed.as_str() == Some(&base64url(left_half)) { Ok(()) } else { Err(Code::IdTokenAccessTokenHash.into()) }
}

/// Checks what must not change between the ID tokens of a session \[OIDC Core §12.2].
fn check_continuity(claims: &Value, previous: &IdToken, expected: &Expected<'_>) -> Result<(), Error> {
    let same = |name| claims.get(name) == previous.claims.get(name);
    let same_if_there = |name| claims.get(name).is_none() || same(name);
    // An issuer with a placeholder stands for many tenants, of which the session belongs to one.
    if !same("iss") {
        return Err(Code::SubjectChanged.into());
    }
    // The presence of a subject has already been checked.
    if !same("sub") || (previous.tenant_id().is_some() && !same_if_there("tnt_id")) {
        return Err(Code::SubjectChanged.into());
    }
    if !same("azp") {
        return Err(Code::IdTokenAudience.into());
    }
    // If the user signed in again at the provider, the time is later. An earlier one belongs to another sign-in. A
    // refreshed token need not have one.
    let is_wrong = |before| claims.get("auth_time").is_some() && date(claims, "auth_time").is_none_or(|time| time < before);
    if previous.auth_time().is_some_and(is_wrong) {
        return Err(Code::IdTokenAuthTime.into());
    }
    // A token issued before the previous one is a replay. If a server confirmed `now` and the previous
    // `iat` is later, that `iat` was wrong, and the token is compared with `now` instead.
    let older = date(claims, "iat").zip(previous.issued_at()).is_some_and(|(new, old)| {
        let earliest = if expected.now_was_told { old.min(expected.now) } else { old };
        new.plus(expected.tolerance) < earliest
    });
    if older { Err(Code::IdTokenIssuedAt.into()) } else { Ok(()) }
}

fn date(claims: &Value, name: &str) -> Option<Timestamp> {
    claims.get(name).and_then(Value::as_integer).map(Timestamp::from_seconds)
}
