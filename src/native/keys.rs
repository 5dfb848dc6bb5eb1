//! The key pairs to which tokens are bound \[RFC 9449]. They are in memory, and in the stored record of the session.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding, RsaKeyPair};
use zeroize::Zeroizing;

use crate::protocol::base64url::{base64url, from_base64url};
use crate::protocol::dpop::{KeyId, Proof, PublicKey};
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::jwks::Algorithm;
use crate::protocol::secret::Secret;
use crate::session::StoredKey;

/// The key pairs of a session.
#[derive(Default)]
pub(super) struct Keys(Mutex<Vec<(KeyId, Arc<KeyPair>)>>);

/// A key pair, and how it is written.
struct KeyPair {
    pair: Pair,
    /// PKCS #8, in base64url.
    private: Secret,
    public: PublicKey,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

impl Keys {
    /// Makes a key pair, unless there is one of this id. Returns the thumbprint of its public key.
    pub(super) fn make(&self, key: KeyId) -> Result<String, Error> {
        self.get(key).map(|pair| pair.public.thumbprint())
    }

    /// Keeps a key pair that an earlier process made.
    pub(super) fn import(&self, key: KeyId, private: &Secret) -> Result<(), Error> {
        let pair = Arc::new(KeyPair::read(key.algorithm(), private.clone()).ok_or_else(unsupported)?);
        self.list().push((key, pair));
        Ok(())
    }

    /// The key pair for the stored record.
    pub(super) fn export(&self, key: KeyId) -> Option<StoredKey> {
        let pair = self.find(key)?;
        Some(StoredKey { algorithm: key.algorithm(), private: pair.private.clone() })
    }

    /// The signed proof, as the header `DPoP` has it.
    pub(super) fn sign(&self, proof: &Proof) -> Result<String, Error> {
        let pair = self.get(proof.key)?;
        let input = proof.signing_input(&pair.public);
        let signature = pair.sign(proof.key.algorithm(), input.as_bytes()).ok_or_else(unsupported)?;
        Ok(Proof::signed(&input, &signature))
    }

    /// Drops every key pair that is no longer needed.
    pub(super) fn retain(&self, is_needed: impl Fn(KeyId) -> bool) {
        self.list().retain(|(key, _)| is_needed(*key));
    }

    fn get(&self, key: KeyId) -> Result<Arc<KeyPair>, Error> {
        if let Some(pair) = self.find(key) {
            return Ok(pair);
        }
        let pair = Arc::new(KeyPair::generate(key.algorithm()).ok_or_else(unsupported)?);
        self.list().push((key, Arc::clone(&pair)));
        // Another request with the same key may have been faster.
        self.find(key).ok_or_else(unsupported)
    }

    fn find(&self, key: KeyId) -> Option<Arc<KeyPair>> {
        self.list().iter().find(|(other, _)| *other == key).map(|(_, pair)| Arc::clone(pair))
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Vec<(KeyId, Arc<KeyPair>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a stored key can be used. A record whose key cannot is refused.
pub(super) fn is_usable(key: &StoredKey) -> bool {
    KeyPair::read(key.algorithm, key.private.clone()).is_some()
}

fn unsupported() -> Error {
    Error::with_detail(Code::DpopUnsupported, "no key of this kind can be made")
}

impl KeyPair {
    fn generate(algorithm: Algorithm) -> Option<Self> {
        let random = SystemRandom::new();
        let document = match algorithm {
            Algorithm::Ed25519 | Algorithm::EdDsa => {
                Zeroizing::new(Ed25519KeyPair::generate_pkcs8(&random).ok()?.as_ref().to_vec())
            }
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => {
                Zeroizing::new(EcdsaKeyPair::generate_pkcs8(curve(algorithm)?, &random).ok()?.as_ref().to_vec())
            }
            _ => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
                let document: Pkcs8V1Der<'_> = pair.as_der().ok()?;
                Zeroizing::new(document.as_ref().to_vec())
            }
        };
        Self::read(algorithm, Secret::new(base64url(&document)))
    }

    /// Reads PKCS #8 in base64url.
    fn read(algorithm: Algorithm, private: Secret) -> Option<Self> {
        let document = Zeroizing::new(from_base64url(private.expose())?);
        let pair = match algorithm {
            Algorithm::Ed25519 | Algorithm::EdDsa => Pair::Ed(Ed25519KeyPair::from_pkcs8(&document).ok()?),
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => {
                Pair::Ec(EcdsaKeyPair::from_pkcs8(curve(algorithm)?, &document).ok()?)
            }
            _ => Pair::Rsa(Box::new(RsaKeyPair::from_pkcs8(&document).ok()?)),
        };
        let public = PublicKey::from_jwk(algorithm, &jwk(algorithm, &pair)?)?;
        Some(Self { pair, private, public })
    }

    fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => Some(pair.sign(&random, input).ok()?.as_ref().to_vec()),
            Pair::Ed(pair) => Some(pair.sign(input).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding(algorithm)?, &random, input, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

/// The public half, as a JWK \[RFC 7518 §6, RFC 8037 §2].
fn jwk(algorithm: Algorithm, pair: &Pair) -> Option<Value> {
    let text = |bytes: &[u8]| Value::String(base64url(bytes));
    match pair {
        Pair::Ec(pair) => {
            let point = pair.public_key().as_ref().get(1..)?;
            let (x, y) = point.split_at(point.len() / 2);
            let name = match algorithm {
                Algorithm::Es256 => "P-256",
                Algorithm::Es384 => "P-384",
                _ => "P-521",
            };
            Some(Value::object([("kty", "EC".into()), ("crv", name.into()), ("x", text(x)), ("y", text(y))]))
        }
        Pair::Ed(pair) => {
            let x = text(pair.public_key().as_ref());
            Some(Value::object([("kty", "OKP".into()), ("crv", "Ed25519".into()), ("x", x)]))
        }
        Pair::Rsa(pair) => {
            let public = pair.public_key();
            let (n, e) = (public.modulus().big_endian_without_leading_zero(), public.exponent().big_endian_without_leading_zero());
            Some(Value::object([("kty", "RSA".into()), ("n", text(n)), ("e", text(e))]))
        }
    }
}

fn curve(algorithm: Algorithm) -> Option<&'static EcdsaSigningAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::Es384 => Some(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::Es512 => Some(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
        _ => None,
    }
}

fn padding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        Algorithm::Ps256 => Some(&signature::RSA_PSS_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_SHA512),
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_SHA512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_every_algorithm_is_written_and_read_again() {
        for algorithm in Algorithm::ALL {
            let pair = KeyPair::generate(algorithm).unwrap();
            let again = KeyPair::read(algorithm, pair.private.clone()).unwrap();
            assert_eq!(pair.public, again.public, "{algorithm:?}");
            assert!(again.sign(algorithm, b"text").is_some(), "{algorithm:?}");
        }
    }

    /// The provider's key set with this key.
    fn published(pair: &KeyPair, algorithm: Algorithm) -> Vec<crate::protocol::jwks::Jwk> {
        use crate::protocol::http::Response;
        use crate::protocol::jwks::JwkSet;
        let keys = Value::object([("keys", Value::Array(vec![jwk(algorithm, &pair.pair).unwrap()]))]);
        let response = Response { status: 200, body: Secret::new(keys.to_text()), ..Response::default() };
        JwkSet::parse(&response).unwrap().candidates(algorithm, None)
    }

    #[test]
    fn law_5_a_signature_of_every_algorithm_is_checked() {
        use crate::native::signature::check;
        use crate::protocol::id_token::Signature;
        use crate::protocol::secret::AccessToken;
        use crate::session::SignatureCheck;
        for algorithm in Algorithm::ALL {
            let (pair, other) = (KeyPair::generate(algorithm).unwrap(), KeyPair::generate(algorithm).unwrap());
            let signature = pair.sign(algorithm, b"header.claims").unwrap();
            let is_valid = |keys, algorithm, text: &str, signature: &[u8]| {
                let asked = SignatureCheck {
                    access_token: AccessToken::new("token".to_owned()),
                    algorithm,
                    hash: algorithm.hash(),
                    keys,
                    signing_input: Secret::new(text.to_owned()),
                    signature: signature.to_vec(),
                };
                matches!(check(&asked), Signature::Valid { .. })
            };
            let keys = || published(&pair, algorithm);
            assert!(is_valid(keys(), algorithm, "header.claims", &signature), "{algorithm:?}");
            assert!(is_valid([published(&other, algorithm), keys()].concat(), algorithm, "header.claims", &signature));
            assert!(!is_valid(published(&other, algorithm), algorithm, "header.claims", &signature), "{algorithm:?}");
            assert!(!is_valid(Vec::new(), algorithm, "header.claims", &signature), "{algorithm:?}");
            assert!(!is_valid(keys(), algorithm, "header.claimz", &signature), "{algorithm:?}");
            assert!(!is_valid(keys(), algorithm, "header.claims", &[]), "{algorithm:?}");
            assert!(!is_valid(keys(), algorithm, "header.claims", &vec![0; signature.len()]), "{algorithm:?}");
            for index in [0, signature.len() / 2, signature.len() - 1] {
                let mut flipped = signature.clone();
                flipped[index] ^= 1;
                assert!(!is_valid(keys(), algorithm, "header.claims", &flipped), "{algorithm:?}");
            }
            let same = |other: Algorithm| [algorithm, other].iter().all(|one| matches!(one, Algorithm::Ed25519 | Algorithm::EdDsa));
            for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm && !same(*other)) {
                assert!(!is_valid(keys(), other, "header.claims", &signature), "{algorithm:?} is not {other:?}");
            }
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for private in ["", "AAAA", "!"] {
            let key = StoredKey { algorithm: Algorithm::Es256, private: Secret::new(private.to_owned()) };
            assert!(!is_usable(&key));
        }
        let ed = KeyPair::generate(Algorithm::EdDsa).unwrap();
        assert!(!is_usable(&StoredKey { algorithm: Algorithm::Es256, private: ed.private.clone() }), "of another algorithm");
    }
}
