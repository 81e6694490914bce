//! The wire protocols of the providers.
//!
//! | file | contents |
//! |---|---|
//! | this file | the trait, and what the protocols share |
//! | `openai`, `openai_responses`, `anthropic`, `gemini`, `gemini_openai` | one protocol each |
//! | `openai_checks`, `openai_responses_checks`, `anthropic_checks`, `gemini_checks` | the conversations that each provider refuses |
//! | `media` | the images and files that each provider refuses |
//! | `signature` | signatures of thoughts and calls |
//! | `embeddings` | vectors, in OpenAI's protocol and Gemini's |

mod anthropic;
mod anthropic_checks;
mod embeddings;
mod gemini;
mod gemini_checks;
mod gemini_openai;
mod media;
mod openai;
mod openai_checks;
mod openai_responses;
mod openai_responses_checks;
mod signature;

pub(super) use anthropic::Anthropic;
pub(super) use gemini::Gemini;
pub(super) use gemini_openai::GeminiOpenAi;
pub(super) use openai::OpenAi;
pub(super) use openai_responses::OpenAiResponses;

use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::Value;

use super::sse::Frame;
use super::{Finish, Request, Status, ToolCall};

/// A provider's side of the wire: parsing of requests, and the form of answers and errors.
pub(super) trait Protocol: Sync {
    /// Checks the headers that the provider requires. If `key` is given, it is the only valid key.
    fn authorise(&self, headers: &HeaderMap, query: &str, key: Option<&str>) -> Result<(), Problem>;

    /// Parses the body into the request. If the body is invalid, the request may be incomplete.
    fn read(&self, body: &Value, request: &mut Request) -> Result<(), Problem>;

    /// Returns the status and the body of an error.
    fn error(&self, problem: &Problem, request: &Request, id: &str) -> (u16, Value);

    /// Returns the body of an answer.
    fn answer(&self, request: &Request, reply: &Reply) -> Value;

    /// Returns the events of an answer.
    fn frames(&self, request: &Request, reply: &Reply) -> Vec<Frame>;

    /// Returns an event whose data is not JSON.
    fn broken_frame(&self) -> Frame;

    /// Returns the event of an error within a stream.
    fn error_frame(&self, request: &Request, id: &str) -> Frame;

    /// Returns the status of an overloaded server.
    fn overloaded(&self) -> u16 {
        503
    }

    /// Returns the headers of every response.
    fn headers(&self, _id: &str) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Returns the headers with the delay before a retry.
    fn retry_headers(&self, _after: Duration) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Returns the content type of a JSON body.
    fn json_type(&self) -> &'static str {
        "application/json"
    }

    /// Returns the content type of a streamed answer.
    fn stream_type(&self, _request: &Request) -> &'static str {
        "text/event-stream; charset=utf-8"
    }
}

/// The reason that a request is answered with an error.
#[derive(Debug, Clone)]
pub(super) enum Problem {
    /// The key is missing.
    NoKey,
    /// The key is not the valid one.
    BadKey,
    /// The header of this name is missing.
    NoHeader(&'static str),
    /// The body is not JSON, for this reason.
    NotJson(String),
    /// This field is missing in the body.
    Missing(&'static str),
    /// This field (a path) is invalid, for this reason.
    Invalid(String, String),
    /// The provider refuses the request, in these words.
    Refused(String),
    /// The model does not exist in this simulator.
    UnknownModel,
    /// There is nothing at this URL (method and path).
    UnknownUrl(String),
    /// The request is too large.
    TooLarge,
    /// The script demands an error.
    Scripted(Status),
}

/// An answer with all the data that its wire form needs.
#[derive(Debug)]
pub(super) struct Reply {
    /// The number of the answer, from which its id is made.
    pub(super) id: usize,
    pub(super) text: String,
    /// The thoughts before the text.
    pub(super) thoughts: String,
    /// The part of the tokens that is thoughts.
    pub(super) thought_tokens: usize,
    /// The text in chunks.
    pub(super) pieces: Vec<String>,
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) finish: Finish,
    pub(super) prompt_tokens: usize,
    pub(super) completion_tokens: usize,
    /// `true` if the refusal has a field of its own, as in OpenAI's protocol.
    pub(super) refuses: bool,
    /// `true` if the arguments of the last tool call are cut off.
    pub(super) truncated: bool,
}

impl Reply {
    /// Returns the arguments of a tool call as text on the wire.
    pub(super) fn arguments(&self, index: usize) -> String {
        let mut text = self.tool_calls.get(index).map(|call| call.arguments.to_string()).unwrap_or_default();
        if self.truncated && index + 1 == self.tool_calls.len() {
            text = text.chars().take(text.chars().count() / 2).collect();
        }
        text
    }
}

/// The text of a refusal.
pub(super) const REFUSAL: &str = "I'm sorry, but I can't help with that.";

/// Returns the bearer token of the `authorization` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim())
}

/// Checks the key that was sent.
pub(super) fn judge(sent: Option<&str>, good: Option<&str>) -> Result<(), Problem> {
    match (sent, good) {
        (None, _) => Err(Problem::NoKey),
        (Some(sent), Some(good)) if sent != good => Err(Problem::BadKey),
        _ => Ok(()),
    }
}

/// Returns the name of a JSON type, for messages.
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

/// Returns the text of a content field, which is a string or a list of parts.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

/// Returns the seconds since 1970.
pub(super) fn unix_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Returns the duration in whole seconds, rounded up, as in `retry-after`.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Returns HTTP's name of a status.
pub(super) fn reason(code: u16) -> &'static str {
    axum::http::StatusCode::from_u16(code).ok().and_then(|status| status.canonical_reason()).unwrap_or("Unknown Error")
}
