//! Incomplete JSON, with its open strings and brackets closed.

use serde_json::Value;

/// The maximum depth that `serde_json` parses.
const DEPTH: usize = 127;

/// Parses a text that begins with a bracket. If the text is incomplete, the open brackets are closed and an undecided
/// rest is left out. `None` if the text is not JSON.
pub(super) fn repaired(text: &str) -> Option<Value> {
    let mut scan = Scan { text, at: 0, safe: 0, closers: Vec::new() };
    let prefix = scan.run()?;
    let mut json = String::with_capacity(prefix.len + scan.closers.len() + 1);
    json.push_str(&text[..prefix.len]);
    if prefix.quote {
        json.push('"');
    }
    json.extend(scan.closers.iter().rev().map(|&closer| char::from(closer)));
    serde_json::from_str(&json).ok()
}

/// The length of the prefix that can be parsed, and whether it ends inside a string.
struct Prefix {
    len: usize,
    quote: bool,
}

enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// The position up to which the text can be completed by closing brackets.
    safe: usize,
    closers: Vec<u8>,
}

/// A string: its end, or the length of an open string that can be kept.
enum Quoted {
    Closed(usize),
    Open(usize),
}

impl Scan<'_> {
    fn run(&mut self) -> Option<Prefix> {
        let bytes = self.text.as_bytes();
        let mut next = Next::Value;
        loop {
            while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
                self.at += 1;
            }
            let Some(&byte) = bytes.get(self.at) else { return Some(Prefix { len: self.safe, quote: false }) };
            next = match (next, byte) {
                (Next::Value | Next::ValueOrEnd, b'{') => self.open(b'}', Next::KeyOrEnd),
                (Next::Value | Next::ValueOrEnd, b'[') => self.open(b']', Next::ValueOrEnd),
                (Next::Value | Next::ValueOrEnd, b'"') => match self.quoted() {
                    Quoted::Closed(end) => self.value(end),
                    Quoted::Open(len) => return Some(Prefix { len, quote: true }),
                },
                (Next::Value | Next::ValueOrEnd, b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                    let word = word(&self.text[self.at..]);
                    if !is_started(word) {
                        return None;
                    }
                    let end = self.at + word.len();
                    if end == bytes.len() {
                        let len = match complete_len(word) {
                            0 => self.safe,
                            len => self.at + len,
                        };
                        return Some(Prefix { len, quote: false });
                    }
                    self.value(end)
                }
                (Next::Key | Next::KeyOrEnd, b'"') => match self.quoted() {
                    Quoted::Closed(end) => {
                        self.at = end;
                        Next::Colon
                    }
                    Quoted::Open(_) => return Some(Prefix { len: self.safe, quote: false }),
                },
                (Next::Colon, b':') => {
                    self.at += 1;
                    Next::Value
                }
                (Next::CommaOrEnd, b',') => {
                    self.at += 1;
                    if self.closers.last() == Some(&b'}') { Next::Key } else { Next::Value }
                }
                (Next::ValueOrEnd | Next::KeyOrEnd | Next::CommaOrEnd, b'}' | b']')
                    if self.closers.last() == Some(&byte) =>
                {
                    self.closers.pop();
                    self.value(self.at + 1)
                }
                _ => return None,
            };
            if self.closers.len() > DEPTH {
                return None;
            }
            if self.closers.is_empty() {
                return Some(Prefix { len: self.safe, quote: false });
            }
        }
    }

    fn open(&mut self, closer: u8, next: Next) -> Next {
        self.closers.push(closer);
        self.at += 1;
        self.safe = self.at;
        next
    }

    /// Ends a value at this position.
    fn value(&mut self, end: usize) -> Next {
        (self.at, self.safe) = (end, end);
        Next::CommaOrEnd
    }

    fn quoted(&self) -> Quoted {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' => return Quoted::Closed(at + 1),
                b'\\' => match escape(&bytes[at..]) {
                    Some(len) => at += len,
                    None => return Quoted::Open(at),
                },
                _ => at += 1,
            }
        }
        Quoted::Open(at)
    }
}

/// Returns the length of an escape, including the second half of a surrogate pair. `None` if the escape is incomplete.
fn escape(bytes: &[u8]) -> Option<usize> {
    if *bytes.get(1)? != b'u' {
        return Some(2);
    }
    let is_high = bytes[2..]
        .get(..4)?
        .first_chunk::<2>()
        .is_some_and(|[d, x]| matches!(d, b'd' | b'D') && matches!(x, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'));
    if !is_high {
        return Some(6);
    }
    // The parser rejects an invalid second half.
    bytes.get(..12).map(<[u8]>::len)
}

/// Returns the prefix that may be a number or a literal.
fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '+' | '-' | '.'));
    &text[..end.unwrap_or(text.len())]
}

const WORDS: [&str; 3] = ["true", "false", "null"];

fn is_started(word: &str) -> bool {
    WORDS.iter().any(|known| known.starts_with(word)) || word.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

/// Returns the length of the last word that is certain, although more of it may follow.
fn complete_len(word: &str) -> usize {
    if WORDS.contains(&word) {
        return word.len();
    }
    if word.starts_with(char::is_alphabetic) {
        return 0;
    }
    word.trim_end_matches(|letter: char| !letter.is_ascii_digit()).len()
}

#[cfg(test)]
mod tests {
    use super::repaired;
    use serde_json::{Value, json};

    /// Asserts that each prefix parses to a part of the whole value, and never fails.
    fn grows(whole: &Value) {
        for text in [whole.to_string(), serde_json::to_string_pretty(whole).unwrap()] {
            for end in (1..=text.len()).filter(|&end| text.is_char_boundary(end)) {
                let part = repaired(&text[..end]).unwrap_or_else(|| panic!("{}", &text[..end]));
                assert!(is_part(&part, whole), "{part} of {whole}");
            }
            assert_eq!(repaired(&text).as_ref(), Some(whole));
        }
    }

    fn is_part(part: &Value, whole: &Value) -> bool {
        match (part, whole) {
            (Value::Object(part), Value::Object(whole)) => {
                part.iter().all(|(key, value)| whole.get(key).is_some_and(|whole| is_part(value, whole)))
            }
            (Value::Array(part), Value::Array(whole)) => {
                part.len() <= whole.len() && part.iter().zip(whole).all(|(part, whole)| is_part(part, whole))
            }
            (Value::String(part), Value::String(whole)) => whole.starts_with(part.as_str()),
            (Value::Number(part), Value::Number(whole)) => {
                whole.to_string().starts_with(part.to_string().trim_end_matches(".0"))
            }
            (part, whole) => part == whole,
        }
    }

    #[test]
    fn every_beginning_can_be_read() {
        grows(&json!({ "a": [1, 23, -4.5, true, null, {}, []], "b": { "c": "x\"y\\z\n", "é😀": "é😀\u{1}" } }));
        grows(&json!([[[]], "", { "": "" }]));
    }

    #[test]
    fn escapes_are_kept_whole() {
        assert_eq!(repaired(r#"["a\ud83d"#), Some(json!(["a"])));
        assert_eq!(repaired(r#"["a\ud83d\ude0"#), Some(json!(["a"])));
        assert_eq!(repaired(r#"["a\ud83d\ude00"#), Some(json!(["a😀"])));
        assert_eq!(repaired(r#"["\u00"#), Some(json!([""])));
        assert_eq!(repaired("[\"\\"), Some(json!([""])));
    }

    #[test]
    fn what_is_no_json_is_nothing() {
        for text in ["[note", "{name", "{'a'", "[}", "{\"a\" 1", "[1 2", "[01x"] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }
}
