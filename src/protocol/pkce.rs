//! Proof Key for Code Exchange, always with S256 \[RFC 7636].

use base64::Engine as _;
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
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
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
    fn only_canonical_base64url_is_read() {
        assert_eq!(from_base64url("AQ"), Some(vec![1]));
        for text in ["AR", "AQ==", "A", "A+", "A Q", "AAAAA", "AAB", "\u{e4}A"] {
            assert_eq!(from_base64url(text), None, "{text}");
        }
    }
}
