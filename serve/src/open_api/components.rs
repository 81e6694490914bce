//! The schemas that the parts of a document refer to.

use serde_json::{Map, Value, json};

/// The schemas that the document's parts refer to.
pub(super) struct Components(Map<String, Value>);

impl Components {
    /// Creates the schemas that all chains share.
    pub(super) fn new() -> Self {
        let text = json!({ "type": "string" });
        let error = json!({
            "type": "object",
            "properties": {
                "error": {
                    "type": "object",
                    "properties": {
                        "message": text,
                        "type": text,
                        "code": text,
                        "param": { "type": ["string", "null"], "description": "the place in the body" },
                    },
                },
                "message": text,
            },
        });
        Components(Map::from_iter([("Error".to_owned(), error)]))
    }

    pub(super) fn into_json(self) -> Value {
        self.0.into()
    }

    /// Adds a schema of a chain, with the definitions in it, and returns a reference to it.
    pub(super) fn add(&mut self, chain: &str, name: &str, schema: &Value) -> Value {
        let prefix: String = chain.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let own = format!("{prefix}_{name}");
        let mut schema = schema.clone();
        if let Some(root) = schema.as_object_mut() {
            root.remove("$schema");
            if let Some(Value::Object(definitions)) = root.remove("$defs") {
                for (definition, mut schema) in definitions {
                    refer(&mut schema, &own);
                    self.0.insert(format!("{own}_{definition}"), schema);
                }
            }
        }
        refer(&mut schema, &own);
        let reference = json!({ "$ref": format!("#/components/schemas/{own}") });
        self.0.insert(own, schema);
        reference
    }
}

/// Lets references lead to the document's components.
fn refer(schema: &mut Value, own: &str) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, own)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        *reference = match reference.strip_prefix("#/$defs/") {
                            Some(definition) => format!("#/components/schemas/{own}_{definition}"),
                            None => format!("#/components/schemas/{own}"),
                        };
                    }
                    _ if matches!(&**key, "const" | "default" | "enum" | "examples") => {}
                    value => refer(value, own),
                }
            }
        }
        _ => {}
    }
}
