//! The body of a request for a response.

use crate::{
    failure::Failure,
    openai::{
        options::{self, choice, effort, format, refuse},
        part,
    },
};
use catena_llm::{ChatRequest, Message, Messages, Options, Part, Reasoning, Role, ToolCall, ToolDefinition};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The options of the protocol that would change the answer, and that no chain has, such as responses that the server
/// keeps.
const NO_CHAIN_HAS: [&str; 11] = [
    "background",
    "context_management",
    "conversation",
    "include",
    "max_tool_calls",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "store",
    "top_logprobs",
    "truncation",
];

#[derive(Deserialize)]
pub(super) struct Body {
    pub(super) model: String,
    input: Input,
    pub(super) instructions: Option<String>,
    #[serde(default)]
    pub(super) stream: bool,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) max_output_tokens: Option<u32>,
    #[serde(default)]
    pub(super) tools: Vec<Value>,
    pub(super) tool_choice: Option<Value>,
    reasoning: Option<Map<String, Value>>,
    service_tier: Option<String>,
    text: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) metadata: Option<Map<String, Value>>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Items(Vec<Map<String, Value>>),
}

impl Body {
    /// Returns the conversation with its settings.
    pub(super) fn read(self) -> Result<ChatRequest, Failure> {
        refuse(&self.others, &NO_CHAIN_HAS)?;
        if let Some(text) = &self.text {
            refuse(text, &["verbosity"]).map_err(|failure| failure.at("text.verbosity"))?;
        }
        let mut messages: Vec<Message> = self.instructions.into_iter().map(Message::system).collect();
        match self.input {
            Input::Text(text) => messages.push(Message::user(text)),
            Input::Items(items) => {
                for (index, item) in items.iter().enumerate() {
                    read(item, &format!("input[{index}]"), &mut messages)?;
                }
            }
        }
        let mut options = Options::new();
        options.temperature = self.temperature;
        options.top_p = self.top_p;
        options.max_tokens = self.max_output_tokens;
        options.service_tier = options::service_tier(self.service_tier);
        let word = self.reasoning.as_ref().and_then(|reasoning| reasoning.get("effort")).and_then(Value::as_str);
        options.reasoning_effort = word.map(|word| effort(word, "reasoning.effort")).transpose()?;
        let wanted = self.text.as_ref().and_then(|text| text.get("format")).filter(|format| format["type"] != "text");
        options.response_format = wanted.map(|json| format(json, "text.format")).transpose()?;
        let tools = self.tools.iter().enumerate().map(|(index, json)| tool(json, &format!("tools[{index}]")));
        let mut request = ChatRequest::default();
        request.messages = Messages::from(messages);
        request.options = options;
        request.tools = tools.collect::<Result<_, _>>()?;
        request.tool_choice = self.tool_choice.map(|json| choice(&json, &request.tools)).transpose()?;
        Ok(request)
    }
}

fn tool(json: &Value, place: &str) -> Result<ToolDefinition, Failure> {
    let name = json["name"].as_str().filter(|_| json["type"] == "function");
    let name = name.ok_or_else(|| Failure::bad_request("a chain takes functions as tools, and no others").at(place))?;
    let schema = json.get("parameters").filter(|schema| schema.is_object()).cloned();
    let schema = schema.unwrap_or_else(|| serde_json::json!({ "type": "object", "properties": {} }));
    Ok(ToolDefinition::new(name, json["description"].as_str().unwrap_or_default(), schema))
}

/// Reads an item. Calls and thoughts belong to the answer before them, if one is there.
fn read(item: &Map<String, Value>, place: &str, messages: &mut Vec<Message>) -> Result<(), Failure> {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let need =
        |name: &str| text(name).ok_or_else(|| Failure::bad_request("this is missing").at(format!("{place}.{name}")));
    match text("type").unwrap_or("message") {
        "message" => {
            let role = match need("role")? {
                "system" | "developer" => Role::System,
                "user" => Role::User,
                "assistant" => Role::Assistant,
                other => {
                    let message = format!("there is no role `{other}`: system, developer, user, assistant");
                    return Err(Failure::bad_request(message).at(format!("{place}.role")));
                }
            };
            let content = format!("{place}.content");
            let parts = match item.get("content") {
                Some(Value::String(text)) => vec![Part::Text(text.clone())],
                Some(Value::Array(parts)) => parts
                    .iter()
                    .enumerate()
                    .map(|(index, json)| part(json, &format!("{content}[{index}]")))
                    .collect::<Result<_, _>>()?,
                _ => return Err(Failure::bad_request("a message has text or parts").at(content)),
            };
            let message = open(messages, role, Role::Assistant);
            messages.push(parts.into_iter().fold(message, Message::with_part));
        }
        "function_call" => {
            let call = ToolCall::new(need("call_id")?, need("name")?, need("arguments")?);
            let message = open(messages, Role::Assistant, Role::Assistant);
            messages.push(message.with_tool_call(call));
        }
        "function_call_output" => {
            let output = match item.get("output") {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Array(parts)) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
                _ => return Err(Failure::bad_request("a call's output is text or parts").at(format!("{place}.output"))),
            };
            messages.push(Message::tool(need("call_id")?, output));
        }
        "reasoning" => {
            let parts = item.get("summary").and_then(Value::as_array);
            let thoughts: String = parts.into_iter().flatten().filter_map(|part| part["text"].as_str()).collect();
            let message = open(messages, Role::Assistant, Role::Assistant);
            messages.push(message.with_part(Part::Reasoning(Reasoning::new(thoughts))));
        }
        other => {
            return Err(Failure::bad_request(format!("a chain takes no item `{other}`")).at(format!("{place}.type")));
        }
    }
    Ok(())
}

/// Returns the message that an item goes on with: the last one, if both are of the model; or a new one.
fn open(messages: &mut Vec<Message>, role: Role, joined: Role) -> Message {
    match messages.pop_if(|last| role == joined && *last.role() == joined) {
        Some(last) => last,
        None => Message::new(role),
    }
}
