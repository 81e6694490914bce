use super::{Dialect, state};
use crate::{
    File, Image, Message, Messages, Part, Role,
    message::Item,
    wire::{
        Fault, Target,
        names::Names,
        pairs::{CallAt, NO_RESULT, Pairs},
    },
};
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// Writes the messages. Each call is followed by its result, because servers refuse a call without one, and a result
/// without its call.
pub(super) fn write(
    messages: &Messages,
    target: &Target<'_>,
    names: &Names,
    dialect: &Dialect,
) -> Result<Vec<Value>, Fault> {
    let mut writer =
        Writer { target, names, dialect, pairs: Pairs::new(messages), results: HashMap::new(), messages: Vec::new() };
    for (at, message) in messages.iter().enumerate() {
        for (index, part) in message.parts().iter().enumerate() {
            if let Part::ToolResult { content, .. } = part
                && let Some(call) = writer.pairs.call(at, index)
            {
                writer.results.insert(call, content);
            }
        }
    }
    writer.messages.reserve(messages.len());
    for (at, message) in messages.iter().enumerate() {
        match message.role() {
            Role::Assistant => writer.answer(at, message),
            role => writer.question(at, *role, message)?,
        }
    }
    Ok(writer.messages)
}

struct Writer<'a> {
    target: &'a Target<'a>,
    names: &'a Names,
    dialect: &'a Dialect,
    pairs: Pairs,
    results: HashMap<CallAt, &'a str>,
    messages: Vec<Value>,
}

impl Writer<'_> {
    /// Writes a message of the model, and the results of its calls.
    fn answer(&mut self, at: usize, message: &Message) {
        let sent: Vec<String> = message.tool_calls().iter().map(|call| self.sent_id(&call.id)).collect();
        self.messages.push(assistant(message, self.target, self.names, &sent));
        for (index, id) in sent.into_iter().enumerate() {
            let content = self.results.get(&(at, index)).copied().unwrap_or(NO_RESULT);
            self.messages.push(json!({ "role": "tool", "tool_call_id": id, "content": content }));
        }
    }

    /// Returns an id that is not too long for the server.
    fn sent_id(&self, id: &str) -> String {
        match self.dialect.longest_id {
            Some(longest) if id.len() > longest => {
                let mut hasher = DefaultHasher::new();
                id.hash(&mut hasher);
                let beginning: String = id.chars().filter(char::is_ascii).take(longest.saturating_sub(17)).collect();
                format!("{beginning}_{:016x}", hasher.finish())
            }
            _ => id.to_owned(),
        }
    }

    /// Writes a message of the user, the system or a tool.
    fn question(&mut self, at: usize, role: Role, message: &Message) -> Result<(), Fault> {
        let mut content = Vec::new();
        let mut has_results = false;
        for (index, part) in message.parts().iter().enumerate() {
            match part {
                Part::Text(text) if text.is_empty() => {}
                Part::Text(text) => content.push(json!({ "type": "text", "text": text })),
                Part::Image(image) => content.push(write_image(image)),
                Part::File(file) => content.push(write_file(file)?),
                // The result follows its call.
                Part::ToolResult { .. } if self.pairs.call(at, index).is_some() => has_results = true,
                Part::ToolResult { call_id, content } => {
                    has_results = true;
                    let said = format!("Result of the tool call {call_id}:\n{content}");
                    self.messages.push(json!({ "role": "user", "content": said }));
                }
                Part::Reasoning(_) | Part::Opaque(_) => {}
            }
        }
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
        self.messages.push(json!({ "role": role, "content": content }));
        Ok(())
    }
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
fn assistant(message: &Message, target: &Target<'_>, names: &Names, ids: &[String]) -> Value {
    let has_calls = !message.tool_calls().is_empty();
    let mut fields = Map::new();
    fields.insert("role".to_owned(), "assistant".into());
    let mut text = String::new();
    let mut parts = Vec::new();
    let mut calls = Vec::new();
    let mut details = Vec::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    let mut reasoning = ["reasoning_content", "reasoning", "reasoning_text"].map(|name| (name, String::new()));
    let mut blocks = Vec::new();
    for item in message.items() {
        match item {
            Item::Part(Part::Text(more)) => text.push_str(more),
            Item::Part(Part::Reasoning(thought)) => {
                let Some(value) = thought.state.as_ref().and_then(|state| state.of(target.origin)) else { continue };
                if let Some(more) = value.get(state::DETAILS) {
                    state::add_details(&mut details, more.clone());
                }
                if let Some(Value::Array(more)) = value.get(state::BLOCKS) {
                    blocks.extend(more.iter().cloned());
                }
                if let Some(signature) = value.get(state::SIGNATURE) {
                    set(state::SIGNATURE, signature.clone());
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
            Item::Call(index, call) => {
                let state = call.state.as_ref().and_then(|state| state.of(target.origin));
                let (id, name) = (ids.get(index).unwrap_or(&call.id), names.sent(&call.name));
                if state.is_some_and(|state| state.get(state::CUSTOM).is_some()) {
                    let custom = json!({ "name": name, "input": call.raw_arguments });
                    calls.push(json!({ "id": id, "type": "custom", "custom": custom }));
                    continue;
                }
                let function = json!({ "name": name, "arguments": arguments(&call.raw_arguments) });
                let mut written = json!({ "id": id, "type": "function", "function": function });
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
    for (name, list) in [(state::DETAILS, details), (state::BLOCKS, blocks)] {
        if !list.is_empty() {
            set(name, list.into());
        }
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
