//! The body of a chat completion.

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

/// The options of the protocol that would change the answer, and that no chain has.
const NO_CHAIN_HAS: [&str; 13] = [
    "audio",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "modalities",
    "n",
    "parallel_tool_calls",
    "prediction",
    "store",
    "top_logprobs",
    "verbosity",
    "web_search_options",
];

#[derive(Deserialize)]
pub(super) struct Body {
    pub(super) model: String,
    messages: Vec<Said>,
    #[serde(default)]
    pub(super) stream: bool,
    #[serde(default)]
    pub(super) stream_options: StreamOptions,
    temperature: Option<f64>,
    top_p: Option<f64>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    #[serde(default)]
    stop: Stop,
    seed: Option<u64>,
    reasoning_effort: Option<String>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
    service_tier: Option<String>,
    #[serde(default)]
    tools: Vec<Tool>,
    tool_choice: Option<Value>,
    response_format: Option<Value>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Default, Deserialize)]
pub(super) struct StreamOptions {
    #[serde(default)]
    pub(super) include_usage: bool,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Stop {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Tool {
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Option<Value>,
}

#[derive(Deserialize)]
struct Said {
    role: String,
    #[serde(default)]
    content: Content,
    name: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<Call>>,
    tool_call_id: Option<String>,
    #[serde(default)]
    reasoning_content: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Content {
    #[default]
    None,
    Text(String),
    Parts(Vec<Value>),
}

#[derive(Deserialize)]
struct Call {
    id: String,
    function: Called,
}

#[derive(Deserialize)]
struct Called {
    name: String,
    arguments: String,
}

impl Body {
    /// Returns the conversation with its settings.
    pub(super) fn read(self) -> Result<ChatRequest, Failure> {
        refuse(&self.others, &NO_CHAIN_HAS)?;
        let mut options = Options::new();
        options.temperature = self.temperature;
        options.top_p = self.top_p;
        options.max_tokens = self.max_completion_tokens.or(self.max_tokens);
        options.seed = self.seed;
        options.frequency_penalty = self.frequency_penalty;
        options.presence_penalty = self.presence_penalty;
        options.service_tier = options::service_tier(self.service_tier);
        options.stop = match self.stop {
            Stop::None => Vec::new(),
            Stop::One(text) => vec![text],
            Stop::Several(texts) => texts,
        };
        options.reasoning_effort = self.reasoning_effort.map(|word| effort(&word, "reasoning_effort")).transpose()?;
        options.response_format = self.response_format.map(|json| format(&json, "response_format")).transpose()?;
        let messages =
            self.messages.into_iter().enumerate().map(|(index, said)| said.read(&format!("messages[{index}]")));
        let mut request = ChatRequest::default();
        request.messages = messages.collect::<Result<Messages, Failure>>()?;
        request.options = options;
        request.tools = self.tools.into_iter().map(Tool::read).collect();
        request.tool_choice = self.tool_choice.map(|json| choice(&json, &request.tools)).transpose()?;
        Ok(request)
    }
}

impl Tool {
    fn read(self) -> ToolDefinition {
        let Function { name, description, parameters } = self.function;
        let schema = parameters.unwrap_or_else(|| serde_json::json!({ "type": "object", "properties": {} }));
        ToolDefinition::new(name, description.unwrap_or_default(), schema)
    }
}

impl Said {
    fn read(self, place: &str) -> Result<Message, Failure> {
        let role = match &*self.role {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Tool,
            other => {
                let message = format!("there is no role `{other}`: system, developer, user, assistant, tool");
                return Err(Failure::bad_request(message).at(format!("{place}.role")));
            }
        };
        let content = format!("{place}.content");
        if role == Role::Tool {
            let missing =
                || Failure::bad_request("a tool's result has the id of its call").at(format!("{place}.tool_call_id"));
            let call_id = self.tool_call_id.ok_or_else(missing)?;
            return Ok(Message::tool(call_id, self.content.text(&content)?));
        }
        let mut message = Message::new(role);
        if let Some(thoughts) = self.reasoning_content.filter(|thoughts| !thoughts.is_empty()) {
            message = message.with_part(Part::Reasoning(Reasoning::new(thoughts)));
        }
        for part in self.content.parts(&content)? {
            message = message.with_part(part);
        }
        for Call { id, function } in self.tool_calls.into_iter().flatten() {
            message = message.with_tool_call(ToolCall::new(id, function.name, function.arguments));
        }
        Ok(match self.name {
            Some(name) => message.with_name(name),
            None => message,
        })
    }
}

impl Content {
    fn parts(self, place: &str) -> Result<Vec<Part>, Failure> {
        match self {
            Content::None => Ok(Vec::new()),
            Content::Text(text) => Ok(vec![Part::Text(text)]),
            Content::Parts(parts) => {
                parts.iter().enumerate().map(|(index, json)| part(json, &format!("{place}[{index}]"))).collect()
            }
        }
    }

    fn text(self, place: &str) -> Result<String, Failure> {
        Ok(self.parts(place)?.iter().map(Part::text).collect())
    }
}
