//! Catena's messages as LangChain's.

use catena_llm::{File, Message, Part, ProviderState, Role, ToolCall, Usage};
use serde_json::{Map, Value, json};

/// Returns a message as LangChain's clients read it: one message, or one for each tool's result.
pub(super) fn message(message: &Message) -> Vec<Value> {
    let results: Vec<(&str, &str)> = message
        .parts()
        .iter()
        .filter_map(|part| match part {
            Part::ToolResult { call_id, content } => Some((&**call_id, &**content)),
            _ => None,
        })
        .collect();
    if !results.is_empty() {
        return results
            .into_iter()
            .map(|(call_id, content)| {
                let mut fields = common("tool", content.into(), message);
                fields.insert("tool_call_id".into(), call_id.into());
                fields.insert("status".into(), "success".into());
                fields.into()
            })
            .collect();
    }
    let content = content(message);
    let fields = match message.role() {
        Role::System => common("system", content, message),
        Role::User => common("human", content, message),
        Role::Tool => {
            let mut fields = common("tool", content, message);
            fields.insert("tool_call_id".into(), "".into());
            fields
        }
        _ => {
            let mut fields = common("ai", content, message);
            let (valid, invalid) = calls(message.tool_calls());
            fields.insert("tool_calls".into(), valid.into());
            fields.insert("invalid_tool_calls".into(), invalid.into());
            fields.insert("usage_metadata".into(), message.usage().map_or(Value::Null, usage));
            fields
        }
    };
    vec![fields.into()]
}

/// The fields that all messages have.
fn common(ty: &str, content: Value, message: &Message) -> Map<String, Value> {
    let mut metadata = Map::new();
    if let Some(model) = message.model() {
        metadata.insert("model_name".into(), model.into());
    }
    if let Some(reason) = message.finish_reason() {
        metadata.insert("finish_reason".into(), reason.as_str().into());
    }
    let fields = [
        ("content", content),
        ("additional_kwargs", json!({})),
        ("response_metadata", metadata.into()),
        ("type", ty.into()),
        ("name", message.name().into()),
        ("id", message.id().into()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn content(message: &Message) -> Value {
    match message.parts() {
        [] => "".into(),
        [Part::Text(text)] => text.as_str().into(),
        parts => parts.iter().map(part).collect(),
    }
}

/// Returns a part as a block of content.
pub(super) fn part(part: &Part) -> Value {
    match part {
        Part::Image(image) => json!({ "type": "image_url", "image_url": { "url": image.to_url() } }),
        Part::File(file) => self::file(file),
        Part::Reasoning(reasoning) => {
            let mut block = json!({ "type": "reasoning", "reasoning": reasoning.text });
            if let Some(state) = &reasoning.state {
                block["extras"] = json!({ "catena": state });
            }
            block
        }
        Part::Opaque(state) => opaque(state),
        part => json!({ "type": "text", "text": part.content() }),
    }
}

/// Returns a file as a block: of audio, or of another type.
fn file(file: &File) -> Value {
    let ty = if file.media_type().starts_with("audio/") { "audio" } else { "file" };
    let mut block = json!({ "type": ty, "mime_type": file.media_type() });
    if let Some(url) = file.as_url() {
        block["url"] = url.into();
    } else if let Some(id) = file.as_id() {
        block["file_id"] = id.into();
    } else if let Ok(mut json) = serde_json::to_value(file) {
        block["base64"] = json["data"].take();
    }
    if let Some(name) = file.name() {
        block["extras"] = json!({ "filename": name });
    }
    block
}

fn opaque(state: &ProviderState) -> Value {
    json!({ "type": "non_standard", "value": { "catena": state } })
}

/// Returns the calls whose arguments are an object, and the others.
fn calls(calls: &[ToolCall]) -> (Vec<Value>, Vec<Value>) {
    let (mut valid, mut invalid) = (Vec::new(), Vec::new());
    for call in calls {
        let text = if call.raw_arguments.is_empty() { "{}" } else { &call.raw_arguments };
        match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(args) => {
                let mut written = json!({ "type": "tool_call", "id": call.id, "name": call.name, "args": args });
                if let Some(state) = &call.state {
                    written["extras"] = json!({ "catena": state });
                }
                valid.push(written);
            }
            Err(error) => invalid.push(json!({
                "type": "invalid_tool_call", "id": call.id, "name": call.name, "args": call.raw_arguments,
                "error": error.to_string(),
            })),
        }
    }
    (valid, invalid)
}

/// Returns the tokens in LangChain's words.
pub(super) fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens(),
        "input_token_details": { "cache_read": usage.cached_input_tokens, "cache_creation": usage.cache_write_tokens },
        "output_token_details": { "reasoning": usage.reasoning_tokens },
    })
}
