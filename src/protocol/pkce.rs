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

/// The letters of base64url, by their values \[RFC 4648 §5].
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64url without padding \[RFC 7515 §2].
///
/// Written and read here, because the crates that do it are made for speed: their unrolled loops
/// take ten times the room in the wasm file, and what passes through here is short.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word = (0..3).fold(0, |word, index| word << 8 | three.get(index).map_or(0, |byte| usize::from(*byte)));
        let letters = [word >> 18, word >> 12, word >> 6, word].map(|bits| ALPHABET.get(bits & 63).copied());
        out.extend(letters.into_iter().flatten().take(three.len() + 1).map(char::from));
    }
    out
}

/// Reads base64url without padding. Only the canonical spelling is accepted.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for letters in text.as_bytes().chunks(4) {
        let mut word: u32 = 0;
        for index in 0..4 {
            let value = match letters.get(index) {
                Some(letter) => ALPHABET.iter().position(|other| other == letter)?,
                None => 0,
            };
            word = word << 6 | value as u32;
        }
        let [_, three @ ..] = word.to_be_bytes();
        // A single letter is less than a byte, and bits that no byte needs have to be zero.
        let (whole, rest) = three.split_at_checked(letters.len() * 6 / 8)?;
        if whole.is_empty() || rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(whole);
    }
    Some(bytes)
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
    fn what_is_written_and_read_is_what_another_crate_writes() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..bytes.len() {
            let text = URL_SAFE_NO_PAD.encode(&bytes[length..]);
            assert_eq!(base64url(&bytes[length..]), text);
            assert_eq!(from_base64url(&text).unwrap(), &bytes[length..]);
        }
    }

    #[test]
    fn only_canonical_base64url_is_read() {
        assert_eq!(from_base64url("AQ"), Some(vec![1]));
        for text in ["AR", "AQ==", "A", "A+", "A Q", "AAAAA", "AAB", "\u{e4}A"] {
            assert_eq!(from_base64url(text), None, "{text}");
        }
    }
}
