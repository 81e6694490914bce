use serde_json::{Map, Value};

/// The number of schemas that are looked at for one call.
const LOOKED_AT: usize = 10_000;

/// The number of choices within choices that are looked at.
const DEEPEST: usize = 32;

/// The number of references that are followed to one schema.
const FOLLOWED: usize = 16;

/// The largest number that a float holds without a gap to the next whole number.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// Replaces floats without a fraction, such as `1.0`, by integers where the schema wants integers.
pub(super) fn to_integers(value: &mut Value, schema: &Value) {
    let mut left = LOOKED_AT;
    visit(value, schema, schema, DEEPEST, &mut left);
}

/// Each call goes either into the value, which is finite, or into a choice of the schema. `levels` bounds the latter,
/// because a schema may refer to itself, and `left` bounds the sum.
fn visit(value: &mut Value, schema: &Value, root: &Value, levels: usize, left: &mut usize) {
    let Some(schema) = followed(schema, root) else { return };
    let Some(rest) = left.checked_sub(1) else { return };
    *left = rest;
    if let Some(levels) = levels.checked_sub(1) {
        for key in ["anyOf", "oneOf", "allOf"] {
            for choice in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
                visit(value, choice, root, levels, left);
            }
        }
    }
    match value {
        Value::Number(number) if wants_integer(schema) => {
            if let Some(whole) = number.as_f64().filter(|_| number.is_f64()).and_then(whole) {
                *value = whole.into();
            }
        }
        Value::Array(items) => {
            let fixed = schema.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            for (at, item) in items.iter_mut().enumerate() {
                if let Some(schema) = fixed.get(at).or_else(|| schema.get("items")) {
                    visit(item, schema, root, DEEPEST, left);
                }
            }
        }
        Value::Object(fields) => {
            let known = schema.get("properties").and_then(Value::as_object);
            for (name, field) in fields {
                let property = known.and_then(|known| known.get(name)).or_else(|| schema.get("additionalProperties"));
                if let Some(property) = property {
                    visit(field, property, root, DEEPEST, left);
                }
            }
        }
        _ => {}
    }
}

/// Returns the schema that a reference leads to, within the same document.
fn followed<'a>(schema: &'a Value, root: &'a Value) -> Option<&'a Map<String, Value>> {
    let mut schema = schema.as_object()?;
    for _ in 0..FOLLOWED {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return Some(schema) };
        schema = root.pointer(reference.strip_prefix('#')?)?.as_object()?;
    }
    None
}

fn wants_integer(schema: &Map<String, Value>) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == "integer",
        Some(Value::Array(several)) => {
            several.iter().any(|one| one == "integer") && !several.iter().any(|one| one == "number")
        }
        _ => false,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the number is whole, and smaller than 2^53")]
fn whole(float: f64) -> Option<i64> {
    (float.fract() == 0.0 && float.abs() <= LARGEST).then_some(float as i64)
}

#[cfg(test)]
mod tests {
    use super::to_integers;
    use serde_json::{Value, json};

    fn after(mut value: Value, schema: &Value) -> Value {
        to_integers(&mut value, schema);
        value
    }

    #[test]
    fn whole_floats_become_integers_where_integers_are_wanted() {
        let schema = json!({
            "properties": {
                "a": {"type": "integer"}, "b": {"type": ["integer", "null"]}, "c": {"type": "number"},
                "d": {"type": "array", "items": {"$ref": "#/$defs/Id"}}, "e": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Id"}]},
                "f": {}, "g": {"additionalProperties": {"type": "integer"}}, "h": {"prefixItems": [{"type": "number"}, {"type": "integer"}]},
            },
            "$defs": {"Id": {"type": "integer"}},
        });
        let given = json!({
            "a": 1.0, "b": -2.0, "c": 3.0, "d": [4.0, 5, 6.5], "e": 1e3, "f": 7.0, "g": {"x": 8.0}, "h": [9.0, 10.0],
        });
        let wanted = json!({
            "a": 1, "b": -2, "c": 3.0, "d": [4, 5, 6.5], "e": 1000, "f": 7.0, "g": {"x": 8}, "h": [9.0, 10],
        });
        assert_eq!(after(given, &schema), wanted);
        // A larger number may have lost digits.
        assert_eq!(after(json!({"a": 1e17}), &schema), json!({"a": 1e17}));
    }

    #[test]
    fn schemas_that_refer_to_themselves_end() {
        let tree = json!({
            "type": "object", "properties": {"n": {"type": "integer"}, "of": {"$ref": "#"}}, "anyOf": [{"$ref": "#"}, {"$ref": "#"}],
        });
        assert_eq!(
            after(json!({"n": 1.0, "of": {"n": 2.0}}), &json!({"properties": tree["properties"]})),
            json!({"n": 1, "of": {"n": 2}})
        );
        after(json!({"n": 1.0}), &tree);
        after(json!({"n": 1.0}), &json!({"$ref": "#"}));
    }
}
