//! Inputs and outputs as objects, as the protocol wants them.

use serde_json::{Map, Value, json};

/// The field that an input has if it is no object.
const INPUT: &str = "input";

/// The schema of a tool's arguments, and whether the input is a field of them.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) schema: Map<String, Value>,
    wrapped: bool,
}

impl Arguments {
    pub(super) fn of(schema: &Value) -> Self {
        match schema.as_object() {
            Some(object) if object.get("type").is_some_and(|ty| ty == "object") => {
                Arguments { schema: object.clone(), wrapped: false }
            }
            _ => {
                let mut inner = schema.clone();
                let definitions = inner.as_object_mut().and_then(|inner| {
                    inner.remove("$schema");
                    inner.remove("$defs")
                });
                let mut schema = Map::new();
                schema.insert("type".into(), "object".into());
                schema.insert("properties".into(), json!({ INPUT: inner }));
                schema.insert("required".into(), json!([INPUT]));
                if let Some(definitions) = definitions {
                    schema.insert("$defs".into(), definitions);
                }
                Arguments { schema, wrapped: true }
            }
        }
    }

    /// Returns the input in the arguments of a call, and its place in them.
    pub(super) fn input(&self, mut arguments: Map<String, Value>) -> (Value, &'static str) {
        if self.wrapped { (arguments.remove(INPUT).unwrap_or(Value::Null), INPUT) } else { (arguments.into(), "") }
    }
}

/// Returns the schema of an output, if it is an object: others are text.
pub(super) fn output(schema: &Value) -> Option<Map<String, Value>> {
    schema.as_object().filter(|schema| schema.get("type").is_some_and(|ty| ty == "object")).cloned()
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use serde_json::json;

    #[test]
    fn what_is_no_object_becomes_a_field() {
        let schema =
            json!({ "type": "array", "items": { "$ref": "#/$defs/A" }, "$defs": { "A": { "type": "string" } } });
        let arguments = Arguments::of(&schema);
        assert_eq!(arguments.schema["properties"]["input"]["type"], "array");
        assert_eq!(arguments.schema["$defs"]["A"]["type"], "string");
        let given = json!({ "input": ["x"] }).as_object().cloned().unwrap();
        assert_eq!(arguments.input(given), (json!(["x"]), "input"));
    }
}
