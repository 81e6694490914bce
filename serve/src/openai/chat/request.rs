//! The body of a chat completion.

use crate::{
    failure::Failure,
    openai::options::{choice, effort, format, refuse, unsupported},
};
use catena_llm::{ChatRequest, Image, Message, Messages, Options, Part, Reasoning, Role, ToolCall, ToolDefinition};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The options that would change the answer, but that no chain has.
const NO_CHAIN_HAS: [&str; 8] = [
    "logprobs",
    "top_logprobs",
    "functions",
    "function_call",
    "audio",
    "prediction",
    "logit_bias",
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
    n: Option<u32>,
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
    Parts(Vec<Map<String, Value>>),
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
        if self.n.is_some_and(|n| n != 1) {
            return Err(unsupported("n"));
        }
        let mut options = Options::new();
        options.temperature = self.temperature;
        options.top_p = self.top_p;
        options.max_tokens = self.max_completion_tokens.or(self.max_tokens);
        options.seed = self.seed;
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
        request.tool_choice = self.tool_choice.map(|json| choice(&json)).transpose()?;
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

/// Reads a part of a message, as either protocol writes it.
pub(crate) fn part(json: &Map<String, Value>, place: &str) -> Result<Part, Failure> {
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    let read = match text("type") {
        Some("text" | "input_text" | "output_text") => text("text").map(|text| Part::Text(text.to_owned())),
        Some("refusal") => text("refusal").map(|text| Part::Text(text.to_owned())),
        Some("image_url" | "input_image") => {
            let url = json.get("image_url").and_then(|url| url.as_str().or_else(|| url["url"].as_str()));
            url.map(image).transpose().map_err(|message| Failure::bad_request(message).at(place))?
        }
        _ => None,
    };
    read.ok_or_else(|| Failure::bad_request("this part is neither text nor an image").at(place))
}

/// An image by its URL, which may have the data in it.
fn image(url: &str) -> Result<Part, String> {
    let Some((media_type, data)) = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) else {
        return Ok(Part::Image(Image::url(url)));
    };
    let image = serde_json::json!({ "media_type": media_type, "data": data });
    serde_json::from_value(image).map(Part::Image).map_err(|error| error.to_string())
}
