//! JSON Schemas put together into one.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Returns the schema of a record, with its fields in order. Unknown fields may be anything, and so may a value without fields.
pub(crate) fn record<const N: usize>(fields: &[&str], schemas: [Option<Value>; N]) -> Value {
    if fields.is_empty() {
        return true.into();
    }
    let mut definitions = Definitions::default();
    let properties: Map<String, Value> =
        fields.iter().zip(schemas).map(|(field, schema)| ((*field).to_owned(), definitions.embed(schema))).collect();
    definitions.root(json!({ "type": "object", "properties": properties, "required": fields }))
}

/// The definitions that the nested schemas refer to, for the root of the schema, where references lead.
#[derive(Default)]
pub(crate) struct Definitions(Map<String, Value>);

impl Definitions {
    /// A schema as part of the one that is being made. One that is not known allows anything.
    pub(crate) fn embed(&mut self, schema: Option<Value>) -> Value {
        let Some(mut schema) = schema else { return true.into() };
        let Some(root) = schema.as_object_mut() else { return schema };
        root.remove("$schema");
        let Some(Value::Object(definitions)) = root.remove("$defs") else { return self.rooted(schema) };
        let mut renamed = BTreeMap::new();
        for (name, definition) in &definitions {
            let free = self.free(name, definition);
            if free != *name {
                renamed.insert(name.clone(), free);
            }
        }
        for (name, mut definition) in definitions {
            let name = renamed.get(&name).cloned().unwrap_or(name);
            rename(&mut definition, &renamed);
            self.0.insert(name, definition);
        }
        rename(&mut schema, &renamed);
        self.rooted(schema)
    }

    /// The schema that all were made part of.
    pub(crate) fn root(self, mut schema: Value) -> Value {
        if let (Some(root), false) = (schema.as_object_mut(), self.0.is_empty()) {
            root.insert("$defs".into(), self.0.into());
        }
        schema
    }

    /// A schema that refers to itself as the root becomes a definition, because it is the root no longer.
    fn rooted(&mut self, mut schema: Value) -> Value {
        let mut recursive = false;
        each_reference(&mut schema, &mut |reference| recursive |= reference == "#");
        if !recursive {
            return schema;
        }
        let title = schema.get("title").and_then(Value::as_str).unwrap_or("Root").to_owned();
        let mut named = schema.clone();
        each_reference(&mut named, &mut |reference| {
            if reference == "#" {
                *reference = format!("#/$defs/{title}");
            }
        });
        let name = self.free(&title, &named);
        let reference = format!("#/$defs/{name}");
        each_reference(&mut schema, &mut |to| {
            if to == "#" {
                to.clone_from(&reference);
            }
        });
        self.0.insert(name, schema);
        json!({ "$ref": reference })
    }

    /// This name, or one like it where another type has it already.
    fn free(&self, name: &str, definition: &Value) -> String {
        let taken = |name: &str| self.0.get(name).is_some_and(|known| known != definition);
        let mut free = name.to_owned();
        let mut number = 2;
        while taken(&free) {
            free = format!("{name}{number}");
            number += 1;
        }
        free
    }
}

fn rename(schema: &mut Value, names: &BTreeMap<String, String>) {
    if names.is_empty() {
        return;
    }
    each_reference(schema, &mut |reference| {
        let Some(name) = reference.strip_prefix("#/$defs/") else { return };
        if let Some(new) = names.get(name) {
            *reference = format!("#/$defs/{new}");
        }
    });
}

/// Everything under `$ref`, but for what stands in values that merely look like schemas.
fn each_reference(schema: &mut Value, see: &mut impl FnMut(&mut String)) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, see)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("$ref", Value::String(reference)) => see(reference),
                    ("const" | "default" | "enum" | "examples", _) => {}
                    (_, value) => each_reference(value, see),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::Definitions;
    use serde_json::json;

    #[test]
    fn definitions_move_to_the_root() {
        let mut definitions = Definitions::default();
        let part = json!({ "$schema": "x", "type": "array", "items": { "$ref": "#/$defs/Item" }, "$defs": { "Item": { "type": "string" } } });
        let properties = json!({ "a": definitions.embed(Some(part.clone())), "b": definitions.embed(Some(part)), "c": definitions.embed(None) });
        let whole = definitions.root(json!({ "properties": properties }));
        let item = json!({ "type": "array", "items": { "$ref": "#/$defs/Item" } });
        assert_eq!(whole["properties"], json!({ "a": item, "b": item, "c": true }));
        assert_eq!(whole["$defs"], json!({ "Item": { "type": "string" } }));
    }

    #[test]
    fn two_types_of_one_name_stay_two() {
        let of = |ty: &str| json!({ "$ref": "#/$defs/Item", "default": { "$ref": "#/$defs/Item" }, "$defs": { "Item": { "type": ty } } });
        let mut definitions = Definitions::default();
        definitions.embed(Some(of("string")));
        let second = definitions.embed(Some(of("number")));
        assert_eq!(second, json!({ "$ref": "#/$defs/Item2", "default": { "$ref": "#/$defs/Item" } }));
        let whole = definitions.root(json!({}));
        assert_eq!(whole["$defs"], json!({ "Item": { "type": "string" }, "Item2": { "type": "number" } }));
    }

    #[test]
    fn a_recursive_type_still_finds_itself() {
        let tree = json!({ "title": "Tree", "type": "array", "items": { "$ref": "#" } });
        let mut definitions = Definitions::default();
        assert_eq!(definitions.embed(Some(tree.clone())), json!({ "$ref": "#/$defs/Tree" }));
        assert_eq!(definitions.embed(Some(tree)), json!({ "$ref": "#/$defs/Tree" }));
        let whole = definitions.root(json!({}));
        assert_eq!(whole["$defs"]["Tree"]["items"], json!({ "$ref": "#/$defs/Tree" }));
        assert_eq!(whole["$defs"].as_object().map(serde_json::Map::len), Some(1));
    }
}
