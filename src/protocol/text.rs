//! Searching in texts, byte by byte.
//!
//! The standard library's own ways are made to be fast, each with an instance of its own. What is
//! read here is short, and what is searched for is ASCII.

/// Where the first of these bytes stands; the end of the text where none does.
pub(crate) fn find(text: &str, any_of: &[u8]) -> usize {
    text.bytes().position(|byte| any_of.contains(&byte)).unwrap_or(text.len())
}

/// What stands before the first such byte, and after it.
pub(crate) fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    cut_at(text, text.bytes().position(|other| other == byte)?)
}

/// What stands before the last such byte, and after it.
pub(crate) fn cut_last(text: &str, byte: u8) -> Option<(&str, &str)> {
    cut_at(text, text.bytes().rposition(|other| other == byte)?)
}

/// What stands before the first of these parts, and after it.
pub(crate) fn cut_text<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let index = text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())?;
    Some((slice(text, 0, index)?, slice(text, index + part.len(), text.len())?))
}

/// What stands from one place to another. One function for all, since each range of the standard
/// library's looks for itself whether it cuts a character in two.
#[inline(never)]
pub(crate) fn slice(text: &str, from: usize, to: usize) -> Option<&str> {
    text.get(from..to)
}

/// The text without what it ends with, however often.
pub(crate) fn trim_end<'a>(mut text: &'a str, end: &str) -> &'a str {
    while let Some(shorter) = text.strip_suffix(end) {
        text = shorter;
    }
    text
}

/// What stands between the bytes of this kind, before the first and after the last.
pub(crate) fn parts(text: &str, byte: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let text = rest?;
        let (part, more) = cut(text, byte).map_or((text, None), |(part, more)| (part, Some(more)));
        rest = more;
        Some(part)
    })
}

/// One of the lines, counted from zero.
pub(crate) fn line(mut lines: &'static str, index: usize) -> &'static str {
    for _ in 0..index {
        lines = cut(lines, b'\n').map_or("", |(_, rest)| rest);
    }
    cut(lines, b'\n').map_or(lines, |(line, _)| line)
}

/// Takes the first character of UTF-8 \[RFC 3629 §3]. `None` where there is none.
pub(crate) fn take_character(bytes: &mut &[u8]) -> Option<char> {
    let (first, mut rest) = bytes.split_first()?;
    // The first byte begins with as many ones as there are bytes, but has none where it is alone.
    let ones = first.leading_ones();
    let mut code = u32::from(*first) & (0x7f >> ones);
    for _ in 1..ones {
        let (next, more) = rest.split_first().filter(|(next, _)| **next & 0xc0 == 0x80)?;
        code = code << 6 | u32::from(*next & 0x3f);
        rest = more;
    }
    *bytes = rest;
    // A byte that can only follow, and a spelling that is longer than it has to be, are none.
    char::from_u32(code).filter(|character| ones != 1 && character.len_utf8() == ones.max(1) as usize)
}

/// The digits of a number.
pub(crate) fn decimal(mut number: u64) -> String {
    let mut out = String::new();
    loop {
        out.insert(0, char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            return out;
        }
    }
}

fn cut_at(text: &str, index: usize) -> Option<(&str, &str)> {
    Some((slice(text, 0, index)?, slice(text, index + 1, text.len())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_others_write_them() {
        for number in [0, 1, 9, 10, 405, 86_400, u64::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }

    #[test]
    fn utf8_is_read_as_others_read_it() {
        let read = |mut bytes: &[u8]| {
            let mut text = String::new();
            while !bytes.is_empty() {
                text.push(take_character(&mut bytes)?);
            }
            Some(text)
        };
        let agree = |bytes: &[u8]| assert_eq!(read(bytes).as_deref(), str::from_utf8(bytes).ok(), "{bytes:x?}");
        // The first and the last byte of each kind.
        let bytes = [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef];
        let bytes = [&bytes[..], &[0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfb, 0xfc, 0xfd, 0xfe, 0xff]].concat();
        for a in &bytes {
            agree(&[*a]);
            for b in &bytes {
                agree(&[*a, *b]);
                for c in &bytes {
                    agree(&[*a, *b, *c]);
                    for d in &bytes {
                        agree(&[*a, *b, *c, *d]);
                    }
                }
            }
        }
        agree(&[0xf8, 0x88, 0x80, 0x80, 0x80]);
        agree(&[0xfe, 0x80, 0x80, 0x80, 0x80, 0x81, 0x81]);
        agree("a\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}".as_bytes());
    }

    #[test]
    fn texts_are_cut_where_the_byte_stands() {
        assert_eq!((find("a?b#c", b"#?"), find("abc", b"#?")), (1, 3));
        assert_eq!((cut("a.b.c", b'.'), cut_last("a.b.c", b'.')), (Some(("a", "b.c")), Some(("a.b", "c"))));
        assert_eq!((cut("abc", b'.'), cut_text("abc", "bd")), (None, None));
        assert_eq!(cut_text("a{t}b{t}", "{t}"), Some(("a", "b{t}")));
        assert_eq!(parts("a..b.", b'.').collect::<Vec<_>>(), ["a", "", "b", ""]);
        assert_eq!((line("a\nb\n\nd", 1), line("a\nb\n\nd", 2), line("a\nb", 2)), ("b", "", ""));
    }
}
