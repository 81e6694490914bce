//! A chat completion in chunks.

use super::whole::{Completion, finish_reason, usage};
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
use catena_llm::{FinishReason, MessageChunk, Part, Usage};
use serde_json::{Map, Value, json};

pub(super) fn respond(
    models: &Models,
    served: &Served,
    asked: Asked,
    completion: Completion,
    with_usage: bool,
) -> Response {
    let Asked { call, config, spent, ticket } = asked;
    let chunks = Chunks { completion, said: Said::default(), spent, with_usage };
    let frames = encoded(call.pieces(config), chunks, &models.gate);
    respond_frames(&models.gate, served, ticket, None, frames)
}

/// The encoder of an answer as chunks of a completion.
struct Chunks {
    completion: Completion,
    said: Said,
    spent: Spent,
    with_usage: bool,
}

/// The state after the chunks so far.
#[derive(Default)]
struct Said {
    reason: Option<FinishReason>,
    usage: Option<Usage>,
    calls: bool,
}

impl Encoder<Piece> for Chunks {
    fn begin(&mut self, frames: &mut Frames) {
        let role = json!([{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }]);
        frames.push_back(Frame::json(&self.completion.chunk(&role, Value::Null)));
    }

    fn item(&mut self, piece: Piece, frames: &mut Frames) -> Result<()> {
        for chunk in answer::chunks(piece)? {
            if let Some(delta) = self.said.delta(&chunk) {
                frames.push_back(Frame::json(&self.completion.chunk(&choice(&delta, None), Value::Null)));
            }
        }
        Ok(())
    }

    fn end(&mut self, frames: &mut Frames) {
        let reason = finish_reason(self.said.reason.as_ref(), self.said.calls);
        frames.push_back(Frame::json(&self.completion.chunk(&choice(&Map::new(), Some(reason)), Value::Null)));
        if self.with_usage {
            let usage = self.spent.usage().or(self.said.usage).unwrap_or_default();
            frames.push_back(Frame::json(&self.completion.chunk(&json!([]), self::usage(usage))));
        }
        frames.push_back(Frame::data("[DONE]"));
    }

    fn fail(&mut self, failure: &Failure, frames: &mut Frames) {
        frames.push_back(Frame::json(&json!({ "error": failure.error() })));
    }
}

fn choice(delta: &Map<String, Value>, reason: Option<&str>) -> Value {
    json!([{ "index": 0, "delta": delta, "finish_reason": reason }])
}

impl Said {
    /// Takes in a chunk, and returns what a client is to add, if anything.
    fn delta(&mut self, chunk: &MessageChunk) -> Option<Map<String, Value>> {
        if let Some(metadata) = &chunk.metadata {
            self.reason = metadata.finish_reason.clone().or(self.reason.take());
            self.usage = metadata.usage.or(self.usage);
        }
        let mut delta = Map::new();
        let mut text = String::new();
        match &chunk.part {
            Some(Part::Reasoning(reasoning)) if !reasoning.text.is_empty() => {
                delta.insert("reasoning_content".into(), reasoning.text.as_str().into());
            }
            Some(part) => text.push_str(part.text()),
            None => {}
        }
        text.push_str(&chunk.text);
        if !text.is_empty() {
            delta.insert("content".into(), text.into());
        }
        if !chunk.tool_calls.is_empty() {
            self.calls = true;
            let calls = chunk.tool_calls.iter().map(|call| {
                let mut written = json!({ "index": call.index, "function": { "arguments": call.arguments } });
                if let Some(id) = &call.id {
                    written["id"] = id.as_str().into();
                    written["type"] = "function".into();
                }
                if let Some(name) = &call.name {
                    written["function"]["name"] = name.as_str().into();
                }
                written
            });
            delta.insert("tool_calls".into(), calls.collect());
        }
        (!delta.is_empty()).then_some(delta)
    }
}
