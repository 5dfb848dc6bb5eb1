//! The key pairs to which tokens are bound. A private key cannot be read, not even here \[RFC 9449 §11.4].

use core::cell::RefCell;
use core::time::Duration;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::global::{member, promised, with};
use super::signature::{self, bytes, subtle};
use super::{clock, global, value};
use crate::protocol::dpop::{KeyId, Proof, PublicKey};
use crate::protocol::error::{Code, Error};
use crate::protocol::jwks::Algorithm;

/// Making a key pair takes milliseconds, with RSA at most seconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The key pairs of a vault.
#[derive(Default)]
pub(super) struct Keys(RefCell<Vec<(KeyId, Rc<KeyPair>)>>);

struct KeyPair {
    private: JsValue,
    public: PublicKey,
}

impl Keys {
    /// Makes a key pair, unless there is one of this id. Returns the thumbprint of its public key.
    pub(super) async fn make(&self, key: KeyId) -> Result<String, Error> {
        self.get(key).await.map(|pair| pair.public.thumbprint())
    }

    /// The signed proof, as the header `DPoP` has it.
    pub(super) async fn sign(&self, proof: &Proof) -> Result<String, Error> {
        let pair = self.get(proof.key).await?;
        let input = proof.signing_input(&pair.public);
        let how = signature::parameters(proof.key.algorithm());
        let signing = with().value(&how).value(&pair.private).value(&bytes(input.as_bytes()));
        let signature = clock::within(TIMEOUT, promised(&subtle()?, "sign", signing)).await;
        let signature = signature.and_then(Result::ok).ok_or(Code::InsecureContext)?;
        Ok(Proof::signed(&input, &Uint8Array::new(&signature).to_vec()))
    }

    /// Drops every key pair that is no longer needed.
    pub(super) fn retain(&self, is_needed: impl Fn(KeyId) -> bool) {
        self.0.borrow_mut().retain(|(key, _)| is_needed(*key));
    }

    fn find(&self, key: KeyId) -> Option<Rc<KeyPair>> {
        self.0.borrow().iter().find(|(other, _)| *other == key).map(|(_, pair)| Rc::clone(pair))
    }

    async fn get(&self, key: KeyId) -> Result<Rc<KeyPair>, Error> {
        if let Some(pair) = self.find(key) {
            return Ok(pair);
        }
        let made = clock::within(TIMEOUT, make(key.algorithm())).await.unwrap_or_else(|| Err(Code::InsecureContext.into()))?;
        // Another request with the same key may have been faster.
        Ok(self.find(key).unwrap_or_else(|| {
            let pair = Rc::new(made);
            self.0.borrow_mut().push((key, Rc::clone(&pair)));
            pair
        }))
    }
}

async fn make(algorithm: Algorithm) -> Result<KeyPair, Error> {
    let subtle = subtle()?;
    let how = signature::parameters(algorithm);
    if member(&how, "name").as_string().is_some_and(|name| name.starts_with("RSA")) {
        global::set(&how, "modulusLength", &2048.into());
        global::set(&how, "publicExponent", &bytes(&[1, 0, 1]));
    }
    let usages = global::json(r#"["sign"]"#);
    // Not extractable.
    let pair = promised(&subtle, "generateKey", with().value(&how).flag(false).value(&usages)).await;
    let pair = pair.map_err(|_| Error::with_detail(Code::DpopUnsupported, "the browser cannot make a key of this kind"))?;
    let exported = promised(&subtle, "exportKey", with().text("jwk").value(&member(&pair, "publicKey"))).await;
    let public = exported.ok().and_then(|jwk| PublicKey::from_jwk(algorithm, &value::read(&jwk)?));
    Ok(KeyPair { private: member(&pair, "privateKey"), public: public.ok_or(Code::InsecureContext)? })
}
