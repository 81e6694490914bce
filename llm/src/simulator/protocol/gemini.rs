//! Gemini's own protocol.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{Problem, Protocol, Reply, embeddings, gemini_checks, judge, reason, signature::sign, text_of};
use crate::simulator::request::parameter;
use crate::simulator::sse::{Frame, Part};
use crate::simulator::{Finish, Request, Role, Status, Turn};

pub(in crate::simulator) struct Gemini;

impl Protocol for Gemini {
    fn authorise(&self, headers: &HeaderMap, query: &str, key: Option<&str>) -> Result<(), Problem> {
        let header = headers.get("x-goog-api-key").and_then(|value| value.to_str().ok());
        judge(header.or_else(|| parameter(query, "key")).filter(|key| !key.is_empty()), key)
    }

    fn read(&self, body: &Value, request: &mut Request) -> Result<(), Problem> {
        // The URL has the model and the method: `models/{model}:{method}`.
        let path = request.path.clone();
        let (model, method) = call(&path);
        if embeddings::is_gemini(method) {
            model.clone_into(&mut request.model);
            return embeddings::read_gemini(method, body, request);
        }
        request.stream = match method {
            "generateContent" => false,
            "streamGenerateContent" => true,
            _ => return Err(Problem::UnknownUrl(request.path.clone())),
        };
        model.clone_into(&mut request.model);
        request.max_tokens = body["generationConfig"]["maxOutputTokens"].as_u64();
        let contents = match &body["contents"] {
            Value::Array(contents) if !contents.is_empty() => contents,
            Value::Array(_) | Value::Null => return Err(Problem::Missing("contents")),
            _ => return Err(Problem::Invalid("contents".to_owned(), "Proto field is not repeating".to_owned())),
        };
        // Google's JSON accepts field names in either case.
        let system = body.get("systemInstruction").or_else(|| body.get("system_instruction"));
        let system = system.map(|system| text_of(&system["parts"])).unwrap_or_default();
        if !system.is_empty() {
            request.turns.push(Turn::new(Role::System, system));
        }
        for content in contents {
            let role = match content["role"].as_str() {
                Some("user" | "function") | None => Role::User,
                Some("model") => Role::Assistant,
                Some(_) => {
                    let why = "Please use a valid role: user, model.".to_owned();
                    return Err(Problem::Invalid("role".to_owned(), why));
                }
            };
            let parts = content["parts"].as_array().into_iter().flatten();
            let results = parts.filter_map(|part| part.get("functionResponse"));
            request.turns.extend(results.map(|result| Turn::new(Role::Tool, result["response"].to_string())));
            let is_thought = |part: &&Value| part["thought"] == true;
            let text: Vec<Value> =
                content["parts"].as_array().into_iter().flatten().filter(|part| !is_thought(part)).cloned().collect();
            let text = text_of(&Value::Array(text));
            if !text.is_empty() || role == Role::Assistant {
                request.turns.push(Turn::new(role, text));
            }
        }
        gemini_checks::check(body, contents, model)
    }

    fn error(&self, problem: &Problem, request: &Request, _id: &str) -> (u16, Value) {
        let (code, status, message, details) = google_error(problem, request);
        let mut error = json!({"code": code, "message": message, "status": status});
        if !details.is_empty() {
            error["details"] = Value::Array(details);
        }
        let body = json!({"error": error});
        // If answers are streamed as an array, errors are in an array too.
        (code, if streams_array(request) { json!([body]) } else { body })
    }

    fn answer(&self, request: &Request, reply: &Reply) -> Value {
        let (_, method) = call(&request.path);
        if embeddings::is_gemini(method) {
            return embeddings::answer_gemini(method, request);
        }
        let mut parts = Vec::new();
        if !reply.thoughts.is_empty() {
            parts.push(json!({"text": reply.thoughts, "thought": true}));
        }
        if !reply.text.is_empty() {
            parts.push(json!({"text": reply.text}));
        }
        parts.extend((0..calls(reply)).map(|index| function_call(request, reply, index)));
        chunk(request, reply, parts, reply.completion_tokens, true)
    }

    fn frames(&self, request: &Request, reply: &Reply) -> Vec<Frame> {
        let thoughts = reply.thoughts.split_inclusive(' ').map(|word| json!({"text": word, "thought": true}));
        let mut parts: Vec<Value> = thoughts.collect();
        parts.extend(reply.pieces.iter().map(|piece| json!({"text": piece})));
        parts.extend((0..calls(reply)).map(|index| function_call(request, reply, index)));
        // The last chunk has both content and the finish reason. Without content it has only the latter.
        let last = parts.pop();
        let total = parts.len();
        let mut frames = Vec::new();
        for (index, part) in parts.into_iter().enumerate() {
            // The counts so far, which grow with each chunk.
            let so_far = reply.completion_tokens * (index + 1) / (total + 1);
            frames.push((Part::Content, chunk(request, reply, vec![part], so_far, false)));
        }
        let end = chunk(request, reply, last.into_iter().collect(), reply.completion_tokens, true);
        frames.push((Part::Last, end));
        if !streams_array(request) {
            return frames.iter().map(|(part, chunk)| Frame::data_crlf(*part, chunk)).collect();
        }
        let mut opening = "[";
        let mut lines = Vec::new();
        for (part, chunk) in frames {
            lines.push(Frame::raw(part, format!("{opening}{chunk}")));
            opening = "\n,\r\n";
        }
        lines.push(Frame::raw(Part::Closing, "\n]\n"));
        lines
    }

    fn broken_frame(&self) -> Frame {
        Frame::raw(Part::Plain, "data: {\"candidates\": [{\"content\": {\"parts\"\r\n\r\n")
    }

    fn error_frame(&self, request: &Request, id: &str) -> Frame {
        let (_, body) = self.error(&Problem::Scripted(Status::new(503)), request, id);
        Frame::data_crlf(Part::Closing, &body)
    }

    fn json_type(&self) -> &'static str {
        "application/json; charset=UTF-8"
    }

    fn stream_type(&self, request: &Request) -> &'static str {
        if streams_array(request) { self.json_type() } else { "text/event-stream" }
    }
}

/// Returns the model and the method of a path that ends in `models/{model}:{method}`.
fn call(path: &str) -> (&str, &str) {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.rsplit_once(':').unwrap_or((last, ""))
}

/// Returns whether the chunks are elements of a JSON array, which they are without `alt=sse`.
fn streams_array(request: &Request) -> bool {
    call(&request.path).1 == "streamGenerateContent" && parameter(&request.query, "alt") != Some("sse")
}

/// Returns the code, status, message and details of an error in the wording of Google's APIs.
pub(super) fn google_error(problem: &Problem, request: &Request) -> (u16, &'static str, String, Vec<Value>) {
    let mut details = Vec::new();
    let (code, message) = match problem {
        Problem::NoKey | Problem::NoHeader(_) => (403, NO_KEY.to_owned()),
        Problem::BadKey => {
            details.push(json!({
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            }));
            (400, BAD_KEY.to_owned())
        }
        Problem::NotJson(why) => (400, format!("Invalid JSON payload received. {why}")),
        Problem::Missing(name) => (400, format!("* GenerateContentRequest.{name}: {name} is not specified\n")),
        Problem::Invalid(name, why) if name == "role" => (400, why.clone()),
        Problem::Invalid(name, why) => (400, format!("Invalid value at '{name}': {why}")),
        Problem::Refused(why) => (400, why.clone()),
        Problem::UnknownModel => {
            let model = &request.model;
            let method = call(&request.path).1;
            let message = format!(
                "models/{model} is not found for API version v1beta, or is not supported for {method}. Call \
                 ListModels to see the list of available models and their supported methods."
            );
            (404, message)
        }
        Problem::UnknownUrl(url) => (404, format!("The requested URL {url} was not found on this server.")),
        Problem::TooLarge => (413, "Request payload size exceeds the limit".to_owned()),
        Problem::Scripted(scripted) => {
            let mut message = match scripted.code {
                401 => "Request had invalid authentication credentials.",
                429 => "You exceeded your current quota, please check your plan and billing details.",
                500 => "An internal error has occurred. Please retry.",
                503 => "The model is overloaded. Please try again later.",
                code => reason(code),
            }
            .to_owned();
            if let Some(after) = scripted.retry_after {
                let seconds = format!("{}s", after.as_secs_f64());
                message = format!("{message} Please retry in {seconds}.");
                details.push(json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": seconds}));
            }
            (scripted.code, scripted.message.clone().unwrap_or(message))
        }
    };
    (code, canonical(code), message, details)
}

const NO_KEY: &str = "Method doesn't allow unregistered callers (callers without established identity). Please use \
    API Key or other form of API consumer identity to call this API.";
const BAD_KEY: &str = "API key not valid. Please pass a valid API key.";

/// Returns Google's name of a status.
fn canonical(code: u16) -> &'static str {
    match code {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}

/// Returns the number of calls that are sent. A call whose arguments are not JSON is withheld.
fn calls(reply: &Reply) -> usize {
    reply.tool_calls.len() - usize::from(reply.truncated)
}

fn function_call(request: &Request, reply: &Reply, index: usize) -> Value {
    let call = &reply.tool_calls[index];
    let mut part = json!({"functionCall": {"name": call.name, "args": call.arguments}});
    // Gemini 3 signs the first call of a step, and older models do if they think.
    if index == 0 && (gemini_checks::wants_signatures(&request.model) || !reply.thoughts.is_empty()) {
        part["thoughtSignature"] = sign(&call.name).into();
    }
    part
}

fn chunk(request: &Request, reply: &Reply, parts: Vec<Value>, tokens: usize, last: bool) -> Value {
    let mut content = json!({"role": "model"});
    if !parts.is_empty() {
        content["parts"] = Value::Array(parts);
    }
    let mut candidate = json!({"content": content, "index": 0});
    if last {
        candidate["finishReason"] = json!(match reply.finish {
            _ if reply.truncated => "MALFORMED_FUNCTION_CALL",
            Finish::Stop | Finish::ToolCalls => "STOP",
            Finish::Length => "MAX_TOKENS",
            Finish::Filtered => "SAFETY",
        });
    }
    let mut usage = json!({
        "promptTokenCount": reply.prompt_tokens,
        "candidatesTokenCount": tokens,
        "totalTokenCount": reply.prompt_tokens + tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": reply.prompt_tokens}],
    });
    if reply.thought_tokens > 0 {
        usage["candidatesTokenCount"] = tokens.saturating_sub(reply.thought_tokens).into();
        usage["thoughtsTokenCount"] = reply.thought_tokens.min(tokens).into();
    }
    json!({
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": request.model,
        "responseId": format!("sim{:08}", reply.id),
    })
}
