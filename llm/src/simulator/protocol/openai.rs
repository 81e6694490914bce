//! OpenAI's chat completions.

use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{
    Problem, Protocol, REFUSAL, Reply, bearer, embeddings, gemini_checks, judge, kind, openai_checks, reason,
    signature::sign, text_of, unix_time, whole_seconds,
};
use crate::simulator::sse::{Frame, Part};
use crate::simulator::{Finish, Request, Role, Status, Turn};

pub(in crate::simulator) struct OpenAi;

impl Protocol for OpenAi {
    fn authorise(&self, headers: &HeaderMap, _query: &str, key: Option<&str>) -> Result<(), Problem> {
        judge(bearer(headers), key)
    }

    fn read(&self, body: &Value, request: &mut Request) -> Result<(), Problem> {
        request.stream = body["stream"] == true;
        request.max_tokens = ["max_completion_tokens", "max_tokens"].iter().find_map(|name| body[*name].as_u64());
        request.model = match body["model"].as_str() {
            Some(model) if !model.is_empty() => model.to_owned(),
            _ => return Err(Problem::Missing("model")),
        };
        if embeddings::is_openai(request) {
            return embeddings::read_openai(body, request);
        }
        let messages = match &body["messages"] {
            Value::Null => return Err(Problem::Missing("messages")),
            Value::Array(messages) => messages,
            other => {
                let why = format!("expected an array of objects, but got {} instead", kind(other));
                return Err(Problem::Invalid("messages".to_owned(), why));
            }
        };
        if messages.is_empty() {
            let why = "empty array. Expected an array with minimum length 1, but got an empty array instead";
            return Err(Problem::Invalid("messages".to_owned(), why.to_owned()));
        }
        for (index, message) in messages.iter().enumerate() {
            let role = match message["role"].as_str() {
                Some("system" | "developer") => Role::System,
                Some("user") => Role::User,
                Some("assistant") => Role::Assistant,
                Some("tool" | "function") => Role::Tool,
                other => {
                    let roles = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";
                    let why = format!("'{}'. Supported values are: {roles}", other.unwrap_or_default());
                    return Err(Problem::Invalid(format!("messages[{index}].role"), why));
                }
            };
            request.turns.push(Turn::new(role, text_of(&message["content"])));
        }
        // Instructions come first, as in the other protocols.
        request.turns.sort_by_key(|turn| turn.role != Role::System);
        openai_checks::check(body, messages, &request.model)
    }

    fn error(&self, problem: &Problem, request: &Request, _id: &str) -> (u16, Value) {
        let invalid = "invalid_request_error";
        let (status, message, kind, param, code): (u16, String, &str, Option<&str>, Option<&str>) = match problem {
            Problem::NoKey | Problem::NoHeader(_) => (401, NO_KEY.to_owned(), invalid, None, None),
            Problem::BadKey => (401, BAD_KEY.to_owned(), invalid, None, Some("invalid_api_key")),
            Problem::NotJson(_) => (400, NOT_JSON.to_owned(), invalid, None, None),
            Problem::Missing("model") => (400, "you must provide a model parameter".to_owned(), invalid, None, None),
            Problem::Missing(name) => {
                let message = format!("Missing required parameter: '{name}'.");
                (400, message, invalid, Some(name), Some("missing_required_parameter"))
            }
            Problem::Invalid(name, why) => {
                let (message, code) = if why.starts_with("expected") {
                    (format!("Invalid type for '{name}': {why}."), "invalid_type")
                } else if why.starts_with("empty array") {
                    (format!("Invalid '{name}': {why}."), "empty_array")
                } else {
                    (format!("Invalid value: {why}."), "invalid_value")
                };
                (400, message, invalid, Some(name), Some(code))
            }
            Problem::Refused(why) => (400, why.clone(), invalid, None, None),
            Problem::UnknownModel => {
                let model = &request.model;
                let message = format!("The model `{model}` does not exist or you do not have access to it.");
                (404, message, invalid, None, Some("model_not_found"))
            }
            Problem::UnknownUrl(url) => (404, format!("Invalid URL ({url})"), invalid, None, None),
            Problem::TooLarge => (413, "The request is too large.".to_owned(), invalid, None, None),
            Problem::Scripted(status) => {
                let (message, kind, code) = scripted(status, &request.model);
                (status.code, status.message.clone().unwrap_or(message), kind, None, code)
            }
        };
        (status, json!({"error": {"message": message, "type": kind, "param": param, "code": code}}))
    }

    fn answer(&self, request: &Request, reply: &Reply) -> Value {
        if embeddings::is_openai(request) {
            return embeddings::answer_openai(request, reply);
        }
        let mut message = json!({"role": "assistant", "content": null, "refusal": null, "annotations": []});
        if !reply.text.is_empty() || reply.tool_calls.is_empty() {
            message["content"] = json!(reply.text);
        }
        if !reply.tool_calls.is_empty() {
            message["tool_calls"] = (0..reply.tool_calls.len()).map(|index| tool_call(request, reply, index)).collect();
        }
        if !reply.thoughts.is_empty() {
            message["reasoning_content"] = json!(reply.thoughts);
        }
        if reply.refuses {
            message["content"] = Value::Null;
            message["refusal"] = json!(REFUSAL);
        }
        let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": finish(reply)});
        let mut body = envelope("chat.completion", request, reply);
        body["choices"] = json!([choice]);
        body["usage"] = usage(reply);
        body
    }

    fn frames(&self, request: &Request, reply: &Reply) -> Vec<Frame> {
        let with_usage = request.body["stream_options"]["include_usage"] == true;
        let chunk = |choices: Value, usage: Value| {
            let mut body = envelope("chat.completion.chunk", request, reply);
            body["choices"] = choices;
            if with_usage {
                body["usage"] = usage;
            }
            body
        };
        let delta = |part: Part, delta: Value, finish: Option<&str>| {
            let choices = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
            Frame::data(part, &chunk(choices, Value::Null))
        };
        let mut frames = vec![delta(Part::Plain, json!({"role": "assistant", "content": "", "refusal": null}), None)];
        for word in reply.thoughts.split_inclusive(' ') {
            frames.push(delta(Part::Content, json!({"reasoning_content": word}), None));
        }
        for piece in &reply.pieces {
            frames.push(delta(Part::Content, json!({"content": piece}), None));
        }
        if reply.refuses {
            frames
                .extend(REFUSAL.split_inclusive(' ').map(|word| delta(Part::Content, json!({"refusal": word}), None)));
        }
        for index in 0..reply.tool_calls.len() {
            // A call begins with its name and empty arguments. The arguments follow.
            let mut call = tool_call(request, reply, index);
            let arguments = std::mem::replace(&mut call["function"]["arguments"], json!(""));
            call["index"] = json!(index);
            frames.push(delta(Part::Content, json!({"tool_calls": [call]}), None));
            let rest = json!({"index": index, "function": {"arguments": arguments}});
            frames.push(delta(Part::Content, json!({"tool_calls": [rest]}), None));
        }
        frames.push(delta(Part::Closing, json!({}), Some(finish(reply))));
        if with_usage {
            frames.push(Frame::data(Part::Closing, &chunk(json!([]), usage(reply))));
        }
        frames.push(Frame::raw(Part::Closing, "data: [DONE]\n\n"));
        frames
    }

    fn broken_frame(&self) -> Frame {
        Frame::raw(Part::Plain, "data: {\"id\":\"chatcmpl-sim\",\"object\":\"chat.completion.ch\n\n")
    }

    fn error_frame(&self, request: &Request, id: &str) -> Frame {
        let (_, body) = self.error(&Problem::Scripted(Status::new(500)), request, id);
        Frame::data(Part::Closing, &body)
    }

    fn headers(&self, id: &str) -> Vec<(&'static str, String)> {
        vec![
            ("x-request-id", id.to_owned()),
            ("openai-version", "2020-10-01".to_owned()),
            ("openai-organization", "org-simulator".to_owned()),
        ]
    }

    fn retry_headers(&self, after: Duration) -> Vec<(&'static str, String)> {
        vec![("retry-after", whole_seconds(after).to_string()), ("retry-after-ms", after.as_millis().to_string())]
    }
}

const NO_KEY: &str = "You didn't provide an API key. You need to provide your API key in an Authorization header using \
    Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
const BAD_KEY: &str = "Incorrect API key provided. You can find your API key at \
    https://platform.openai.com/account/api-keys.";
const NOT_JSON: &str = "We could not parse the JSON body of your request. (HINT: This likely means you aren't using \
    your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";

/// Returns the message, the type and the code of a status.
fn scripted(status: &Status, model: &str) -> (String, &'static str, Option<&'static str>) {
    match status.code {
        401 => (BAD_KEY.to_owned(), "invalid_request_error", Some("invalid_api_key")),
        429 => {
            let again = status.retry_after.map(|after| format!(" Please try again in {after:?}.")).unwrap_or_default();
            let message = format!(
                "Rate limit reached for {model} in organization org-simulator on requests per min (RPM): Limit 3, \
                 Used 3, Requested 1.{again} Visit https://platform.openai.com/account/rate-limits to learn more."
            );
            (message, "requests", Some("rate_limit_exceeded"))
        }
        500 => {
            ("The server had an error while processing your request. Sorry about that!".into(), "server_error", None)
        }
        503 => ("The engine is currently overloaded, please try again later.".into(), "server_error", None),
        code if code >= 500 => (reason(code).into(), "server_error", None),
        code => (reason(code).into(), "invalid_request_error", None),
    }
}

fn envelope(object: &str, request: &Request, reply: &Reply) -> Value {
    json!({
        "id": format!("chatcmpl-sim{:08}", reply.id),
        "object": object,
        "created": unix_time(),
        "model": request.model,
        "service_tier": "default",
        "system_fingerprint": "fp_simulator",
    })
}

fn tool_call(request: &Request, reply: &Reply, index: usize) -> Value {
    let call = &reply.tool_calls[index];
    let mut sent = json!({
        "id": format!("call_sim{:08}{index:02}", reply.id),
        "type": "function",
        "function": {"name": call.name, "arguments": reply.arguments(index)},
    });
    // Gemini behind this protocol signs the first call of a step.
    if index == 0 && gemini_checks::wants_signatures(&request.model) {
        sent["extra_content"] = json!({"google": {"thought_signature": sign(&call.name)}});
    }
    sent
}

fn finish(reply: &Reply) -> &'static str {
    match reply.finish {
        // A refusal of the model is a complete answer.
        _ if reply.refuses => "stop",
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::Filtered => "content_filter",
    }
}

fn usage(reply: &Reply) -> Value {
    json!({
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reply.thought_tokens, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    })
}
