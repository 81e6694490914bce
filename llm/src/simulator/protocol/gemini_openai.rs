//! Gemini's OpenAI-compatible endpoint: OpenAI's requests and answers, Google's errors in an array.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::gemini::google_error;
use super::openai::OpenAi;
use super::{Problem, Protocol, Reply};
use crate::simulator::sse::{Frame, Part};
use crate::simulator::{Request, Status};

pub(in crate::simulator) struct GeminiOpenAi;

impl Protocol for GeminiOpenAi {
    fn authorise(&self, headers: &HeaderMap, query: &str, key: Option<&str>) -> Result<(), Problem> {
        OpenAi.authorise(headers, query, key)
    }

    fn read(&self, body: &Value, request: &mut Request) -> Result<(), Problem> {
        OpenAi.read(body, request)
    }

    fn error(&self, problem: &Problem, request: &Request, _id: &str) -> (u16, Value) {
        let (code, status, message, details) = match problem {
            Problem::NoKey => {
                (400, "INVALID_ARGUMENT", "Missing or invalid Authorization header.".to_owned(), Vec::new())
            }
            Problem::Missing("model") => (400, "INVALID_ARGUMENT", "model is not specified".to_owned(), Vec::new()),
            other => google_error(other, request),
        };
        let mut error = json!({"code": code, "message": message, "status": status});
        if !details.is_empty() {
            error["details"] = Value::Array(details);
        }
        (code, json!([{"error": error}]))
    }

    fn answer(&self, request: &Request, reply: &Reply) -> Value {
        OpenAi.answer(request, reply)
    }

    fn frames(&self, request: &Request, reply: &Reply) -> Vec<Frame> {
        OpenAi.frames(request, reply)
    }

    fn broken_frame(&self) -> Frame {
        OpenAi.broken_frame()
    }

    fn error_frame(&self, request: &Request, id: &str) -> Frame {
        // An event has a single object, as in Gemini's own streams. Only a whole body is an array.
        let (_, mut body) = self.error(&Problem::Scripted(Status::new(503)), request, id);
        Frame::data(Part::Closing, &body[0].take())
    }

    fn stream_type(&self, _request: &Request) -> &'static str {
        "text/event-stream"
    }
}
