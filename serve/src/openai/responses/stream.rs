//! A response as its events.

use super::{
    item::{Item, part, summary},
    whole::{End, Frame as Common},
};
use crate::{
    chain::Piece,
    openai::{Models, answer, ask::Asked},
    response::{Frame, respond as respond_frames},
};
use axum::response::Response;
use catena_llm::{FinishReason, MessageChunk, Part, ToolCallChunk, Usage};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use std::{future::ready, sync::Arc};
use tokio::sync::OwnedSemaphorePermit;

/// The next part of the stream.
enum Next {
    Piece(catena::Result<Piece>),
    End,
}

pub(super) fn respond(models: Arc<Models>, asked: Asked, common: Common, permit: OwnedSemaphorePermit) -> Response {
    let gate = Arc::clone(&models.gate);
    let run = asked.run_id;
    let spent = asked.spent;
    let mut writer =
        Writer { common, number: 0, items: Vec::new(), open: None, frames: Vec::new(), reason: None, usage: None };
    let begun = writer.common.response(Vec::new(), End::Open, None);
    writer.event("response.created", json!({ "response": begun }));
    writer.event("response.in_progress", json!({ "response": begun }));
    let first = stream::iter(std::mem::take(&mut writer.frames));
    let nexts = asked.call.pieces(asked.config).map(Next::Piece).chain(stream::once(ready(Next::End)));
    let rest = nexts.scan((writer, false), move |(writer, over), next| {
        if *over {
            return ready(None);
        }
        match next {
            Next::Piece(piece) => match piece.and_then(|piece| answer::chunks(&piece)) {
                Ok(chunks) => chunks.iter().for_each(|chunk| writer.chunk(chunk)),
                Err(error) => {
                    *over = true;
                    let failure = models.gate.failure(&error);
                    writer.failed(&json!({ "code": failure.code, "message": failure.message }));
                }
            },
            Next::End => writer.end(spent.usage()),
        }
        ready(Some(stream::iter(std::mem::take(&mut writer.frames))))
    });
    respond_frames(&gate, run, None, first.chain(rest.flatten()), permit)
}

/// Writes the events of a response.
struct Writer {
    common: Common,
    /// The number of the next event.
    number: u64,
    /// The items that are whole.
    items: Vec<Value>,
    /// The item that goes on, and the index of its call.
    open: Option<(Item, usize)>,
    frames: Vec<Frame>,
    reason: Option<FinishReason>,
    usage: Option<Usage>,
}

impl Writer {
    fn event(&mut self, name: &'static str, mut data: Value) {
        data["type"] = name.into();
        data["sequence_number"] = self.number.into();
        self.number += 1;
        self.frames.push(Frame::json(&data).named(name));
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

    fn end(&mut self, spent: Option<Usage>) {
        self.close();
        let end = End::Whole(self.reason.as_ref());
        let response = self.common.response(std::mem::take(&mut self.items), end, spent.or(self.usage));
        let name = if response["status"] == "incomplete" { "response.incomplete" } else { "response.completed" };
        self.event(name, json!({ "response": response }));
    }

    fn failed(&mut self, error: &Value) {
        self.close();
        let response = self.common.response(std::mem::take(&mut self.items), End::Failed(error.clone()), None);
        self.event("response.failed", json!({ "response": response }));
    }
}
