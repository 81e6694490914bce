//! OpenAI's protocol with the deviations of other servers, which the client drops or rejects.

use super::finish_reason::finish_reason;
use crate::{Message, Part, Role, ToolCall};
use genai::chat::StopReason;
use serde::Deserialize;
use serde_json::Value;

/// A tool call, or a chunk of one. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct ToolCallDelta {
    /// The identity of a call within an answer, in most cases a number.
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
    /// Returns the id, if there is one.
    pub(super) fn id(&self) -> Option<String> {
        match self.id.as_ref()? {
            Value::String(id) if id.is_empty() => None,
            Value::String(id) => Some(id.clone()),
            Value::Null => None,
            id => Some(id.to_string()),
        }
    }

    /// Returns the arguments or a chunk of them: a string, or the JSON itself that some servers send.
    pub(super) fn arguments(&self) -> String {
        match &self.function.arguments {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            value => value.to_string(),
        }
    }
}

/// The relevant part of a streamed event.
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

/// Returns the chunks of tool calls and of a refusal in an event. An event without them is not parsed.
pub(super) fn deltas(data: &str) -> serde_json::Result<(Vec<ToolCallDelta>, String)> {
    if !data.contains("\"tool_calls\"") && !data.contains("\"refusal\"") {
        return Ok((Vec::new(), String::new()));
    }
    let event: Event = serde_json::from_str(data)?;
    let delta = event.choices.and_then(|choices| choices.into_iter().next()?.delta).unwrap_or_default();
    Ok((delta.tool_calls.unwrap_or_default(), delta.refusal.unwrap_or_default()))
}

/// Returns the model's refusal.
pub(super) fn refusal(body: &Value) -> Option<&str> {
    body.pointer("/choices/0/message/refusal")?.as_str().filter(|text| !text.trim().is_empty())
}

/// Parses an answer that the client rejects because its tool calls are incomplete or their arguments are not JSON.
/// `None` if the answer is empty.
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

/// Returns the text of a content field, which is a string or a list of parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

/// Returns an id for a call without one, so that its result can be assigned to it.
pub(super) fn generated_id(number: usize) -> String {
    format!("call_{number}")
}
