//! How servers read paths, which differs from how browsers do.
//!
//! A browser resolves `..` and `%2e%2e` before it sends a request. Servers and proxies have been seen
//! to read `..;x`, `..%00`, `%252e%252e`, `%c0%ae` and others in the same way. Below a path prefix, a
//! path that a server can read as one that leads out of it is refused.

/// Why a path is refused below a path prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ambiguity {
    /// A segment that can be read as `.` or `..`.
    DotSegment,
    /// An escaped slash or backslash that some servers read as a separator, and others as part of a name.
    EscapedSlash,
}

/// Servers behind proxies have been seen to decode a path twice. This allows for once more.
const MAX_DECODINGS: usize = 3;

/// Why servers can read this path in different ways. `None` if they cannot.
pub(crate) fn ambiguity(path: &str) -> Option<Ambiguity> {
    let slashes = |text: &str| text.bytes().filter(|byte| matches!(byte, b'/' | b'\\')).count();
    let mut text = path.to_owned();
    for round in 0..=MAX_DECODINGS {
        if text.replace('\\', "/").split('/').any(is_dot_segment) {
            return Some(Ambiguity::DotSegment);
        }
        let decoded = decode(&text);
        if round == 0 && slashes(&decoded) > slashes(&text) {
            // With dots, an escaped slash counts as a dot segment.
            let dots = decoded.replace('\\', "/").split('/').any(is_dot_segment);
            return Some(if dots { Ambiguity::DotSegment } else { Ambiguity::EscapedSlash });
        }
        if decoded == text {
            return None;
        }
        text = decoded;
    }
    // Still changing: no legitimate path is escaped this often.
    Some(Ambiguity::DotSegment)
}

/// Whether a server can read this path as one below the prefix: it decodes escapes, skips empty segments, resolves
/// dots, or does not tell cases apart.
pub(crate) fn can_be_read_as_below(path: &str, prefix: &str) -> bool {
    let mut text = path.to_owned();
    for _ in 0..=MAX_DECODINGS {
        let is_below = {
            let mut own = segments(&text);
            segments(prefix).all(|segment| own.next().is_some_and(|own| own.eq_ignore_ascii_case(segment)))
        };
        if is_below {
            return true;
        }
        text = decode(&text);
    }
    ambiguity(path).is_some()
}

/// The segments of a path, without empty ones.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\\']).filter(|segment| !segment.is_empty())
}

/// Whether the segment starts with dots that the next character does not turn into a name.
fn is_dot_segment(segment: &str) -> bool {
    // Some parsers skip these wherever they are.
    let is_skipped = |character: char| matches!(character, '\t' | '\n' | '\r');
    let is_blank = |character: char| character.is_whitespace() || character.is_control();
    let mut rest =
        segment.chars().filter(|character| !is_skipped(*character)).skip_while(|character| is_blank(*character)).peekable();
    if rest.peek() != Some(&'.') {
        return false;
    }
    let after = rest.find(|character| *character != '.');
    after
        .is_none_or(|character| character.is_ascii() && !character.is_ascii_alphanumeric() && !matches!(character, '_' | '-' | '~'))
}

/// Decodes escapes once, as leniently as careless decoders do: overlong encodings, `%u002e`, and
/// characters that look like others.
fn decode(text: &str) -> String {
    let bytes = unescape(text);
    let (mut out, mut rest) = (String::new(), bytes.as_slice());
    while let Some((first, more)) = rest.split_first() {
        let character = match (first, more) {
            (0xc0 | 0xc1, [next, after @ ..]) => {
                rest = after;
                char::from((first & 1) << 6 | (next & 0x3f))
            }
            (0xe0, [0x80..=0x9f, _, after @ ..]) => {
                let code = more.iter().take(2).fold(0, |code, byte| code << 6 | u32::from(byte & 0x3f));
                rest = after;
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            (0xf0, [0x80..=0x8f, _, _, after @ ..]) => {
                let code = more.iter().take(3).fold(0, |code, byte| code << 6 | u32::from(byte & 0x3f));
                rest = after;
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => {
                let character = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
                rest = rest.get(character.map_or(1, char::len_utf8)..).unwrap_or_default();
                character.unwrap_or(char::REPLACEMENT_CHARACTER)
            }
        };
        match character {
            '\u{2024}' | '\u{fe52}' | '\u{ff0e}' => out.push('.'),
            '\u{2025}' | '\u{2026}' => out.push_str(".."),
            '\u{2044}' | '\u{2215}' | '\u{ff0f}' => out.push('/'),
            '\u{2216}' | '\u{fe68}' | '\u{ff3c}' => out.push('\\'),
            '\u{37e}' | '\u{ff1b}' => out.push(';'),
            other => out.push(other),
        }
    }
    out
}

fn unescape(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        match (first, more) {
            (b'%', [b'u' | b'U', a, b, c, d, after @ ..]) if hex(&[*a, *b, *c, *d]).is_some() => {
                let code = hex(&[*a, *b, *c, *d]).and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend_from_slice(code.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
            }
            (b'%', [a, b, after @ ..]) => match hex(&[*a, *b]) {
                Some(byte) => {
                    bytes.push(byte as u8);
                    rest = after;
                }
                None => bytes.push(b'%'),
            },
            _ => bytes.push(*first),
        }
    }
    bytes
}

/// The value of hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_6_a_segment_that_a_server_can_read_as_dots_is_found() {
        for segment in [
            ".",
            "..",
            "...",
            "%2e",
            "%2E%2e",
            ".%2e",
            "..;",
            "..;x=1",
            ".;",
            "%2e%2e;",
            "..%3b",
            "..%3Bx",
            "..%00",
            "..%00.json",
            "..%20",
            "%20..",
            "..%09",
            "%09..",
            ".%09.",
            ".%0a.",
            "..%0d%0a",
            "..%3f",
            "..%23",
            "..:",
            "..,",
            "..%2500",
            "%252e%252e",
            "%25252e%25252e",
            "%c0%ae%c0%ae",
            "%c0%2e%c0%2e",
            "%e0%80%ae%e0%80%ae",
            "%f0%80%80%ae.",
            "%u002e%u002e",
            "%ef%bc%8e%ef%bc%8e",
            "%e2%80%a5",
            "%e2%80%a6",
            "..%ef%bc%9b",
            "..%c2%a0",
            "..%7f",
            "..%c2%85",
            "..$",
            "..%26",
            "..=",
            "..|",
            "..%252f",
            "..%5c",
            "..%2f",
            "%2e%2e%2f",
            "%2e%2e%5c",
            "..%c0%af",
            "..%c1%9c",
            "..%ef%bc%8f",
        ] {
            for path in [format!("/{segment}/admin"), format!("/a/{segment}"), format!("/{segment}")] {
                assert_eq!(ambiguity(&path), Some(Ambiguity::DotSegment), "{path}");
            }
        }
    }

    #[test]
    fn law_6_an_escaped_slash_is_found() {
        for path in ["/a%2fb", "/a%2Fb", "/a%5cb", "/%2F", "/a%c0%afb", "/a%ef%bc%8fb", "/a%u2215b"] {
            assert_eq!(ambiguity(path), Some(Ambiguity::EscapedSlash), "{path}");
        }
    }

    #[test]
    fn ordinary_paths_are_read_in_one_way() {
        for path in [
            "",
            "/",
            "//",
            "/a/b",
            "/a.b/c..d",
            "/.well-known/x",
            "/..foo",
            "/._x",
            "/a;b=c/d",
            "/a%20b",
            "/a%252fb",
            "/100%25",
            "/%zz",
            "/caf%C3%A9",
            "/%E9",
            "/v1:action",
            "/a,b",
            "/~user",
            "/a%2525",
            "/.env",
            "/x..",
            "/@me/(1)",
        ] {
            assert_eq!(ambiguity(path), None, "{path}");
        }
    }
}
