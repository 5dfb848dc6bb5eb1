//! The provider's public keys \[RFC 7517, RFC 7518 §6].

use super::base64url::from_base64url;
use super::error::{Code, Error};
use super::http::{Request, Response};
use super::json::Value;

/// The accepted signature algorithms \[RFC 7518 §3.1, RFC 8037, RFC 9864]. Never `none`, and never HMAC: a
/// public client has no secret to check it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519, by its name of RFC 9864
    Ed25519,
    /// Ed25519, by its name of RFC 8037
    EdDsa,
    /// ECDSA with P-256 and SHA-256
    Es256,
    /// ECDSA with P-384 and SHA-384
    Es384,
    /// ECDSA with P-521 and SHA-512
    Es512,
    /// RSA-PSS with SHA-256
    Ps256,
    /// RSA-PSS with SHA-384
    Ps384,
    /// RSA-PSS with SHA-512
    Ps512,
    /// RSA PKCS #1 with SHA-256, OpenID's default
    Rs256,
    /// RSA PKCS #1 with SHA-384
    Rs384,
    /// RSA PKCS #1 with SHA-512
    Rs512,
}

impl Algorithm {
    /// All accepted algorithms.
    pub const ALL: [Self; 11] = [
        Self::Ed25519,
        Self::EdDsa,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
    ];

    /// The name in a token's header (`alg`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }

    /// The hash function of the algorithm, also used for `at_hash` \[OIDC Core §3.1.3.6].
    pub fn hash(self) -> &'static str {
        match self {
            Self::Es256 | Self::Ps256 | Self::Rs256 => "SHA-256",
            Self::Es384 | Self::Ps384 | Self::Rs384 => "SHA-384",
            Self::Ed25519 | Self::EdDsa | Self::Es512 | Self::Ps512 | Self::Rs512 => "SHA-512",
        }
    }

    /// The accepted algorithm with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.as_str() == name)
    }

    /// The kind of its keys.
    fn kind(self) -> Kind {
        match self {
            Self::Ed25519 | Self::EdDsa => Kind::Ed25519,
            Self::Es256 => Kind::P256,
            Self::Es384 => Kind::P384,
            Self::Es512 => Kind::P521,
            Self::Ps256 | Self::Ps384 | Self::Ps512 | Self::Rs256 | Self::Rs384 | Self::Rs512 => Kind::Rsa,
        }
    }
}

/// A public key that can verify signatures.
#[derive(Clone, Debug, PartialEq)]
pub struct Jwk {
    kind: Kind,
    /// The key as received. Its numbers have been checked.
    members: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ed25519,
    P256,
    P384,
    P521,
    Rsa,
}

/// A curve: `kty` and `crv` of its keys, the length of a coordinate in bytes, and the coordinates.
type Curve = (Kind, &'static str, &'static str, usize, &'static [&'static str]);

const CURVES: &[Curve] = &[
    (Kind::Ed25519, "OKP", "Ed25519", 32, &["x"]),
    (Kind::P256, "EC", "P-256", 32, &["x", "y"]),
    (Kind::P384, "EC", "P-384", 48, &["x", "y"]),
    (Kind::P521, "EC", "P-521", 66, &["x", "y"]),
];

/// The numbers of a key, each in base64url as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyMaterial<'a> {
    /// `OKP` with `Ed25519` \[RFC 8037 §2]
    Ed25519 {
        /// The public key.
        x: &'a str,
    },
    /// `EC` with `P-256`
    P256 {
        /// The point's first coordinate.
        x: &'a str,
        /// The point's second coordinate.
        y: &'a str,
    },
    /// `EC` with `P-384`
    P384 {
        /// The point's first coordinate.
        x: &'a str,
        /// The point's second coordinate.
        y: &'a str,
    },
    /// `EC` with `P-521`
    P521 {
        /// The point's first coordinate.
        x: &'a str,
        /// The point's second coordinate.
        y: &'a str,
    },
    /// `RSA`, 2048 bits or more
    Rsa {
        /// The exponent.
        e: &'a str,
        /// The modulus.
        n: &'a str,
    },
}

impl Jwk {
    /// Parses a key. `None` if it cannot verify signatures here: an unknown type, for encryption,
    /// too small. Providers publish such keys next to usable ones.
    fn parse(members: &Value) -> Option<Self> {
        let text = |name| members.get_str(name);
        let signs = text("use").is_none_or(|purpose| purpose == "sig");
        let verifies = members.get("key_ops").is_none_or(|ops| ops.is_string_array() && ops.contains_str("verify"));
        if !signs || !verifies {
            return None;
        }
        let number = |name| from_base64url(text(name)?);
        let sized = |name, length| number(name).is_some_and(|bytes| bytes.len() == length);
        let (kind, sound) = if text("kty")? == "RSA" {
            (Kind::Rsa, is_exponent(&number("e")?) && is_modulus(&number("n")?))
        } else {
            let named = |(_, kty, crv, ..): &&Curve| text("kty") == Some(*kty) && text("crv") == Some(*crv);
            let (kind, _, _, length, coordinates) = CURVES.iter().find(named)?;
            (*kind, coordinates.iter().all(|name| sized(name, *length)))
        };
        sound.then(|| Self { kind, members: members.clone() })
    }

    /// The members that define the key; a missing one is empty. The other members describe its
    /// use, not always with values that a browser knows.
    #[cfg(feature = "browser")]
    pub(crate) fn numbers(&self) -> [(&'static str, &str); 6] {
        ["kty", "crv", "x", "y", "e", "n"].map(|name| (name, self.members.get_str(name).unwrap_or_default()))
    }

    /// The key's numbers.
    pub fn material(&self) -> KeyMaterial<'_> {
        let number = |name| self.members.get_str(name).unwrap_or_default();
        match self.kind {
            Kind::Ed25519 => KeyMaterial::Ed25519 { x: number("x") },
            Kind::P256 => KeyMaterial::P256 { x: number("x"), y: number("y") },
            Kind::P384 => KeyMaterial::P384 { x: number("x"), y: number("y") },
            Kind::P521 => KeyMaterial::P521 { x: number("x"), y: number("y") },
            Kind::Rsa => KeyMaterial::Rsa { e: number("e"), n: number("n") },
        }
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        // Wristband has been seen to send a value here that is not a registered algorithm. An
        // unknown value is ignored; a known one binds the key to it.
        let own = self.members.get_str("alg").and_then(Algorithm::parse);
        // One algorithm has two names.
        let is_same = |own: Algorithm| own == algorithm || (own.kind() == Kind::Ed25519 && algorithm.kind() == Kind::Ed25519);
        self.kind == algorithm.kind() && own.is_none_or(is_same)
    }
}

/// The provider's keys \[RFC 7517 §5].
#[derive(Clone, Debug, PartialEq)]
pub struct JwkSet(Vec<Jwk>);

/// At most this many keys are parsed.
const MAX_KEYS: usize = 100;
/// At most this many keys are tried for one token.
const MAX_CANDIDATES: usize = 8;

impl JwkSet {
    /// The request for the keys.
    pub fn request(jwks_uri: &str) -> Request {
        Request::get(jwks_uri)
    }

    /// Parses the response. Keys that cannot be used here are left out.
    ///
    /// # Errors
    /// A `provider_…` code: for a failed response, or for one without a list of keys.
    pub fn parse(response: &Response) -> Result<Self, Error> {
        let body = response.json()?;
        let keys = body.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or_else(|| Error::with_detail(Code::ProviderResponseInvalid, "keys"))?;
        let mut usable = Vec::new();
        for key in keys.iter().take(MAX_KEYS) {
            if let Some(key) = Jwk::parse(key) {
                usable.push(key);
            }
        }
        Ok(Self(usable))
    }

    /// The keys that can have signed a token with this header: those with its `kid`, or without a
    /// `kid` every key of the right type \[OIDC Core §10.1]. At most 8.
    pub fn candidates(&self, algorithm: Algorithm, kid: Option<&str>) -> Vec<Jwk> {
        let mut candidates = Vec::new();
        for key in &self.0 {
            let is_named = kid.is_none_or(|kid| key.members.get_str("kid") == Some(kid));
            if is_named && key.fits(algorithm) && candidates.len() < MAX_CANDIDATES {
                candidates.push(key.clone());
            }
        }
        candidates
    }
}

/// Whether this is a modulus of 2048 bits or more.
fn is_modulus(bytes: &[u8]) -> bool {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.len() - zeros;
    significant > 256 || (significant == 256 && bytes.get(zeros).is_some_and(|first| *first >= 0x80))
}

fn is_exponent(bytes: &[u8]) -> bool {
    // With an exponent of one, every message would be its own signature.
    let one_or_less = bytes.split_last().is_none_or(|(last, rest)| *last < 2 && rest.iter().all(|byte| *byte == 0));
    !one_or_less && bytes.len() <= 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::base64url::base64url;
    use crate::protocol::secret::Secret;

    fn set(keys: &str) -> JwkSet {
        let body = Secret::new(format!("{{\"keys\":[{keys}]}}"));
        JwkSet::parse(&Response { status: 200, body, retry_after: None, ..Response::default() }).unwrap()
    }

    fn rsa(bytes: usize, more: &str) -> String {
        format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"{more}}}"#, base64url(&vec![0xff; bytes]))
    }

    #[test]
    fn keys_are_chosen_by_kid_and_kind() {
        let keys = set(&[rsa(256, r#","kid":"a""#), rsa(256, r#","kid":"b""#)].join(","));
        assert_eq!(keys.candidates(Algorithm::Rs256, Some("a")).len(), 1);
        assert_eq!(keys.candidates(Algorithm::Rs256, Some("c")).len(), 0);
        assert_eq!(keys.candidates(Algorithm::Rs256, None).len(), 2);
        assert_eq!(keys.candidates(Algorithm::Es256, Some("a")).len(), 0);
    }

    #[test]
    fn keys_that_must_not_verify_are_left_out() {
        let exponent_one = rsa(256, "").replace("AQAB", "AQ");
        for key in [
            rsa(128, ""),
            rsa(256, r#","use":"enc""#),
            rsa(256, r#","key_ops":["sign"]"#),
            exponent_one,
            r#"{"kty":"oct","k":"AA"}"#.into(),
        ] {
            assert_eq!(set(&key).candidates(Algorithm::Rs256, None), [], "{key}");
        }
    }

    #[test]
    fn a_key_made_for_one_algorithm_serves_no_other() {
        let keys = set(&rsa(256, r#","alg":"RS256""#));
        assert_eq!(keys.candidates(Algorithm::Rs256, None).len(), 1);
        assert_eq!(keys.candidates(Algorithm::Ps256, None).len(), 0);
        assert_eq!(set(&rsa(256, r#","alg":"RSA256""#)).candidates(Algorithm::Rs256, None).len(), 1, "an unregistered value");
    }
}
