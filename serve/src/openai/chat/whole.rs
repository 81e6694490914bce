//! A whole chat completion.

use crate::openai::now;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use catena::RunId;
use catena_llm::{FinishReason, Message, ToolCall, Usage};
use serde_json::{Value, json};

/// The fields that the completion and all its chunks share.
pub(super) struct Completion {
    id: String,
    created: u64,
    model: String,
}

impl Completion {
    pub(super) fn new(model: &str, run: RunId) -> Self {
        Completion { id: format!("chatcmpl-{run}"), created: now(), model: model.to_owned() }
    }

    pub(super) fn respond(&self, message: &Message, spent: Option<Usage>) -> Response {
        let mut said = json!({ "role": "assistant", "content": message.text(), "refusal": null });
        let thoughts = message.reasoning();
        if !thoughts.is_empty() {
            said["reasoning_content"] = thoughts.into();
        }
        if !message.tool_calls().is_empty() {
            said["tool_calls"] = message.tool_calls().iter().map(call).collect();
            if message.text().is_empty() {
                said["content"] = Value::Null;
            }
        }
        let reason = finish_reason(message.finish_reason(), !message.tool_calls().is_empty());
        Json(json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{ "index": 0, "message": said, "logprobs": null, "finish_reason": reason }],
            "usage": spent.or(message.usage()).map(usage),
        }))
        .into_response()
    }

    /// Returns a chunk with these choices.
    pub(super) fn chunk(&self, choices: &Value, usage: Value) -> Value {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        });
        if !usage.is_null() {
            chunk["usage"] = usage;
        }
        chunk
    }
}

fn call(call: &ToolCall) -> Value {
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": call.raw_arguments } })
}

/// The reason in OpenAI's words. An unknown one is a stop, since clients know no others.
pub(super) fn finish_reason(reason: Option<&FinishReason>, calls: bool) -> &'static str {
    match reason {
        _ if calls => "tool_calls",
        Some(FinishReason::Length) => "length",
        Some(FinishReason::ContentFilter) => "content_filter",
        _ => "stop",
    }
}

pub(super) fn usage(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens(),
        "prompt_tokens_details": { "cached_tokens": usage.cached_input_tokens },
        "completion_tokens_details": { "reasoning_tokens": usage.reasoning_tokens },
    })
}
