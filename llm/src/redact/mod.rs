//! Texts without secrets: those that are known, in every encoding, and those that look like one.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Redactor`] |
//! | `encoded` | a secret that is found in any encoding |
//! | `escape` | characters that are escaped, as in JSON, URLs and HTML |

mod encoded;
mod escape;

use encoded::Pattern;
use serde_json::Value;
use std::fmt;

/// The replacement of a secret in texts.
pub(crate) const REDACTED: &str = "[redacted]";

/// The minimum length of a real key. Shorter ones, such as `key` or `x` for local servers, are replaced only as whole
/// words, because otherwise hardly any text would remain.
const LONG: usize = 8;

/// A filter that removes secrets from texts: in errors, on cassettes, in logs of a program's own.
///
/// A secret that was [added](Redactor::add) is removed wherever it occurs, in every encoding: as it is, with escapes of
/// JSON (of JSON within JSON, too), URLs and HTML, in base64 and in hexadecimal digits. Words that look like a key of a
/// well-known service are removed if [`clean_keys`](Redactor::clean_keys) asks for it.
///
/// ```
/// use catena_llm::Redactor;
///
/// let mut redactor = Redactor::new();
/// redactor.add("hunter2/hunter2");
/// assert_eq!(redactor.clean("GET /?token=hunter2%2Fhunter2"), "GET /?token=[redacted]");
/// assert_eq!(redactor.clean(r#"{"body": "{\"token\": \"hunter2\\/hunter2\"}"}"#), r#"{"body": "{\"token\": \"[redacted]\"}"}"#);
/// ```
#[derive(Clone, Default)]
pub struct Redactor {
    patterns: Vec<Pattern>,
    /// The secrets that are replaced as words only.
    words: Vec<String>,
}

impl Redactor {
    /// Creates a filter that knows no secret.
    pub fn new() -> Self {
        Redactor::default()
    }

    /// Adds a secret. White space around it is not a part of it, and an empty text is ignored. A secret of fewer than 8
    /// bytes is removed only if it is a whole word.
    pub fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.is_empty() {
            return;
        }
        if secret.len() < LONG {
            self.words.push(secret.to_owned());
        }
        self.patterns.extend(Pattern::all(secret, LONG));
        // The whole of a secret precedes its parts.
        self.patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
        self.patterns.dedup();
    }

    /// Returns the text without the secrets that were added.
    pub fn clean(&self, text: &str) -> String {
        let mut text = encoded::replace(text, &self.patterns);
        for word in &self.words {
            text = replace_word(&text, word);
        }
        text
    }

    /// Returns the text without the secrets that were added, and without words that look like a key: `sk-..`, `AIza..`,
    /// `Bearer ..` and such.
    pub fn clean_keys(&self, text: &str) -> String {
        let text = self.clean(text);
        catena::__private::without_keys(&text).unwrap_or(text)
    }

    /// Removes secrets, and what looks like one, from all texts, names and numbers in a value. Returns whether there
    /// were any.
    pub fn clean_json(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => {
                let clean = self.clean_keys(text);
                let is_changed = clean != *text;
                *text = clean;
                is_changed
            }
            Value::Number(number) => {
                let text = number.to_string();
                let clean = self.clean(&text);
                let is_changed = clean != text;
                if is_changed {
                    *value = clean.into();
                }
                is_changed
            }
            Value::Array(items) => items.iter_mut().fold(false, |any, item| self.clean_json(item) | any),
            Value::Object(fields) => {
                let mut any = fields.values_mut().fold(false, |any, value| self.clean_json(value) | any);
                if fields.keys().any(|name| self.clean_keys(name) != *name) {
                    any = true;
                    *fields = std::mem::take(fields)
                        .into_iter()
                        .map(|(name, value)| (self.clean_keys(&name), value))
                        .collect();
                }
                any
            }
            Value::Null | Value::Bool(_) => false,
        }
    }
}

/// Shows how many secrets there are, and none of them.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("forms", &(self.patterns.len() + self.words.len())).finish()
    }
}

fn replace_word(text: &str, word: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for (at, _) in text.match_indices(word) {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        if ![before, after].into_iter().flatten().any(char::is_alphanumeric) {
            out.push_str(&text[last..at]);
            out.push_str(REDACTED);
            last = at + word.len();
        }
    }
    out + &text[last..]
}

#[cfg(test)]
mod tests;
