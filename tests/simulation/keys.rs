//! Keys and signatures without cryptographic strength: a hash of the signed input and of the public key. The modulus
//! suffices to sign, which nothing in the simulated world tries; everything else is as with RSA.

use std::sync::LazyLock;

use wristband_spa_auth::protocol::jwks::{Jwk, KeyMaterial};

use super::text::base64url;

/// The number of keys that the provider can rotate through; it never publishes the last one.
pub const KEYS: usize = 6;
pub const NEVER_PUBLISHED: usize = KEYS - 1;

struct Key {
    /// What `Jwk` shows of the key.
    modulus: String,
    /// The key's entry in the published set.
    published: String,
    /// The header of a token that it signs, in base64url.
    header: String,
}

static ALL: LazyLock<Vec<Key>> = LazyLock::new(|| (0..KEYS).map(key).collect());

fn key(number: usize) -> Key {
    let mut bytes = [0xc3; 256];
    bytes[100] = u8::try_from(number).unwrap();
    let modulus = base64url(&bytes);
    let published = format!(r#"{{"kty":"RSA","use":"sig","alg":"RS256","kid":"k{number}","e":"AQAB","n":"{modulus}"}}"#);
    let header = base64url(format!(r#"{{"alg":"RS256","typ":"JWT","kid":"k{number}"}}"#).as_bytes());
    Key { modulus, published, header }
}

/// The key set with the keys of this range.
pub fn published(keys: core::ops::RangeInclusive<usize>) -> String {
    let mut text = String::with_capacity(1024);
    text.push_str(r#"{"keys":["#);
    for number in keys.clone() {
        if number != *keys.start() {
            text.push(',');
        }
        text.push_str(&ALL[number].published);
    }
    text.push_str("]}");
    text
}

/// The header, in base64url, of a token that this key signs.
pub fn header(key: usize) -> &'static str {
    &ALL[key].header
}

pub fn sign(key: usize, input: &str) -> [u8; 8] {
    hash(ALL[key].modulus.as_bytes(), input.as_bytes())
}

/// Whether one of the keys made the signature.
pub fn verifies(keys: &[Jwk], input: &str, signature: &[u8]) -> bool {
    let modulus = |key: &Jwk| if let KeyMaterial::Rsa { n, .. } = key.material() { n.to_owned() } else { String::new() };
    keys.iter().any(|key| hash(modulus(key).as_bytes(), input.as_bytes()) == signature)
}

fn hash(key: &[u8], input: &[u8]) -> [u8; 8] {
    let mut state = 0x243f_6a88_85a3_08d3_u64;
    for chunk in key.chunks(8).chain(input.chunks(8)) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    (state ^ (state >> 29)).to_le_bytes()
}
