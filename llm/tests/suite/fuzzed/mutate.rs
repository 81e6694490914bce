//! Inputs that resemble those of a corpus.

use fastrand::Rng;

/// Pieces that readers look for.
const WORDS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "\\u",
    "\\ud83d",
    "null",
    "true",
    "-1e999",
    "18446744073709551616",
    "0.1",
    "data: ",
    "event: error\n",
    "\n\n",
    "\r\n",
    "\r",
    "[DONE]",
    "\u{feff}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    " for x in ",
    "endfor",
    "range(99999)",
    "\"lc\":1",
    "\"kind\":",
    "\"recursion_limit\":",
    "\u{1b}[2J",
    "\u{202e}",
    "\0",
    "%2F",
    "&#47;",
    "aHVudGVyMi9odW50ZXIyK3g=",
    "hunter2/hunter2+x",
];

/// Makes an input of one of the corpus, which has at least one.
pub(crate) fn mutated(corpus: &[Vec<u8>], random: &mut Rng) -> Vec<u8> {
    let mut bytes = corpus[random.usize(..corpus.len())].clone();
    for _ in 0..random.usize(1..12) {
        let at = random.usize(..=bytes.len());
        let end = (at + random.usize(..64)).min(bytes.len());
        match random.u8(..9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
            1 if at < bytes.len() => bytes[at] = random.u8(..),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].repeat(random.usize(1..8));
                bytes.splice(at..at, copy);
            }
            4 => bytes.truncate(at),
            5 => {
                let other = &corpus[random.usize(..corpus.len())];
                let from = random.usize(..=other.len());
                let to = (from + random.usize(..256)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            6 => {
                // Depth.
                let (open, count) = (["[", "{\"a\":", "{%if a%}", "("][random.usize(..4)], random.usize(..200));
                bytes.splice(at..at, open.repeat(count).into_bytes());
            }
            _ => {
                let word = WORDS[random.usize(..WORDS.len())];
                bytes.splice(at..end.min(at + word.len()), word.bytes());
            }
        }
    }
    bytes.truncate(64 << 10);
    bytes
}
