//! Catena's chunks of messages as LangChain's.

use super::write::{part, usage};
use catena_llm::MessageChunk;
use serde_json::{Map, Value, json};

/// Returns a chunk as an `AIMessageChunk`.
pub(super) fn chunk(chunk: &MessageChunk) -> Value {
    let metadata = chunk.metadata.as_deref();
    let content: Value = match &chunk.part {
        None => chunk.text.as_str().into(),
        // Blocks with an index are joined by it; these stand one after the other.
        Some(before) if chunk.text.is_empty() => vec![part(before)].into(),
        Some(before) => vec![part(before), json!({ "type": "text", "text": chunk.text })].into(),
    };
    let mut response = Map::new();
    if let Some(model) = metadata.and_then(|metadata| metadata.model.as_deref()) {
        response.insert("model_name".into(), model.into());
    }
    if let Some(reason) = metadata.and_then(|metadata| metadata.finish_reason.as_ref()) {
        response.insert("finish_reason".into(), reason.as_str().into());
    }
    let calls: Vec<Value> = chunk
        .tool_calls
        .iter()
        .map(|call| {
            json!({
                "type": "tool_call_chunk", "index": call.index, "id": call.id, "name": call.name, "args": call.arguments,
            })
        })
        .collect();
    json!({
        "content": content,
        "additional_kwargs": {},
        "response_metadata": response,
        "type": "AIMessageChunk",
        "name": metadata.and_then(|metadata| metadata.name.as_deref()),
        "id": metadata.and_then(|metadata| metadata.id.as_deref()),
        "tool_call_chunks": calls,
        "usage_metadata": chunk.usage().map(usage),
    })
}
