//! Proofs of possession in the simulated world: signatures are hashes, as those of the provider are.

use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use wristband_spa_auth::protocol::dpop::{KeyId, Proof, PublicKey};
use wristband_spa_auth::protocol::http::Request;
use wristband_spa_auth::protocol::json::Value;

use super::laws;
use super::tally::Kind;
use super::text::base64url;
use super::world::World;

/// Which of the simulated apps binds its tokens.
pub const SETTING: usize = 6;

/// What the provider remembers of proofs.
#[derive(Debug, Default)]
pub struct Proofs {
    /// The ids of all proofs, with the keys that signed them.
    seen: HashSet<String>,
    /// The current nonce. The one before it is accepted as well. Zero if none is wanted.
    pub nonce: u32,
}

/// A proof, signed with a key of a vault.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The public key, as the provider tells keys apart.
    pub key: String,
    header: String,
}

fn x_of(vault: usize, key: KeyId) -> String {
    base64url(&Sha256::digest(format!("vault {vault}, {key:?}").as_bytes()))
}

fn public(vault: usize, key: KeyId) -> PublicKey {
    let x = x_of(vault, key);
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{x}"}}"#);
    PublicKey::from_jwk(key.algorithm(), &Value::parse(jwk.as_bytes()).unwrap()).unwrap()
}

fn signature(input: &str, x: &str) -> Vec<u8> {
    Sha256::digest([input, x].concat().as_bytes()).to_vec()
}

/// The thumbprint of a key of a vault.
pub fn thumbprint(vault: usize, key: KeyId) -> String {
    public(vault, key).thumbprint()
}

pub fn sign(vault: usize, proof: &Proof) -> Signed {
    let public = public(vault, proof.key);
    let input = proof.signing_input(&public);
    let header = Proof::signed(&input, &signature(&input, &x_of(vault, proof.key)));
    Signed { key: public.thumbprint(), header }
}

impl World<'_> {
    /// Whether the proof of a request may be accepted. If not, the nonce that it should have had.
    pub fn check_proof(&mut self, what: &Request, proof: Option<&Signed>) -> Result<(), String> {
        let Some(proof) = proof else {
            self.breaks(laws::BOUND, || format!("a request to {} without a proof", what.url));
            return Ok(());
        };
        let parts: Vec<&str> = proof.header.split('.').collect();
        let read = |part: &str| Value::parse(&decode(part)).unwrap();
        let (header, claims) = (read(parts[0]), read(parts[1]));
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let input = [parts[0], ".", parts[1]].concat();
        let x = text(header.get("jwk").unwrap(), "x");
        let ath = what.bearer.as_ref().map(|token| base64url(&Sha256::digest(token.expose().as_bytes()))).unwrap_or_default();
        let id = [&text(&claims, "jti"), " ", &x].concat();
        let wrong = [
            ("typ", text(&header, "typ") != "dpop+jwt"),
            ("signature", decode(parts[2]) != signature(&input, &x)),
            ("htm", text(&claims, "htm") != if what.body.is_some() { "POST" } else { "GET" }),
            ("htu", text(&claims, "htu") != what.url),
            ("ath", text(&claims, "ath") != ath),
            ("jti", !self.provider.proofs.seen.insert(id)),
        ];
        if let Some((name, _)) = wrong.iter().find(|(_, is_wrong)| *is_wrong) {
            self.breaks(laws::BOUND, || format!("a proof for {} has a wrong {name}: {}", what.url, claims.to_text()));
        }
        let nonce = self.provider.proofs.nonce;
        let known = |number: u32| text(&claims, "nonce") == nonce_of(number);
        if nonce == 0 || known(nonce) || (nonce > 1 && known(nonce - 1)) {
            return Ok(());
        }
        self.tally.count(Kind::NonceWanted);
        Err(nonce_of(nonce))
    }

    /// The provider changes its nonce.
    pub fn change_nonce(&mut self) {
        self.provider.proofs.nonce += 1;
    }
}

fn nonce_of(number: u32) -> String {
    format!("nonce-{number}")
}

fn decode(part: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()
}
