//! Signature checks with aws-lc-rs.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self, EcdsaVerificationAlgorithm, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};

use crate::protocol::base64url::from_base64url;
use crate::protocol::id_token::Signature;
use crate::protocol::jwks::{Algorithm, Jwk, KeyMaterial};
use crate::session::SignatureCheck;

/// Whether one of the keys verifies the signature, and if so, the hash of the access token.
pub fn check(check: &SignatureCheck) -> Signature {
    let signed = check.signing_input.expose().as_bytes();
    if !check.keys.iter().any(|key| verifies(check.algorithm, key, signed, &check.signature)) {
        return Signature::Invalid;
    }
    let access_token = check.access_token.expose().as_bytes();
    Signature::Valid { access_token_hash: digest::digest(function(check.hash), access_token).as_ref().to_vec() }
}

/// The hash function with this name, as SubtleCrypto has it.
fn function(name: &str) -> &'static digest::Algorithm {
    match name {
        "SHA-384" => &digest::SHA384,
        "SHA-512" => &digest::SHA512,
        _ => &digest::SHA256,
    }
}

fn verifies(algorithm: Algorithm, key: &Jwk, signed: &[u8], signature: &[u8]) -> bool {
    verify(algorithm, &key.material(), signed, signature).is_some()
}

/// `None` if the key does not verify the signature, or does not fit the algorithm.
fn verify(algorithm: Algorithm, key: &KeyMaterial<'_>, signed: &[u8], signature: &[u8]) -> Option<()> {
    match (algorithm, *key) {
        (Algorithm::Ed25519 | Algorithm::EdDsa, KeyMaterial::Ed25519 { x }) => {
            UnparsedPublicKey::new(&signature::ED25519, from_base64url(x)?).verify(signed, signature).ok()
        }
        (Algorithm::Es256, KeyMaterial::P256 { x, y })
        | (Algorithm::Es384, KeyMaterial::P384 { x, y })
        | (Algorithm::Es512, KeyMaterial::P521 { x, y }) => {
            let point = [vec![UNCOMPRESSED], from_base64url(x)?, from_base64url(y)?].concat();
            UnparsedPublicKey::new(curve(algorithm)?, point).verify(signed, signature).ok()
        }
        (_, KeyMaterial::Rsa { e, n }) => {
            let without_zeros = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
            let (n, e) = (without_zeros(from_base64url(n)?), without_zeros(from_base64url(e)?));
            RsaPublicKeyComponents { n, e }.verify(padding(algorithm)?, signed, signature).ok()
        }
        _ => None,
    }
}

/// The first byte of a point that is written with both coordinates.
const UNCOMPRESSED: u8 = 4;

fn curve(algorithm: Algorithm) -> Option<&'static EcdsaVerificationAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Some(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::Es512 => Some(&signature::ECDSA_P521_SHA512_FIXED),
        _ => None,
    }
}

/// The salt of RSA-PSS is as long as the hash \[RFC 7518 §3.5].
fn padding(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}
