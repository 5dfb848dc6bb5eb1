//! Proof Key for Code Exchange, always with S256 \[RFC 7636].

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
///
/// The engine's own way of writing is made for speed: its unrolled loop takes ten times the room
/// in the wasm file, and what is written here is never longer than a hash.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    let alphabet = URL_SAFE.as_str().as_bytes();
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word = (0..3).fold(0, |word, index| word << 8 | three.get(index).map_or(0, |byte| usize::from(*byte)));
        let letters = [word >> 18, word >> 12, word >> 6, word].map(|bits| alphabet.get(bits & 63).copied());
        out.extend(letters.into_iter().flatten().take(three.len() + 1).map(char::from));
    }
    out
}

/// Reads base64url without padding. Only the canonical spelling is accepted.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn what_is_written_is_what_the_engine_writes() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..bytes.len() {
            assert_eq!(base64url(&bytes[length..]), URL_SAFE_NO_PAD.encode(&bytes[length..]));
        }
    }

    #[test]
    fn only_canonical_base64url_is_read() {
        assert_eq!(from_base64url("AQ"), Some(vec![1]));
        for text in ["AR", "AQ==", "A", "A+", "A Q"] {
            assert_eq!(from_base64url(text), None, "{text}");
        }
    }
}
