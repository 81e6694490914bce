//! OpenAI's responses.

use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::openai::OpenAi;
use super::openai_responses_checks::{self as checks, REASONED};
use super::{Problem, Protocol, REFUSAL, Reply, kind, signature::sign, text_of, unix_time};
use crate::simulator::sse::{Frame, Part};
use crate::simulator::{Finish, Request, Role, Status, Turn};

pub(in crate::simulator) struct OpenAiResponses;

impl Protocol for OpenAiResponses {
    fn authorise(&self, headers: &HeaderMap, query: &str, key: Option<&str>) -> Result<(), Problem> {
        OpenAi.authorise(headers, query, key)
    }

    fn read(&self, body: &Value, request: &mut Request) -> Result<(), Problem> {
        request.stream = body["stream"] == true;
        request.max_tokens = body["max_output_tokens"].as_u64();
        request.model = match body["model"].as_str() {
            Some(model) if !model.is_empty() => model.to_owned(),
            _ => return Err(Problem::Missing("model")),
        };
        if let Some(instructions) = body["instructions"].as_str() {
            request.turns.push(Turn::new(Role::System, instructions));
        }
        let items = match &body["input"] {
            Value::Null => return Err(Problem::Missing("input")),
            Value::String(text) => {
                request.turns.push(Turn::new(Role::User, text));
                return checks::check(body, &[], &request.model);
            }
            Value::Array(items) => items,
            other => {
                let why = format!("expected one of an array of objects or string, but got {} instead", kind(other));
                return Err(Problem::Invalid("input".to_owned(), why));
            }
        };
        for (index, item) in items.iter().enumerate() {
            let turn = match (item["type"].as_str(), item["role"].as_str()) {
                (Some("function_call_output"), _) => Turn::new(Role::Tool, text_of(&item["output"])),
                (Some("message") | None, Some("system" | "developer")) => {
                    Turn::new(Role::System, text_of(&item["content"]))
                }
                (Some("message") | None, Some("user")) => Turn::new(Role::User, text_of(&item["content"])),
                (Some("message") | None, Some("assistant")) => Turn::new(Role::Assistant, text_of(&item["content"])),
                (Some("message") | None, other) => {
                    let roles = "'assistant', 'system', 'developer', and 'user'";
                    let why = format!("'{}'. Supported values are: {roles}", other.unwrap_or_default());
                    return Err(Problem::Invalid(format!("input[{index}]"), why));
                }
                _ => continue,
            };
            request.turns.push(turn);
        }
        // Instructions come first, as in the other protocols.
        request.turns.sort_by_key(|turn| turn.role != Role::System);
        checks::check(body, items, &request.model)
    }

    fn error(&self, problem: &Problem, request: &Request, id: &str) -> (u16, Value) {
        OpenAi.error(problem, request, id)
    }

    fn answer(&self, request: &Request, reply: &Reply) -> Value {
        let output: Vec<Value> = items(request, reply).into_iter().map(|item| item.complete).collect();
        envelope(request, reply, Some(output))
    }

    fn frames(&self, request: &Request, reply: &Reply) -> Vec<Frame> {
        let mut events = Events::default();
        for kind in ["response.created", "response.in_progress"] {
            events.push(Part::Plain, kind, json!({"response": envelope(request, reply, None)}));
        }
        let items = items(request, reply);
        for (index, item) in items.iter().enumerate() {
            events.push(Part::Plain, "response.output_item.added", json!({"output_index": index, "item": item.opened}));
            events.pieces(index, item);
            let done = json!({"output_index": index, "item": item.complete});
            events.push(Part::Plain, "response.output_item.done", done);
        }
        let output = items.into_iter().map(|item| item.complete).collect();
        let response = envelope(request, reply, Some(output));
        let kind = if response["status"] == "incomplete" { "response.incomplete" } else { "response.completed" };
        events.push(Part::Last, kind, json!({ "response": response }));
        events.frames
    }

    fn broken_frame(&self) -> Frame {
        let data = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel\n\n";
        Frame::raw(Part::Plain, format!("event: response.output_text.delta\n{data}"))
    }

    fn error_frame(&self, request: &Request, id: &str) -> Frame {
        let (_, body) = self.error(&Problem::Scripted(Status::new(500)), request, id);
        let error = &body["error"];
        let data = json!({
            "type": "error", "code": "server_error", "message": error["message"], "param": null, "sequence_number": 99,
        });
        Frame::event(Part::Closing, "error", &data)
    }

    fn headers(&self, id: &str) -> Vec<(&'static str, String)> {
        OpenAi.headers(id)
    }

    fn retry_headers(&self, after: Duration) -> Vec<(&'static str, String)> {
        OpenAi.retry_headers(after)
    }
}

/// The events of a stream, numbered.
#[derive(Default)]
struct Events {
    frames: Vec<Frame>,
}

impl Events {
    fn push(&mut self, part: Part, kind: &str, mut data: Value) {
        data["type"] = kind.into();
        data["sequence_number"] = self.frames.len().into();
        self.frames.push(Frame::event(part, kind, &data));
    }

    /// Adds the events between the beginning of an item and its end.
    fn pieces(&mut self, index: usize, item: &Item) {
        let Item { complete, events, field, pieces, .. } = item;
        let with = |mut data: Value| {
            data["item_id"] = complete["id"].clone();
            data["output_index"] = index.into();
            if *field != "arguments" {
                data[if *events == "response.reasoning_summary_text" { "summary_index" } else { "content_index" }] =
                    0.into();
            }
            data
        };
        let text = pieces.concat();
        let part = match *events {
            "response.reasoning_summary_text" => Some(("response.reasoning_summary_part", "summary_text")),
            "response.output_text" => Some(("response.content_part", "output_text")),
            "response.refusal" => Some(("response.content_part", "refusal")),
            _ => None,
        };
        let whole = |text: &str| part.map(|(_, kind)| with(json!({"part": {"type": kind, *field: text}})));
        if let (Some((name, _)), Some(part)) = (part, whole("")) {
            self.push(Part::Plain, &format!("{name}.added"), part);
        }
        for piece in pieces {
            self.push(Part::Content, &format!("{events}.delta"), with(json!({ "delta": piece })));
        }
        self.push(Part::Plain, &format!("{events}.done"), with(json!({ *field: text })));
        if let (Some((name, _)), Some(part)) = (part, whole(&text)) {
            self.push(Part::Plain, &format!("{name}.done"), part);
        }
    }
}

/// An item of an answer.
struct Item {
    /// The item when it begins.
    opened: Value,
    complete: Value,
    /// The name of the events of its pieces.
    events: &'static str,
    /// The field of its text.
    field: &'static str,
    pieces: Vec<String>,
}

fn items(request: &Request, reply: &Reply) -> Vec<Item> {
    let mut items = Vec::new();
    // Items after reasoning are not accepted without it, which their ids say.
    let mark = if reply.thoughts.is_empty() { "" } else { REASONED };
    let id = |kind: &str, index: usize| format!("{kind}_sim{mark}{:08}{index:02}", reply.id);
    if !reply.thoughts.is_empty() {
        let mut item = json!({"id": id("rs", 0), "type": "reasoning", "summary": []});
        let includes = request.body["include"].as_array().into_iter().flatten();
        if includes.into_iter().any(|what| what == "reasoning.encrypted_content") {
            item["encrypted_content"] = sign(&reply.thoughts).into();
        }
        let opened = item.clone();
        item["summary"] = json!([{"type": "summary_text", "text": reply.thoughts}]);
        items.push(Item {
            opened,
            complete: item,
            events: "response.reasoning_summary_text",
            field: "text",
            pieces: reply.thoughts.split_inclusive(' ').map(str::to_owned).collect(),
        });
    }
    let content = if reply.refuses {
        let pieces: Vec<String> = REFUSAL.split_inclusive(' ').map(str::to_owned).collect();
        Some((json!({"type": "refusal", "refusal": REFUSAL}), "response.refusal", "refusal", pieces))
    } else if !reply.text.is_empty() || reply.tool_calls.is_empty() {
        let content = json!({"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []});
        Some((content, "response.output_text", "text", reply.pieces.clone()))
    } else {
        None
    };
    if let Some((content, events, field, pieces)) = content {
        let message = |status: &str, content: Value| json!({"id": id("msg", 0), "type": "message", "status": status, "role": "assistant", "content": content});
        items.push(Item {
            opened: message("in_progress", json!([])),
            complete: message(status(reply), json!([content])),
            events,
            field,
            pieces,
        });
    }
    for (index, call) in reply.tool_calls.iter().enumerate() {
        let function = |status: &str, arguments: &str| {
            json!({
                "id": id("fc", index), "type": "function_call", "status": status, "name": call.name,
                "call_id": format!("call_sim{:08}{index:02}", reply.id), "arguments": arguments,
            })
        };
        let arguments = reply.arguments(index);
        let chars: Vec<char> = arguments.chars().collect();
        items.push(Item {
            opened: function("in_progress", ""),
            complete: function(status(reply), &arguments),
            events: "response.function_call_arguments",
            field: "arguments",
            pieces: chars.chunks(chars.len().div_ceil(2).max(1)).map(|half| half.iter().collect()).collect(),
        });
    }
    items
}

fn status(reply: &Reply) -> &'static str {
    match reply.finish {
        Finish::Length => "incomplete",
        // A refusal of the model is a complete answer.
        Finish::Filtered if !reply.refuses => "incomplete",
        _ => "completed",
    }
}

/// Returns the answer around its items, or the one that has begun if there are none yet.
fn envelope(request: &Request, reply: &Reply, output: Option<Vec<Value>>) -> Value {
    let is_complete = output.is_some();
    let status = if is_complete { status(reply) } else { "in_progress" };
    let reason = match reply.finish {
        _ if status != "incomplete" => Value::Null,
        Finish::Length => json!({"reason": "max_output_tokens"}),
        _ => json!({"reason": "content_filter"}),
    };
    let usage = json!({
        "input_tokens": reply.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": reply.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": reply.thought_tokens},
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    });
    json!({
        "id": format!("resp_sim{:08}", reply.id),
        "object": "response",
        "created_at": unix_time(),
        "status": status,
        "output": output.unwrap_or_default(),
        "error": null,
        "incomplete_details": reason,
        "instructions": request.body["instructions"],
        "max_output_tokens": request.body["max_output_tokens"],
        "model": request.model,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "service_tier": "default",
        "store": request.body["store"],
        "usage": if is_complete { usage } else { Value::Null },
    })
}
