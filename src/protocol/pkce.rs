//! Proof Key for Code Exchange, always with S256 \[RFC 7636].

use sha2::{Digest as _, Sha256};

use super::base64url::base64url;
use super::secret::CodeVerifier;

impl CodeVerifier {
    /// The verifier from 32 random bytes: 43 characters \[RFC 7636 §4.1].
    pub(crate) fn from_random(bytes: &[u8]) -> Self {
        Self::new(base64url(bytes))
    }

    /// The S256 code challenge \[RFC 7636 §4.2].
    pub fn challenge(&self) -> String {
        let challenge = base64url(&hash(self.expose().as_bytes()));
        wipe_stack();
        challenge
    }
}

#[inline(never)]
fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Overwrites what the hash function has left on the stack: blocks of its input.
#[inline(never)]
fn wipe_stack() {
    let mut unused = [0_u8; 1024];
    core::hint::black_box(&mut unused);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
