use std::fmt;

/// The replacement of a key in texts.
const REDACTED: &str = "[redacted]";

/// A key. It is never shown.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    /// Creates a key without the white space around it, because keys that are read from files end in a line break.
    pub(super) fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| Secret(key.to_owned()))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns whether the key can be sent in a header.
    pub(super) fn is_sendable(&self) -> bool {
        self.0.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// A filter that removes keys and other secrets from texts of a server or a client library.
#[derive(Default)]
pub(super) struct Redactor {
    /// The secrets in each quoted form.
    forms: Vec<String>,
}

impl Redactor {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut forms: Vec<_> = secrets.into_iter().flat_map(|secret| quoted(secret.reveal())).collect();
        // The whole of a secret precedes its parts.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Redactor { forms }
    }

    pub(super) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in &self.forms {
            if text.contains(form) {
                text = if form.len() < LONG { replace_word(&text, form) } else { text.replace(form, REDACTED) };
            }
        }
        hide_parameters(&text)
    }
}

/// Returns a secret in each form in which it may be quoted.
fn quoted(secret: &str) -> [String; 3] {
    let percent = secret
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let json = serde_json::Value::from(secret).to_string().trim_matches('"').to_owned();
    [secret.to_owned(), percent, json]
}

/// The minimum length of a real key. Shorter ones, such as `key` or `x` for local servers, are replaced only as whole
/// words, because otherwise hardly any text would remain.
const LONG: usize = 8;

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

/// Replaces the value of each `?key=..` and `&key=..`, of any key.
fn hide_parameters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = ["?key=", "&key="].iter().filter_map(|mark| rest.find(mark)).min() {
        let (before, value) = rest.split_at(at + "?key=".len());
        let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-._~%+".contains(c))).unwrap_or(value.len());
        out.push_str(before);
        if !value.starts_with(REDACTED) {
            out.push_str(REDACTED);
        }
        rest = &value[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_the_key_is_left() {
        let redactor = Redactor::new(Secret::new(" a+b/c\"d\n").as_ref());
        let text =
            r#"key a+b/c"d, url a%2Bb%2Fc%22d, json {"key": "a+b/c\"d"}, GET /?key=other&alt=sse /?key=a%2Bb%2Fc%22d"#;
        let clean = redactor.clean(text);
        assert_eq!(
            clean,
            r#"key [redacted], url [redacted], json {"key": "[redacted]"}, GET /?key=[redacted]&alt=sse /?key=[redacted]"#
        );
    }

    #[test]
    fn a_short_key_is_taken_out_where_it_is_a_word() {
        let redactor = Redactor::new(Secret::new("key").as_ref());
        assert_eq!(redactor.clean("key: 'key' for a monkey, keys"), "[redacted]: '[redacted]' for a monkey, keys");
    }

    #[test]
    fn what_is_no_key_stays() {
        let text = "a monkey=3, 50% of ?key";
        assert_eq!(Redactor::new(None).clean(text), text);
    }
}
