//! Proofs that a token is used by whoever it was issued to \[RFC 9449, DPoP].
//!
//! The session decides what a proof says, and the driver signs it with a key that never leaves the vault.

use core::fmt;

use sha2::{Digest as _, Sha256};

use super::base64url::base64url;
use super::json::{ObjectText, Value};
use super::jwks::Algorithm;
use super::secret::AccessToken;
use super::time::Timestamp;

/// Tells the key pairs of a vault apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyId {
    number: u32,
    algorithm: Algorithm,
}

impl KeyId {
    pub(crate) fn new(number: u32, algorithm: Algorithm) -> Self {
        Self { number, algorithm }
    }

    /// The algorithm of the key pair.
    pub fn algorithm(self) -> Algorithm {
        self.algorithm
    }
}

/// The algorithms of proofs, the preferred first: short keys and signatures, then what more browsers than not have.
const PREFERRED: [Algorithm; 7] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Ps256,
    Algorithm::Rs256,
    Algorithm::Ed25519,
    Algorithm::EdDsa,
];

/// The algorithm to use, of those that the provider accepts (`dpop_signing_alg_values_supported`).
pub(crate) fn preferred(accepted: &[Algorithm]) -> Option<Algorithm> {
    PREFERRED.into_iter().find(|algorithm| accepted.contains(algorithm))
}

/// The public half of a key pair.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicKey {
    algorithm: Algorithm,
    /// The members that make the key \[RFC 7638 §3.2], and no other, as text.
    jwk: String,
}

impl PublicKey {
    /// Reads the JWK that the browser exports. `None` if a member is missing.
    pub fn from_jwk(algorithm: Algorithm, exported: &Value) -> Option<Self> {
        // In the order that the thumbprint needs.
        let names: &[&str] = match exported.get_str("kty")? {
            "EC" => &["crv", "kty", "x", "y"],
            "OKP" => &["crv", "kty", "x"],
            "RSA" => &["e", "kty", "n"],
            _ => return None,
        };
        let mut jwk = ObjectText::new();
        for name in names {
            jwk = jwk.string(name, exported.get_str(name)?);
        }
        Some(Self { algorithm, jwk: jwk.end() })
    }

    /// The key's thumbprint, as authorization requests send it (`dpop_jkt`) \[RFC 7638, RFC 9449 §10].
    pub fn thumbprint(&self) -> String {
        base64url(&Sha256::digest(self.jwk.as_bytes()))
    }
}

/// A proof before it is signed \[RFC 9449 §4.2].
#[derive(Clone, PartialEq)]
pub struct Proof {
    /// The key pair that signs it.
    pub key: KeyId,
    /// As text.
    claims: String,
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What a proof is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose<'a> {
    /// The method of the request.
    pub(crate) method: &'a str,
    /// The URL of the request.
    pub(crate) url: &'a str,
    /// The access token that the request is sent with.
    pub(crate) access_token: Option<&'a AccessToken>,
    /// The last nonce of this server.
    pub(crate) nonce: Option<&'a str>,
}

impl Proof {
    /// A proof for one request. `id` is unique for the key.
    pub(crate) fn new(key: KeyId, purpose: Purpose<'_>, now: Timestamp, id: &str) -> Self {
        let Purpose { method, url, access_token, nonce } = purpose;
        // Neither the query nor the fragment.
        let target = url.split(['?', '#']).next().unwrap_or_default();
        let issued_at = now.as_millis().div_euclid(1000).to_string();
        let mut claims = ObjectText::new().string("jti", id).string("htm", method).string("htu", target).text("iat", &issued_at);
        if let Some(access_token) = access_token {
            claims = claims.string("ath", &base64url(&Sha256::digest(access_token.expose().as_bytes())));
        }
        if let Some(nonce) = nonce {
            claims = claims.string("nonce", nonce);
        }
        Self { key, claims: claims.end() }
    }

    /// The string to sign (JWS signing input).
    pub fn signing_input(&self, key: &PublicKey) -> String {
        let header = ObjectText::new().string("typ", "dpop+jwt").string("alg", key.algorithm.as_str()).text("jwk", &key.jwk);
        [&base64url(header.end().as_bytes()), ".", &base64url(self.claims.as_bytes())].concat()
    }

    /// The signed proof, as the header `DPoP` has it.
    pub fn signed(signing_input: &str, signature: &[u8]) -> String {
        [signing_input, ".", &base64url(signature)].concat()
    }
}

/// The longest nonce that is kept, in bytes.
const MAX_NONCE: usize = 512;

/// A nonce of a server, if it is one \[RFC 9449 §8.1].
pub(crate) fn nonce(header: &str) -> Option<&str> {
    let is_nonce = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    (!header.is_empty() && header.len() <= MAX_NONCE && header.bytes().all(is_nonce)).then_some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 9449 §4.1, and its thumbprint of §6.1.
    fn key_of_the_standard() -> PublicKey {
        let jwk = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;
        PublicKey::from_jwk(Algorithm::Es256, &Value::parse(jwk.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        assert_eq!(key_of_the_standard().thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    #[test]
    fn a_proof_is_that_of_the_standard() {
        // The proof of RFC 9449 §7.1.
        let token = AccessToken::new("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU".into());
        let purpose = Purpose {
            method: "GET",
            url: "https://resource.example.org/protectedresource?x#y",
            access_token: Some(&token),
            nonce: None,
        };
        let proof =
            Proof::new(KeyId::new(1, Algorithm::Es256), purpose, Timestamp::from_seconds(1_562_262_618), "e1j3V_bKic8-LAEB");
        let expected = r#"{"jti":"e1j3V_bKic8-LAEB","htm":"GET","htu":"https://resource.example.org/protectedresource","iat":1562262618,"ath":"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"}"#;
        assert_eq!(proof.claims, expected);
        let input = proof.signing_input(&key_of_the_standard());
        let header = input.split('.').next().unwrap();
        // The header of §4.1, whose key has its members in another order.
        let header = Value::parse(&crate::protocol::base64url::from_base64url(header).unwrap()).unwrap();
        assert_eq!((header.get_str("typ"), header.get_str("alg")), (Some("dpop+jwt"), Some("ES256")));
        assert_eq!(header.get("jwk").unwrap().get_str("x"), Some("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"));
    }

    #[test]
    fn no_private_member_of_a_key_gets_into_a_proof() {
        let jwk = Value::parse(br#"{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"secret","key_ops":["sign"]}"#).unwrap();
        let key = PublicKey::from_jwk(Algorithm::Es256, &jwk).unwrap();
        assert_eq!(key.jwk, r#"{"crv":"P-256","kty":"EC","x":"a","y":"b"}"#);
        assert_eq!(PublicKey::from_jwk(Algorithm::Es256, &Value::parse(br#"{"kty":"oct","k":"secret"}"#).unwrap()), None);
    }

    #[test]
    fn a_nonce_has_the_characters_of_the_standard() {
        assert_eq!(nonce("eyJ7S_zG.eyJH0-Z.HX4w-7v"), Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"));
        for other in ["", "a b", "a\"b", "a\\b", "ä"] {
            assert_eq!(nonce(other), None, "{other}");
        }
        assert_eq!(nonce(&"a".repeat(513)), None);
    }

    #[test]
    fn the_shortest_algorithm_is_preferred() {
        assert_eq!(preferred(&[Algorithm::Rs256, Algorithm::Es256]), Some(Algorithm::Es256));
        assert_eq!(preferred(&[Algorithm::Ps512]), None);
    }
}
