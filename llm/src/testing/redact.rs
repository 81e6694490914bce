//! Redaction of secrets in files.

use serde_json::Value;

const REDACTED: &str = "[redacted]";

/// The prefixes of keys.
const PREFIXES: [&str; 9] = ["sk-", "sk_", "AIza", "ghp_", "github_pat_", "xoxb-", "hf_", "gsk_", "AKIA"];

/// The minimum length of a key after its prefix; `sk-8` is not a key.
const LONG: usize = 12;

/// The words before a key.
const SCHEMES: [&str; 2] = ["Bearer ", "Basic "];

/// Removes keys and these secrets from all strings. Returns whether there were any.
pub(super) fn clean(value: &mut Value, secrets: &[String]) -> bool {
    match value {
        Value::String(text) => match cleaned(text, secrets) {
            Some(clean) => {
                *text = clean;
                true
            }
            None => false,
        },
        Value::Array(items) => items.iter_mut().fold(false, |any, item| clean(item, secrets) | any),
        Value::Object(fields) => fields.values_mut().fold(false, |any, value| clean(value, secrets) | any),
        _ => false,
    }
}

/// Returns the text without its secrets; `None` if it has none.
fn cleaned(text: &str, secrets: &[String]) -> Option<String> {
    let mut out = text.to_owned();
    for secret in secrets {
        out = out.replace(secret, REDACTED);
    }
    for prefix in PREFIXES {
        out = without(&out, prefix, 0, LONG);
    }
    for scheme in SCHEMES {
        out = without(&out, scheme, scheme.len(), LONG);
    }
    (out != text).then_some(out)
}

/// Replaces words that begin with `begin` and continue for at least `least` characters of a key. The first `keep` bytes
/// remain.
fn without(text: &str, begin: &str, keep: usize, least: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(begin) {
        let after = &rest[at + begin.len()..];
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=+/".contains(c))).unwrap_or(after.len());
        let is_begin = !rest[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        if is_begin && end >= least {
            out.push_str(&rest[..at + keep]);
            out.push_str(REDACTED);
        } else {
            out.push_str(&rest[..at + begin.len() + end]);
        }
        rest = &after[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn what_looks_like_a_key_is_taken_out() {
        for (text, clean) in [
            ("the key is sk-proj-abcdefghijkl.", "the key is [redacted]"),
            ("Authorization: Bearer abcdef123456789", "Authorization: Bearer [redacted]"),
            ("AIzaSyA1234567890 and sk-ant-api03-xyzxyzxyz", "[redacted] and [redacted]"),
            ("my word", "my [redacted]"),
        ] {
            assert_eq!(cleaned(text, &["word".to_owned()]).as_deref(), Some(clean));
        }
        for text in ["ask-me-anything-you-like", "a risk-taker", "sk-8", "Bearer of bad news", "Basic facts"] {
            assert_eq!(cleaned(text, &[]), None, "{text}");
        }
    }
}
