//! What the provider makes of DPoP proofs \[RFC 9449 §4.3] and of pushed requests \[RFC 9126].

use ring::digest;
use serde_json::{Value, json};
use wristband_spa_auth::protocol::http::Response;
use wristband_spa_auth::protocol::jwks::Algorithm;

use super::address::{self, Address};
use super::history::Sent;
use super::keys::{self, base64url};
use super::provider::{Provider, response};

/// What the provider knows of proofs and pushed requests.
#[derive(Default)]
pub struct Proofs {
    /// Whether tokens are bound to the key of a proof.
    pub binds: bool,
    /// Whether it refuses requests without a proof.
    pub requires: bool,
    /// The nonce that proofs must have.
    pub nonce: Option<String>,
    /// Whether responses name the nonce.
    pub hides_nonce: bool,
    /// How many seconds the `iat` of a proof may be away from the provider's clock.
    pub window: i64,
    /// The error for a proof that is refused, if it is not the standard's.
    pub refusal: Option<&'static str>,
    /// The ids of all proofs so far.
    pub seen: Vec<String>,
    /// How many pushed requests there were.
    pub pushed: usize,
    pub(super) references: Vec<(String, String, i64)>,
    /// How long references last, in seconds.
    pub lifetime: i64,
}

impl Provider {
    /// The thumbprint of the key of a request's proof. `None` if it has none, and none is needed.
    pub(super) fn check_proof(&mut self, sent: &Sent, access_token: Option<&str>) -> Result<Option<String>, Response> {
        let refusal = self.proofs.refusal.unwrap_or("invalid_dpop_proof");
        let refused = |why: &str| {
            response(
                if access_token.is_some() { 401 } else { 400 },
                &json!({"error": refusal, "error_description": why}).to_string(),
            )
        };
        let Some(proof) = sent.proof.as_deref().filter(|_| self.proofs.binds) else {
            return if self.proofs.requires { Err(refused("missing")) } else { Ok(None) };
        };
        let parts: Vec<&str> = proof.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("a proof with {} parts", parts.len()) };
        let read = |part: &str| -> Value { serde_json::from_slice(&decode(part)).unwrap() };
        let (header, claims) = (read(header), read(claims));
        assert_eq!(header["typ"], "dpop+jwt");
        let algorithm = Algorithm::parse(header["alg"].as_str().unwrap()).unwrap();
        let jwk = &header["jwk"];
        assert!(jwk["d"].is_null(), "law 1: a private key was sent");
        let input = proof.rsplit_once('.').unwrap().0;
        if !verified(algorithm, jwk, input, &decode(signature)) {
            return Err(refused("signature"));
        }
        let now = self.clock.seconds();
        let wrong = [
            ("htm", claims["htm"] != sent.method),
            ("htu", claims["htu"].as_str() != sent.url.split(['?', '#']).next()),
            ("iat", claims["iat"].as_i64().is_none_or(|issued| (issued - now).abs() > self.proofs.window)),
            ("ath", access_token.is_some_and(|token| claims["ath"] != base64url(&keys::hash("SHA-256", token)))),
        ];
        if let Some((name, _)) = wrong.iter().find(|(_, is_wrong)| *is_wrong) {
            return Err(refused(name));
        }
        let id = claims["jti"].as_str().unwrap().to_owned();
        if self.proofs.seen.contains(&id) {
            return Err(refused("jti"));
        }
        self.proofs.seen.push(id);
        if self.proofs.nonce.as_deref().is_some_and(|nonce| claims["nonce"] != nonce) {
            let mut answer =
                response(if access_token.is_some() { 401 } else { 400 }, &json!({"error": "use_dpop_nonce"}).to_string());
            answer.dpop_nonce = self.told_nonce();
            if access_token.is_some() {
                answer.www_authenticate = Some(r#"DPoP error="use_dpop_nonce""#.to_owned());
            }
            return Err(answer);
        }
        Ok(Some(thumbprint(jwk)))
    }

    /// The nonce that a response tells.
    pub(super) fn told_nonce(&self) -> Option<String> {
        self.proofs.nonce.clone().filter(|_| !self.proofs.hides_nonce)
    }

    /// A request is pushed.
    pub(super) fn push(&mut self, sent: &Sent) -> Response {
        self.proofs.pushed += 1;
        let reference = format!("urn:ietf:params:oauth:request_uri:{}", self.proofs.pushed);
        let form: Vec<(&str, &str)> = sent.form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let query = address::with("https://x.example/", &form);
        self.proofs.references.push((reference.clone(), query, self.clock.seconds() + self.proofs.lifetime));
        response(201, &json!({"request_uri": reference, "expires_in": self.proofs.lifetime}).to_string())
    }

    /// The request that a redirect refers to, with the redirect's own URL. A reference is used once, before its end.
    pub(super) fn resolved(&mut self, url: &str) -> String {
        let asked = Address::parse(url);
        let Some(reference) = asked.get("request_uri") else { return url.to_owned() };
        let index = self
            .proofs
            .references
            .iter()
            .position(|(other, _, _)| other == reference)
            .expect("a reference that was never given, or used before");
        let (_, pushed, end) = self.proofs.references.remove(index);
        assert!(self.clock.seconds() < end, "a reference was used after its end");
        let endpoint = url.split('?').next().unwrap();
        let (_, query) = pushed.split_once('?').unwrap();
        format!("{endpoint}?{query}")
    }
}

fn decode(part: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()
}

fn verified(algorithm: Algorithm, jwk: &Value, input: &str, signature: &[u8]) -> bool {
    let set = json!({"keys": [jwk]}).to_string();
    let set = wristband_spa_auth::protocol::jwks::JwkSet::parse(&response(200, &set)).unwrap();
    keys::verifies(algorithm, &set.candidates(algorithm, None), input, signature)
}

/// By RFC 7638, written another way than the library's.
fn thumbprint(jwk: &Value) -> String {
    let names: &[&str] = match jwk["kty"].as_str().unwrap() {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        _ => &["e", "kty", "n"],
    };
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":\"{}\"", jwk[*name].as_str().unwrap())).collect();
    base64url(digest::digest(&digest::SHA256, format!("{{{}}}", members.join(",")).as_bytes()).as_ref())
}
