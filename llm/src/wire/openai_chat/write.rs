use super::{Dialect, NAMES, state};
use crate::{
    ChatRequest, File, Image, Message, Part, ResponseFormat, Role, ToolChoice, ToolDefinition,
    message::Item,
    schema,
    wire::{Fault, Target, names::Names},
};
use serde_json::{Map, Value, json};

/// Writes a request.
pub(crate) fn write(request: &ChatRequest, target: &Target<'_>, dialect: &Dialect) -> Result<Value, Fault> {
    let names = Names::new(request, NAMES);
    let mut messages = Vec::with_capacity(request.messages.len());
    for message in &request.messages {
        write_message(message, target, &names, &mut messages)?;
    }
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("model", target.model.into());
    set("messages", messages.into());
    if target.stream {
        set("stream", true.into());
        if dialect.stream_options {
            set("stream_options", json!({ "include_usage": true }));
        }
    }
    let options = &request.options;
    if let Some(temperature) = options.temperature {
        set("temperature", temperature.into());
    }
    if let Some(tokens) = options.max_tokens {
        set(dialect.max_tokens, tokens.into());
    }
    if let Some(probability) = options.top_p {
        set("top_p", probability.into());
    }
    if !options.stop.is_empty() {
        set("stop", options.stop.clone().into());
    }
    if let Some(seed) = options.seed {
        set("seed", seed.into());
    }
    if let Some(effort) = options.reasoning_effort {
        set("reasoning_effort", effort.as_str().into());
    }
    if options.reasoning_budget.is_some() {
        return Err(Fault::Unsupported(format!(
            "`reasoning_budget` is set, and {} has none in this protocol: set a `reasoning_effort`, or the server's own \
             field by `extra_body`",
            dialect.title
        )));
    }
    if let Some(count) = options.top_k {
        if !dialect.top_k {
            return Err(Fault::Unsupported(format!("`top_k` is set, which {} does not support", dialect.title)));
        }
        set("top_k", count.into());
    }
    if let Some(penalty) = options.frequency_penalty {
        set("frequency_penalty", penalty.into());
    }
    if let Some(penalty) = options.presence_penalty {
        set("presence_penalty", penalty.into());
    }
    if let Some(count) = options.logprobs {
        set("logprobs", true.into());
        if count > 0 {
            set("top_logprobs", count.into());
        }
    }
    if let Some(tier) = &options.service_tier {
        if !dialect.service_tier {
            return Err(Fault::Unsupported(format!("`service_tier` is set, which {} does not support", dialect.title)));
        }
        set("service_tier", tier.as_str().into());
    }
    match &options.response_format {
        None | Some(ResponseFormat::Text) => {}
        Some(ResponseFormat::JsonObject) => {
            set("response_format", json!({ "type": "json_object" }));
        }
        Some(ResponseFormat::JsonSchema { name, schema }) => {
            let Some(schema) = schema::strict(schema) else {
                return Err(Fault::Unsupported("the schema of the response format cannot be made strict".to_owned()));
            };
            let format = json!({ "name": name, "strict": true, "schema": schema });
            set("response_format", json!({ "type": "json_schema", "json_schema": format }));
        }
    }
    if !request.tools.is_empty() {
        set("tools", request.tools.iter().map(|tool| write_tool(tool, &names)).collect());
        match &request.tool_choice {
            // This is the default, and some servers do not know the word.
            None | Some(ToolChoice::Auto) => {}
            Some(ToolChoice::None) => {
                set("tool_choice", "none".into());
            }
            Some(ToolChoice::Required) => {
                set("tool_choice", "required".into());
            }
            Some(ToolChoice::Named(name)) => {
                set("tool_choice", json!({ "type": "function", "function": { "name": names.sent(name) } }));
            }
        }
    }
    Ok(body.into())
}

fn write_tool(tool: &ToolDefinition, names: &Names) -> Value {
    let mut function = json!({ "name": names.sent(&tool.name), "parameters": tool.schema });
    if !tool.description.is_empty() {
        function["description"] = tool.description.as_str().into();
    }
    json!({ "type": "function", "function": function })
}

fn write_message(
    message: &Message,
    target: &Target<'_>,
    names: &Names,
    messages: &mut Vec<Value>,
) -> Result<(), Fault> {
    match message.role() {
        Role::Assistant => messages.push(assistant(message, target, names)),
        role => {
            let mut content = Vec::new();
            for part in message.parts() {
                match part {
                    Part::Text(text) if text.is_empty() => {}
                    Part::Text(text) => content.push(json!({ "type": "text", "text": text })),
                    Part::Image(image) => content.push(write_image(image)),
                    Part::File(file) => content.push(write_file(file)?),
                    Part::ToolResult { call_id, content } => {
                        messages.push(json!({ "role": "tool", "tool_call_id": call_id, "content": content }));
                    }
                    Part::Reasoning(_) | Part::Opaque(_) => {}
                }
            }
            let has_results = message.parts().iter().any(|part| matches!(part, Part::ToolResult { .. }));
            if content.is_empty() && has_results {
                return Ok(());
            }
            let is_text = content.iter().all(|part| part["type"] == "text");
            let content = if is_text { message.text().into() } else { Value::from(content) };
            let role = match role {
                Role::System => "system",
                // A message of a tool whose content is no result.
                Role::Tool => {
                    return Err(Fault::Unsupported("a message of a tool has content that is no result".to_owned()));
                }
                _ => "user",
            };
            messages.push(json!({ "role": role, "content": content }));
        }
    }
    Ok(())
}

fn write_image(image: &Image) -> Value {
    json!({ "type": "image_url", "image_url": { "url": image.to_url() } })
}

/// Returns OpenAI's name for the format of audio.
pub(crate) fn audio_format(media_type: &str) -> Option<&'static str> {
    match media_type {
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => Some("wav"),
        "audio/mp3" | "audio/mpeg" => Some("mp3"),
        _ => None,
    }
}

fn write_file(file: &File) -> Result<Value, Fault> {
    if let Some(image) = file.to_image() {
        return Ok(write_image(&image));
    }
    let format = audio_format(file.media_type());
    Ok(match (file.as_bytes(), file.as_id(), format) {
        (Some(_), _, Some(format)) => {
            json!({ "type": "input_audio", "input_audio": { "data": file.base64(), "format": format } })
        }
        (Some(_), ..) => {
            json!({ "type": "file", "file": { "filename": file.name_or_default(), "file_data": file.data_url() } })
        }
        (None, Some(id), _) => json!({ "type": "file", "file": { "file_id": id } }),
        (None, None, _) => {
            return Err(Fault::Unsupported("a file by URL cannot be sent by OpenAI's chat completions".to_owned()));
        }
    })
}

/// Writes a message of the model.
///
/// Reasoning goes back with the calls that it led to, because servers refuse a conversation with tools that lacks it.
/// Without calls it is left out, unless its server signed it, because some servers refuse that.
fn assistant(message: &Message, target: &Target<'_>, names: &Names) -> Value {
    let has_calls = !message.tool_calls().is_empty();
    let mut fields = Map::new();
    fields.insert("role".to_owned(), "assistant".into());
    let mut text = String::new();
    let mut parts = Vec::new();
    let mut calls = Vec::new();
    let mut details = Vec::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    let mut reasoning = [("reasoning_content", String::new()), ("reasoning", String::new())];
    for item in message.items() {
        match item {
            Item::Part(Part::Text(more)) => text.push_str(more),
            Item::Part(Part::Reasoning(thought)) => {
                let Some(value) = thought.state.as_ref().and_then(|state| state.of(target.origin)) else { continue };
                if let Some(more) = value.get(state::DETAILS) {
                    state::add_details(&mut details, more.clone());
                }
                let field = value.get(state::FIELD).and_then(Value::as_str).filter(|_| has_calls);
                if let Some((_, text)) = reasoning.iter_mut().find(|(name, _)| Some(*name) == field) {
                    text.push_str(&thought.text);
                }
                match field {
                    Some(state::TAGS) => text.extend(["<think>", &thought.text, "</think>\n"]),
                    Some(state::PART) => {
                        let thinking = json!([{ "type": "text", "text": thought.text }]);
                        parts.push(json!({ "type": "thinking", "thinking": thinking }));
                    }
                    _ => {}
                }
            }
            Item::Part(Part::Opaque(state)) => {
                if let Some(value) = state.of(target.origin).and_then(Value::as_object) {
                    if let Some(extra) = value.get(state::EXTRA) {
                        set(state::EXTRA, extra.clone());
                    }
                    if let Some(id) = value.get("audio").and_then(|audio| audio.get("id")) {
                        set("audio", json!({ "id": id }));
                    }
                }
            }
            Item::Part(Part::Image(_) | Part::File(_) | Part::ToolResult { .. }) => {}
            Item::Call(_, call) => {
                let function = json!({ "name": names.sent(&call.name), "arguments": arguments(&call.raw_arguments) });
                let mut written = json!({ "id": call.id, "type": "function", "function": function });
                let state = call.state.as_ref().and_then(|state| state.of(target.origin));
                if let Some(extra) = state.and_then(|state| state.get(state::EXTRA)) {
                    written[state::EXTRA] = extra.clone();
                }
                calls.push(written);
            }
        }
    }
    for (name, text) in reasoning {
        if !text.is_empty() {
            set(name, text.into());
        }
    }
    if !details.is_empty() {
        set(state::DETAILS, details.into());
    }
    set(
        "content",
        match (parts.is_empty(), text.is_empty()) {
            (true, true) if has_calls => Value::Null,
            (true, _) => text.into(),
            (false, true) => parts.into(),
            (false, false) => {
                parts.push(json!({ "type": "text", "text": text }));
                parts.into()
            }
        },
    );
    if has_calls {
        set("tool_calls", calls.into());
    }
    fields.into()
}

/// Returns the arguments as the text of an object. Some servers refuse the whole conversation otherwise. Text that is
/// not an object goes back to the model inside one.
fn arguments(raw: &str) -> String {
    match serde_json::from_str::<&serde_json::value::RawValue>(raw) {
        Ok(value) if value.get().starts_with('{') => raw.to_owned(),
        _ if raw.trim().is_empty() => "{}".to_owned(),
        _ => json!({ "unreadable": raw }).to_string(),
    }
}
