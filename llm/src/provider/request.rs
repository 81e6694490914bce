use super::{connection::Connection, image, kind::Kind, reasoning};
use crate::{ChatRequest, Message, Options, Part, ResponseFormat, Role, ToolCall, ToolChoice, ToolDefinition, schema};
use catena::{Error, ErrorKind, Result};
use genai::chat::{
    ChatMessage, ChatOptions, ChatRequest as Request, ChatResponseFormat, ChatRole, ContentPart, JsonSpec,
    MessageContent, ReasoningEffort, Tool, ToolCall as Call, ToolChoice as Choice, ToolResponse,
};
use serde_json::{Value, json};

/// Converts a request to the client's types.
pub(super) fn prepare(connection: &Connection, request: &ChatRequest) -> Result<(Request, ChatOptions)> {
    check(connection.kind, &connection.name, &request.options)?;
    if request.options.response_format.as_ref().is_some_and(|format| !has(connection.kind, true, format)) {
        let message = format!("{}'s models do not support the response format that is set", connection.kind.title());
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

/// Returns the choice of tools, after checking it against the tools.
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
        // This is the default of providers, and some compatible servers do not know the word.
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

/// Checks that the provider supports the options, because the client silently drops those that its adapter does not
/// know.
pub(super) fn check(kind: Kind, model: &str, options: &Options) -> Result<()> {
    options.check()?;
    if kind == Kind::Anthropic && options.seed.is_some() {
        return Err(Error::new(ErrorKind::BadInput, "`seed` is set, which Anthropic's models do not support"));
    }
    if let Some(effort) = options.reasoning_effort {
        reasoning::effort(kind, model, effort)?;
    }
    Ok(())
}

/// Returns whether the provider supports the format, as far as the client can send it.
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
    // The client interprets the end of a name such as `qwen-max` as a reasoning effort, and removes it. With an
    // explicit effort it does not. For these efforts it sends nothing.
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
    // The client interprets the part before `::` as a namespace of its own, but OpenAI's fine-tuned models have it in
    // their names.
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
    let parts = message.parts().iter().filter_map(part);
    let calls = message.tool_calls().iter().map(|call| ContentPart::ToolCall(tool_call(call)));
    ChatMessage::new(role, MessageContent::from_parts(parts.chain(calls).collect::<Vec<_>>()))
}

fn part(part: &Part) -> Option<ContentPart> {
    Some(match part {
        Part::Text(text) => ContentPart::from_text(text),
        Part::ToolResult { call_id, content } => ContentPart::ToolResponse(ToolResponse::new(call_id, content)),
        Part::Image(image) => image::content(image),
        Part::Reasoning(_) | Part::Opaque(_) => return None,
    })
}

fn tool_call(call: &ToolCall) -> Call {
    Call {
        call_id: call.id.clone(),
        fn_name: call.name.clone(),
        fn_arguments: arguments(&call.raw_arguments),
        thought_signatures: None,
    }
}

/// Returns the arguments as an object. Some providers refuse the whole conversation otherwise. Text that is not an
/// object is sent back to the model inside one.
fn arguments(raw: &str) -> Value {
    match serde_json::from_str(raw) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        _ if raw.trim().is_empty() => json!({}),
        _ => json!({ "unreadable": raw }),
    }
}
