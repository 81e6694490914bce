//! The key of a step in its run.

use crate::error::JournalError;
use catena::{Context, Result, Segment};
use std::fmt::Write;

/// The most bytes of a name.
const LONGEST: usize = 200;

/// Returns the key of a step of this name: the items and the scopes that the call is in, and the name.
///
/// The steps around it do not enter the key, so that records stay valid when a chain is rearranged.
pub(crate) fn of(cx: &Context, name: &str) -> String {
    let mut key = String::new();
    for segment in cx.place() {
        match segment {
            Segment::Index(index) => {
                let _ = write!(key, "[{index}].");
            }
            Segment::Step(scope) | Segment::Field(scope) => {
                let _ = write!(key, "{scope}.");
            }
            other => {
                let _ = write!(key, "{other}.");
            }
        }
    }
    key.push_str(name);
    key
}

/// Checks a name of a step, a pause or a scope.
pub(crate) fn check(name: &str) -> Result<()> {
    let wrong = |why: &str| {
        let shown: String = name.chars().take(60).flat_map(char::escape_debug).collect();
        Err(JournalError::Name { name: shown, why: why.to_owned() }.into())
    };
    match name {
        "" => wrong("it is empty"),
        name if name.len() > LONGEST => wrong("it has more than 200 bytes"),
        name if name.starts_with('[') => wrong("`[` begins the index of an item"),
        name if name.chars().any(char::is_control) => wrong("it has control characters"),
        _ => Ok(()),
    }
}

/// Returns `true` if a key is that of this name, in whichever items and scopes.
pub(crate) fn is_of(key: &str, name: &str) -> bool {
    key.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Returns a key without the items that it is in: `agent/1.model` for `[3].agent/1.[0].model`.
pub(crate) fn without_items(key: &str) -> String {
    let is_item = |part: &&str| {
        let inside = part.strip_prefix('[').and_then(|part| part.strip_suffix(']'));
        inside.is_some_and(|inside| !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit()))
    };
    key.split('.').filter(|part| !is_item(part)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_at_the_end_of_keys() {
        assert!(is_of("extract/1", "extract/1") && is_of("[3].deep.extract/1", "extract/1"));
        assert!(!is_of("[3].extract/1", "act/1") && !is_of("extract/1", "extract/2"));
        assert_eq!(without_items("[3].agent/1.[0].model"), "agent/1.model");
    }

    #[test]
    fn odd_names_are_refused() {
        for (name, why) in [("", "empty"), ("[0].x", "index"), ("a\nb", "control"), (&"x".repeat(201), "200 bytes")] {
            assert!(check(name).unwrap_err().message().contains(why), "{name}");
        }
        check("Übersetzen/2 (kurz)").unwrap();
    }
}
