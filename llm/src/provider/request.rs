use super::{connection::Connection, image, kind::Kind, reasoning};
use crate::{ChatRequest, Message, Options, Part, ResponseFormat, Role, ToolCall, ToolChoice, ToolDefinition, schema};
use catena::{Error, ErrorKind, Result};
use genai::chat::{
    ChatMessage, ChatOptions, ChatRequest as Request, ChatResponseFormat, ChatRole, ContentPart, JsonSpec,
    MessageContent, ReasoningEffort, Tool, ToolCall as Call, ToolChoice as Choice, ToolResponse,
};
use serde_json::{Value, json};

/// What the client sends for a request.
pub(super) fn prepare(connection: &Connection, request: &ChatRequest) -> Result<(Request, ChatOptions)> {
    check(connection.kind, &connection.name, &request.options)?;
    if request.options.response_format.as_ref().is_some_and(|format| !has(connection.kind, true, format)) {
        let message = format!("{}'s models do not have the response format that is set", connection.kind.title());
        return Err(Error::new(ErrorKind::BadInput, message));
    }
    if request.messages.is_empty() {
        return Err(Error::new(ErrorKind::BadInput, "there is no message to send"));
    }
    image::check(connection.kind, &request.messages)?;
    let messages = request.messages.iter().map(message).collect();
    let mut prepared = Request::new(messages);
    let mut options = options(connection, &request.options)?;
    options.tool_choice = choice(request)?;
    if !request.tools.is_empty() {
        prepared = prepared.with_tools(request.tools.iter().map(tool));
    }
    Ok((prepared, options))
}

/// Whether tools are asked for, where the tools that there are allow it.
fn choice(request: &ChatRequest) -> Result<Option<Choice>> {
    let wrong = |why: String| Err(Error::new(ErrorKind::BadInput, why));
    match &request.tool_choice {
        Some(ToolChoice::Required) if request.tools.is_empty() => {
            wrong("a tool has to be called, and there are none".to_owned())
        }
        Some(ToolChoice::Named(name)) if !request.tools.iter().any(|tool| tool.name == *name) => {
            wrong(format!("the tool `{name}` has to be called, and is not among the tools"))
        }
        _ if request.tools.is_empty() => Ok(None),
        // What providers do anyway, and some that resemble them do not know the word.
        None | Some(ToolChoice::Auto) => Ok(None),
        Some(ToolChoice::None) => Ok(Some(Choice::None)),
        Some(ToolChoice::Required) => Ok(Some(Choice::Required)),
        Some(ToolChoice::Named(name)) => Ok(Some(Choice::tool(name))),
    }
}

fn tool(tool: &ToolDefinition) -> Tool {
    let described = Tool::new(tool.name.as_str()).with_schema(tool.schema.clone());
    if tool.description.is_empty() { described } else { described.with_description(tool.description.as_str()) }
}

/// Whether the provider can do what is set: the client drops in silence what an adapter does not know.
pub(super) fn check(kind: Kind, model: &str, options: &Options) -> Result<()> {
    options.check()?;
    if kind == Kind::Anthropic && options.seed.is_some() {
        return Err(Error::new(ErrorKind::BadInput, "`seed` is set, which Anthropic's models do not have"));
    }
    if let Some(effort) = options.reasoning_effort {
        reasoning::effort(kind, model, effort)?;
    }
    Ok(())
}

/// Whether the provider knows the form of answers, by what the client can send of it.
pub(super) fn has(kind: Kind, structured: bool, format: &ResponseFormat) -> bool {
    match format {
        ResponseFormat::Text => true,
        ResponseFormat::JsonObject => structured && kind.is_openai(),
        ResponseFormat::JsonSchema { schema, .. } => structured && schema::strict(schema).is_some(),
    }
}

fn response_format(format: &ResponseFormat) -> Option<ChatResponseFormat> {
    match format {
        ResponseFormat::Text => None,
        ResponseFormat::JsonObject => Some(ChatResponseFormat::JsonMode),
        ResponseFormat::JsonSchema { name, schema } => {
            Some(ChatResponseFormat::JsonSpec(JsonSpec::new(name, schema::strict(schema)?)))
        }
    }
}

fn options(connection: &Connection, set: &Options) -> Result<ChatOptions> {
    let mut options = ChatOptions {
        temperature: set.temperature,
        max_tokens: set.max_tokens,
        top_p: set.top_p,
        stop_sequences: set.stop.clone(),
        seed: set.seed,
        response_format: set.response_format.as_ref().and_then(response_format),
        ..ChatOptions::default()
    }
    .with_capture_usage(true)
    .with_capture_raw_body(true);
    connection.headers.add_to(&mut options);
    // The client takes the end of a name such as `qwen-max` for an effort of reasoning, and cuts it off. With an effort
    // it does not; these are the ones it sends nothing for.
    if let Some(effort) = set.reasoning_effort {
        options = options.with_reasoning_effort(reasoning::effort(connection.kind, &connection.name, effort)?);
    } else if let Some((_, end)) = connection.name.rsplit_once('-')
        && (ReasoningEffort::from_keyword(end).is_some())
    {
        options = options.with_reasoning_effort(match connection.kind {
            Kind::Gemini | Kind::Anthropic => ReasoningEffort::Zero,
            Kind::OpenAi | Kind::GeminiOpenAi | Kind::Ollama | Kind::Compatible => ReasoningEffort::Budget(0),
        });
    }
    // And it takes what stands before `::` for a name of its own, which OpenAI's fine-tuned models have in theirs.
    if connection.kind.is_openai() && connection.name.contains("::") {
        options.extra_body = Some(json!({ "model": connection.name }));
    }
    Ok(options)
}

fn message(message: &Message) -> ChatMessage {
    let role = match message.role() {
        Role::System => ChatRole::System,
        Role::User => ChatRole::User,
        Role::Assistant => ChatRole::Assistant,
        Role::Tool => ChatRole::Tool,
    };
    let parts = message.parts().iter().map(part);
    let calls = message.tool_calls().iter().map(|call| ContentPart::ToolCall(tool_call(call)));
    ChatMessage::new(role, MessageContent::from_parts(parts.chain(calls).collect::<Vec<_>>()))
}

fn part(part: &Part) -> ContentPart {
    match part {
        Part::Text(text) => ContentPart::from_text(text),
        Part::ToolResult { call_id, content } => ContentPart::ToolResponse(ToolResponse::new(call_id, content)),
        Part::Image(image) => image::content(image),
    }
}

fn tool_call(call: &ToolCall) -> Call {
    Call {
        call_id: call.id.clone(),
        fn_name: call.name.clone(),
        fn_arguments: arguments(&call.raw_arguments),
        thought_signatures: None,
    }
}

/// Providers take an object, and some refuse the whole conversation for anything else. What a model wrote that is none goes
/// back to it inside of one.
fn arguments(raw: &str) -> Value {
    match serde_json::from_str(raw) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        _ if raw.trim().is_empty() => json!({}),
        _ => json!({ "unreadable": raw }),
    }
}
