//! base64url \[RFC 4648 §5], without padding.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes base64url without padding \[RFC 7515 §2].
pub(crate) fn base64url(bytes: &[u8]) -> String {
    // The string can be a secret: if it grew, a copy would stay in the old allocation.
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    // Encoding many bytes in one call would add an unrolled loop to the module.
    for chunk in bytes.chunks(3) {
        let (mut block, mut digits) = ([0; 3], [0; 4]);
        block.iter_mut().zip(chunk).for_each(|(to, byte)| *to = *byte);
        let _ = URL_SAFE_NO_PAD.encode_slice(block, &mut digits);
        for digit in digits.iter().take(chunk.len() + 1) {
            text.push(char::from(*digit));
        }
    }
    text
}

/// Decodes base64url without padding. Only the canonical encoding is accepted.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len().div_ceil(4) * 3);
    for chunk in text.as_bytes().chunks(4) {
        URL_SAFE_NO_PAD.decode_vec(chunk, &mut bytes).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_base64url_is_read() {
        assert_eq!(from_base64url("AQ"), Some(vec![1]));
        for text in ["AR", "AQ==", "A", "A+", "A Q", "AAAAA", "AAB", "\u{e4}A"] {
            assert_eq!(from_base64url(text), None, "{text}");
        }
    }

    #[test]
    fn pieces_are_written_and_read_as_the_whole() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        for end in 0..=bytes.len() {
            let text = URL_SAFE_NO_PAD.encode(&bytes[..end]);
            assert_eq!(base64url(&bytes[..end]), text);
            assert_eq!(from_base64url(&text).as_deref(), Some(&bytes[..end]));
            for mark in ["=", "+", "AAAAA"] {
                let damaged = [&text, mark, "AAAA"].concat();
                assert_eq!(from_base64url(&damaged), URL_SAFE_NO_PAD.decode(&damaged).ok(), "{damaged}");
            }
        }
    }
}
