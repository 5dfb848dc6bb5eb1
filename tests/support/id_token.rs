//! ID tokens before they are signed, so that a test can make each of them lie.

use ring::digest;
use serde_json::Value;

use super::keys::{SigningKey, base64url};

/// An ID token that is about to be signed.
pub struct Draft {
    pub header: Value,
    pub claims: Value,
    /// The text to sign instead of [`Draft::claims`], for what a JSON value cannot say.
    pub claims_text: Option<String>,
    /// What becomes of the signed text on its way.
    pub tampered: Option<fn(&str) -> String>,
    /// Who signs, instead of the provider.
    pub signer: Option<SigningKey>,
    /// The access token that comes along.
    pub access_token: String,
    /// Whether this is for a renewal.
    pub renewal: bool,
    /// The time at the provider.
    pub now: i64,
}

impl Draft {
    pub fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims[name] = value.into();
    }

    pub fn without(&mut self, name: &str) {
        self.claims.as_object_mut().unwrap().remove(name).unwrap_or_else(|| panic!("{name} was not there"));
    }

    pub fn header(&mut self, name: &str, value: impl Into<Value>) {
        self.header[name] = value.into();
    }

    /// The `at_hash` that this hash function gives for the access token.
    pub fn access_token_hash(&self, algorithm: &'static digest::Algorithm) -> String {
        let hash = digest::digest(algorithm, self.access_token.as_bytes());
        base64url(&hash.as_ref()[..hash.as_ref().len() / 2])
    }

    pub fn sign(&self, key: &SigningKey) -> String {
        let key = self.signer.as_ref().unwrap_or(key);
        let claims = self.claims_text.clone().unwrap_or_else(|| self.claims.to_string());
        let input = format!("{}.{}", base64url(self.header.to_string().as_bytes()), base64url(claims.as_bytes()));
        let signed = format!("{input}.{}", base64url(&key.sign(&input)));
        self.tampered.map_or_else(|| signed.clone(), |tamper| tamper(&signed))
    }
}
