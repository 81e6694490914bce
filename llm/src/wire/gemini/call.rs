//! Calls, which come whole, or with the values of their arguments one by one.

use crate::wire::{Fault, arguments};
use serde_json::{Map, Value};

/// A call, or a piece of one.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    /// The values of some arguments, with their paths.
    partial: Vec<Value>,
    args: Value,
    /// `true` if more of the arguments follow.
    pub(super) goes_on: bool,
}

impl Call {
    pub(super) fn new(call: Value) -> Self {
        let Value::Object(mut fields) = call else { return Call::default() };
        let mut take = |keys: [&str; 2]| keys.iter().find_map(|key| fields.remove(*key)).unwrap_or_default();
        let text = |value: Value| match value {
            Value::String(text) if !text.is_empty() => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let (id, name) = (text(take(["id", "call_id"])), text(take(["name", "function_name"])));
        let partial = match take(["partialArgs", "partial_args"]) {
            Value::Array(partial) => partial,
            _ => Vec::new(),
        };
        let goes_on = take(["willContinue", "will_continue"]) == Value::Bool(true);
        Call { id, name, partial, args: take(["args", "arguments"]), goes_on }
    }

    /// Returns whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.id.is_none() && self.name.is_none() && self.partial.is_empty() && self.args.is_null()
    }

    /// Returns whether the arguments come in pieces.
    pub(super) fn is_partial(&self) -> bool {
        self.goes_on || !self.partial.is_empty()
    }

    /// Returns the arguments of a call that is whole.
    pub(super) fn whole(self) -> String {
        arguments::text(self.args)
    }
}

/// The arguments of a call that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct OpenCall {
    /// The index among the calls of the answer.
    pub(super) index: usize,
    args: Map<String, Value>,
}

/// The most elements that are added to a list at once.
const MOST_GAP: usize = 16;

impl OpenCall {
    pub(super) fn new(index: usize) -> Self {
        OpenCall { index, args: Map::new() }
    }

    /// Adds the arguments in a piece.
    pub(super) fn push(&mut self, call: Call) -> Result<(), Fault> {
        if let Value::Object(args) = call.args {
            self.args.extend(args);
        }
        for value in call.partial {
            let path = ["jsonPath", "json_path"].iter().find_map(|key| value.get(key)?.as_str()).unwrap_or_default();
            self.set(path, &value).ok_or_else(|| Fault::BadCall {
                call: value.to_string(),
                why: "a part of its arguments has no place among them",
            })?;
        }
        Ok(())
    }

    /// Returns the arguments as text.
    pub(super) fn end(self) -> String {
        Value::Object(self.args).to_string()
    }

    /// Sets the value at a path such as `$.cities[0].name`. A text is continued.
    fn set(&mut self, path: &str, partial: &Value) -> Option<()> {
        let mut steps = steps(path)?.into_iter();
        let Some(Step::Field(first)) = steps.next() else { return None };
        let mut place = self.args.entry(first).or_insert(Value::Null);
        for step in steps {
            place = match step {
                Step::Field(name) => {
                    if !place.is_object() {
                        *place = Value::Object(Map::new());
                    }
                    place.as_object_mut()?.entry(name).or_insert(Value::Null)
                }
                Step::Element(at) => {
                    if !place.is_array() {
                        *place = Value::Array(Vec::new());
                    }
                    let list = place.as_array_mut()?;
                    if at > list.len() + MOST_GAP {
                        return None;
                    }
                    list.resize(list.len().max(at + 1), Value::Null);
                    list.get_mut(at)?
                }
            };
        }
        let value = |keys: [&str; 2]| keys.iter().find_map(|key| partial.get(key));
        let text = value(["stringValue", "string_value"]).and_then(Value::as_str);
        match (place, text) {
            (Value::String(before), Some(text)) => before.push_str(text),
            (place, Some(text)) => *place = text.into(),
            (place, None) => {
                let others = ["numberValue", "boolValue", "structValue", "listValue", "number_value", "bool_value"];
                // What is left is `nullValue`, and the end of a text.
                if let Some(value) = others.iter().find_map(|key| partial.get(key)) {
                    *place = value.clone();
                }
            }
        }
        Some(())
    }
}

enum Step {
    Field(String),
    Element(usize),
}

/// Returns the steps of a path.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('$')?;
    while !rest.is_empty() {
        if let Some(name) = rest.strip_prefix('.') {
            let end = name.find(['.', '[']).unwrap_or(name.len());
            steps.push(Step::Field(name[..end].to_owned()));
            rest = &name[end..];
        } else {
            let (inner, after) = rest.strip_prefix('[')?.split_once(']')?;
            let quoted = |mark: char| inner.strip_prefix(mark)?.strip_suffix(mark);
            steps.push(match quoted('\'').or_else(|| quoted('"')) {
                Some(name) => Step::Field(name.to_owned()),
                None => Step::Element(inner.parse().ok()?),
            });
            rest = after;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_are_set_at_their_paths() {
        let mut open = OpenCall::new(0);
        for partial in [
            json!([{"jsonPath": "$.city", "stringValue": "New", "willContinue": true}]),
            json!([{"jsonPath": "$.city", "stringValue": " Delhi"}, {"jsonPath": "$.city"}]),
            json!([{"jsonPath": "$.days[0].hot", "boolValue": true}, {"jsonPath": "$.days[1]['a.b']", "numberValue": 2.5}]),
            json!([{"jsonPath": "$.none", "nullValue": "NULL_VALUE"}]),
        ] {
            open.push(Call::new(json!({"partialArgs": partial, "willContinue": true}))).unwrap();
        }
        let read = r#"{"city":"New Delhi","days":[{"hot":true},{"a.b":2.5}],"none":null}"#;
        assert_eq!(open.end(), read);
    }

    #[test]
    fn a_path_that_is_none_is_a_fault() {
        for path in ["", "city", "$", "$[0]", "$.a[", "$.a[999999999999]", "$.a[x]"] {
            let call = Call::new(json!({"partialArgs": [{"jsonPath": path, "numberValue": 1}]}));
            assert!(OpenCall::new(0).push(call).is_err(), "{path}");
        }
    }
}
