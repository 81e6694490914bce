//! Messages in the form of the conventions.

use crate::{Message, Part, Role};
use serde_json::{Value, json};

/// Converts a message to the form of the conventions.
pub(super) fn message(message: &Message) -> Value {
    let part = |part: &Part| {
        if let Part::Text(text) = part {
            json!({"type": "text", "content": text})
        } else if let Part::ToolResult { call_id, content } = part {
            json!({"type": "tool_call_response", "id": call_id, "response": content})
        } else {
            serde_json::to_value(part).unwrap_or_default()
        }
    };
    let calls = message.tool_calls().iter().map(|call| {
        let arguments = call.arguments().unwrap_or_else(|_| Value::from(call.raw_arguments.as_str()));
        json!({"type": "tool_call", "id": call.id, "name": call.name, "arguments": arguments})
    });
    let role = match message.role() {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    json!({"role": role, "parts": message.parts().iter().map(part).chain(calls).collect::<Vec<_>>()})
}
