//! JSON Schemas of what goes into chains and comes out of them.

use catena::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Source {
    page: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Answer {
    text: String,
    sources: Vec<Source>,
}

/// Refers to itself, as the root of its own schema.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Thread {
    replies: Vec<Thread>,
}

#[runnable]
fn answer(question: &Question) -> Answer {
    Answer { text: question.text.clone(), sources: Vec::new() }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Question {
    text: String,
}

#[runnable]
fn thread(_: &Question) -> Thread {
    Thread { replies: Vec::new() }
}

/// Every reference of a schema, which must lead somewhere.
fn dangling(root: &Value, schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(entries) => {
            if let Some(reference) = entries.get("$ref").and_then(Value::as_str) {
                let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                if target.is_none() {
                    found.push(reference.to_owned());
                }
            }
            entries.values().for_each(|value| dangling(root, value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| dangling(root, item, found)),
        _ => {}
    }
}

fn is_sound(schema: &Value) {
    let mut found = Vec::new();
    dangling(schema, schema, &mut found);
    assert!(found.is_empty(), "{found:?} lead nowhere in {schema:#}");
    let text = schema["properties"].to_string();
    assert!(!text.contains("$schema") && !text.contains("$defs\":"), "definitions stand at the root: {schema:#}");
}

#[test]
fn a_function_tells_the_types_of_both_ends() {
    let input = answer.input_schema().unwrap();
    assert_eq!(input["properties"], json!({ "text": { "type": "string" } }));
    assert_eq!(answer.output_schema().unwrap()["properties"]["sources"]["items"]["$ref"], "#/$defs/Source");
}

#[test]
fn fields_of_a_map_share_their_definitions_at_the_root() {
    let chain = chain!(Question => <first: answer, second: answer, tree: thread, more: <deep: answer, tree: thread>>);
    let schema = chain.output_schema().unwrap();
    is_sound(&schema);
    let names: Vec<_> = schema["$defs"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["Source", "Thread"]);
    assert_eq!(schema["properties"]["first"], schema["properties"]["more"]["properties"]["deep"]);
    assert_eq!(schema["properties"]["tree"], json!({ "$ref": "#/$defs/Thread" }));
    assert_eq!(schema["required"], json!(["first", "second", "tree", "more"]));
}

#[test]
fn picked_fields_keep_their_schemas() {
    let map = chain!(Question => <first: answer, tree: thread, size: |_| 1_u8>);
    let some = chain!(Question => map | .{ tree, size });
    let schema = some.output_schema().unwrap();
    is_sound(&schema);
    assert_eq!(schema["required"], json!(["tree", "size"]));
    assert_eq!(schema["properties"]["tree"], json!({ "$ref": "#/$defs/Thread" }));
    let one = chain!(Question => <first: answer, tree: thread> | .first);
    assert_eq!(one.output_schema(), answer.output_schema());
}

#[test]
fn a_list_takes_the_definitions_of_its_items_along() {
    let schema = answer.map().output_schema().unwrap();
    is_sound(&schema);
    assert_eq!(schema["items"]["properties"]["sources"]["items"], json!({ "$ref": "#/$defs/Source" }));
}
