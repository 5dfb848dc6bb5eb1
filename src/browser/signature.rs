//! Signature checks with the browser's SubtleCrypto.

use core::time::Duration;

use js_sys::{Object, Uint8Array};
use wasm_bindgen::JsValue;

use super::clock;
use super::global::{self, member, promised, with};
use crate::protocol::error::{Code, Error};
use crate::protocol::id_token::Signature;
use crate::protocol::jwks::{Algorithm, Jwk};
use crate::session::SignatureCheck;

/// Whether one of the keys verifies the signature, and if so, the hash of the access token.
///
/// # Errors
/// `insecure_context` if the browser offers no cryptography.
pub(super) async fn check(check: &SignatureCheck) -> Result<Signature, Error> {
    /// A check takes milliseconds. If the browser does not answer, it has no working cryptography.
    const TIMEOUT: Duration = Duration::from_secs(10);
    clock::within(TIMEOUT, verify(check)).await.unwrap_or_else(|| Err(Code::InsecureContext.into()))
}

async fn verify(check: &SignatureCheck) -> Result<Signature, Error> {
    let subtle = subtle()?;
    let (how, signature) = (parameters(check.algorithm), bytes(&check.signature));
    let signed = bytes(check.signing_input.expose().as_bytes());
    let usages = global::json(r#"["verify"]"#);
    for key in &check.keys {
        let key = with().text("jwk").value(&jwk(key)).value(&how).flag(false).value(&usages);
        // A key that the browser rejects verifies nothing; the next one may.
        let Ok(key) = promised(&subtle, "importKey", key).await else { continue };
        let verified = promised(&subtle, "verify", with().value(&how).value(&key).value(&signature).value(&signed)).await;
        if verified.is_ok_and(|valid| valid == true) {
            let access_token = bytes(check.access_token.expose().as_bytes());
            let digested = promised(&subtle, "digest", with().text(check.hash).value(&access_token)).await;
            let access_token_hash = digested.map_err(|_| Code::InsecureContext)?;
            return Ok(Signature::Valid { access_token_hash: Uint8Array::new(&access_token_hash).to_vec() });
        }
    }
    Ok(Signature::Invalid)
}

/// The browser's cryptography.
pub(super) fn subtle() -> Result<JsValue, Error> {
    let subtle = global::get::<JsValue>("crypto").map(|crypto| member(&crypto, "subtle"));
    subtle.filter(|subtle| !subtle.is_undefined()).ok_or_else(|| Code::InsecureContext.into())
}

pub(super) fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// The parameters for importing or making a key, and for using it. The salt is as long as the hash
/// \[RFC 7518 §3.5].
pub(super) fn parameters(algorithm: Algorithm) -> Object {
    global::json(match algorithm {
        Algorithm::Ed25519 | Algorithm::EdDsa => r#"{"name":"Ed25519"}"#,
        Algorithm::Es256 => r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#,
        Algorithm::Es384 => r#"{"name":"ECDSA","namedCurve":"P-384","hash":"SHA-384"}"#,
        Algorithm::Es512 => r#"{"name":"ECDSA","namedCurve":"P-521","hash":"SHA-512"}"#,
        Algorithm::Ps256 => r#"{"name":"RSA-PSS","hash":"SHA-256","saltLength":32}"#,
        Algorithm::Ps384 => r#"{"name":"RSA-PSS","hash":"SHA-384","saltLength":48}"#,
        Algorithm::Ps512 => r#"{"name":"RSA-PSS","hash":"SHA-512","saltLength":64}"#,
        Algorithm::Rs256 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#,
        Algorithm::Rs384 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-384"}"#,
        Algorithm::Rs512 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-512"}"#,
    })
}

fn jwk(key: &Jwk) -> Object {
    let object = Object::new();
    for (name, text) in key.numbers() {
        if !text.is_empty() {
            global::set_text(&object, name, Some(text));
        }
    }
    object
}
