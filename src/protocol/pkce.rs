//! Proof Key for Code Exchange, always with S256 \[RFC 7636].

use sha2::{Digest as _, Sha256};

use super::secret::CodeVerifier;

impl CodeVerifier {
    /// The verifier made of 32 random bytes: 43 characters \[RFC 7636 §4.1].
    pub(crate) fn from_random(bytes: &[u8]) -> Self {
        Self::new(base64url(bytes))
    }

    /// The challenge that is sent ahead \[RFC 7636 §4.2].
    pub fn challenge(&self) -> String {
        base64url(&Sha256::digest(self.expose().as_bytes()))
    }
}

/// Base64url without padding \[RFC 7515 §2].
pub(crate) fn base64url(bytes: &[u8]) -> String {
    // Room for all of it from the start: what is written may be a secret, of which no copy may stay behind.
    let mut out = String::with_capacity(2 * bytes.len());
    let (mut bits, mut held) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 6 {
            held -= 6;
            out.push(digit(bits >> held));
        }
    }
    if held > 0 {
        out.push(digit(bits << (6 - held)));
    }
    out
}

/// Reads base64url without padding. Only the canonical spelling is accepted.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes() {
        bits = bits << 6 | u32::from(value(byte)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    // What is left is too little for a digit of its own, and zero.
    let canonical = held < 6 && bits.trailing_zeros() >= held;
    canonical.then_some(bytes)
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The digit of the lowest six bits.
fn digit(bits: u32) -> char {
    char::from(DIGITS[(bits & 63) as usize])
}

fn value(digit: u8) -> Option<u8> {
    DIGITS.iter().position(|other| *other == digit).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn base64url_is_what_others_make_of_it() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        for length in 0..=bytes.len() {
            let text = base64url(&bytes[..length]);
            assert_eq!(text, URL_SAFE_NO_PAD.encode(&bytes[..length]));
            assert_eq!(from_base64url(&text).as_deref(), Some(&bytes[..length]));
        }
    }

    #[test]
    fn only_canonical_base64url_is_read() {
        assert_eq!(from_base64url("AQ"), Some(vec![1]));
        for text in ["AR", "AQ==", "A", "A+", "A Q", "AAAAA", "AAB", "\u{e4}A"] {
            assert_eq!(from_base64url(text), None, "{text}");
        }
        for byte in 0..=u8::MAX {
            for before in ["", "A", "AA", "AAA", "AAAA"] {
                let text = [before, &char::from(byte).to_string()].concat();
                assert_eq!(from_base64url(&text), URL_SAFE_NO_PAD.decode(&text).ok(), "{text}");
            }
        }
    }
}
