//! Signing keys, and the check that a browser's SubtleCrypto would make.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use wristband_spa_auth::protocol::jwks::{Algorithm, Jwk, KeyMaterial};

const RSA_A: &[u8] = include_bytes!("keys/test-only-rsa-2048-a.pk8.der");
const RSA_B: &[u8] = include_bytes!("keys/test-only-rsa-2048-b.pk8.der");

/// A key of the provider.
pub struct SigningKey {
    pub algorithm: Algorithm,
    pub kid: Option<String>,
    /// How many bits of the modulus are published, if not all.
    pub bits: Option<usize>,
    pair: Pair,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// A key for this algorithm. There are two fixed RSA keys, because generating one is slow; all other
    /// keys are new.
    pub fn new(algorithm: Algorithm, kid: &str) -> Self {
        Self::made(algorithm, kid, RSA_A)
    }

    /// Another key than the one that [`SigningKey::new`] returns.
    pub fn another(algorithm: Algorithm, kid: &str) -> Self {
        Self::made(algorithm, kid, RSA_B)
    }

    fn made(algorithm: Algorithm, kid: &str, rsa: &[u8]) -> Self {
        let random = SystemRandom::new();
        let ec = |kind| {
            let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
            Pair::Ec(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap())
        };
        let pair = match algorithm {
            Algorithm::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Ed25519 | Algorithm::EdDsa => {
                let document = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                Pair::Ed(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
            }
            Algorithm::Es512 => panic!("ring has no P-521: a browser test signs with it"),
            _ => Pair::Rsa(RsaKeyPair::from_pkcs8(rsa).unwrap()),
        };
        Self { algorithm, kid: Some(kid.to_owned()), bits: None, pair }
    }

    /// A key of the same kind that belongs to someone else.
    pub fn stranger(&self) -> Self {
        let kid = self.kid.as_deref().unwrap_or_default();
        let keys = [Self::new(self.algorithm, kid), Self::another(self.algorithm, kid)];
        keys.into_iter().find(|key| key.jwk() != self.jwk()).unwrap()
    }

    pub fn without_kid(self) -> Self {
        Self { kid: None, ..self }
    }

    pub fn sign(&self, text: &str) -> Vec<u8> {
        self.sign_by(self.algorithm, text)
    }

    /// Signs with another algorithm that the same kind of key supports.
    pub fn sign_by(&self, algorithm: Algorithm, text: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(text.as_bytes()).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding: &dyn signature::RsaEncoding = match algorithm {
                    Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
                    Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
                    Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
                    Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut out = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, text.as_bytes(), &mut out).unwrap();
                out
            }
        }
    }

    /// The public half, as the provider publishes it.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
            }
            Pair::Ed(pair) => json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref())}),
            Pair::Rsa(pair) => {
                let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
                let bytes = self.bits.map_or(public.n.len(), |bits| bits / 8);
                json!({"kty": "RSA", "n": base64url(&public.n[..bytes]), "e": base64url(&public.e)})
            }
        };
        jwk["use"] = json!("sig");
        if let Some(kid) = &self.kid {
            jwk["kid"] = json!(kid);
        }
        jwk
    }
}

/// The hash by which an ID token names its access token.
pub fn hash(function: &str, text: &str) -> Vec<u8> {
    let function = match function {
        "SHA-256" => &digest::SHA256,
        "SHA-384" => &digest::SHA384,
        _ => &digest::SHA512,
    };
    digest::digest(function, text.as_bytes()).as_ref().to_vec()
}

/// Whether one of the keys made this signature.
pub fn verifies(algorithm: Algorithm, keys: &[Jwk], text: &str, signature: &[u8]) -> bool {
    keys.iter().any(|key| verifies_with(algorithm, &key.material(), text.as_bytes(), signature))
}

fn verifies_with(algorithm: Algorithm, key: &KeyMaterial<'_>, text: &[u8], signature: &[u8]) -> bool {
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let point = |x: &str, y: &str| [vec![4], decode(x), decode(y)].concat();
    let rsa = |parameters, n: &str, e: &str| {
        let key = PublicKeyComponents { n: decode(n), e: decode(e) };
        key.verify(parameters, text, signature).is_ok()
    };
    match (algorithm, key) {
        (Algorithm::Ed25519 | Algorithm::EdDsa, KeyMaterial::Ed25519 { x }) => {
            UnparsedPublicKey::new(&signature::ED25519, decode(x)).verify(text, signature).is_ok()
        }
        (Algorithm::Es256, KeyMaterial::P256 { x, y }) => {
            UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point(x, y)).verify(text, signature).is_ok()
        }
        (Algorithm::Es384, KeyMaterial::P384 { x, y }) => {
            UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point(x, y)).verify(text, signature).is_ok()
        }
        (Algorithm::Ps256, KeyMaterial::Rsa { e, n }) => rsa(&signature::RSA_PSS_2048_8192_SHA256, n, e),
        (Algorithm::Ps384, KeyMaterial::Rsa { e, n }) => rsa(&signature::RSA_PSS_2048_8192_SHA384, n, e),
        (Algorithm::Ps512, KeyMaterial::Rsa { e, n }) => rsa(&signature::RSA_PSS_2048_8192_SHA512, n, e),
        (Algorithm::Rs256, KeyMaterial::Rsa { e, n }) => rsa(&signature::RSA_PKCS1_2048_8192_SHA256, n, e),
        (Algorithm::Rs384, KeyMaterial::Rsa { e, n }) => rsa(&signature::RSA_PKCS1_2048_8192_SHA384, n, e),
        (Algorithm::Rs512, KeyMaterial::Rsa { e, n }) => rsa(&signature::RSA_PKCS1_2048_8192_SHA512, n, e),
        _ => panic!("a key was offered that does not fit the algorithm"),
    }
}

pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
