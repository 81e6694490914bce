//! The paths of all chains together.

use super::{
    Operation,
    operation::{events, of_json},
};
use crate::request::Door;
use serde_json::{Value, json};
use std::sync::Arc;

/// Returns the operations of OpenAI's paths, of MCP, and of the server itself.
pub(super) fn operations(doors: &[Arc<Door>]) -> Vec<Operation> {
    let mut all = Vec::new();
    let models: Vec<&str> =
        doors.iter().filter(|door| door.served.chain.is_model()).map(|door| &*door.served.name).collect();
    if !models.is_empty() {
        all.extend(openai(&models));
    }
    if cfg!(feature = "mcp") {
        let message = json!({ "type": "object", "description": "a message of JSON-RPC" });
        all.push(post("mcp", "/mcp", "The Model Context Protocol, by streamable HTTP", &message, &message));
    }
    all.push(get("server", "/healthz", "Whether the process works", "text/plain"));
    all.push(get("server", "/readyz", "Whether requests are taken", "text/plain"));
    all
}

fn openai(models: &[&str]) -> Vec<Operation> {
    let of_model = |more: &str| {
        json!({
            "type": "object",
            "properties": { "model": { "enum": models }, more: {}, "stream": { "type": "boolean" } },
            "required": ["model", more],
        })
    };
    let answer = json!({ "type": "object" });
    let completion = "A chat completion of a chain that is a model";
    let response = "A response of a chain that is a model";
    vec![
        get("openai", "/v1/models", "The chains that are models", "application/json"),
        get("openai", "/v1/models/{id}", "A chain that is a model", "application/json").parameter("path", "id"),
        post("openai", "/v1/chat/completions", completion, &of_model("messages"), &answer),
        post("openai", "/v1/responses", response, &of_model("input"), &answer),
    ]
}

fn get(tag: &str, path: &str, summary: &'static str, kind: &str) -> Operation {
    Operation::get(tag, path.to_owned(), id(path), summary, kind)
}

/// An operation that answers with JSON or with a stream, as the client asks.
fn post(tag: &str, path: &str, summary: &'static str, body: &Value, answer: &Value) -> Operation {
    let mut content = of_json(answer);
    content["text/event-stream"] = events()["text/event-stream"].take();
    Operation::post(tag, path.to_owned(), id(path), summary, body.clone(), content)
}

fn id(path: &str) -> String {
    path.trim_start_matches('/').replace(['{', '}'], "").replace(['/', '.'], "_")
}
