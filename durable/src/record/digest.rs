//! Hashes of inputs, chains and records.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write};

/// A hash, as 32 hexadecimal digits: the first half of a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest(String);

impl Digest {
    /// The hash of a value. The order of the fields of an object does not matter, so that it is the same in every process for
    /// types whose order is random, such as a `HashMap`.
    pub(crate) fn of_value(value: &Value) -> Self {
        let mut hasher = Hasher(Sha256::new());
        // Writing to a hasher does not fail.
        let _ = write_canonical(&mut hasher, value);
        Digest::finish(hasher.0)
    }

    /// The hash of several byte strings, each with its length.
    pub(crate) fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part);
        }
        Digest::finish(hasher)
    }

    /// A hash that was stored.
    pub(crate) fn stored(text: String) -> Self {
        Digest(text)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    fn finish(hasher: Sha256) -> Self {
        let mut text = String::with_capacity(32);
        for byte in &hasher.finalize()[..16] {
            let _ = write!(text, "{byte:02x}");
        }
        Digest(text)
    }
}

impl fmt::Display for Digest {
    /// The first twelve digits, which tell two apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get(..12).unwrap_or(&self.0))
    }
}

struct Hasher(Sha256);

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

/// JSON with the fields of objects in order. Texts are written with their length, so that no escapes are needed.
fn write_canonical(to: &mut Hasher, value: &Value) -> fmt::Result {
    match value {
        Value::Null => to.write_str("null"),
        Value::Bool(value) => write!(to, "{value}"),
        Value::Number(number) => write!(to, "{number}"),
        Value::String(text) => write!(to, "{}\"{text}", text.len()),
        Value::Array(items) => {
            write!(to, "[{}", items.len())?;
            items.iter().try_for_each(|item| {
                to.write_str(",")?;
                write_canonical(to, item)
            })
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            write!(to, "{{{}", fields.len())?;
            fields.into_iter().try_for_each(|(name, value)| {
                write!(to, ",{}\"{name}:", name.len())?;
                write_canonical(to, value)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_fields_does_not_matter_and_everything_else_does() {
        let of = |value: Value| Digest::of_value(&value);
        assert_eq!(of(json!({ "a": 1, "b": [2] })), of(json!({ "b": [2], "a": 1 })));
        let others = [json!([1, 2]), json!([2, 1]), json!("12"), json!(12), json!(["1", "2"]), json!({ "1": 2 })];
        for (index, one) in others.iter().enumerate() {
            for other in &others[..index] {
                assert_ne!(of(one.clone()), of(other.clone()), "{one} {other}");
            }
        }
        assert_eq!(of(json!(1)).text().len(), 32);
    }
}
