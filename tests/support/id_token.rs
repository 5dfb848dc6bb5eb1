//! ID tokens before they are signed, so that a test can change any claim.

use ring::{digest, hmac};
use serde_json::Value;
use wristband_spa_auth::protocol::jwks::Algorithm;

use super::keys::{SigningKey, base64url};

/// An ID token that is about to be signed.
pub struct Draft {
    pub header: Value,
    pub claims: Value,
    /// How the table of vectors describes the change.
    pub lie: Value,
    /// The access token of the same response.
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

    /// The `at_hash` that belongs to this algorithm.
    pub fn access_token_hash(&self, algorithm: Algorithm) -> String {
        let hash = super::keys::hash(algorithm.hash(), &self.access_token);
        base64url(&hash[..hash.len() / 2])
    }

    /// Signs, in compact form. What the lie does not mention stays true.
    pub fn sign(mut self, key: &SigningKey) -> String {
        let lie = self.lie.take();
        let stranger = (lie["signature"] == "other-key").then(|| key.stranger());
        let signer = stranger.as_ref().unwrap_or(key);
        self.alter(&lie, signer);
        let header = written(&lie["headerText"], &self.header);
        let claims = written(&lie["claimsText"], &self.claims);
        let mut signature = signature(&lie["alg"], signer, &format!("{header}.{claims}"));
        if lie["signature"] == "broken" {
            signature[0] ^= 0xff;
        }
        let signature = base64url(&signature);
        merge(&mut self.claims, &lie["afterSigning"]);
        let payload = if lie["afterSigning"].is_null() { claims } else { written(&Value::Null, &self.claims) };
        let compact = lie["compact"].as_str().unwrap_or("{header}.{payload}.{signature}");
        let parts =
            [("{header}", &header), ("{payload}", &payload), ("{loosened}", &loosen(&signature)), ("{signature}", &signature)];
        parts.iter().fold(compact.to_owned(), |text, (name, part)| text.replace(name, part))
    }

    fn alter(&mut self, lie: &Value, signer: &SigningKey) {
        if let Some(function) = lie["atHash"]["function"].as_str() {
            let hash = digest::digest(hash_function(function), self.access_token.as_bytes());
            let bytes = usize::try_from(lie["atHash"]["bytes"].as_u64().unwrap()).unwrap();
            self.claim("at_hash", base64url(&hash.as_ref()[..bytes]));
        }
        merge(&mut self.claims, &lie["claims"]);
        remove(&mut self.claims, &lie["remove"]);
        if let Some(name) = lie["alg"].as_str() {
            self.header("alg", name);
        }
        if lie["embed"] == true {
            self.header("jwk", signer.jwk());
        }
        merge(&mut self.header, &lie["header"]);
        if let Some(kid) = lie["kid"].as_str() {
            self.header("kid", kid);
        }
        remove(&mut self.header, &lie["removeHeader"]);
    }
}

/// Adds these members to an object.
pub fn merge(object: &mut Value, members: &Value) {
    for (name, value) in members.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
}

/// Removes these members.
pub fn remove(object: &mut Value, names: &Value) {
    for name in names.as_array().into_iter().flatten() {
        object.as_object_mut().unwrap().remove(name.as_str().unwrap());
    }
}

/// A string in which `{members}` stands for the members of the honest object: for what no JSON value can express.
pub fn fill(template: &str, object: &Value) -> String {
    let text = object.to_string();
    template.replace("{members}", &text[1..text.len() - 1])
}

fn written(template: &Value, object: &Value) -> String {
    let text = template.as_str().map_or_else(|| object.to_string(), |template| fill(template, object));
    base64url(text.as_bytes())
}

fn signature(algorithm: &Value, key: &SigningKey, input: &str) -> Vec<u8> {
    match algorithm.as_str() {
        Some("none") => Vec::new(),
        // The classic key confusion: the public key used as the secret of an HMAC.
        Some("HS256") => {
            let secret = hmac::Key::new(hmac::HMAC_SHA256, key.jwk().to_string().as_bytes());
            hmac::sign(&secret, input.as_bytes()).as_ref().to_vec()
        }
        Some(name) => key.sign_by(Algorithm::parse(name).unwrap(), input),
        None => key.sign(input),
    }
}

/// Another spelling of the same bytes: it sets unused bits of the last character.
fn loosen(signature: &str) -> String {
    let Some((last, rest)) = signature.as_bytes().split_last() else { return String::new() };
    format!("{}{}", String::from_utf8_lossy(rest), char::from(last + 1))
}

fn hash_function(name: &str) -> &'static digest::Algorithm {
    match name {
        "sha256" => &digest::SHA256,
        "sha512" => &digest::SHA512,
        _ => panic!("a hash function that no lie uses: {name}"),
    }
}
