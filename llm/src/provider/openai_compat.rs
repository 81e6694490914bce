//! OpenAI's protocol as servers that merely resemble OpenAI's speak it: what the client drops or stumbles over.

use super::finish_reason::finish_reason;
use crate::{Message, Part, Role, ToolCall};
use genai::chat::StopReason;
use serde::Deserialize;
use serde_json::Value;

/// A tool call, or a piece of one. Any part of it may be missing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct ToolCallDelta {
    /// What tells the calls of an answer apart: a number, mostly.
    pub(super) index: Option<Value>,
    id: Option<Value>,
    pub(super) function: Function,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Function {
    pub(super) name: Option<String>,
    arguments: Value,
}

impl ToolCallDelta {
    /// The id, if it has one.
    pub(super) fn id(&self) -> Option<String> {
        match self.id.as_ref()? {
            Value::String(id) if id.is_empty() => None,
            Value::String(id) => Some(id.clone()),
            Value::Null => None,
            id => Some(id.to_string()),
        }
    }

    /// The arguments, or the piece of them: text, or what some servers send, the JSON itself.
    pub(super) fn arguments(&self) -> String {
        match &self.function.arguments {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            value => value.to_string(),
        }
    }
}

/// The event of a stream, as far as it is read here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Event {
    choices: Option<Vec<Choice>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: Option<Delta>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Delta {
    tool_calls: Option<Vec<ToolCallDelta>>,
    refusal: Option<String>,
}

/// The pieces of tool calls and of a refusal in an event. Most have none, and are not read for them.
pub(super) fn deltas(data: &str) -> serde_json::Result<(Vec<ToolCallDelta>, String)> {
    if !data.contains("\"tool_calls\"") && !data.contains("\"refusal\"") {
        return Ok((Vec::new(), String::new()));
    }
    let event: Event = serde_json::from_str(data)?;
    let delta = event.choices.and_then(|choices| choices.into_iter().next()?.delta).unwrap_or_default();
    Ok((delta.tool_calls.unwrap_or_default(), delta.refusal.unwrap_or_default()))
}

/// What the model says in place of an answer.
pub(super) fn refusal(body: &Value) -> Option<&str> {
    body.pointer("/choices/0/message/refusal")?.as_str().filter(|text| !text.trim().is_empty())
}

/// An answer the client cannot read, for its tool calls lack what OpenAI's have, or have arguments that are no JSON.
/// `None` if there is nothing in it.
pub(super) fn answer(body: &Value) -> Option<Message> {
    let choice = body.pointer("/choices/0")?;
    let message = choice.get("message")?;
    let mut answer = Message::new(Role::Assistant);
    let text = text(&message["content"]);
    if !text.trim().is_empty() {
        answer = answer.with_part(Part::Text(text));
    }
    let calls: Vec<ToolCallDelta> = match &message["tool_calls"] {
        Value::Null => Vec::new(),
        calls => serde_json::from_value(calls.clone()).ok()?,
    };
    for (number, call) in calls.into_iter().enumerate() {
        let arguments = Some(call.arguments()).filter(|text| !text.trim().is_empty());
        let id = call.id().unwrap_or_else(|| generated_id(number));
        let name = call.function.name.unwrap_or_default();
        answer = answer.with_tool_call(ToolCall::new(id, name, arguments.unwrap_or_else(|| "{}".to_owned())));
    }
    if answer.parts().is_empty() && answer.tool_calls().is_empty() {
        return None;
    }
    if let Some(model) = body["model"].as_str() {
        answer = answer.with_model(model);
    }
    if let Some(id) = body["id"].as_str() {
        answer = answer.with_id(id);
    }
    if let Some(word) = choice["finish_reason"].as_str() {
        let calls_tools = !answer.tool_calls().is_empty();
        answer = answer.with_finish_reason(finish_reason(StopReason::from(word.to_owned()), calls_tools));
    }
    Some(answer)
}

/// Content is text, or a list of parts with text in them.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

/// The id of a call that came without one: its result has to be told apart from others.
pub(super) fn generated_id(number: usize) -> String {
    format!("call_{number}")
}
