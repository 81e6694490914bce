use super::model::Model;
use crate::{
    File, Image, Message, Messages, Part, ProviderState, Role,
    message::Item,
    wire::{
        Fault, Target, arguments,
        ids::Ids,
        media::media,
        names::Names,
        pairs::{CallAt, LEFT_OUT, NO_RESULT, Pairs},
    },
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The thinking of the model in the open turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinks {
    /// It does, and the turn has to begin with its thoughts.
    FromTheBeginning,
    /// It does not. Thoughts in the open turn are refused.
    No,
    /// It may. The thoughts of the open turn are sent, and are not required.
    Maybe,
}

/// The messages in the form of the API.
pub(super) struct Turns {
    /// The blocks of the system prompt.
    pub(super) system: Vec<Value>,
    pub(super) messages: Vec<Value>,
    /// [`Thinks::No`] if the model cannot go on thinking in the turn that is open.
    pub(super) thinks: Thinks,
}

/// Writes the messages: neighbours of one role become one, and each call is followed by its result.
pub(super) fn write(messages: &Messages, target: &Target<'_>, names: &Names, thinks: Thinks) -> Result<Turns, Fault> {
    let open_turn = open_turn(messages);
    let thinks = match thinks {
        Thinks::FromTheBeginning if !begins_with_thoughts(messages, open_turn, target) => Thinks::No,
        thinks => thinks,
    };
    let mut writer = Writer {
        target,
        is_claude: Model::of(target.model).is_claude(),
        names,
        pairs: Pairs::new(messages),
        ids: Ids::default(),
        sent_ids: HashMap::new(),
        system: Vec::new(),
        messages: Vec::new(),
        role: "user",
        results: Vec::new(),
        blocks: Vec::new(),
        unanswered: Vec::new(),
    };
    for (at, message) in messages.iter().enumerate() {
        match message.role() {
            Role::System => {
                let texts = message.parts().iter().filter_map(text);
                writer.system.extend(texts);
            }
            Role::Assistant => writer.answer(at, message, thinks != Thinks::No || at < open_turn)?,
            Role::User | Role::Tool => writer.question(at, message)?,
        }
    }
    writer.flush();
    writer.flush();
    let Writer { mut system, mut messages, .. } = writer;
    if messages.is_empty() {
        // A conversation consists of more than a system prompt.
        if system.is_empty() {
            return Err(Fault::Unsupported("there is no message to send".to_owned()));
        }
        messages.push(json!({"role": "user", "content": std::mem::take(&mut system)}));
    }
    trim_end(&mut messages);
    Ok(Turns { system, messages, thinks })
}

/// Returns the index of the first message of the model's turn that is not over: the one after the user's last words.
fn open_turn(messages: &Messages) -> usize {
    let is_question = |message: &Message| {
        *message.role() == Role::User && message.parts().iter().any(|part| !matches!(part, Part::ToolResult { .. }))
    };
    messages.iter().rposition(is_question).map_or(0, |at| at + 1)
}

/// Returns whether the open turn begins with thoughts, or has not begun.
fn begins_with_thoughts(messages: &Messages, open_turn: usize, target: &Target<'_>) -> bool {
    let first = messages.iter().skip(open_turn).find(|message| *message.role() == Role::Assistant);
    let Some(first) = first.filter(|message| !message.tool_calls().is_empty()) else { return true };
    first
        .items()
        .find(|item| !matches!(item, Item::Part(Part::Text(text)) if text.trim().is_empty()))
        .is_some_and(|item| matches!(item, Item::Part(part) if thoughts(part, target.origin, true).is_some()))
}

/// Returns the block of thoughts that is sent back, if there is one.
///
/// An answer that reached its limit amid the thoughts has no signature. Anthropic's models refuse the thoughts then;
/// models of other vendors may have none at all.
fn thoughts<'a>(part: &'a Part, origin: &str, is_claude: bool) -> Option<&'a Value> {
    let Part::Reasoning(reasoning) = part else { return None };
    let block = reasoning.state.as_ref()?.of(origin)?;
    let is_signed = |key: &str| block[key].as_str().is_some_and(|signature| !signature.is_empty());
    (!is_claude || is_signed("signature") || is_signed("data")).then_some(block)
}

struct Writer<'a> {
    target: &'a Target<'a>,
    is_claude: bool,
    names: &'a Names,
    pairs: Pairs,
    ids: Ids,
    /// The ids by which calls are sent. The API refuses an id that comes again.
    sent_ids: HashMap<CallAt, String>,
    system: Vec<Value>,
    messages: Vec<Value>,
    role: &'static str,
    /// The results of tools, which come before the other blocks of a turn.
    results: Vec<Value>,
    blocks: Vec<Value>,
    /// The ids of calls of the last turn without a result.
    unanswered: Vec<String>,
}

impl Writer<'_> {
    /// Begins a turn, if the role is another one.
    fn turn(&mut self, role: &'static str) {
        if self.role != role {
            self.flush();
        }
    }

    /// Ends a turn. One that is empty is left out.
    fn flush(&mut self) {
        let role = self.role;
        let mut blocks = std::mem::take(&mut self.results);
        blocks.append(&mut self.blocks);
        if role == "assistant" && blocks.is_empty() {
            self.role = "user";
            return;
        }
        if !blocks.is_empty() {
            // The first turn is the user's.
            if role == "assistant" && self.messages.is_empty() {
                self.messages.push(json!({"role": "user", "content": [{"type": "text", "text": LEFT_OUT}]}));
            }
            self.messages.push(json!({"role": role, "content": blocks}));
        }
        self.role = if role == "user" { "assistant" } else { "user" };
        if self.role == "user" {
            let without_result =
                |id: String| json!({"type": "tool_result", "tool_use_id": id, "content": NO_RESULT, "is_error": true});
            self.results = std::mem::take(&mut self.unanswered).into_iter().map(without_result).collect();
        }
    }

    fn push(&mut self, role: &'static str, block: Value) {
        self.turn(role);
        self.blocks.push(block);
    }

    /// Writes a message of the user or of a tool.
    fn question(&mut self, at: usize, message: &Message) -> Result<(), Fault> {
        // Images and files after a result belong to it.
        let mut result: Option<usize> = None;
        for (index, part) in message.parts().iter().enumerate() {
            match part {
                Part::Text(_) => {
                    if let Some(block) = text(part) {
                        self.push("user", block);
                    }
                }
                Part::ToolResult { call_id, content } => {
                    let id = self.pairs.call(at, index).and_then(|call| self.sent_ids.get(&call)).cloned();
                    result = None;
                    if let Some(id) = id {
                        self.turn("user");
                        self.results.push(json!({"type": "tool_result", "tool_use_id": id, "content": content}));
                        result = Some(self.results.len() - 1);
                    } else {
                        let said = format!("Result of the tool call {call_id}:\n{content}");
                        self.push("user", json!({"type": "text", "text": said}));
                    }
                }
                Part::Image(_) | Part::File(_) => {
                    let block = media(part, image, file)?;
                    let result = result.filter(|_| *message.role() == Role::Tool);
                    match result.and_then(|at| self.results.get_mut(at)) {
                        Some(result) => add_to_result(result, block),
                        None => self.push("user", block),
                    }
                }
                Part::Opaque(state) => {
                    if let Some(block) = self.block(state) {
                        self.push("user", block);
                    }
                }
                Part::Reasoning(_) => {}
            }
        }
        Ok(())
    }

    /// Writes a message of the model.
    fn answer(&mut self, at: usize, message: &Message, with_thoughts: bool) -> Result<(), Fault> {
        let mut after_text = false;
        for item in message.items() {
            let was_after_text = std::mem::take(&mut after_text);
            match item {
                Item::Call(index, call) => {
                    self.turn("assistant");
                    let id = self.ids.next(Some(sent_id(&call.id)));
                    if !self.pairs.is_answered((at, index)) {
                        self.unanswered.push(id.clone());
                    }
                    let input = arguments::object(&call.raw_arguments);
                    let name = self.names.sent(&call.name);
                    self.push("assistant", json!({"type": "tool_use", "id": id, "name": name, "input": input}));
                    self.sent_ids.insert((at, index), id);
                }
                Item::Part(part @ Part::Text(_)) => {
                    if let Some(block) = text(part) {
                        self.push("assistant", block);
                        after_text = true;
                    }
                }
                Item::Part(part @ Part::Reasoning(_)) => {
                    if let Some(block) = thoughts(part, self.target.origin, self.is_claude).filter(|_| with_thoughts) {
                        self.push("assistant", block.clone());
                    }
                }
                Item::Part(Part::Opaque(state)) => match (self.block(state), self.blocks.last_mut()) {
                    (Some(block), _) => self.push("assistant", block),
                    // The citations of a text follow it.
                    (None, Some(Value::Object(text))) if was_after_text => {
                        let citations = state.of(self.target.origin).and_then(|value| value.get("citations"));
                        text.extend(citations.map(|citations| ("citations".to_owned(), citations.clone())));
                    }
                    _ => {}
                },
                Item::Part(Part::Image(_) | Part::File(_)) => {
                    let why =
                        "an image or a file in a message of the role `assistant` cannot be sent to Anthropic's models";
                    return Err(Fault::Unsupported(why.to_owned()));
                }
                Item::Part(Part::ToolResult { .. }) => {}
            }
        }
        Ok(())
    }

    /// Returns a block that is sent back as it came.
    fn block(&self, state: &ProviderState) -> Option<Value> {
        state.of(self.target.origin).filter(|block| block["type"].is_string()).cloned()
    }
}

fn text(part: &Part) -> Option<Value> {
    let text = part.text();
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

/// Returns an id of the characters that the API accepts.
fn sent_id(id: &str) -> String {
    let accepted = |letter: char| if letter.is_ascii_alphanumeric() || "_-".contains(letter) { letter } else { '_' };
    id.chars().map(accepted).collect()
}

fn image(image: &Image) -> Result<Value, Fault> {
    let wrong = |why: String| Err(Fault::Unsupported(why));
    let source = match (image.as_bytes(), image.as_url()) {
        (Some((_, [])), _) => return wrong("an image has no bytes".to_owned()),
        (Some((media_type, _)), _) => {
            let media_type = match media_type.trim().to_ascii_lowercase() {
                media_type if media_type == "image/jpg" => "image/jpeg".to_owned(),
                media_type => media_type,
            };
            if !["image/png", "image/jpeg", "image/webp", "image/gif"].contains(&&*media_type) {
                return wrong(format!("an image is of the media type `{media_type}`, which Anthropic's models refuse"));
            }
            json!({"type": "base64", "media_type": media_type, "data": image.base64()})
        }
        (None, url) => json!({"type": "url", "url": url}),
    };
    Ok(json!({"type": "image", "source": source}))
}

fn file(file: &File) -> Result<Value, Fault> {
    let source = match (file.as_bytes(), file.as_url(), file.as_id()) {
        (.., Some(id)) => json!({"type": "file", "file_id": id}),
        (_, Some(url), _) => json!({"type": "url", "url": url}),
        (Some(data), ..) if file.is_text() => {
            let text = std::str::from_utf8(data);
            let text = text.map_err(|_| Fault::Unsupported("a file is a text, but not in UTF-8".to_owned()))?;
            json!({"type": "text", "media_type": "text/plain", "data": text})
        }
        _ => json!({"type": "base64", "media_type": file.media_type(), "data": file.base64()}),
    };
    let kind = if file.media_type().starts_with("image/") { "image" } else { "document" };
    let mut block = json!({"type": kind, "source": source});
    if let Some(name) = file.name().filter(|_| kind == "document") {
        block["title"] = name.into();
    }
    Ok(block)
}

/// Adds an image or a file to the result of a tool.
fn add_to_result(result: &mut Value, image: Value) {
    let content = match result["content"].take() {
        Value::Array(mut blocks) => {
            blocks.push(image);
            blocks
        }
        Value::String(text) if !text.trim().is_empty() => vec![json!({"type": "text", "text": text}), image],
        _ => vec![image],
    };
    result["content"] = content.into();
}

/// Removes white space from the end of the last message if it is the model's, because the API refuses it.
fn trim_end(messages: &mut [Value]) {
    let Some(last) = messages.last_mut().filter(|last| last["role"] == "assistant") else { return };
    let text =
        last["content"].as_array_mut().and_then(|blocks| blocks.last_mut()).and_then(|block| block.get_mut("text"));
    if let Some(Value::String(text)) = text {
        text.truncate(text.trim_end().len());
    }
}
