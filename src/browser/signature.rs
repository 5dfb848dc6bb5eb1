//! Signatures, checked by the browser's own SubtleCrypto.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::global::{self, call, member};
use crate::protocol::error::{Code, Error};
use crate::protocol::id_token::Signature;
use crate::protocol::jwks::{Algorithm, Jwk};
use crate::protocol::secret::AccessToken;

/// Whether one of the keys made the signature, and if so, the hash of the access token.
///
/// # Errors
/// `insecure_context` where the browser offers no cryptography.
pub(super) async fn check(
    access_token: &AccessToken,
    algorithm: Algorithm,
    keys: &[Jwk],
    signing_input: &str,
    signature: &[u8],
) -> Result<Signature, Error> {
    let subtle = global::get::<JsValue>("crypto").map(|crypto| member(&crypto, "subtle"));
    let subtle = subtle.filter(|subtle| !subtle.is_undefined()).ok_or(Code::InsecureContext)?;
    let (how, signature) = (parameters(algorithm), bytes(signature));
    let usages = Array::of1(&"verify".into());
    for key in keys {
        let verified = async {
            let key: [&JsValue; 5] = [&"jwk".into(), &global::texts(&key.numbers()), &how, &JsValue::FALSE, &usages];
            let key = promised(&subtle, "importKey", &key).await?;
            promised(&subtle, "verify", &[&how, &key, &signature, &bytes(signing_input.as_bytes())]).await
        };
        // A key that the browser does not take verifies nothing; the next one may.
        if verified.await.is_ok_and(|valid| valid.is_truthy()) {
            let digested = promised(&subtle, "digest", &[&algorithm.hash().into(), &bytes(access_token.expose().as_bytes())]).await;
            let access_token_hash = digested.map_err(|_| Code::InsecureContext)?;
            return Ok(Signature::Valid { access_token_hash: Uint8Array::new(&access_token_hash).to_vec() });
        }
    }
    Ok(Signature::Invalid)
}

/// Calls a method, and waits for what it promises.
async fn promised(object: &JsValue, method: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
    JsFuture::from(call(object, method, arguments)?.unchecked_into::<Promise>()).await
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// One object serves both importing a key and verifying with it.
fn parameters(algorithm: Algorithm) -> js_sys::Object {
    let (name, curve) = match algorithm {
        Algorithm::EdDsa => ("Ed25519", ""),
        Algorithm::Es256 => ("ECDSA", "P-256"),
        Algorithm::Es384 => ("ECDSA", "P-384"),
        Algorithm::Ps256 => ("RSA-PSS", ""),
        Algorithm::Rs256 => ("RSASSA-PKCS1-v1_5", ""),
    };
    let parameters = global::texts(&[("name", name), ("hash", algorithm.hash()), ("namedCurve", curve)]);
    // The salt is as long as the hash [RFC 7518 §3.5].
    global::set(&parameters, "saltLength", &32.into());
    parameters
}
