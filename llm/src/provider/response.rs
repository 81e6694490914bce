use super::{connection::Connection, error::with_usage, finish_reason::finish_reason, openai_compat, usage};
use crate::{Message, Part, Role, ToolCall};
use catena::Result;
use genai::{
    Error as Client,
    chat::{ChatResponse, ContentPart, ToolCall as Call},
    webc::Error as Web,
};
use serde_json::Value;
use std::borrow::Cow;

/// Converts a whole answer to a message, or to an error if it is not one.
pub(super) fn read(connection: &Connection, response: ChatResponse) -> Result<Message> {
    let raw = response.captured_raw_body.unwrap_or_default();
    let errors = &connection.errors;
    // The client treats an unknown body as an answer without content, and ignores an error beside an answer.
    let no_answer = || raw.pointer("/choices/0").is_none_or(|choice| !choice.is_object());
    if connection.kind.is_openai() && (no_answer() || has_error(&raw)) {
        return Err(errors.not_an_answer(&raw));
    }
    let mut text = String::new();
    let mut calls = Vec::new();
    for part in response.content.into_parts() {
        match part {
            ContentPart::Text(piece) => text.push_str(&piece),
            ContentPart::ToolCall(call) => calls.push(tool_call(call)),
            // Reasoning and signatures, which are not used.
            _ => {}
        }
    }
    let finish = response.stop_reason.map(|reason| finish_reason(reason, !calls.is_empty()));
    if text.trim().is_empty() && calls.is_empty() {
        let error = match openai_compat::refusal(&raw) {
            Some(words) => errors.refused(words, &raw.to_string()),
            None => errors.empty(finish.as_ref(), &raw.to_string()),
        };
        return Err(with_usage(error, usage::from_client(&response.usage)));
    }
    let mut message = Message::new(Role::Assistant);
    if !text.is_empty() {
        message = message.with_part(Part::Text(untrimmed(connection, text, &raw)));
    }
    message = calls.into_iter().fold(message, Message::with_tool_call);
    message = message.with_model(response.provider_model_iden.model_name.to_string());
    if let Some(id) = ["id", "responseId"].iter().find_map(|key| raw.get(key)?.as_str()) {
        message = message.with_id(id);
    }
    if let Some(finish) = finish {
        message = message.with_finish_reason(finish);
    }
    if let Some(usage) = usage::from_client(&response.usage) {
        message = message.with_usage(usage);
    }
    Ok(message)
}

/// Returns whether a body has an error. Some servers send an empty one in every answer.
fn has_error(body: &Value) -> bool {
    body.get("error").is_some_and(|error| match error {
        Value::Object(error) => !error.is_empty(),
        Value::String(error) => !error.is_empty(),
        _ => false,
    })
}

/// Recovers an answer that the client rejected, if it is one of a server that deviates from OpenAI's protocol.
#[cold]
pub(super) fn salvage(connection: &Connection, error: Client) -> Result<Message> {
    if connection.kind.is_openai() {
        let known = match &error {
            Client::ChatResponseGeneration { response_body, .. } => Some(Cow::Borrowed(&**response_body)),
            // JSON under another content type, or under none.
            Client::WebModelCall { webc_error: Web::ResponseFailedNotJson { body, .. }, .. } => {
                serde_json::from_str(body).ok().map(Cow::Owned)
            }
            _ => None,
        };
        if let Some(body) = known.filter(|body| !has_error(body))
            && let Some(answer) = openai_compat::answer(&body)
        {
            return Ok(match usage::from_body(&body) {
                Some(usage) => answer.with_usage(usage),
                None => answer,
            });
        }
    }
    Err(connection.errors.answer(error))
}

/// Returns the text with its white space. In OpenAI's protocol the client trims whole answers but not streams.
fn untrimmed(connection: &Connection, text: String, raw: &Value) -> String {
    match raw.pointer("/choices/0/message/content") {
        Some(Value::String(whole)) if connection.kind.is_openai() && whole.trim() == text => whole.clone(),
        _ => text,
    }
}

pub(super) fn tool_call(call: Call) -> ToolCall {
    ToolCall::new(call.call_id, call.fn_name, arguments(call.fn_arguments))
}

/// Converts arguments to text. The client keeps text that is not JSON as a string.
pub(super) fn arguments(arguments: Value) -> String {
    match arguments {
        Value::String(text) => text,
        Value::Null => "{}".to_owned(),
        value => value.to_string(),
    }
}
