//! The conversations that clients send.

use crate::{
    failure::Failure,
    openai::{image, part},
};
use catena_llm::{ChatRequest, Message, Messages, Part, Reasoning, Role, ToolCall, ToolDefinition};
use serde_json::{Value, json};

fn list<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    body[name].as_array().into_iter().flatten()
}

fn request(messages: Vec<Message>) -> ChatRequest {
    ChatRequest::new(Messages::from(messages))
}

fn role(json: &Value, place: &str) -> Result<Role, Failure> {
    match json["role"].as_str() {
        Some("system" | "developer") => Ok(Role::System),
        Some("user") => Ok(Role::User),
        Some("assistant") => Ok(Role::Assistant),
        Some("tool") => Ok(Role::Tool),
        _ => Err(Failure::unprocessable("there is no such role").at(format!("{place}.role"))),
    }
}

/// Reads the messages of `useChat`, which consist of parts.
pub(super) fn of_ai_sdk(body: &Value) -> Result<ChatRequest, Failure> {
    let mut messages = Vec::new();
    for (index, said) in list(body, "messages").enumerate() {
        let place = format!("messages[{index}]");
        let mut message = Message::new(role(said, &place)?);
        let mut results = Vec::new();
        for (index, json) in list(said, "parts").enumerate() {
            let at = || format!("{place}.parts[{index}]");
            let kind = json["type"].as_str().unwrap_or_default();
            match kind {
                "text" => message = message.with_part(Part::Text(json["text"].as_str().unwrap_or_default().to_owned())),
                "reasoning" => {
                    let text = json["text"].as_str().unwrap_or_default();
                    message = message.with_part(Part::Reasoning(Reasoning::new(text)));
                }
                "file" if json["mediaType"].as_str().is_some_and(|kind| kind.starts_with("image/")) => {
                    message = message.with_part(image(json["url"].as_str().unwrap_or_default(), &at())?);
                }
                "file" => return Err(Failure::unprocessable("a chain takes images as files, and no others").at(at())),
                // Data and steps are the interface's own.
                kind if kind == "dynamic-tool" || kind.starts_with("tool-") => {
                    let name = json["toolName"].as_str().unwrap_or(kind.trim_start_matches("tool-"));
                    let id = json["toolCallId"].as_str().unwrap_or_default();
                    message = message.with_tool_call(ToolCall::new(id, name, json["input"].to_string()));
                    let output = json.get("output").or_else(|| json.get("errorText")).unwrap_or(&Value::Null);
                    let text = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
                    results.push(Message::tool(id, text));
                }
                _ => {}
            }
        }
        messages.push(message);
        messages.extend(results);
    }
    Ok(request(messages))
}

/// Reads the messages and tools of AG-UI.
pub(super) fn of_ag_ui(body: &Value) -> Result<ChatRequest, Failure> {
    let mut messages = Vec::new();
    for (index, said) in list(body, "messages").enumerate() {
        // What was shown of thoughts and activities is not part of the conversation.
        if matches!(said["role"].as_str(), Some("reasoning" | "activity")) {
            continue;
        }
        let place = format!("messages[{index}]");
        let role = role(said, &place)?;
        if role == Role::Tool {
            let content = said["content"].as_str().unwrap_or_default();
            messages.push(Message::tool(said["toolCallId"].as_str().unwrap_or_default(), content));
            continue;
        }
        let mut message = Message::new(role);
        match &said["content"] {
            Value::String(text) => message = message.with_part(Part::Text(text.clone())),
            Value::Array(parts) => {
                for (index, json) in parts.iter().enumerate() {
                    let at = format!("{place}.content[{index}]");
                    message = message.with_part(content(json, &at)?);
                }
            }
            _ => {}
        }
        for call in list(said, "toolCalls") {
            let text = |pointer: &str| call.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            message =
                message.with_tool_call(ToolCall::new(text("/id"), text("/function/name"), text("/function/arguments")));
        }
        messages.push(message);
    }
    let mut request = request(messages);
    request.tools = list(body, "tools")
        .filter_map(|tool| {
            let schema = tool.get("parameters").cloned().unwrap_or_else(|| json!({ "type": "object" }));
            Some(ToolDefinition::new(tool["name"].as_str()?, tool["description"].as_str().unwrap_or_default(), schema))
        })
        .collect();
    Ok(request)
}

/// Reads a part of AG-UI. Images have their place in a source of their own, others are those of OpenAI.
fn content(json: &Value, place: &str) -> Result<Part, Failure> {
    let source = &json["source"];
    let text = |name: &str| source[name].as_str().unwrap_or_default();
    match (json["type"].as_str(), source["type"].as_str()) {
        (Some("image"), Some("url")) => image(text("value"), place),
        (Some("image"), Some("data")) => image(&format!("data:{};base64,{}", text("mimeType"), text("value")), place),
        _ => part(json, place),
    }
}
