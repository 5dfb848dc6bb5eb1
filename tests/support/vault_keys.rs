//! The keys of a vault, which the browser's SubtleCrypto would keep.

use serde_json::Value;
use wristband_spa_auth::protocol::dpop::{KeyId, Proof, PublicKey};
use wristband_spa_auth::protocol::error::{Code, Error};

use super::keys::SigningKey;

#[derive(Default)]
pub struct VaultKeys {
    keys: Vec<(KeyId, SigningKey)>,
    /// The browser makes no keys.
    pub refuses: bool,
}

impl VaultKeys {
    /// The thumbprint of a key, which is made if there is none of this id.
    pub fn make(&mut self, id: KeyId) -> Result<String, Error> {
        if self.refuses { Err(Code::InsecureContext.into()) } else { Ok(public(id, self.get(id)).thumbprint()) }
    }

    /// The header `DPoP`.
    pub fn sign(&mut self, proof: &Proof) -> String {
        let key = self.get(proof.key);
        let input = proof.signing_input(&public(proof.key, key));
        Proof::signed(&input, &key.sign(&input))
    }

    pub fn retain(&mut self, is_needed: impl Fn(KeyId) -> bool) {
        self.keys.retain(|(id, _)| is_needed(*id));
    }

    pub fn count(&self) -> usize {
        self.keys.len()
    }

    fn get(&mut self, id: KeyId) -> &SigningKey {
        if !self.keys.iter().any(|(other, _)| *other == id) {
            self.keys.push((id, SigningKey::new(id.algorithm(), "of the vault")));
        }
        &self.keys.iter().find(|(other, _)| *other == id).unwrap().1
    }
}

fn public(id: KeyId, key: &SigningKey) -> PublicKey {
    let jwk: Value = key.jwk();
    let jwk = wristband_spa_auth::Value::parse(jwk.to_string().as_bytes()).unwrap();
    PublicKey::from_jwk(id.algorithm(), &jwk).unwrap()
}
