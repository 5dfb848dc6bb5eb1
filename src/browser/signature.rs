//! Signatures, checked by the browser's own SubtleCrypto.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::global::{self, call, member};
use crate::protocol::error::{Code, Error};
use crate::protocol::id_token::Signature;
use crate::protocol::jwks::{Algorithm, Jwk, KeyMaterial};

/// Whether one of the keys made the signature.
///
/// # Errors
/// `insecure_context` where the browser offers no cryptography.
pub(super) async fn check(algorithm: Algorithm, keys: &[Jwk], signing_input: &str, signature: &[u8]) -> Result<Signature, Error> {
    let subtle = global::get::<JsValue>("crypto").map(|crypto| member(&crypto, "subtle"));
    let subtle = subtle.filter(|subtle| !subtle.is_undefined()).ok_or(Code::InsecureContext)?;
    let signature = Uint8Array::from(signature);
    for key in keys {
        // A key that the browser does not take verifies nothing; the next one may.
        if verify(&subtle, algorithm, key, signing_input, &signature).await.is_ok_and(|valid| valid) {
            return Ok(Signature::Valid);
        }
    }
    Ok(Signature::Invalid)
}

async fn verify(
    subtle: &JsValue,
    algorithm: Algorithm,
    key: &Jwk,
    signing_input: &str,
    signature: &Uint8Array,
) -> Result<bool, JsValue> {
    let how = parameters(algorithm);
    let usages = Array::of1(&"verify".into());
    let key = call(subtle, "importKey", &[&"jwk".into(), &jwk(&key.material()), &how, &JsValue::FALSE, &usages])?;
    let key = JsFuture::from(key.unchecked_into::<Promise>()).await?;
    let text = Uint8Array::from(signing_input.as_bytes());
    let valid = call(subtle, "verify", &[&how, &key, signature, &text])?;
    Ok(JsFuture::from(valid.unchecked_into::<Promise>()).await?.is_truthy())
}

/// One object serves both importing a key and verifying with it.
fn parameters(algorithm: Algorithm) -> js_sys::Object {
    let (name, hash, curve) = match algorithm {
        Algorithm::EdDsa => ("Ed25519", "", ""),
        Algorithm::Es256 => ("ECDSA", "SHA-256", "P-256"),
        Algorithm::Es384 => ("ECDSA", "SHA-384", "P-384"),
        Algorithm::Ps256 => ("RSA-PSS", "SHA-256", ""),
        Algorithm::Rs256 => ("RSASSA-PKCS1-v1_5", "SHA-256", ""),
    };
    let parameters = global::texts(&[("name", name), ("hash", hash), ("namedCurve", curve)]);
    // The salt is as long as the hash [RFC 7518 §3.5].
    global::set(&parameters, "saltLength", &32.into());
    parameters
}

fn jwk(material: &KeyMaterial<'_>) -> js_sys::Object {
    // One that needs fewer members has one of them twice, which is no harm.
    let members = match material {
        KeyMaterial::Ed25519 { x } => [("kty", "OKP"), ("crv", "Ed25519"), ("x", *x), ("x", x)],
        KeyMaterial::P256 { x, y } => [("kty", "EC"), ("crv", "P-256"), ("x", *x), ("y", y)],
        KeyMaterial::P384 { x, y } => [("kty", "EC"), ("crv", "P-384"), ("x", *x), ("y", y)],
        KeyMaterial::Rsa { e, n } => [("kty", "RSA"), ("e", *e), ("n", *n), ("n", n)],
    };
    global::texts(&members)
}
