//! A whole response.

use super::{item::Item, request::Body};
use crate::openai::now;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use catena::RunId;
use catena_llm::{FinishReason, Message, Part, Usage};
use serde_json::{Value, json};

/// The fields that the response has from its request, and those that all its events share.
pub(super) struct Frame {
    /// The run, as part of all ids.
    pub(super) run: String,
    common: Value,
}

/// How a response ended.
pub(super) enum End<'a> {
    Open,
    Whole(Option<&'a FinishReason>),
    Failed(Value),
}

impl Frame {
    pub(super) fn new(model: &str, run: RunId, body: &Body) -> Self {
        let run = run.to_string().replace('-', "");
        let common = json!({
            "id": format!("resp_{run}"),
            "object": "response",
            "created_at": now(),
            "model": model,
            "instructions": body.instructions,
            "max_output_tokens": body.max_output_tokens,
            "metadata": body.metadata.clone().unwrap_or_default(),
            "parallel_tool_calls": true,
            "previous_response_id": null,
            "store": false,
            "temperature": body.temperature,
            "tool_choice": body.tool_choice.clone().unwrap_or_else(|| "auto".into()),
            "tools": body.tools,
            "top_p": body.top_p,
        });
        Frame { run, common }
    }

    pub(super) fn respond(&self, message: &Message, spent: Option<Usage>) -> Response {
        let mut items = Vec::new();
        for part in message.parts() {
            match (part, items.last_mut()) {
                (Part::Text(text), Some(Item::Text(said))) => said.push_str(text),
                (Part::Text(text), _) => items.push(Item::Text(text.clone())),
                (Part::Reasoning(reasoning), _) if !reasoning.text.is_empty() => {
                    items.push(Item::Reasoning(reasoning.text.clone()));
                }
                _ => {}
            }
        }
        items.extend(message.tool_calls().iter().map(|call| Item::Call {
            call_id: call.id.clone(),
            name: call.name.clone(),
            arguments: call.raw_arguments.clone(),
        }));
        let output = items.iter().enumerate().map(|(place, item)| item.json(&self.run, place, "completed")).collect();
        let end = End::Whole(message.finish_reason());
        Json(self.response(output, end, spent.or(message.usage()))).into_response()
    }

    /// Returns the response as it stands.
    pub(super) fn response(&self, output: Vec<Value>, end: End<'_>, usage: Option<Usage>) -> Value {
        let mut response = self.common.clone();
        let (status, incomplete, error) = match end {
            End::Open => ("in_progress", Value::Null, Value::Null),
            End::Whole(Some(FinishReason::Length)) => {
                ("incomplete", json!({ "reason": "max_output_tokens" }), Value::Null)
            }
            End::Whole(Some(FinishReason::ContentFilter)) => {
                ("incomplete", json!({ "reason": "content_filter" }), Value::Null)
            }
            End::Whole(_) => ("completed", Value::Null, Value::Null),
            End::Failed(error) => ("failed", Value::Null, error),
        };
        response["status"] = status.into();
        response["incomplete_details"] = incomplete;
        response["error"] = error;
        response["output"] = output.into();
        response["usage"] = usage.map(self::usage).into();
        response
    }
}

fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens,
        "input_tokens_details": { "cached_tokens": usage.cached_input_tokens },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": { "reasoning_tokens": usage.reasoning_tokens },
        "total_tokens": usage.total_tokens(),
    })
}
