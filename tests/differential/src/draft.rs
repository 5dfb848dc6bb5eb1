//! An ID token before it is signed, and the keys to check it with.

use serde_json::{Value, json};
use wristband_spa_auth::protocol::jwks::Algorithm;

use crate::keys::{SigningKey, base64url};

pub const ACCESS_TOKEN: &str = "an-access-token";
pub const CLIENT: &str = "spa-client";
pub const ISSUER: &str = "https://id.example/realm";
pub const NONCE: &str = "the-nonce-of-this-login";
/// The time at which every token is validated.
pub const NOW: i64 = 1_750_000_000;

/// How the signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    Damaged,
    Missing,
    Provider,
    Stranger,
}

pub struct Draft {
    pub algorithm: Algorithm,
    pub header: Value,
    pub claims: Value,
    pub jwk: Value,
    /// Other keys that the provider publishes.
    pub others: Vec<Value>,
    pub signer: Signer,
    /// Inserted after the first brace of the header and of the claims, to make duplicate members.
    pub more_header: String,
    pub more_claims: String,
    /// A last change to the token's string.
    pub respell: Option<fn(&str) -> String>,
}

/// The input of both judges.
pub struct Case {
    pub draft: Draft,
    pub jwks: Value,
    pub token: String,
}

impl Draft {
    /// A valid token.
    pub fn right(key: &SigningKey) -> Self {
        Self {
            algorithm: key.algorithm,
            header: json!({"alg": key.algorithm.as_str(), "kid": key.kid}),
            claims: json!({
                "iss": ISSUER, "aud": CLIENT, "sub": "person", "exp": NOW + 600, "iat": NOW - 10, "nonce": NONCE,
            }),
            jwk: key.jwk(),
            others: Vec::new(),
            signer: Signer::Provider,
            more_header: String::new(),
            more_claims: String::new(),
            respell: None,
        }
    }

    pub fn sign(self, key: &SigningKey, stranger: &SigningKey) -> Case {
        let header = with_more(&self.header, &self.more_header);
        let claims = with_more(&self.claims, &self.more_claims);
        let input = [header, claims].map(|part| base64url(part.as_bytes())).join(".");
        let mut signature = match self.signer {
            Signer::Missing => Vec::new(),
            Signer::Stranger => stranger.sign(&input),
            Signer::Damaged | Signer::Provider => key.sign(&input),
        };
        if self.signer == Signer::Damaged {
            signature[7] ^= 1;
        }
        let token = format!("{input}.{}", base64url(&signature));
        let token = self.respell.map_or_else(|| token.clone(), |respell| respell(&token));
        let keys: Vec<Value> = std::iter::once(&self.jwk).chain(&self.others).cloned().collect();
        Case { jwks: json!({ "keys": keys }), draft: self, token }
    }
}

fn with_more(object: &Value, more: &str) -> String {
    object.to_string().replacen('{', &format!("{{{more}"), 1)
}
