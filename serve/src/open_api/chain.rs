//! The paths of one chain.

use super::{
    Components, Operation,
    operation::{events, of_json},
};
use crate::{langserve::settings_schema, request::Door};
use serde_json::{Map, Value, json};

/// Returns the operations of a chain, and adds the schemas of its types.
pub(super) fn operations(door: &Door, components: &mut Components) -> Vec<Operation> {
    let served = &door.served;
    let name = &*served.name;
    let input = components.add(name, "Input", served.input_schema());
    let output = components.add(name, "Output", served.output_schema());
    let config = components.add(name, "Config", &settings_schema(door).unwrap_or_else(|_| json!({})));
    let metadata = json!({ "type": "object", "properties": { "run_id": { "type": "string", "format": "uuid" } } });
    let one = object(&[("input", &input), ("config", &config)], &["input"]);
    let many = object(&[("inputs", &json!({ "type": "array", "items": input })), ("config", &config)], &["inputs"]);
    let shown = object(&[("input", &input)], &["input"]);
    let answer = object(&[("output", &output), ("metadata", &metadata)], &["output"]);
    let answers = object(&[("output", &json!({ "type": "array", "items": output }))], &["output"]);
    let conversation = json!({ "type": "object", "properties": { "messages": { "type": "array" } } });
    let runs = [
        ("invoke", "One input, one output", &one, of_json(&answer)),
        ("batch", "Many inputs, as many outputs", &many, of_json(&answers)),
        ("stream", "The chunks of the output as they come", &one, events()),
        ("stream_events", "The events of all steps as they come", &one, events()),
        ("stream_log", "The log of the run as JSON Patch operations", &one, events()),
        ("ai-sdk", "A UI message stream of the AI SDK", &conversation, events()),
        ("ag-ui", "A run in the protocol AG-UI", &conversation, events()),
        ("runs", "A run as the page of the chain shows it", &shown, events()),
    ];
    let looks = [
        ("input_schema", "The JSON Schema of the input", "application/json"),
        ("output_schema", "The JSON Schema of the output", "application/json"),
        ("config_schema", "The JSON Schema of the settings", "application/json"),
        ("graph", "The graph of the chain: JSON, or `format=svg`, `mermaid`, `dot`, `text`", "application/json"),
        ("", "The page of the chain", "text/html"),
        ("runs/{id}", "A run that is kept, as a page", "text/html"),
        ("streams/{id}", "The rest of a stream after `Last-Event-ID`", "text/event-stream"),
        ("ai-sdk/{chat}/stream", "The last stream of a chat, if it is in flight", "text/event-stream"),
    ];
    let path = |below: &str| format!("/{name}/{below}");
    let id = |below: &str| {
        let plain = below.replace(['{', '}'], "").replace(['/', '-'], "_");
        format!("{name}_{}", if plain.is_empty() { "page" } else { &plain })
    };
    let runs = runs.into_iter().map(|(below, summary, body, answer)| {
        Operation::post(name, path(below), id(below), summary, body.clone(), answer)
            .describe(served.description.as_deref())
    });
    let looks = looks.into_iter().map(|(below, summary, kind)| {
        let operation = Operation::get(name, path(below), id(below), summary, kind);
        match below {
            "graph" => operation.parameter("query", "format"),
            "runs/{id}" => operation.parameter("path", "id"),
            "streams/{id}" => operation.parameter("path", "id").parameter("header", "Last-Event-ID"),
            "ai-sdk/{chat}/stream" => operation.parameter("path", "chat"),
            _ => operation,
        }
    });
    runs.chain(looks).collect()
}

fn object(properties: &[(&str, &Value)], required: &[&str]) -> Value {
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), (*schema).clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}
