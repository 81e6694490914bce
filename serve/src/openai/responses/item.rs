//! The items of a response.

use serde_json::{Value, json};

/// An item that a response consists of.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Text(String),
    Reasoning(String),
    Call { call_id: String, name: String, arguments: String },
}

impl Item {
    /// Returns the item as JSON. `run` is part of its id, as is its place in the response.
    pub(super) fn json(&self, run: &str, place: usize, status: &str) -> Value {
        let id = self.id(run, place);
        match self {
            Item::Text(text) => json!({
                "id": id, "type": "message", "role": "assistant", "status": status,
                "content": if status == "in_progress" { json!([]) } else { json!([part(text)]) },
            }),
            Item::Reasoning(text) => json!({
                "id": id, "type": "reasoning",
                "summary": if status == "in_progress" { json!([]) } else { json!([summary(text)]) },
            }),
            Item::Call { call_id, name, arguments } => json!({
                "id": id, "type": "function_call", "call_id": call_id, "name": name, "arguments": arguments,
                "status": status,
            }),
        }
    }

    pub(super) fn id(&self, run: &str, place: usize) -> String {
        let kind = match self {
            Item::Text(_) => "msg",
            Item::Reasoning(_) => "rs",
            Item::Call { .. } => "fc",
        };
        format!("{kind}_{run}_{place}")
    }
}

/// The part of a message that is its text.
pub(super) fn part(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}

pub(super) fn summary(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}
