//! Seeded mutations, for a short run without libFuzzer: the same seed gives the same inputs.

use crate::chance::Chance;

/// Tokens that parsers look for.
const WORDS: &[&str] = &[
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "0",
    "1e400",
    "1.5",
    "9223372036854775808",
    "\\u0000",
    "\\ud83d",
    "&",
    "=",
    "%",
    "%2f",
    "%2e",
    "%00",
    "%ff",
    "+",
    "#",
    "?",
    "/",
    "//",
    "\\",
    "..",
    ".",
    "@",
    "\n",
    "\t",
    " ",
    "\u{e4}",
    "\0",
    "https://",
    "http://",
    "localhost",
    "xn--",
    ":443",
    "code=",
    "state=",
    "error=",
    "iss=",
    "\"iss\":",
    "\"aud\":",
    "\"exp\":",
];

/// One of the inputs, changed in a few places, sometimes by a part of another one.
pub fn mutated(inputs: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut input = inputs.get(chance.below(inputs.len())).cloned().unwrap_or_default();
    for _ in 0..=chance.below(4) {
        let at = chance.below(input.len() + 1);
        let end = (at + chance.below(9)).min(input.len());
        match chance.below(6) {
            0 => drop(input.drain(at..end)),
            1 => drop(input.splice(at..at, WORDS[chance.below(WORDS.len())].bytes())),
            2 => drop(input.splice(at..end, WORDS[chance.below(WORDS.len())].bytes())),
            3 => input.insert(at, chance.below(256) as u8),
            4 => {
                let again = input[at..end].to_vec();
                drop(input.splice(at..at, again));
            }
            _ => {
                let other = inputs.get(chance.below(inputs.len())).map_or(&[][..], Vec::as_slice);
                let from = chance.below(other.len() + 1);
                let to = (from + chance.below(33)).min(other.len());
                drop(input.splice(at..end, other[from..to].iter().copied()));
            }
        }
    }
    input
}
