use super::{
    block::Blocks,
    event::{Event, Kind, Start, StopDetails},
    tokens::Tokens,
};
use crate::{
    FinishReason, MessageChunk, Usage,
    wire::{Fault, Flow, ReadStream, lenient::says_something, parse},
};
use serde_json::Value;

/// The reader of a streamed answer.
#[derive(Debug)]
pub(crate) struct Reader {
    blocks: Blocks,
    tokens: Tokens,
    finish: Option<FinishReason>,
    /// The model's words for a refusal.
    refusal: Option<String>,
    /// `true` if the stream said that it is complete.
    is_done: bool,
    /// `true` if there was an event.
    has_events: bool,
    /// The first event that is of no known kind, if there was none of a known kind.
    odd: Option<Value>,
    /// `true` if there was an event of a known kind.
    has_begun: bool,
    /// The last event that had a reason to stop, for errors.
    last: String,
}

impl Reader {
    /// Creates a reader. The states in the answer get this origin.
    pub(crate) fn new(origin: &str) -> Self {
        Reader {
            blocks: Blocks::new(origin),
            tokens: Tokens::default(),
            finish: None,
            refusal: None,
            is_done: false,
            has_events: false,
            odd: None,
            has_begun: false,
            last: String::new(),
        }
    }

    /// Reads a whole answer, or the beginning of a streamed one.
    pub(super) fn start(&mut self, start: Start, raw: &str, out: &mut Vec<MessageChunk>) {
        self.has_begun = true;
        let Start { kind: _, id, model, content, stop_reason, stop_details, usage, error: _ } = start;
        if id.is_some() || model.is_some() {
            let mut chunk = MessageChunk::default();
            let metadata = chunk.metadata_mut();
            (metadata.id, metadata.model) = (id, model);
            out.push(chunk);
        }
        match content {
            Some(Value::Array(blocks)) => {
                for block in blocks {
                    self.blocks.begin(None, block, out);
                    self.blocks.end(None, out);
                }
            }
            Some(block @ (Value::Object(_) | Value::String(_))) => {
                self.blocks.begin(None, block, out);
                self.blocks.end(None, out);
            }
            _ => {}
        }
        self.tokens.merge(usage.unwrap_or_default());
        self.stop(stop_reason, stop_details, raw);
    }

    fn stop(&mut self, reason: Option<String>, details: Option<Box<StopDetails>>, raw: &str) {
        if let Some(reason) = reason {
            self.finish = Some(finish_reason(reason));
            raw.clone_into(&mut self.last);
        }
        self.refusal = details.and_then(|details| details.explanation).or(self.refusal.take());
    }

    /// Marks the answer as complete.
    pub(super) fn complete(&mut self) {
        self.is_done = true;
    }

    /// Returns the reason that there is no event.
    #[cold]
    fn early(&mut self) -> Fault {
        match self.odd.take() {
            _ if !self.has_events => Fault::NoEvents { blank: true },
            Some(odd) if !self.has_begun => Fault::NotAnAnswer(odd),
            _ => Fault::Early,
        }
    }

    /// Reads an event of which no field is known.
    #[cold]
    fn other(&mut self, name: &str, data: &str) -> Result<Flow, Fault> {
        let value: Value = parse(data)?;
        if name == "error" || value["object"] == "error" {
            return Err(Fault::Reported(value));
        }
        let is_named = value.get("type").is_some_and(Value::is_string);
        match value {
            // A kind that is not known may come later in a stream.
            Value::Object(_) if is_named || self.has_begun => {}
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            value => drop(self.odd.get_or_insert(value)),
        }
        Ok(Flow::More)
    }
}

impl ReadStream for Reader {
    fn event(&mut self, name: &str, data: &str, out: &mut Vec<MessageChunk>) -> Result<Flow, Fault> {
        let data = data.trim();
        if data.is_empty() {
            return Ok(Flow::More);
        }
        self.has_events = true;
        if data == "[DONE]" {
            self.is_done = true;
            return Ok(Flow::Done);
        }
        if !data.starts_with('{') {
            return self.other(name, data);
        }
        let event: Event = parse(data)?;
        let Event { kind, index, delta, content_block, message, usage, error } = event;
        let kind = if kind == Kind::Other { name.into() } else { kind };
        if kind == Kind::Error || error.as_deref().is_some_and(says_something) {
            return Err(Fault::Reported(parse(data)?));
        }
        if kind == Kind::Message {
            self.start(parse(data)?, data, out);
            self.is_done = self.is_done || self.finish.is_some();
            return Ok(Flow::More);
        }
        let is_known = message.is_some() || content_block.is_some() || delta.is_some() || usage.is_some();
        self.has_begun = self.has_begun || is_known || matches!(kind, Kind::BlockStop | Kind::Stop);
        if let Some(start) = message {
            if start.error.as_ref().is_some_and(says_something) {
                return Err(Fault::Reported(parse(data)?));
            }
            self.start(*start, data, out);
        }
        if let Some(block) = content_block {
            self.blocks.begin(index, *block, out);
        }
        if let Some(delta) = delta {
            if self.blocks.is_opaque(index) && delta.stop_reason.is_none() {
                let event: Value = parse(data)?;
                if let Value::Object(mut fields) = event
                    && let Some(Value::Object(delta)) = fields.remove("delta")
                {
                    self.blocks.extend(index, delta);
                }
            } else {
                if let Some(text) = delta.text {
                    self.blocks.text(text, out);
                }
                if let Some(piece) = delta.thinking {
                    self.blocks.thinking(index, piece, out);
                }
                if let Some(signature) = delta.signature {
                    self.blocks.signature(index, signature, out);
                }
                if let Some(piece) = delta.partial_json
                    && !self.blocks.input(index, piece, out)
                {
                    return Err(Fault::NotAnAnswer(parse(data)?));
                }
                if let Some(citation) = delta.citation {
                    self.blocks.citation(index, *citation, out);
                }
                self.stop(delta.stop_reason, delta.stop_details, data);
            }
        }
        if let Some(usage) = usage {
            self.tokens.merge(*usage);
        }
        match kind {
            Kind::BlockStop => self.blocks.end(index, out),
            Kind::Stop => {
                self.is_done = true;
                return Ok(Flow::Done);
            }
            Kind::Other if !is_known => return self.other(name, data),
            _ => {}
        }
        Ok(Flow::More)
    }

    fn end(&mut self, out: &mut Vec<MessageChunk>) -> Result<(), Fault> {
        if !self.is_done && self.finish.is_none() {
            return Err(self.early());
        }
        self.blocks.end_all(out);
        if let Some(call) = self.blocks.nameless.take() {
            return Err(Fault::BadCall { call, why: "it has no name" });
        }
        let Blocks { calls, has_text, has_others, .. } = self.blocks;
        if !has_text && calls == 0 && !has_others {
            let raw = std::mem::take(&mut self.last);
            return Err(match (self.refusal.take(), self.odd.take()) {
                (Some(words), _) => Fault::Refused { words },
                (None, Some(odd)) if !self.has_begun => Fault::NotAnAnswer(odd),
                _ => Fault::Empty { finish: self.finish.take(), raw },
            });
        }
        let finish = match self.finish.take() {
            Some(FinishReason::Stop) if calls > 0 => Some(FinishReason::ToolCalls),
            finish => finish,
        };
        out.extend(MessageChunk::last(finish, self.tokens.usage()));
        Ok(())
    }

    fn usage(&self) -> Option<Usage> {
        self.tokens.usage()
    }
}

/// Converts the provider's word.
fn finish_reason(word: String) -> FinishReason {
    match word.as_str() {
        "end_turn" | "stop_sequence" | "stop" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" | "length" => FinishReason::Length,
        "tool_use" | "tool_calls" => FinishReason::ToolCalls,
        "refusal" | "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other(word),
    }
}
