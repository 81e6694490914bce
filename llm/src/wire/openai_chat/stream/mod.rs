//! The reader of a streamed answer; `parts` reads what is beside the text of a message.

mod parts;

use super::{
    calls::Calls,
    event::{CallPiece, Choice, Content, Delta, Event},
    finish_reason::finish_reason,
    state,
    think::{Piece, Splitter},
};
use crate::{
    MessageChunk, Part, ProviderState, Reasoning, Usage,
    wire::{
        Fault, Flow, ReadStream,
        lenient::{self, Struct, says_something},
        logprobs,
        openai_tokens::Tokens,
        usage::larger,
    },
};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, mem::take};

/// A reader of a streamed answer. A whole answer is read as a stream of one event.
#[allow(clippy::struct_excessive_bools, reason = "they are facts about the stream that are independent")]
pub(crate) struct Reader {
    origin: String,
    /// `true` if the server ends each answer with a finish reason.
    finishes: bool,
    /// The index of the choice that is read. If there are several, it is the first.
    choice: Option<u64>,
    text: Splitter,
    thoughts: Thoughts,
    /// `true` if the last text was a thought of Gemini, which closes its tag in the text after it.
    in_thought: bool,
    calls: Calls,
    refusal: String,
    finish: Option<String>,
    usage: Option<Usage>,
    has_model: bool,
    has_id: bool,
    /// `true` if any text other than white space was read.
    has_text: bool,
    /// `true` if anything of the answer was read.
    has_begun: bool,
    /// `true` if the protocol's own end, or the tokens after the last choice, was read.
    is_done: bool,
    /// The last event that is kept for errors.
    raw: String,
    /// The first event that has no choices.
    unknown: Option<Value>,
    /// The sources of the answer, which follow it.
    sources: Map<String, Value>,
}

/// The thoughts that are not followed by anything yet.
#[derive(Default)]
struct Thoughts {
    /// The field that they come in.
    field: Option<&'static str>,
    details: Vec<Value>,
    blocks: Vec<Value>,
    signature: Option<Value>,
}

impl Reader {
    /// `finishes` is whether the server ends each answer with a finish reason.
    pub(crate) fn new(origin: &str, finishes: bool) -> Self {
        Reader {
            origin: origin.to_owned(),
            finishes,
            choice: None,
            text: Splitter::default(),
            thoughts: Thoughts::default(),
            in_thought: false,
            calls: Calls::default(),
            refusal: String::new(),
            finish: None,
            usage: None,
            has_model: false,
            has_id: false,
            has_text: false,
            has_begun: false,
            is_done: false,
            raw: String::new(),
            unknown: None,
            sources: Map::new(),
        }
    }

    /// Reads the end of a whole answer, which may lack a finish reason.
    pub(super) fn end_whole(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        self.is_done = true;
        self.finishes = false;
        self.end(out)
    }

    fn read(&mut self, name: &str, data: &str, event: Event<'_>, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        let is_failed = |status: &Value| status.get("status_code").is_some_and(says_something);
        if name == "error"
            || event.object.0 == "error"
            || event.error.as_deref().is_some_and(says_something)
            || event.base_resp.as_deref().is_some_and(is_failed)
        {
            return Err(reported(data));
        }
        let first = out.len();
        let groq = event.x_groq.read();
        if let Some(error) = groq.as_ref().and_then(|groq| groq.error.as_ref()).filter(|error| says_something(error)) {
            return Err(Fault::Reported(json!({ "error": error })));
        }
        let mut has_usage = self.add_usage(event.usage.read().or_else(|| groq?.usage.read()));
        let has_choices = event.choices.is_some();
        let mut choices = event.choices.map(|choices| choices.0).unwrap_or_default();
        let is_empty = choices.is_empty();
        for choice in &mut choices {
            let choice = match choice {
                Struct::Read(choice) => choice,
                Struct::Nothing => continue,
                Struct::Other(_) => return Err(Fault::NotAnAnswer(parsed(data))),
            };
            if choice.error.as_deref().is_some_and(says_something) {
                return Err(Fault::Reported(json!({ "error": choice.error })));
            }
            has_usage |= self.add_usage(take(&mut choice.usage).read());
            if *self.choice.get_or_insert(choice.index.unwrap_or(0)) == choice.index.unwrap_or(0) {
                self.choice(data, choice, out)?;
            }
        }
        // Some servers send the tokens with every event. Without a choice they are the end.
        self.is_done |= has_usage && is_empty && self.has_begun;
        if !has_choices && !has_usage {
            self.unknown_event(data)?;
        }
        if event.citations.is_some() || event.search_results.is_some() {
            self.add_source(state::SOURCES[1], event.citations);
            self.add_source(state::SOURCES[2], event.search_results);
        }
        self.add_metadata(&event.model.0, &event.id.0, first, out);
        if has_usage || is_empty || self.raw.is_empty() || self.finish.is_some() {
            data.clone_into(&mut self.raw);
        }
        Ok(())
    }

    /// Reads an event that is no part of an answer.
    #[cold]
    fn unknown_event(&mut self, data: &str) -> Result<(), Fault> {
        let value = parsed(data);
        let text = |name: &str| value.get(name).is_some_and(|value| value.is_string() || value.is_array());
        let has_kind = ["code", "type", "status", "status_code"].iter().any(|name| value.get(name).is_some());
        let has_errors = text("detail") || value.get("errors").is_some_and(says_something);
        // What has a message before the answer begins is no part of it.
        let is_message = text("message") && (has_kind || !self.has_begun);
        if value.get("type").and_then(Value::as_str) == Some("error") || has_errors || is_message {
            return Err(Fault::Reported(value));
        }
        self.unknown.get_or_insert(value);
        Ok(())
    }

    fn add_usage(&mut self, tokens: Option<Box<Tokens>>) -> bool {
        let usage = tokens.and_then(|tokens| tokens.usage());
        self.usage = larger(self.usage, usage);
        usage.is_some()
    }

    /// Adds the model and the id to the first chunk of the event, as soon as they are known.
    fn add_metadata(&mut self, model: &str, id: &str, first: usize, out: &mut Vec<MessageChunk>) {
        let model = Some(model).filter(|model| !self.has_model && !model.is_empty());
        let id = Some(id).filter(|id| !self.has_id && !id.is_empty());
        if model.or(id).is_none() {
            return;
        }
        self.has_model |= model.is_some();
        self.has_id |= id.is_some();
        if out.len() == first {
            out.push(MessageChunk::default());
        }
        if let Some(chunk) = out.get_mut(first) {
            let metadata = chunk.metadata_mut();
            metadata.model = model.map(str::to_owned);
            metadata.id = id.map(str::to_owned);
        }
    }

    fn choice(&mut self, data: &str, choice: &mut Choice<'_>, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        // `DeepSeek` and Zhipu name the failure in the place of the reason.
        if matches!(&*choice.finish_reason.0, "error" | "insufficient_system_resource" | "network_error") {
            return Err(interrupted(&choice.finish_reason.0, data));
        }
        if !choice.finish_reason.0.is_empty() {
            self.finish = Some(take(&mut choice.finish_reason.0).into_owned());
        }
        match (&mut choice.delta, &mut choice.message) {
            (Struct::Read(delta), _) => self.delta(delta, out)?,
            // Some servers repeat the whole message at the end.
            (_, Struct::Read(message)) if !self.has_begun => self.delta(message, out)?,
            (Struct::Other(other), _) | (_, Struct::Other(other)) => {
                return Err(Fault::NotAnAnswer(take(other.as_mut())));
            }
            _ => self.delta(&mut Delta { content: take(&mut choice.text), ..Delta::default() }, out)?,
        }
        if let Some(logprobs) = &choice.logprobs {
            logprobs::add(logprobs::openai(logprobs.get("content").unwrap_or(&Value::Null)), out);
        }
        Ok(())
    }

    fn delta(&mut self, delta: &mut Delta<'_>, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        let reasoning = match take(&mut delta.reasoning_content).text() {
            Some(text) => Some(("reasoning_content", text)),
            None => match take(&mut delta.reasoning).text() {
                Some(text) => Some(("reasoning", text)),
                None => take(&mut delta.reasoning_text).text().map(|text| ("reasoning_text", text)),
            },
        };
        let mut thought = reasoning;
        if let Some(blocks) = delta.thinking_blocks.take().filter(|blocks| says_something(blocks)) {
            let new = state::add_blocks(&mut self.thoughts.blocks, *blocks);
            // Most servers send the text in a field of its own too.
            let is_alone = self.thoughts.field.is_none_or(|field| field == state::BLOCKS);
            if thought.is_none() && is_alone {
                thought = Some((state::BLOCKS, new.into()));
            }
        }
        if let Some(signature) = delta.reasoning_opaque.take().filter(|signature| says_something(signature)) {
            self.has_begun = true;
            self.thoughts.signature = Some(*signature);
        }
        if let Some(details) = delta.reasoning_details.take().filter(|details| says_something(details)) {
            if thought.is_none() {
                thought = Some((state::DETAILS, state::text(&details).into()));
            }
            state::add_details(&mut self.thoughts.details, *details);
        }
        if let Some((field, text)) = thought {
            self.think(field, text, out);
        }
        let is_thought =
            delta.extra_content.as_ref().and_then(|extra| extra.pointer("/google/thought")) == Some(&Value::Bool(true));
        match take(&mut delta.content) {
            Content::Text(text) if text.is_empty() => {}
            Content::Text(text) if is_thought => {
                let text = text.replace("<thought>", "").replace("</thought>", "");
                self.in_thought = true;
                self.think("", text.into(), out);
            }
            Content::Text(Cow::Borrowed(text)) if self.in_thought => {
                self.in_thought = false;
                self.content(text.strip_prefix("</thought>").unwrap_or(text).into(), out);
            }
            Content::Text(text) => self.content(text, out),
            Content::Other(parts) => self.parts(*parts, out),
            Content::Nothing => {}
        }
        if let Some(refusal) = take(&mut delta.refusal).text() {
            self.has_begun = true;
            self.refusal.push_str(&refusal);
        }
        if delta.extra_content.is_some() || delta.audio.is_some() {
            let extra = delta.extra_content.take().filter(|_| !is_thought);
            self.others([(state::EXTRA, extra), ("audio", delta.audio.take())], out);
        }
        if let Some(images) = delta.images.take().filter(|images| says_something(images)) {
            self.parts(*images, out);
        }
        self.add_source(state::SOURCES[0], delta.annotations.take());
        if !delta.tool_calls.0.is_empty() {
            self.calls.begin_event();
        }
        for piece in take(&mut delta.tool_calls.0) {
            self.call(piece, out)?;
        }
        match take(&mut delta.function_call) {
            Struct::Nothing => Ok(()),
            Struct::Read(function) => {
                let piece = CallPiece { function: Struct::Read(*function), ..Default::default() };
                self.call(Struct::Read(piece), out)
            }
            Struct::Other(other) => self.call(Struct::Other(other), out),
        }
    }

    fn call(&mut self, piece: Struct<CallPiece>, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        if let Some(chunk) = self.calls.push(piece, &self.origin)? {
            self.has_begun = true;
            self.close_text(out);
            self.close_thoughts(out);
            out.push(MessageChunk::tool_call(chunk));
        }
        Ok(())
    }

    /// Reads thoughts that came in this field.
    fn think(&mut self, field: &'static str, text: Cow<'_, str>, out: &mut Vec<MessageChunk>) {
        self.has_begun = true;
        if field != state::TAGS {
            let mut pieces = Vec::new();
            self.text.settle(&mut pieces);
            self.pieces(pieces, out);
        }
        if !field.is_empty() {
            self.thoughts.field = Some(field);
        }
        if !text.is_empty() {
            out.push(MessageChunk::reasoning(Reasoning::new(text)));
        }
    }

    fn content(&mut self, text: Cow<'_, str>, out: &mut Vec<MessageChunk>) {
        self.has_begun = true;
        // Most pieces of an answer come after any thoughts.
        if self.text.passes(&text) {
            return self.say(text, out);
        }
        let mut pieces = Vec::new();
        self.text.push(text, &mut pieces);
        self.pieces(pieces, out);
    }

    fn pieces(&mut self, pieces: Vec<Piece<'_>>, out: &mut Vec<MessageChunk>) {
        for piece in pieces {
            match piece {
                Piece::Thought(thought) => self.think(state::TAGS, thought, out),
                Piece::Text(text) => self.say(text, out),
                Piece::ThoughtsBefore => {
                    self.has_text = false;
                    let mut chunk = MessageChunk::default();
                    chunk.metadata_mut().thoughts_before = true;
                    out.push(chunk);
                }
            }
        }
    }

    fn say(&mut self, text: Cow<'_, str>, out: &mut Vec<MessageChunk>) {
        self.close_thoughts(out);
        self.has_text = self.has_text || !text.trim_ascii().is_empty();
        out.push(MessageChunk::text(text));
    }

    /// Ends the thoughts before something that is not a thought.
    fn close_thoughts(&mut self, out: &mut Vec<MessageChunk>) {
        // Most pieces of an answer follow none.
        if self.thoughts.field.is_none() && self.thoughts.details.is_empty() && self.thoughts.signature.is_none() {
            return;
        }
        let Thoughts { field, details, blocks, signature } = take(&mut self.thoughts);
        let mut value = match field {
            _ if !details.is_empty() => json!({ state::DETAILS: details }),
            _ if !blocks.is_empty() => json!({ state::BLOCKS: blocks }),
            Some(field) => state::field(field),
            None => json!({}),
        };
        if let Some(signature) = signature {
            value[state::SIGNATURE] = signature;
        }
        let state = ProviderState::new(&*self.origin, value);
        out.push(MessageChunk::reasoning(Reasoning::default().with_state(state)));
    }

    /// Gives the text that is held back.
    fn close_text(&mut self, out: &mut Vec<MessageChunk>) {
        let mut pieces = Vec::new();
        self.text.end(&mut pieces);
        self.pieces(pieces, out);
    }

    /// Reads an event that is JSON, but not an object.
    #[cold]
    fn other(&mut self, name: &str, value: Value, out: &mut Vec<MessageChunk>) -> Result<Flow, Fault> {
        match value {
            // An error may be in a list.
            Value::Array(events) if events.iter().any(Value::is_object) => {
                for event in events {
                    self.event(name, &event.to_string(), out)?;
                }
                Ok(Flow::More)
            }
            value if says_something(&value) => Err(Fault::Reported(value)),
            _ => Ok(Flow::More),
        }
    }
}

impl ReadStream for Reader {
    fn event(&mut self, name: &str, data: &str, out: &mut Vec<MessageChunk>) -> Result<Flow, Fault> {
        let data = data.trim_ascii();
        match data {
            "" if name == "error" => return Err(Fault::Reported(Value::String(String::new()))),
            "" => return Ok(Flow::More),
            "[DONE]" | "DONE" | "\"[DONE]\"" => {
                self.is_done = true;
                return Ok(Flow::Done);
            }
            _ => {}
        }
        let mut mended = String::new();
        match lenient::borrow::<Struct<Event<'_>>>(data, &mut mended) {
            Ok(Struct::Read(event)) => self.read(name, data, event, out).map(|()| Flow::More),
            Ok(Struct::Nothing) => Ok(Flow::More),
            Ok(Struct::Other(value)) => self.other(name, *value, out),
            Err(_) if name == "error" => Err(Fault::Reported(Value::String(data.to_owned()))),
            Err(error) => Err(Fault::not_json(data, &error)),
        }
    }

    fn end(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        let is_complete = self.finish.is_some() || (self.is_done && !self.finishes);
        if !is_complete {
            return Err(Fault::Early);
        }
        self.close_text(out);
        self.close_thoughts(out);
        let calls_tools = !self.calls.is_empty();
        let finish = self.finish.as_deref().map(|word| finish_reason(word, calls_tools));
        if !self.has_text && !calls_tools {
            if !self.refusal.trim().is_empty() {
                return Err(Fault::Refused { words: take(&mut self.refusal) });
            }
            if let Some(unknown) = self.unknown.take().filter(|_| !self.has_begun && finish.is_none()) {
                return Err(Fault::NotAnAnswer(unknown));
            }
            return Err(Fault::Empty { finish, raw: take(&mut self.raw) });
        }
        let mut last = MessageChunk { tool_calls: self.calls.end()?, ..MessageChunk::default() };
        if !self.sources.is_empty() {
            let sources = Value::Object(std::mem::take(&mut self.sources));
            out.push(MessageChunk::part(Part::Opaque(ProviderState::new(&*self.origin, sources))));
        }
        if finish.is_some() || self.usage.is_some() {
            let metadata = last.metadata_mut();
            metadata.finish_reason = finish;
            metadata.usage = self.usage;
        }
        if last != MessageChunk::default() {
            out.push(last);
        }
        Ok(())
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }
}

/// Returns the fault of an event that is an error.
#[cold]
fn reported(data: &str) -> Fault {
    Fault::Reported(parsed(data))
}

/// Returns the fault of an answer whose finish reason is a failure.
#[cold]
fn interrupted(word: &str, data: &str) -> Fault {
    match parsed(data) {
        value if word == "error" => Fault::Reported(value),
        _ => Fault::Reported(
            json!({ "error": { "message": format!("the answer was interrupted: {word}"), "code": word } }),
        ),
    }
}

#[cold]
fn parsed(data: &str) -> Value {
    lenient::parse(data).unwrap_or_else(|_| Value::String(data.to_owned()))
}
