//! The objects and arrays in a text, found by their brackets.

use super::repair::repaired;
use serde_json::Value;

/// The maximum number of objects and arrays that are tried, each time that text is added.
const LOOKED_AT: usize = 64;

/// The number of unclosed brackets after which the search ends.
const OPEN: usize = 4;

/// Returns the object or array in an incomplete text.
pub(super) fn so_far(text: &str) -> Option<Value> {
    let mut array = None;
    for group in groups(text.trim_start(), LOOKED_AT) {
        match repaired(group) {
            Some(Value::Object(object)) => return Some(Value::Object(object)),
            Some(value) if array.is_none() => array = Some(value),
            _ => {}
        }
    }
    array
}

/// Returns the objects and arrays in a text, at most `most` of them. Only brackets are matched; the caller checks that
/// the result is JSON. A group that is not closed extends to the end of the text.
pub(super) fn groups(text: &str, most: usize) -> Vec<&str> {
    let mut groups = Vec::new();
    let (mut from, mut open) = (0, 0);
    while groups.len() < most
        && let Some(at) = text[from..].find(['{', '[']).map(|at| from + at)
    {
        match closed(&text[at..]) {
            Some(end) => {
                groups.push(&text[at..at + end]);
                from = at + end;
            }
            None if open < OPEN => {
                groups.push(&text[at..]);
                open += 1;
                from = at + 1;
                // If it is incomplete JSON, its parts are not candidates.
                if repaired(&text[at..]).is_some() {
                    break;
                }
            }
            None => break,
        }
    }
    groups
}

/// Returns the end of the group that begins with the first byte of the text.
fn closed(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::so_far;
    use serde_json::json;

    #[test]
    fn the_first_object_is_meant_else_the_first_array() {
        assert_eq!(so_far("As in [note], {\"a\": [1"), Some(json!({ "a": [1] })));
        assert_eq!(so_far("see [1]: {\"a\""), Some(json!({})));
        assert_eq!(so_far("no braces"), None);
    }
}
