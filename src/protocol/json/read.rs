//! A strict JSON parser \[RFC 8259].
//!
//! The library has its own parser because it parses into one type only: a general parser is four
//! times as large in the wasm file.

use super::Value;

/// The maximum nesting depth of arrays and objects: the parser is recursive.
const MAX_DEPTH: u32 = 127;

/// Parses the whole input. `None` if it is not valid JSON, or has a duplicate member.
pub(super) fn read(text: &[u8]) -> Option<Value> {
    let mut reader = Reader { text };
    let value = reader.value(MAX_DEPTH)?;
    reader.next().is_none().then_some(value)
}

/// The rest of the input.
struct Reader<'a> {
    text: &'a [u8],
}

impl Reader<'_> {
    /// The next byte, without taking it.
    fn peek(&self) -> Option<u8> {
        self.text.first().copied()
    }

    /// Takes the next byte.
    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.text.split_first()?;
        self.text = rest;
        Some(*first)
    }

    /// Takes this byte, if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.take();
        }
        there
    }

    /// Skips white space. Returns the next byte without taking it.
    fn next(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.take();
        }
        self.peek()
    }

    fn value(&mut self, deeper: u32) -> Option<Value> {
        match self.next()? {
            b'"' => self.string().map(Value::String),
            b'{' => self.object(deeper.checked_sub(1)?),
            b'[' => self.array(deeper.checked_sub(1)?),
            b't' => self.word(b"true", Value::Bool(true)),
            b'f' => self.word(b"false", Value::Bool(false)),
            b'n' => self.word(b"null", Value::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &[u8], value: Value) -> Option<Value> {
        self.text = self.text.strip_prefix(word)?;
        Some(value)
    }

    fn array(&mut self, deeper: u32) -> Option<Value> {
        let mut items = Vec::new();
        self.each(b']', &mut |reader| {
            items.push(reader.value(deeper)?);
            Some(())
        })?;
        Some(Value::Array(items))
    }

    fn object(&mut self, deeper: u32) -> Option<Value> {
        let mut members: Vec<(String, Value)> = Vec::new();
        self.each(b'}', &mut |reader| {
            reader.next();
            let name = reader.string()?;
            let twice = members.iter().any(|(other, _)| *other == name);
            if twice || reader.next()? != b':' {
                return None;
            }
            reader.take();
            members.push((name, reader.value(deeper)?));
            Some(())
        })?;
        Some(Value::Object(members))
    }

    /// Parses a comma-separated list from the opening bracket to `end`.
    fn each(&mut self, end: u8, item: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take();
        if self.next()? == end {
            self.take();
            return Some(());
        }
        loop {
            item(self)?;
            self.next();
            match self.take()? {
                b',' => {}
                byte if byte == end => return Some(()),
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        if !self.eat(b'"') {
            return None;
        }
        let mut text = String::new();
        loop {
            let end = self.text.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
            let (plain, rest) = self.text.split_at_checked(end)?;
            text.push_str(str::from_utf8(plain).ok()?);
            self.text = rest;
            match self.take()? {
                b'"' => return Some(text),
                b'\\' => text.push(self.escape()?),
                _ => return None,
            }
        }
    }

    /// Parses what follows a backslash.
    fn escape(&mut self) -> Option<char> {
        Some(match self.take()? {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.character()?,
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            _ => return None,
        })
    }

    /// One code point from one escape, or from the two of a surrogate pair. `None` for half a pair.
    fn character(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        let second = if self.eat(b'\\') && self.eat(b'u') { self.four_digits()? } else { return None };
        let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)
    }

    fn four_digits(&mut self) -> Option<u32> {
        let mut number = 0;
        for _ in 0..4 {
            number = number * 16 + char::from(self.take()?).to_digit(16)?;
        }
        Some(number)
    }

    fn number(&mut self) -> Option<Value> {
        let negative = self.eat(b'-');
        let mut number = Number::default();
        // No digit may follow a leading zero.
        if !self.eat(b'0') && !self.digits(&mut number, 0) {
            return None;
        }
        let mut whole = number.exponent == 0;
        if self.eat(b'.') {
            whole = false;
            if !self.digits(&mut number, -1) {
                return None;
            }
        }
        if self.eat(b'e') || self.eat(b'E') {
            whole = false;
            let smaller = !self.eat(b'+') && self.eat(b'-');
            let mut exponent = Number::default();
            if !self.digits(&mut exponent, 0) {
                return None;
            }
            // An exponent with too many digits is larger than any that matters.
            let size = if exponent.exponent == 0 { i64::try_from(exponent.digits).unwrap_or(i64::MAX) } else { i64::MAX };
            number.exponent = number.exponent.saturating_add(if smaller { -size } else { size });
        }
        number.value(negative, whole)
    }

    /// Parses digits, each of which moves the exponent by `shift`. Returns whether there were any.
    fn digits(&mut self, number: &mut Number, shift: i64) -> bool {
        let mut any = false;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.take();
            any = true;
            number.push(digit - b'0', shift);
        }
        any
    }
}

/// A decimal number: digits times a power of ten.
#[derive(Default)]
struct Number {
    digits: u64,
    exponent: i64,
}

impl Number {
    fn push(&mut self, digit: u8, shift: i64) {
        // The largest number that takes one more digit. Further digits exceed the precision.
        const LARGEST: u64 = (u64::MAX - 9) / 10;
        if self.digits <= LARGEST && self.exponent <= 0 {
            self.digits = self.digits * 10 + u64::from(digit);
            self.exponent += shift;
        } else {
            self.exponent += shift + 1;
        }
    }

    fn value(&self, negative: bool, whole: bool) -> Option<Value> {
        let integer = if negative { 0_i64.checked_sub_unsigned(self.digits) } else { 0_i64.checked_add_unsigned(self.digits) };
        // Negative zero is not an integer.
        if let Some(integer) = integer.filter(|integer| whole && !(negative && *integer == 0)) {
            return Some(Value::Integer(integer));
        }
        let float = self.float();
        // A number too large for a float is rejected: infinity cannot be written as JSON.
        float.is_finite().then_some(Value::Float(if negative { -float } else { float }))
    }

    fn float(&self) -> f64 {
        /// The largest power of ten that a float can hold.
        const LARGEST: u32 = 308;
        let mut float = self.digits as f64;
        let mut left = u32::try_from(self.exponent.unsigned_abs()).unwrap_or(u32::MAX).min(3 * LARGEST);
        while left > 0 {
            let step = left.min(LARGEST);
            let power = 10_f64.powi(step as i32);
            float = if self.exponent < 0 { float / power } else { float * power };
            left -= step;
        }
        float
    }
}
