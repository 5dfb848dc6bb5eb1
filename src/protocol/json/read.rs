//! Reads JSON text \[RFC 8259], strictly.
//!
//! A reader of its own, because this one type is all that is ever read: the general one takes
//! four times the room in the wasm file.

use super::Value;
use crate::protocol::text::take_character;

/// Arrays and objects within each other, at the most: what is read here is read by recursion.
const DEEPEST: u32 = 127;

/// Reads the whole text. `None` when anything in it is not JSON, or a member is there twice.
pub(super) fn read(text: &[u8]) -> Option<Value> {
    let mut reader = Reader { text };
    let value = reader.value(DEEPEST)?;
    reader.next().is_none().then_some(value)
}

/// What is left of the text.
struct Reader<'a> {
    text: &'a [u8],
}

impl Reader<'_> {
    /// The next byte, left where it is.
    fn peek(&self) -> Option<u8> {
        self.text.first().copied()
    }

    /// Takes the next byte.
    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.text.split_first()?;
        self.text = rest;
        Some(*first)
    }

    /// Takes this byte, if it is the next.
    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.take();
        }
        there
    }

    /// The next byte that is no white space, left where it is.
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

    /// What stands between a bracket and `end`, separated by commas.
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
            match take_character(&mut self.text)? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                '\0'..' ' => return None,
                character => text.push(character),
            }
        }
    }

    /// What stands after a backslash.
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

    /// One code point in one escape, or in the two of a surrogate pair. Half a pair is nothing.
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
            // Too many digits for an exponent make it larger than any that matters.
            let size = if exponent.exponent == 0 { i64::try_from(exponent.digits).unwrap_or(i64::MAX) } else { i64::MAX };
            number.exponent = number.exponent.saturating_add(if smaller { -size } else { size });
        }
        number.value(negative, whole)
    }

    /// Reads digits, each of which moves the exponent by `shift`. Whether there was one.
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

/// Decimal digits, as a number times a power of ten.
#[derive(Default)]
struct Number {
    digits: u64,
    exponent: i64,
}

impl Number {
    fn push(&mut self, digit: u8, shift: i64) {
        // The largest number that takes one more digit. Digits beyond that are beyond precision.
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
        // There is no whole number for a negative zero.
        if let Some(integer) = integer.filter(|integer| whole && !(negative && *integer == 0)) {
            return Some(Value::Integer(integer));
        }
        let float = self.float();
        // What no number can hold is refused: as infinity it could not be written again.
        float.is_finite().then_some(Value::Float(if negative { -float } else { float }))
    }

    fn float(&self) -> f64 {
        /// The largest power of ten that a number can hold.
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
