//! Strings of the simulated world. Every secret carries a mark, so that it is found wherever it leaks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wristband_spa_auth::protocol::secret::Entropy;

/// The prefix of every secret.
pub const MARK: &str = "Sekrit";
/// How a JSON object starts in base64url: only a JWT has it.
pub const JWT: &str = "eyJ";

/// Kinds of secrets.
pub const ACCESS: char = 'A';
pub const CODE: char = 'C';
pub const REFRESH: char = 'R';

/// The secret of this kind and number.
pub fn secret(kind: char, number: u32) -> String {
    let mut text = String::with_capacity(MARK.len() + 9);
    text.push_str(MARK);
    text.push(kind);
    push_hex(&mut text, number);
    text
}

/// The number of a secret of this kind.
pub fn secret_number(kind: char, text: &str) -> Option<u32> {
    let digits = text.strip_prefix(MARK)?.strip_prefix(kind)?;
    u32::from_str_radix(digits, 16).ok()
}

/// Entropy that encodes `state`, `nonce` and code verifier of the login with this number.
pub fn entropy(login: u32) -> Entropy {
    let mut bytes = [0; Entropy::LENGTH];
    for (part, begin) in ["State___", "Nonce___", "SekritV_"].into_iter().enumerate() {
        let mut text = String::with_capacity(43);
        text.push_str(begin);
        push_hex(&mut text, login);
        // 43 characters, the last of which stands for four bits only.
        text.push_str("AAAAAAAAAAAAAAAAAAAAAAAAAAA");
        let target = &mut bytes[part * 32..part * 32 + 32];
        assert_eq!(URL_SAFE_NO_PAD.decode_slice_unchecked(text, target), Ok(32));
    }
    Entropy::new(bytes)
}

/// The number of the login whose `state`, `nonce`, code verifier or storage key this is.
pub fn login_number(text: &str) -> Option<u32> {
    let text = text.rsplit('/').next()?;
    u32::from_str_radix(text.get(8..16)?, 16).ok()
}

pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A parameter of a form or a query, still encoded.
pub fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The query of a URL.
pub fn query(address: &str) -> &str {
    address.split_once('?').map_or("", |(_, query)| query)
}

/// Host and path of a URL. Its scheme must be https.
pub fn host_and_path(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("https://")?;
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let rest = &rest[..end];
    Some(rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash)))
}

fn push_hex(text: &mut String, number: u32) {
    for shift in (0..8).rev() {
        text.push(char::from_digit((number >> (shift * 4)) & 15, 16).unwrap());
    }
}
