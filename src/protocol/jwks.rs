//! The provider's public keys \[RFC 7517, RFC 7518 §6].

use super::error::{Code, Error};
use super::http::{Request, Response};
use super::json::Value;
use super::pkce::from_base64url;

/// The signature algorithms that are accepted \[RFC 7518 §3.1, RFC 8037]. Never `none`, and never
/// HMAC: a public client has no secret to check one with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519
    EdDsa,
    /// ECDSA with P-256 and SHA-256
    Es256,
    /// ECDSA with P-384 and SHA-384
    Es384,
    /// RSA-PSS with SHA-256
    Ps256,
    /// RSA PKCS #1 with SHA-256, OpenID's default
    Rs256,
}

impl Algorithm {
    /// All that are accepted.
    pub const ALL: [Self; 5] = [Self::EdDsa, Self::Es256, Self::Es384, Self::Ps256, Self::Rs256];

    /// The name in a token's header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// A public key, reduced to what verifying takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    algorithm: Option<Algorithm>,
    kid: Option<String>,
    material: KeyMaterial,
}

/// The numbers of a key, each in base64url as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// `OKP` with `Ed25519` \[RFC 8037 §2]
    Ed25519 {
        /// The public key.
        x: String,
    },
    /// `EC` with `P-256`
    P256 {
        /// The point's first coordinate.
        x: String,
        /// The point's second coordinate.
        y: String,
    },
    /// `EC` with `P-384`
    P384 {
        /// The point's first coordinate.
        x: String,
        /// The point's second coordinate.
        y: String,
    },
    /// `RSA`, 2048 bits or more
    Rsa {
        /// The exponent.
        e: String,
        /// The modulus.
        n: String,
    },
}

impl Jwk {
    /// Reads a key. `None` for one that cannot verify here: another kind, made for encryption,
    /// too small. Providers publish such keys beside the ones that matter.
    fn parse(value: &Value) -> Option<Self> {
        let text = |name| value.text(name);
        let sized = |name, length: usize| {
            text(name).filter(|text| from_base64url(text).is_some_and(|b| b.len() == length)).map(str::to_owned)
        };
        let signs = text("use").is_none_or(|purpose| purpose == "sig");
        let verifies = value.get("key_ops").is_none_or(|ops| ops.as_strings().is_some_and(|ops| ops.contains(&"verify")));
        if !signs || !verifies {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => KeyMaterial::Rsa { e: exponent(text("e")?)?, n: modulus(text("n")?)? },
            ("EC", Some("P-256")) => KeyMaterial::P256 { x: sized("x", 32)?, y: sized("y", 32)? },
            ("EC", Some("P-384")) => KeyMaterial::P384 { x: sized("x", 48)?, y: sized("y", 48)? },
            ("OKP", Some("Ed25519")) => KeyMaterial::Ed25519 { x: sized("x", 32)? },
            _ => return None,
        };
        // Wristband has been seen to write a value here that is not a registered algorithm. A
        // value that is not known says nothing; one that is known binds the key to it.
        let algorithm = text("alg").and_then(Algorithm::parse);
        Some(Self { algorithm, kid: text("kid").map(str::to_owned), material })
    }

    /// The key's numbers.
    pub fn material(&self) -> &KeyMaterial {
        &self.material
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match algorithm {
            Algorithm::EdDsa => matches!(self.material, KeyMaterial::Ed25519 { .. }),
            Algorithm::Es256 => matches!(self.material, KeyMaterial::P256 { .. }),
            Algorithm::Es384 => matches!(self.material, KeyMaterial::P384 { .. }),
            Algorithm::Ps256 | Algorithm::Rs256 => matches!(self.material, KeyMaterial::Rsa { .. }),
        };
        kind && self.algorithm.is_none_or(|own| own == algorithm)
    }
}

/// The provider's keys \[RFC 7517 §5].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwkSet(Vec<Jwk>);

/// More keys than this are not looked at.
const MOST_KEYS: usize = 100;
/// More keys than this are not tried on one token.
const MOST_CANDIDATES: usize = 8;

impl JwkSet {
    /// The request for the keys.
    pub fn request(jwks_uri: &str) -> Request {
        Request::get(jwks_uri)
    }

    /// Reads the answer. Keys that cannot be used here are left out.
    ///
    /// # Errors
    /// As the provider refused, or `provider_response_invalid` without a list of keys.
    pub fn parse(response: &Response) -> Result<Self, Error> {
        let body = response.json()?;
        let keys = body.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or_else(|| Error::with_detail(Code::ProviderResponseInvalid, "keys"))?;
        Ok(Self(keys.iter().take(MOST_KEYS).filter_map(Jwk::parse).collect()))
    }

    /// The keys that a token with this header can have been signed with: those of its `kid`, or
    /// without a `kid` every key of the right kind \[OIDC Core §10.1].
    pub fn candidates(&self, algorithm: Algorithm, kid: Option<&str>) -> Vec<Jwk> {
        let fits = |key: &&Jwk| key.fits(algorithm) && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid));
        self.0.iter().filter(fits).take(MOST_CANDIDATES).cloned().collect()
    }
}

fn modulus(text: &str) -> Option<String> {
    let bytes = from_base64url(text)?;
    let significant = bytes.iter().skip_while(|byte| **byte == 0).count();
    let top_bit_set = bytes.iter().find(|byte| **byte != 0).is_some_and(|byte| *byte >= 0x80);
    (significant > 256 || (significant == 256 && top_bit_set)).then(|| text.to_owned())
}

fn exponent(text: &str) -> Option<String> {
    let bytes = from_base64url(text)?;
    // An exponent of one would make every message its own signature.
    let one_or_less = bytes.iter().rev().skip(1).all(|byte| *byte == 0) && bytes.last().is_none_or(|byte| *byte < 2);
    (!one_or_less && bytes.len() <= 8).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::pkce::base64url;
    use crate::protocol::secret::Secret;

    fn set(keys: &str) -> JwkSet {
        let body = Secret::new(format!("{{\"keys\":[{keys}]}}"));
        JwkSet::parse(&Response { status: 200, body, retry_after: None }).unwrap()
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
