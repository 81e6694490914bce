//! A response as its events.

use super::{
    item::{Item, part, summary},
    whole::{End, Frame as Common},
};
use crate::{
    chain::{Piece, Served},
    failure::Failure,
    openai::{
        Models, answer,
        ask::{Asked, Spent},
    },
    response::{Encoder, Frame, Frames, encoded, respond as respond_frames},
};
use axum::response::Response;
use catena::Result;
use catena_llm::{FinishReason, MessageChunk, Part, ToolCallChunk, Usage};
use serde_json::{Value, json};

pub(super) fn respond(models: &Models, served: &Served, asked: Asked, common: Common) -> Response {
    let Asked { call, config, spent, ticket } = asked;
    let writer = Writer {
        common,
        spent,
        number: 0,
        items: Vec::new(),
        open: None,
        frames: Frames::new(),
        reason: None,
        usage: None,
    };
    let frames = encoded(call.pieces(config), writer, &models.gate);
    respond_frames(&models.gate, served, ticket, None, frames)
}

/// The encoder of an answer as the events of a response.
struct Writer {
    common: Common,
    spent: Spent,
    /// The number of the next event.
    number: u64,
    /// The items that are whole.
    items: Vec<Value>,
    /// The item that goes on, and the index of its call.
    open: Option<(Item, usize)>,
    frames: Frames,
    reason: Option<FinishReason>,
    usage: Option<Usage>,
}

impl Encoder<Piece> for Writer {
    fn begin(&mut self, frames: &mut Frames) {
        let begun = self.common.response(Vec::new(), End::Open, None);
        self.event("response.created", json!({ "response": begun }));
        self.event("response.in_progress", json!({ "response": begun }));
        frames.append(&mut self.frames);
    }

    fn item(&mut self, piece: Piece, frames: &mut Frames) -> Result<()> {
        answer::chunks(piece)?.iter().for_each(|chunk| self.chunk(chunk));
        frames.append(&mut self.frames);
        Ok(())
    }

    fn end(&mut self, frames: &mut Frames) {
        self.close();
        let end = End::Whole(self.reason.as_ref());
        let usage = self.spent.usage().or(self.usage);
        let response = self.common.response(std::mem::take(&mut self.items), end, usage);
        let name = if response["status"] == "incomplete" { "response.incomplete" } else { "response.completed" };
        self.event(name, json!({ "response": response }));
        frames.append(&mut self.frames);
    }

    fn fail(&mut self, failure: &Failure, frames: &mut Frames) {
        self.close();
        let error = json!({ "code": failure.code, "message": failure.message });
        let response = self.common.response(std::mem::take(&mut self.items), End::Failed(error), None);
        self.event("response.failed", json!({ "response": response }));
        frames.append(&mut self.frames);
    }
}

impl Writer {
    fn event(&mut self, name: &'static str, mut data: Value) {
        data["type"] = name.into();
        data["sequence_number"] = self.number.into();
        self.number += 1;
        self.frames.push_back(Frame::json(&data).named(name));
    }

    fn chunk(&mut self, chunk: &MessageChunk) {
        if let Some(metadata) = &chunk.metadata {
            self.reason = metadata.finish_reason.clone().or(self.reason.take());
            self.usage = metadata.usage.or(self.usage);
        }
        match &chunk.part {
            Some(Part::Reasoning(reasoning)) => self.reasoning(&reasoning.text),
            Some(part) => self.text(part.text()),
            None => {}
        }
        self.text(&chunk.text);
        for call in &chunk.tool_calls {
            self.call(call);
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !matches!(self.open, Some((Item::Text(_), _))) {
            self.begin(Item::Text(String::new()), 0);
            let place = self.place(json!({ "content_index": 0, "part": part("") }));
            self.event("response.content_part.added", place);
        }
        if let Some((Item::Text(said), _)) = &mut self.open {
            said.push_str(text);
        }
        let delta = self.place(json!({ "content_index": 0, "delta": text, "logprobs": [] }));
        self.event("response.output_text.delta", delta);
    }

    fn reasoning(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !matches!(self.open, Some((Item::Reasoning(_), _))) {
            self.begin(Item::Reasoning(String::new()), 0);
            let place = self.place(json!({ "summary_index": 0, "part": summary("") }));
            self.event("response.reasoning_summary_part.added", place);
        }
        if let Some((Item::Reasoning(said), _)) = &mut self.open {
            said.push_str(text);
        }
        let delta = self.place(json!({ "summary_index": 0, "delta": text }));
        self.event("response.reasoning_summary_text.delta", delta);
    }

    fn call(&mut self, chunk: &ToolCallChunk) {
        if !matches!(&self.open, Some((Item::Call { .. }, index)) if *index == chunk.index) {
            let item = Item::Call {
                call_id: chunk.id.clone().unwrap_or_default(),
                name: chunk.name.clone().unwrap_or_default(),
                arguments: String::new(),
            };
            self.begin(item, chunk.index);
        }
        if let Some((Item::Call { arguments, .. }, _)) = &mut self.open {
            arguments.push_str(&chunk.arguments);
        }
        if !chunk.arguments.is_empty() {
            let delta = self.place(json!({ "delta": chunk.arguments }));
            self.event("response.function_call_arguments.delta", delta);
        }
    }

    /// Ends the item that is open, and begins another.
    fn begin(&mut self, item: Item, index: usize) {
        self.close();
        let place = self.items.len();
        let json = item.json(&self.common.run, place, "in_progress");
        self.open = Some((item, index));
        self.event("response.output_item.added", json!({ "output_index": place, "item": json }));
    }

    fn close(&mut self) {
        // It is open until its last event, which has its place.
        let Some((item, _)) = self.open.clone() else { return };
        match &item {
            Item::Text(text) => {
                let done = self.place(json!({ "content_index": 0, "text": text, "logprobs": [] }));
                self.event("response.output_text.done", done);
                let done = self.place(json!({ "content_index": 0, "part": part(text) }));
                self.event("response.content_part.done", done);
            }
            Item::Reasoning(text) => {
                let done = self.place(json!({ "summary_index": 0, "text": text }));
                self.event("response.reasoning_summary_text.done", done);
                let done = self.place(json!({ "summary_index": 0, "part": summary(text) }));
                self.event("response.reasoning_summary_part.done", done);
            }
            Item::Call { arguments, name, .. } => {
                let done = self.place(json!({ "arguments": arguments, "name": name }));
                self.event("response.function_call_arguments.done", done);
            }
        }
        self.open = None;
        let place = self.items.len();
        let json = item.json(&self.common.run, place, "completed");
        self.items.push(json.clone());
        self.event("response.output_item.done", json!({ "output_index": place, "item": json }));
    }

    /// Adds the place of the open item.
    fn place(&self, mut data: Value) -> Value {
        let place = self.items.len();
        data["output_index"] = place.into();
        data["item_id"] = self.open.as_ref().map(|(item, _)| item.id(&self.common.run, place)).into();
        data
    }
}
