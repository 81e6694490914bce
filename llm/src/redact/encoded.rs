//! A secret that is found in any encoding.

use super::{REDACTED, escape};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};

/// A form of a secret: the bytes that are looked for, each as it is or escaped.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    bytes: Vec<u8>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Each byte may be escaped.
    Text,
    /// A part of a text in base64, of either alphabet. The characters around it belong to it.
    Base64,
    /// Digits, of either case.
    Hex,
}

impl Pattern {
    /// Returns all forms of a secret, or none of one that is shorter than `least` bytes. Forms that are shorter are
    /// left out.
    pub(super) fn all(secret: &str, least: usize) -> Vec<Self> {
        let bytes = secret.as_bytes();
        if bytes.len() < least {
            return Vec::new();
        }
        let mut forms = vec![Pattern { bytes: bytes.to_vec(), form: Form::Text }];
        for offset in 0..3 {
            let mut padded = vec![0; offset];
            padded.extend_from_slice(bytes);
            let encoded = BASE64_STANDARD_NO_PAD.encode(&padded);
            // The characters that depend on the bytes before and after are left out.
            let own = (offset * 8).div_ceil(6)..padded.len() * 8 / 6;
            if let Some(core) = encoded.get(own) {
                forms.push(Pattern { bytes: core.as_bytes().to_vec(), form: Form::Base64 });
            }
        }
        let hex = bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
        forms.push(Pattern { bytes: hex, form: Form::Hex });
        forms.retain(|pattern| pattern.bytes.len() >= least);
        forms
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the end of the pattern if it is at the beginning of `text`.
    fn matches(&self, text: &[u8]) -> Option<usize> {
        let (mut at, mut read) = (0, 0);
        while at < self.bytes.len() {
            let (known, length) = self.step(&self.bytes[at..], &text[read..])?;
            at += known;
            read += length;
        }
        Some(read)
    }

    /// Reads one character, as it is or escaped. Returns its length in the pattern and in the text.
    fn step(&self, wanted: &[u8], text: &[u8]) -> Option<(usize, usize)> {
        let (byte, first) = (*wanted.first()?, *text.first()?);
        let is_same = match self.form {
            Form::Text => first == byte || (byte == b' ' && first == b'+'),
            Form::Base64 => first == byte || (byte == b'+' && first == b'-') || (byte == b'/' && first == b'_'),
            Form::Hex => first.eq_ignore_ascii_case(&byte),
        };
        // A byte that begins an escape may be escaped itself: the longer form is tried first.
        let escaped = if self.form == Form::Hex { None } else { escape::read(wanted, text) };
        escaped.or(is_same.then_some((1, 1)))
    }

    /// Returns whether the pattern may begin with this byte.
    fn begins_with(&self, byte: u8) -> bool {
        (self.form != Form::Hex && escape::begins_with(byte)) || self.step(&self.bytes, &[byte]).is_some()
    }
}

/// Replaces each pattern in a text. Takes one pass over the text.
pub(super) fn replace(text: &str, patterns: &[Pattern]) -> String {
    let bytes = text.as_bytes();
    let mut begins = [false; 256];
    for pattern in patterns {
        for byte in 0..=u8::MAX {
            begins[usize::from(byte)] |= pattern.begins_with(byte);
        }
    }
    let (mut out, mut last, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        let found = begins[usize::from(bytes[at])]
            .then(|| patterns.iter().find_map(|pattern| Some((pattern, pattern.matches(&bytes[at..])?))))
            .flatten();
        let Some((pattern, length)) = found else {
            at += 1;
            continue;
        };
        let (mut begin, mut end) = (at, at + length);
        if pattern.form == Form::Base64 {
            while begin > last && is_base64(bytes[begin - 1]) {
                begin -= 1;
            }
            while end < bytes.len() && is_base64(bytes[end]) {
                end += 1;
            }
        }
        // Secrets are whole characters, and escapes are ASCII: these are boundaries of characters.
        out.push_str(text.get(last..begin).unwrap_or_default());
        out.push_str(REDACTED);
        (last, at) = (end, end);
    }
    out.push_str(text.get(last..).unwrap_or_default());
    out
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}
