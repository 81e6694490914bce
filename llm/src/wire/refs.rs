//! The references in a JSON Schema: which ones are recursive, and forms that providers accept.

use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// Returns whether the schema refers to itself. Schemas of this kind describe trees.
pub(crate) fn is_recursive(schema: &Value) -> bool {
    let reached = reach(schema);
    refs_of(schema).contains(&"#") || reached.iter().any(|(name, reached)| reached.contains(name.as_str()))
}

/// Returns the schema without recursion. Inside a definition, a reference that leads back to it becomes a schema of the
/// same type without further description.
pub(crate) fn without_recursion(schema: &Value) -> Value {
    if !is_recursive(schema) {
        return schema.clone();
    }
    let reached = reach(schema);
    let mut cut = schema.clone();
    for key in ["$defs", "definitions"] {
        let Some(definitions) = cut.get_mut(key).and_then(Value::as_object_mut) else { continue };
        for (name, definition) in definitions {
            cut_refs(definition, schema, &|target| {
                target == "#" || target == name || reached.get(target).is_some_and(|reached| reached.contains(name))
            });
        }
    }
    if let Some(root) = cut.as_object_mut() {
        for (key, value) in root {
            if key != "$defs" && key != "definitions" {
                cut_refs(value, schema, &|target| target == "#");
            }
        }
    }
    cut
}

/// Returns the schema with each `$ref` alone in its object. Its siblings, such as a description, go beside an `anyOf`.
pub(crate) fn without_siblings(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut moved: Map<String, Value> =
                fields.iter().map(|(key, value)| (key.clone(), without_siblings(value))).collect();
            let has_siblings = fields.keys().any(|key| !key.starts_with('$'));
            if has_siblings
                && !moved.contains_key("anyOf")
                && fields.get("$ref").is_some_and(Value::is_string)
                && let Some(target) = moved.remove("$ref")
            {
                moved.insert("anyOf".to_owned(), json!([{ "$ref": target }]));
            }
            Value::Object(moved)
        }
        Value::Array(several) => several.iter().map(without_siblings).collect(),
        other => other.clone(),
    }
}

/// Returns the definitions that are reached from each definition.
fn reach(schema: &Value) -> HashMap<String, HashSet<String>> {
    let mut direct: HashMap<&str, Vec<&str>> = HashMap::new();
    for key in ["$defs", "definitions"] {
        for (name, definition) in schema.get(key).and_then(Value::as_object).into_iter().flatten() {
            direct.insert(name, refs_of(definition));
        }
    }
    let all = |name: &str| {
        let mut reached = HashSet::new();
        let mut open = vec![name];
        while let Some(next) = open.pop() {
            for target in direct.get(next).into_iter().flatten() {
                if reached.insert((*target).to_owned()) {
                    open.push(target);
                }
            }
        }
        reached
    };
    direct.keys().map(|name| ((*name).to_owned(), all(name))).collect()
}

/// Returns the names of the definitions to which a schema refers, without those in its own `$defs`; `#` is the root.
fn refs_of(schema: &Value) -> Vec<&str> {
    let mut refs = Vec::new();
    let mut open = vec![schema];
    while let Some(next) = open.pop() {
        match next {
            Value::Object(fields) => {
                if let Some(Value::String(target)) = fields.get("$ref") {
                    refs.push(name_of(target));
                }
                open.extend(fields.iter().filter(|(key, _)| *key != "$defs" && *key != "definitions").map(|(_, v)| v));
            }
            Value::Array(several) => open.extend(several),
            _ => {}
        }
    }
    refs
}

fn name_of(target: &str) -> &str {
    target.strip_prefix("#/$defs/").or_else(|| target.strip_prefix("#/definitions/")).unwrap_or(target)
}

fn cut_refs(schema: &mut Value, root: &Value, leads_back: &dyn Fn(&str) -> bool) {
    match schema {
        Value::Object(fields) => {
            let back = fields.get("$ref").and_then(Value::as_str).map(name_of).filter(|target| leads_back(target));
            if let Some(target) = back {
                let definition = if target == "#" { Some(root) } else { definition(root, target) };
                let of_type = definition.and_then(|definition| definition.get("type")).cloned();
                fields.remove("$ref");
                fields.extend(of_type.map(|of_type| ("type".to_owned(), of_type)));
            }
            for value in fields.values_mut() {
                cut_refs(value, root, leads_back);
            }
        }
        Value::Array(several) => {
            for value in several {
                cut_refs(value, root, leads_back);
            }
        }
        _ => {}
    }
}

fn definition<'a>(root: &'a Value, name: &str) -> Option<&'a Value> {
    ["$defs", "definitions"].iter().find_map(|key| root.get(key)?.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::of;
    use schemars::JsonSchema;

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    enum Expr {
        Num(f64),
        Add {
            /// The left side.
            left: Box<Expr>,
            right: Box<Expr>,
        },
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Sum {
        expr: Expr,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Tree {
        children: Vec<Tree>,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Line {
        from: Point,
        /// The end.
        to: Point,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Point {
        x: f64,
    }

    #[test]
    fn recursion_is_found() {
        assert!(is_recursive(&of::<Sum>()));
        assert!(is_recursive(&of::<Tree>()), "{}", of::<Tree>());
        assert!(!is_recursive(&of::<Line>()));
        let indirect = json!({"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"items": {"$ref": "#/$defs/A"}}}});
        assert!(is_recursive(&indirect));
    }

    #[test]
    fn recursion_is_cut() {
        for schema in [of::<Sum>(), of::<Tree>()] {
            let cut = without_recursion(&schema);
            assert!(!is_recursive(&cut), "{cut}");
        }
        assert_eq!(without_recursion(&of::<Line>()), of::<Line>());
        let cut = without_recursion(&of::<Sum>()).to_string();
        assert!(cut.contains("The left side."), "{cut}");
    }

    #[test]
    fn siblings_are_moved() {
        let moved = without_siblings(&of::<Line>());
        assert_eq!(moved["properties"]["from"], json!({"$ref": "#/$defs/Point"}));
        let to = json!({"description": "The end.", "anyOf": [{"$ref": "#/$defs/Point"}]});
        assert_eq!(moved["properties"]["to"], to);
    }
}
