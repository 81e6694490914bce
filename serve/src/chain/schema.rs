//! The JSON Schemas of the types that do not derive theirs: messages.

use catena_llm::{Message, Messages};
use serde_json::{Value, json};
use std::any::TypeId;

/// Returns the schema of a type, if it is one of messages.
pub(super) fn of<T: 'static>() -> Option<Value> {
    let ty = TypeId::of::<T>();
    if ty == TypeId::of::<Message>() {
        Some(message())
    } else if ty == TypeId::of::<Messages>() || ty == TypeId::of::<Vec<Message>>() {
        Some(json!({ "title": "Messages", "type": "array", "items": message() }))
    } else {
        None
    }
}

fn message() -> Value {
    json!({
        "title": "Message",
        "type": "object",
        "properties": {
            "role": { "enum": ["system", "user", "assistant", "tool"] },
            "content": { "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "object" } }] },
        },
        "required": ["role", "content"],
    })
}
