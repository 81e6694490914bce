use super::{CUSTOM_CALL, event::word};
use crate::{
    File, Image, Message, Messages, Part, Reasoning, Role,
    message::Item,
    wire::{
        Fault, Target, arguments,
        ids::Ids,
        media::media,
        names::Names,
        pairs::{CallAt, NO_RESULT, Pairs},
    },
};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// The messages in the form of the API.
pub(super) struct Input {
    /// The texts of the system messages at the beginning.
    pub(super) instructions: Vec<String>,
    pub(super) items: Vec<Value>,
}

/// Writes the messages. Each call has a result. Reasoning is sent back in its place, before the item that it led to.
pub(super) fn write(messages: &Messages, target: &Target<'_>, names: &Names) -> Result<Input, Fault> {
    let mut writer = Writer {
        origin: target.origin,
        names,
        pairs: Pairs::new(messages),
        ids: Ids::default(),
        sent_ids: HashMap::new(),
        custom: HashSet::new(),
        unanswered: Vec::new(),
        items: Vec::new(),
    };
    let mut instructions = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        match message.role() {
            Role::System if at == instructions.len() && !message.text().trim().is_empty() => {
                instructions.push(message.text().to_owned());
            }
            Role::System => {
                if !message.text().trim().is_empty() {
                    writer.push(json!({"role": "system", "content": message.text()}));
                }
            }
            Role::Assistant => writer.answer(at, message)?,
            Role::User => {
                writer.end_turn();
                writer.question(at, message)?;
            }
            Role::Tool => writer.question(at, message)?,
        }
    }
    writer.end_turn();
    let mut items = writer.items;
    if items.is_empty() {
        // The API wants more than instructions.
        if instructions.is_empty() {
            return Err(Fault::Unsupported("there is no message to send".to_owned()));
        }
        items.extend(instructions.drain(..).map(|text| json!({"role": "system", "content": text})));
    }
    Ok(Input { instructions, items })
}

struct Writer<'a> {
    origin: &'a str,
    names: &'a Names,
    pairs: Pairs,
    ids: Ids,
    /// The ids by which calls are sent.
    sent_ids: HashMap<CallAt, String>,
    /// The ids of calls of tools without a schema.
    custom: HashSet<String>,
    /// The ids of calls without a result.
    unanswered: Vec<String>,
    items: Vec<Value>,
}

impl Writer<'_> {
    fn push(&mut self, item: Value) {
        self.items.push(item);
    }

    /// Returns the type of a call's result.
    fn output(&self, id: &str) -> &'static str {
        if self.custom.contains(id) { "custom_tool_call_output" } else { "function_call_output" }
    }

    /// Adds the results of calls that have none, which the API refuses otherwise.
    fn end_turn(&mut self) {
        for id in std::mem::take(&mut self.unanswered) {
            let kind = self.output(&id);
            self.push(json!({"type": kind, "call_id": id, "output": NO_RESULT}));
        }
    }

    /// Writes a message of the user or of a tool.
    fn question(&mut self, at: usize, message: &Message) -> Result<(), Fault> {
        let mut content = Vec::new();
        // Images and files after a result belong to it.
        let mut result: Option<usize> = None;
        for (index, part) in message.parts().iter().enumerate() {
            match part {
                Part::Text(text) if text.trim().is_empty() => {}
                Part::Text(text) => content.push(input_text(text)),
                Part::ToolResult { call_id, content: output } => {
                    let id = self.pairs.call(at, index).and_then(|call| self.sent_ids.get(&call)).cloned();
                    result = None;
                    if let Some(id) = id {
                        let kind = self.output(&id);
                        self.push(json!({"type": kind, "call_id": id, "output": output}));
                        result = Some(self.items.len() - 1);
                    } else {
                        content.push(input_text(&format!("Result of the tool call {call_id}:\n{output}")));
                    }
                }
                Part::Image(_) | Part::File(_) => {
                    let block = media(part, image, |one| Ok(file(one)))?;
                    let result = result.filter(|_| *message.role() == Role::Tool);
                    match result.and_then(|at| self.items.get_mut(at)) {
                        Some(result) => add_to_result(result, block),
                        None => content.push(block),
                    }
                }
                Part::Opaque(state) => content.extend(state.of(self.origin).cloned()),
                Part::Reasoning(_) => {}
            }
        }
        match content.as_slice() {
            [] => {}
            [one] if one["type"] == "input_text" => {
                let text = one["text"].clone();
                self.push(json!({"role": "user", "content": text}));
            }
            _ => self.push(json!({"role": "user", "content": content})),
        }
        Ok(())
    }

    /// Writes a message of the model.
    fn answer(&mut self, at: usize, message: &Message) -> Result<(), Fault> {
        self.end_turn();
        // The API refuses reasoning without the item that follows it, so it waits for that item.
        let mut waiting = Vec::new();
        // The API refuses an item with an id without its reasoning.
        let mut is_after_reasoning = false;
        let mut items = message.items().peekable();
        while let Some(item) = items.next() {
            match item {
                Item::Part(Part::Reasoning(reasoning)) => {
                    is_after_reasoning = match self.sent_back(reasoning) {
                        Some(reasoning) => {
                            waiting.push(reasoning);
                            true
                        }
                        None => false,
                    };
                }
                Item::Part(Part::Text(text)) => {
                    let state = items.next_if(|next| self.message_state(next).is_some());
                    let state = state.and_then(|next| self.message_state(&next).cloned());
                    if text.trim().is_empty() && state.is_none() {
                        continue;
                    }
                    self.items.append(&mut waiting);
                    self.push(output_text(text, state.as_ref(), is_after_reasoning));
                }
                Item::Call(index, call) => {
                    self.items.append(&mut waiting);
                    let id = self.ids.next(Some(short(&call.id)));
                    if !self.pairs.is_answered((at, index)) {
                        self.unanswered.push(id.clone());
                    }
                    let state = call.state.as_ref().and_then(|state| state.of(self.origin));
                    let name = self.names.sent(&call.name);
                    let is_custom = state.is_some_and(|state| state["type"] == CUSTOM_CALL);
                    let mut item = if is_custom {
                        json!({"type": CUSTOM_CALL, "call_id": id, "name": name, "input": call.raw_arguments})
                    } else {
                        let arguments = sent_arguments(&call.raw_arguments);
                        json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments})
                    };
                    if is_custom {
                        self.custom.insert(id.clone());
                    }
                    if let Some(id) = state.and_then(|state| word(state, "id")).filter(|_| is_after_reasoning) {
                        item["id"] = id.into();
                    }
                    self.push(item);
                    self.sent_ids.insert((at, index), id);
                }
                Item::Part(Part::Opaque(state)) => {
                    if let Some(item) = state.of(self.origin).filter(|item| item["type"].is_string()) {
                        self.items.append(&mut waiting);
                        if item["type"] == "message" {
                            self.push(output_text("", Some(item), is_after_reasoning));
                        } else {
                            self.push(item.clone());
                        }
                    }
                }
                Item::Part(Part::Image(_) | Part::File(_)) => {
                    let why =
                        "an image or a file in a message of the role `assistant` cannot be sent to OpenAI's models";
                    return Err(Fault::Unsupported(why.to_owned()));
                }
                Item::Part(Part::ToolResult { .. }) => {}
            }
        }
        Ok(())
    }

    /// Returns the item of reasoning that is sent back. Without its content the provider would look for it in its
    /// store, where it is not.
    fn sent_back(&self, reasoning: &Reasoning) -> Option<Value> {
        let item = reasoning.state.as_ref()?.of(self.origin)?;
        let has_content = |key: &str| match item.get(key) {
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(parts)) => !parts.is_empty(),
            _ => false,
        };
        if !has_content("encrypted_content") && !has_content("content") {
            return None;
        }
        let mut item = item.clone();
        if let Value::Object(fields) = &mut item {
            fields.retain(|_, value| !value.is_null());
            fields.entry("summary").or_insert_with(|| json!([]));
        }
        Some(item)
    }

    /// Returns what the provider wants back with a text.
    fn message_state<'i>(&self, item: &Item<'i>) -> Option<&'i Value> {
        let Item::Part(Part::Opaque(state)) = item else { return None };
        state.of(self.origin).filter(|state| state["type"] == "message")
    }
}

fn input_text(text: &str) -> Value {
    json!({"type": "input_text", "text": text})
}

fn output_text(text: &str, state: Option<&Value>, with_id: bool) -> Value {
    let Some(state) = state else { return json!({"role": "assistant", "content": text}) };
    let mut content = Vec::new();
    if !text.is_empty() {
        let annotations = state.get("annotations").cloned().unwrap_or_else(|| json!([]));
        content.push(json!({"type": "output_text", "text": text, "annotations": annotations}));
    }
    content.extend(state.get("content").and_then(Value::as_array).into_iter().flatten().cloned());
    let mut item = json!({"type": "message", "role": "assistant", "status": "completed", "content": content});
    if let Some(id) = state.get("id").filter(|_| with_id) {
        item["id"] = id.clone();
    }
    if let Some(phase) = state.get("phase") {
        item["phase"] = phase.clone();
    }
    item
}

/// Returns arguments that are a JSON object, as the model wrote them if they are one.
fn sent_arguments(raw: &str) -> String {
    match serde_json::from_str(raw) {
        Ok(Value::Object(_)) => raw.to_owned(),
        _ => arguments::object(raw).to_string(),
    }
}

/// Returns an id that is not too long for the API.
fn short(id: &str) -> String {
    /// The longest id that the API takes, with a distinguishing end.
    const LONGEST: usize = 56;
    id.chars().take(LONGEST).collect()
}

fn image(image: &Image) -> Result<Value, Fault> {
    if let Some((_, [])) = image.as_bytes() {
        return Err(Fault::Unsupported("an image has no bytes".to_owned()));
    }
    Ok(json!({"type": "input_image", "image_url": image.to_url()}))
}

fn file(file: &File) -> Value {
    let is_image = file.media_type().starts_with("image/");
    match (file.data_url(), file.as_url(), file.as_id()) {
        (Some(data), ..) => json!({"type": "input_file", "filename": file.name_or_default(), "file_data": data}),
        (_, Some(url), _) => json!({"type": "input_file", "file_url": url}),
        (.., id) if is_image => json!({"type": "input_image", "file_id": id}),
        (.., id) => json!({"type": "input_file", "file_id": id}),
    }
}

/// Adds an image or a file to the result of a tool.
fn add_to_result(result: &mut Value, image: Value) {
    let output = match result["output"].take() {
        Value::Array(mut parts) => {
            parts.push(image);
            parts
        }
        Value::String(text) if !text.trim().is_empty() => vec![input_text(&text), image],
        _ => vec![image],
    };
    result["output"] = output.into();
}
