//! JSON Schemas in the form that the strict mode of providers accepts.

use serde_json::{Map, Value, json};

/// Keywords that providers refuse in a strict schema, or do not know. The type itself checks them when the answer is
/// parsed.
const REFUSED: [&str; 17] = [
    "$schema",
    "format",
    "default",
    "examples",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "readOnly",
    "writeOnly",
    "deprecated",
];

/// Keywords that a strict schema cannot express in another way. Without them, answers would not fit the type.
const UNSAYABLE: [&str; 13] = [
    "allOf",
    "prefixItems",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "minProperties",
];

/// The deepest schema that is looked at. Providers accept fewer levels.
const DEEPEST: usize = 100;

/// Returns the schema for the strict mode of providers: all properties are named and required, others are not allowed.
/// References stay references, so that a recursive type stays finite. `None` if the type needs more than that, such as
/// a map with arbitrary keys.
pub(crate) fn strict(schema: &Value) -> Option<Value> {
    // Providers refuse a root that is a choice, or is not an object.
    if schema.get("type") != Some(&json!("object")) || schema.get("anyOf").is_some() || schema.get("oneOf").is_some() {
        return None;
    }
    clean(schema, DEEPEST)
}

/// Returns a schema without the keywords that providers refuse. `levels` is the number of levels below it that may
/// follow.
fn clean(schema: &Value, levels: usize) -> Option<Value> {
    // `true` accepts any value.
    let schema = schema.as_object()?;
    let levels = levels.checked_sub(1)?;
    let says = |key: &str| schema.contains_key(key);
    let typed = ["type", "$ref", "enum", "const", "anyOf", "oneOf"].iter().any(|key| says(key));
    if !typed || UNSAYABLE.iter().any(|key| says(key)) {
        return None;
    }
    let mut clean_one = Map::new();
    for (key, value) in schema {
        match key.as_str() {
            key if REFUSED.contains(&key) => {}
            "properties" | "$defs" | "definitions" => {
                let each = value.as_object()?.iter().map(|(name, schema)| Some((name.clone(), clean(schema, levels)?)));
                clean_one.insert(key.clone(), Value::Object(each.collect::<Option<_>>()?));
            }
            "oneOf" | "anyOf" => {
                let each: Option<Vec<Value>> = value.as_array()?.iter().map(|one| clean(one, levels)).collect();
                clean_one.insert("anyOf".to_owned(), each?.into());
            }
            "items" => {
                clean_one.insert(key.clone(), clean(value, levels)?);
            }
            "additionalProperties" if value != &Value::Bool(false) => return None,
            "required" => {}
            _ => {
                clean_one.insert(key.clone(), value.clone());
            }
        }
    }
    if is_of(schema, "object") {
        let properties = clean_one.get("properties")?.as_object()?;
        let names: Vec<Value> = properties.keys().map(|name| name.as_str().into()).collect();
        clean_one.insert("required".to_owned(), names.into());
        clean_one.insert("additionalProperties".to_owned(), false.into());
    }
    if is_of(schema, "array") && !says("items") {
        return None;
    }
    move_reference(&mut clean_one)?;
    Some(Value::Object(clean_one))
}

/// Moves a reference with a description into a choice of one, because providers refuse other keywords beside a
/// reference. `None` if the reference has a sibling that restricts it further.
fn move_reference(schema: &mut Map<String, Value>) -> Option<()> {
    let Some(reference) = schema.remove("$ref") else { return Some(()) };
    if schema.keys().all(|key| matches!(key.as_str(), "description" | "title")) {
        if schema.is_empty() {
            schema.insert("$ref".to_owned(), reference);
        } else {
            schema.insert("anyOf".to_owned(), json!([{ "$ref": reference }]));
        }
        return Some(());
    }
    None
}

/// Returns whether the schema has this type, or has it among several.
fn is_of(schema: &Map<String, Value>, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::strict;
    use crate::schema::of;
    use schemars::JsonSchema;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Order {
        id: u32,
        note: Option<String>,
        lines: Vec<Line>,
        state: State,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Line {
        #[schemars(range(min = 1))]
        count: u8,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    enum State {
        /// On its way.
        Sent,
        Lost {
            where_: String,
        },
    }

    #[test]
    fn strict_schemas_name_all_properties_and_no_others() {
        let schema = strict(&of::<Order>()).unwrap();
        let text = schema.to_string();
        for refused in ["format", "minimum", "maximum", "$schema", "oneOf"] {
            assert!(!text.contains(&format!("\"{refused}\"")), "{refused} in {text}");
        }
        assert_eq!(schema["required"].as_array().unwrap().len(), 4);
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["properties"]["note"]["type"], json!(["string", "null"]));
        assert_eq!(schema["$defs"]["Line"]["required"], json!(["count"]));
    }

    #[test]
    fn what_a_strict_schema_cannot_say_is_none() {
        #[derive(JsonSchema)]
        #[allow(dead_code)]
        struct Anything {
            any: serde_json::Value,
        }
        #[derive(JsonSchema)]
        #[allow(dead_code)]
        struct Flat {
            #[schemars(flatten)]
            rest: BTreeMap<String, u8>,
        }
        #[derive(JsonSchema)]
        #[allow(dead_code)]
        struct Pair {
            pair: (u8, String),
        }
        for schema in [
            of::<BTreeMap<String, u8>>(),
            of::<Vec<Order>>(),
            of::<String>(),
            of::<State>(),
            of::<Anything>(),
            of::<Flat>(),
            of::<Pair>(),
        ] {
            assert_eq!(strict(&schema), None, "{schema}");
        }
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    struct Sum {
        /// The terms.
        of: Expr,
    }

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

    fn references_stand_alone(schema: &serde_json::Value) {
        match schema {
            serde_json::Value::Object(fields) => {
                assert!(!fields.contains_key("$ref") || fields.len() == 1, "{schema}");
                fields.values().for_each(references_stand_alone);
            }
            serde_json::Value::Array(list) => list.iter().for_each(references_stand_alone),
            _ => {}
        }
    }

    #[test]
    fn a_recursive_type_stays_finite_and_its_references_stand_alone() {
        let schema = strict(&of::<Sum>()).unwrap();
        let left = schema["$defs"]["Expr"].to_string();
        assert!(left.contains(r##""anyOf":[{"$ref":"#/$defs/Expr"}]"##) && left.contains("The left side."), "{schema}");
        references_stand_alone(&schema);
    }

    #[test]
    fn a_schema_of_too_many_levels_is_none() {
        let mut schema = json!({"type": "string"});
        for _ in 0..200 {
            schema = json!({"type": "object", "properties": {"inner": schema}});
        }
        assert_eq!(strict(&schema), None);
    }
}
