//! Filters as conditions of Qdrant.

use crate::retrieval::Filter;
use serde_json::{Value, json};

/// A filter of Qdrant that accepts at least what a filter accepts: documents are checked again.
pub(super) struct Condition(pub(super) Value);

impl Condition {
    /// Converts a filter. `None` if it accepts nothing.
    pub(super) fn of(filter: &Filter) -> Option<Self> {
        let mut must = Vec::new();
        for (key, allowed) in filter.conditions() {
            if allowed.is_empty() {
                return None;
            }
            // A path has no way to write a quote within quotes.
            if key.is_empty() || key.contains(['"', '\\']) {
                continue;
            }
            let path = format!("metadata.\"{key}\"");
            let should: Option<Vec<Value>> = allowed.iter().map(|value| condition(&path, value)).collect();
            // Other values are not compared as JSON compares them.
            let Some(mut should) = should else { continue };
            let texts: Option<Vec<&str>> = allowed.iter().map(Value::as_str).collect();
            if let Some(texts) = texts {
                should = vec![json!({ "key": path, "match": { "any": texts } })];
            }
            must.push(json!({ "should": should }));
        }
        Some(Condition(if must.is_empty() { Value::Null } else { json!({ "must": must }) }))
    }
}

/// Returns the condition that an entry has this value, if Qdrant can check it.
fn condition(path: &str, value: &Value) -> Option<Value> {
    match value {
        Value::Null => Some(json!({ "is_null": { "key": path } })),
        Value::Number(number) if !number.is_i64() => None,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Some(json!({ "key": path, "match": { "value": value } }))
        }
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;
    use crate::retrieval::Filter;
    use serde_json::{Value, json};

    #[test]
    fn what_qdrant_can_compare_is_left_to_it() {
        let filter = Filter::new().one_of("lang", ["en", "de"]).equals("a.b", 3).equals("draft", false);
        let wanted = json!({ "must": [
            { "should": [{ "key": "metadata.\"lang\"", "match": { "any": ["en", "de"] } }] },
            { "should": [{ "key": "metadata.\"a.b\"", "match": { "value": 3 } }] },
            { "should": [{ "key": "metadata.\"draft\"", "match": { "value": false } }] },
        ] });
        assert_eq!(Condition::of(&filter).unwrap().0, wanted);
    }

    #[test]
    fn what_it_cannot_is_checked_afterwards() {
        for filter in [
            Filter::new(),
            Filter::new().equals("n", 1.5),
            Filter::new().equals("list", json!(["a"])),
            Filter::new().equals("it's \"quoted\"", 1),
        ] {
            assert_eq!(Condition::of(&filter).unwrap().0, Value::Null);
        }
        assert!(Condition::of(&Filter::new().one_of("n", [0; 0])).is_none());
    }
}
