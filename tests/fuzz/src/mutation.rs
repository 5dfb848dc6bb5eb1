//! Seeded mutations, for a short run without libFuzzer: the same seed gives the same inputs.

/// The splitmix64 generator.
pub struct Chance(u64);

impl Chance {
    pub fn of_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from zero to `n - 1`; zero when there is none.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % (n.max(1) as u64)).unwrap_or(0)
    }
}

/// What parsers look for.
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

/// One of the inputs, changed in a few places, also by a part of another one.
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
