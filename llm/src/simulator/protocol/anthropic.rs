//! Anthropic's messages.

use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{Problem, Protocol, Reply, anthropic_checks, judge, reason, signature::sign, text_of, whole_seconds};
use crate::simulator::sse::{Frame, Part};
use crate::simulator::{Finish, Request, Role, Status, Turn};

pub(in crate::simulator) struct Anthropic;

impl Protocol for Anthropic {
    fn authorise(&self, headers: &HeaderMap, _query: &str, key: Option<&str>) -> Result<(), Problem> {
        let sent = headers.get("x-api-key").and_then(|value| value.to_str().ok()).filter(|key| !key.is_empty());
        judge(sent, key)?;
        headers.get("anthropic-version").map(|_| ()).ok_or(Problem::NoHeader("anthropic-version"))
    }

    fn read(&self, body: &Value, request: &mut Request) -> Result<(), Problem> {
        request.stream = body["stream"] == true;
        request.model = match body["model"].as_str() {
            Some(model) if !model.is_empty() => model.to_owned(),
            _ => return Err(Problem::Missing("model")),
        };
        request.max_tokens = match &body["max_tokens"] {
            Value::Null => return Err(Problem::Missing("max_tokens")),
            limit => match limit.as_u64() {
                Some(limit) if limit > 0 => Some(limit),
                _ => return Err(invalid("max_tokens", "Input should be greater than or equal to 1")),
            },
        };
        let messages = match &body["messages"] {
            Value::Null => return Err(Problem::Missing("messages")),
            Value::Array(messages) if messages.is_empty() => {
                return Err(invalid("messages", "at least one message is required"));
            }
            Value::Array(messages) => messages,
            _ => return Err(invalid("messages", "Input should be a valid list")),
        };
        let system = text_of(&body["system"]);
        if !system.is_empty() {
            request.turns.push(Turn::new(Role::System, system));
        }
        for (index, message) in messages.iter().enumerate() {
            match message["role"].as_str() {
                Some("user") => {
                    let blocks = message["content"].as_array().into_iter().flatten();
                    let results = blocks.filter(|block| block["type"] == "tool_result");
                    request.turns.extend(results.map(|block| Turn::new(Role::Tool, text_of(&block["content"]))));
                    let text = text_of(&message["content"]);
                    if !text.is_empty() || message["content"].is_string() {
                        request.turns.push(Turn::new(Role::User, text));
                    }
                }
                Some("assistant") => request.turns.push(Turn::new(Role::Assistant, text_of(&message["content"]))),
                Some("system") => return Err(invalid("messages", SYSTEM_ROLE)),
                _ => {
                    let why = "Input should be 'user' or 'assistant'";
                    return Err(invalid(&format!("messages.{index}.role"), why));
                }
            }
        }
        anthropic_checks::check(body, messages)
    }

    fn error(&self, problem: &Problem, request: &Request, id: &str) -> (u16, Value) {
        let (status, message) = match problem {
            Problem::NoKey => (401, "x-api-key header is required".to_owned()),
            Problem::BadKey => (401, "invalid x-api-key".to_owned()),
            Problem::NoHeader(name) => (400, format!("{name}: header is required")),
            Problem::NotJson(why) => (400, format!("The request body is not valid JSON: {why}")),
            Problem::Missing(name) => (400, format!("{name}: Field required")),
            Problem::Invalid(name, why) => (400, format!("{name}: {why}")),
            Problem::Refused(why) => (400, why.clone()),
            Problem::UnknownModel => (404, format!("model: {}", request.model)),
            Problem::UnknownUrl(_) => (404, "Not Found".to_owned()),
            Problem::TooLarge => (413, "Request exceeds the maximum size".to_owned()),
            Problem::Scripted(status) => {
                (status.code, status.message.clone().unwrap_or_else(|| scripted(status.code).to_owned()))
            }
        };
        let error = json!({"type": error_type(status), "message": message});
        (status, json!({"type": "error", "error": error, "request_id": id}))
    }

    fn answer(&self, request: &Request, reply: &Reply) -> Value {
        let mut content = Vec::new();
        if !reply.thoughts.is_empty() {
            let signature = sign(&reply.thoughts);
            content.push(json!({"type": "thinking", "thinking": reply.thoughts, "signature": signature}));
        }
        if !reply.text.is_empty() {
            content.push(json!({"type": "text", "text": reply.text}));
        }
        for (index, call) in reply.tool_calls.iter().enumerate() {
            let id = tool_id(reply, index);
            let cut = reply.truncated && index + 1 == reply.tool_calls.len();
            let input = if cut { json!({}) } else { call.arguments.clone() };
            content.push(json!({"type": "tool_use", "id": id, "name": call.name, "input": input}));
        }
        let mut body = message(request, reply);
        body["content"] = Value::Array(content);
        body["stop_reason"] = json!(stop_reason(reply));
        body["usage"] = usage(reply, reply.completion_tokens);
        body
    }

    fn frames(&self, request: &Request, reply: &Reply) -> Vec<Frame> {
        let mut start = message(request, reply);
        // The model has begun when this is sent: one token, or none for an empty answer.
        start["usage"] = usage(reply, reply.completion_tokens.min(1));
        let mut frames = vec![event(Part::Plain, &json!({"type": "message_start", "message": start}))];
        let mut blocks = 0..;
        let mut block = |opened: Value, deltas: Vec<Value>| {
            let index = blocks.next();
            let open = json!({"type": "content_block_start", "index": index, "content_block": opened});
            frames.push(event(Part::Plain, &open));
            if index == Some(0) {
                frames.push(event(Part::Plain, &json!({"type": "ping"})));
            }
            let delta = |delta| json!({"type": "content_block_delta", "index": index, "delta": delta});
            frames.extend(deltas.into_iter().map(|value| event(Part::Content, &delta(value))));
            frames.push(event(Part::Plain, &json!({"type": "content_block_stop", "index": index})));
        };
        if !reply.thoughts.is_empty() {
            let words = reply.thoughts.split_inclusive(' ');
            let mut deltas: Vec<Value> =
                words.map(|word| json!({"type": "thinking_delta", "thinking": word})).collect();
            deltas.push(json!({"type": "signature_delta", "signature": sign(&reply.thoughts)}));
            block(json!({"type": "thinking", "thinking": "", "signature": ""}), deltas);
        }
        if !reply.text.is_empty() {
            let deltas = reply.pieces.iter().map(|piece| json!({"type": "text_delta", "text": piece})).collect();
            block(json!({"type": "text", "text": ""}), deltas);
        }
        for (index, call) in reply.tool_calls.iter().enumerate() {
            let opened = json!({"type": "tool_use", "id": tool_id(reply, index), "name": call.name, "input": {}});
            let inputs = [String::new(), reply.arguments(index)];
            block(opened, inputs.map(|json| json!({"type": "input_json_delta", "partial_json": json})).into());
        }
        let stop = json!({"stop_reason": stop_reason(reply), "stop_sequence": null});
        let usage = usage(reply, reply.completion_tokens);
        frames.push(event(Part::Closing, &json!({"type": "message_delta", "delta": stop, "usage": usage})));
        frames.push(event(Part::Closing, &json!({"type": "message_stop"})));
        frames
    }

    fn broken_frame(&self) -> Frame {
        Frame::raw(Part::Plain, "event: content_block_delta\ndata: {\"type\":\"content_block_del\n\n")
    }

    fn error_frame(&self, request: &Request, id: &str) -> Frame {
        let (_, body) = self.error(&Problem::Scripted(Status::new(529)), request, id);
        event(Part::Closing, &body)
    }

    fn overloaded(&self) -> u16 {
        529
    }

    fn headers(&self, id: &str) -> Vec<(&'static str, String)> {
        vec![("request-id", id.to_owned()), ("anthropic-organization-id", "org-simulator".to_owned())]
    }

    fn retry_headers(&self, after: Duration) -> Vec<(&'static str, String)> {
        vec![("retry-after", whole_seconds(after).to_string())]
    }
}

const SYSTEM_ROLE: &str = "Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \
    \"system\" as an input message role.";

fn invalid(field: &str, why: &str) -> Problem {
    Problem::Invalid(field.to_owned(), why.to_owned())
}

/// Creates an event, whose name is both in its own line and in the `type` of its data.
fn event(part: Part, data: &Value) -> Frame {
    let name = data["type"].as_str().unwrap_or("message");
    Frame::event(part, name, data)
}

fn scripted(code: u16) -> &'static str {
    match code {
        401 => "invalid x-api-key",
        429 => "This request would exceed the rate limit for your organization of 50 requests per minute.",
        500 => "Internal server error",
        529 => "Overloaded",
        code => reason(code),
    }
}

fn error_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

fn message(request: &Request, reply: &Reply) -> Value {
    json!({
        "id": format!("msg_sim{:08}", reply.id),
        "type": "message",
        "role": "assistant",
        "model": request.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
    })
}

fn tool_id(reply: &Reply, index: usize) -> String {
    format!("toolu_sim{:08}{index:02}", reply.id)
}

fn stop_reason(reply: &Reply) -> &'static str {
    match reply.finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
        Finish::Filtered => "refusal",
    }
}

fn usage(reply: &Reply, output_tokens: usize) -> Value {
    json!({
        "input_tokens": reply.prompt_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output_tokens,
    })
}
