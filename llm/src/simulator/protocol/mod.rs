//! The wire protocols of the providers.
//!
//! | file | contents |
//! |---|---|
//! | this file | the trait, and what the protocols share |
//! | `openai`, `anthropic`, `gemini`, `gemini_openai` | one protocol each |
//! | `embeddings` | vectors, in OpenAI's protocol and Gemini's |

mod anthropic;
mod embeddings;
mod gemini;
mod gemini_openai;
mod openai;

pub(super) use anthropic::Anthropic;
pub(super) use gemini::Gemini;
pub(super) use gemini_openai::GeminiOpenAi;
pub(super) use openai::OpenAi;

use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::Value;

use super::sse::Frame;
use super::{Finish, Request, Status, ToolCall};

/// A provider's side of the wire: how it reads requests, and words answers and errors.
pub(super) trait Protocol: Sync {
    /// Whether the request has the headers the provider asks for; `key`, if given, is the only one that is good.
    fn authorise(&self, headers: &HeaderMap, query: &str, key: Option<&str>) -> Result<(), Problem>;

    /// Reads the body into the request, which may stay half read when it is refused.
    fn read(&self, body: &Value, request: &mut Request) -> Result<(), Problem>;

    /// The status and body of an error.
    fn error(&self, problem: &Problem, request: &Request, id: &str) -> (u16, Value);

    /// The body of an answer.
    fn answer(&self, request: &Request, reply: &Reply) -> Value;

    /// The events of an answer.
    fn frames(&self, request: &Request, reply: &Reply) -> Vec<Frame>;

    /// An event whose data is not JSON.
    fn broken_frame(&self) -> Frame;

    /// The event a stream fails with after it began.
    fn error_frame(&self, request: &Request, id: &str) -> Frame;

    /// The status of a server that has too much to do.
    fn overloaded(&self) -> u16 {
        503
    }

    /// Headers on every response.
    fn headers(&self, _id: &str) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The headers that say when to try again.
    fn retry_headers(&self, _after: Duration) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The content type of a body in JSON.
    fn json_type(&self) -> &'static str {
        "application/json"
    }

    /// The content type of a streamed answer.
    fn stream_type(&self, _request: &Request) -> &'static str {
        "text/event-stream; charset=utf-8"
    }
}

/// Why a request gets an error for an answer.
#[derive(Debug, Clone)]
pub(super) enum Problem {
    /// It came without a key.
    NoKey,
    /// Its key is not the good one.
    BadKey,
    /// It came without the header of this name.
    NoHeader(&'static str),
    /// Its body is not JSON, for this reason.
    NotJson(String),
    /// Its body lacks this field.
    Missing(&'static str),
    /// This field (a path) is not as it should be, for this reason.
    Invalid(String, String),
    /// It asks for a model the simulator was not told of.
    UnknownModel,
    /// There is nothing at its URL (method and path).
    UnknownUrl(String),
    /// It is too large to be read.
    TooLarge,
    /// The script says so.
    Scripted(Status),
}

/// An answer with all that is to be known of it to put it on the wire.
#[derive(Debug)]
pub(super) struct Reply {
    /// The number that tells this answer from others.
    pub(super) id: usize,
    pub(super) text: String,
    /// The text, in chunks.
    pub(super) pieces: Vec<String>,
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) finish: Finish,
    pub(super) prompt_tokens: usize,
    pub(super) completion_tokens: usize,
    /// Whether the model refuses to answer in words of its own, which OpenAI's do.
    pub(super) refuses: bool,
    /// Whether the arguments of the last tool call end in their middle.
    pub(super) truncated: bool,
}

impl Reply {
    /// The arguments of a tool call as the text that they are on the wire.
    pub(super) fn arguments(&self, index: usize) -> String {
        let mut text = self.tool_calls.get(index).map(|call| call.arguments.to_string()).unwrap_or_default();
        if self.truncated && index + 1 == self.tool_calls.len() {
            text = text.chars().take(text.chars().count() / 2).collect();
        }
        text
    }
}

/// What a model says in place of an answer.
pub(super) const REFUSAL: &str = "I'm sorry, but I can't help with that.";

/// The bearer token of the `authorization` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim())
}

/// Judges a key that came, or did not.
pub(super) fn judge(sent: Option<&str>, good: Option<&str>) -> Result<(), Problem> {
    match (sent, good) {
        (None, _) => Err(Problem::NoKey),
        (Some(sent), Some(good)) if sent != good => Err(Problem::BadKey),
        _ => Ok(()),
    }
}

/// The name of a JSON type, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The text of a content field: a string, or the text parts of a list.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

/// Seconds since 1970.
pub(super) fn unix_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A duration in whole seconds, rounded up, as `retry-after` counts.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// The name HTTP gives a status.
pub(super) fn reason(code: u16) -> &'static str {
    axum::http::StatusCode::from_u16(code).ok().and_then(|status| status.canonical_reason()).unwrap_or("Unknown Error")
}
