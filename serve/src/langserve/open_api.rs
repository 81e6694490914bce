//! The OpenAPI document of all chains.

use super::about::settings_schema;
use crate::chain::Served;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Returns the document.
pub(crate) fn document(title: &str, chains: &[Arc<Served>]) -> Value {
    let mut components = Components::default();
    components.0.insert("Error".to_owned(), error());
    let mut paths = Map::new();
    for served in chains {
        describe(served, &mut components, &mut paths);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": { "schemas": components.0 },
    })
}

fn describe(served: &Served, components: &mut Components, paths: &mut Map<String, Value>) {
    let name = &*served.name;
    let input = components.add(name, "Input", served.input_schema());
    let output = components.add(name, "Output", served.output_schema());
    let config = components.add(name, "Config", &settings_schema(served).unwrap_or_else(|_| json!({})));
    let metadata = json!({ "type": "object", "properties": { "run_id": { "type": "string", "format": "uuid" } } });
    let one = object(&[("input", &input), ("config", &config)], &["input"]);
    let many = object(&[("inputs", &json!({ "type": "array", "items": input })), ("config", &config)], &["inputs"]);
    let answer = object(&[("output", &output), ("metadata", &metadata)], &["output"]);
    let answers = object(&[("output", &json!({ "type": "array", "items": output }))], &["output"]);
    let events = json!({ "text/event-stream": { "schema": { "type": "string" } } });
    let json_of = |schema: &Value| json!({ "application/json": { "schema": schema } });
    for (path, summary, body, content) in [
        ("invoke", "One input, one output", &one, json_of(&answer)),
        ("batch", "Many inputs, as many outputs", &many, json_of(&answers)),
        ("stream", "The chunks of the output as they come", &one, events.clone()),
        ("stream_events", "The events of all steps as they come", &one, events.clone()),
        ("stream_log", "The log of the run as JSON Patch operations", &one, events),
    ] {
        let mut post = json!({
            "summary": summary,
            "description": served.description,
            "operationId": format!("{name}_{path}"),
            "tags": [name],
            "requestBody": { "required": true, "content": json_of(body) },
            "responses": {
                "200": { "description": summary, "content": content },
                "default": {
                    "description": "The request failed",
                    "content": json_of(&json!({ "$ref": "#/components/schemas/Error" })),
                },
            },
        });
        if served.description.is_none() {
            post.as_object_mut().map(|post| post.remove("description"));
        }
        paths.insert(format!("/{name}/{path}"), json!({ "post": post }));
    }
    for (path, summary, kind) in [
        ("input_schema", "The JSON Schema of the input", "application/json"),
        ("output_schema", "The JSON Schema of the output", "application/json"),
        ("config_schema", "The JSON Schema of the settings", "application/json"),
        ("graph", "The graph of the chain: JSON, or `format=svg`, `mermaid`, `dot`, `text`", "application/json"),
    ] {
        let get = json!({
            "summary": summary,
            "operationId": format!("{name}_{path}"),
            "tags": [name],
            "responses": { "200": { "description": summary, "content": { kind: {} } } },
        });
        paths.insert(format!("/{name}/{path}"), json!({ "get": get }));
    }
}

fn object(properties: &[(&str, &Value)], required: &[&str]) -> Value {
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), (*schema).clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn error() -> Value {
    json!({
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "message": { "type": "string" },
                    "type": { "type": "string" },
                    "code": { "type": "string" },
                    "param": { "type": ["string", "null"], "description": "the place in the body" },
                },
            },
            "message": { "type": "string" },
        },
    })
}

/// The schemas that the document's parts refer to.
#[derive(Default)]
struct Components(Map<String, Value>);

impl Components {
    /// Adds a schema of a chain, with the definitions in it, and returns a reference to it.
    fn add(&mut self, chain: &str, name: &str, schema: &Value) -> Value {
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
