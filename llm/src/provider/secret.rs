use crate::redact::REDACTED;
use std::fmt;

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
pub(super) struct Redactor(crate::Redactor);

impl Redactor {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut redactor = crate::Redactor::new();
        secrets.into_iter().for_each(|secret| redactor.add(secret.reveal()));
        Redactor(redactor)
    }

    pub(super) fn clean(&self, text: &str) -> String {
        hide_parameters(&self.0.clean_keys(text))
    }
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
        let redactor = Redactor::new(Secret::new(" a+b/c\"d..\n").as_ref());
        let text = r#"key a+b/c"d.., url a%2Bb%2Fc%22d.., json {"key": "a+b/c\"d.."}, GET /?key=other&alt=sse"#;
        let clean = redactor.clean(text);
        assert_eq!(
            clean,
            r#"key [redacted], url [redacted], json {"key": "[redacted]"}, GET /?key=[redacted]&alt=sse"#
        );
    }

    #[test]
    fn what_is_no_key_stays() {
        let text = "a monkey=3, 50% of ?key";
        assert_eq!(Redactor::new(None).clean(text), text);
    }
}
