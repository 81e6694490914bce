//! A chat completion in chunks.

use super::whole::{Completion, finish_reason, usage};
use crate::{
    openai::{Models, answer, ask::Asked},
    response::{Frame, respond as respond_frames},
};
use axum::response::Response;
use catena_llm::{FinishReason, MessageChunk, Part, Usage};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};
use std::{future::ready, sync::Arc};
use tokio::sync::OwnedSemaphorePermit;

/// The state after the chunks so far.
#[derive(Default)]
struct Said {
    reason: Option<FinishReason>,
    usage: Option<Usage>,
    calls: bool,
}

/// The next part of the stream.
enum Next {
    Piece(catena::Result<crate::chain::Piece>),
    End,
}

pub(super) fn respond(
    models: Arc<Models>,
    asked: Asked,
    completion: Completion,
    with_usage: bool,
    permit: OwnedSemaphorePermit,
) -> Response {
    let gate = Arc::clone(&models.gate);
    let run = asked.run_id;
    let spent = asked.spent;
    let role = json!([{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }]);
    let first = Frame::json(&completion.chunk(&role, Value::Null));
    let nexts = asked.call.pieces(asked.config).map(Next::Piece).chain(stream::once(ready(Next::End)));
    let rest = nexts.scan((Said::default(), false), move |(said, over), next| {
        if *over {
            return ready(None);
        }
        let frames = match next {
            Next::Piece(piece) => match piece.and_then(|piece| answer::chunks(&piece)) {
                Ok(chunks) => {
                    let deltas = chunks.iter().filter_map(|chunk| said.delta(chunk));
                    deltas.map(|delta| Frame::json(&completion.chunk(&choice(&delta, None), Value::Null))).collect()
                }
                Err(error) => {
                    *over = true;
                    vec![Frame::json(&json!({ "error": models.gate.failure(&error).error() }))]
                }
            },
            Next::End => {
                let reason = finish_reason(said.reason.as_ref(), said.calls);
                let mut last = vec![Frame::json(&completion.chunk(&choice(&Map::new(), Some(reason)), Value::Null))];
                if with_usage {
                    let usage = spent.usage().or(said.usage).unwrap_or_default();
                    last.push(Frame::json(&completion.chunk(&json!([]), self::usage(usage))));
                }
                last.push(Frame::data("[DONE]"));
                last
            }
        };
        ready(Some(stream::iter(frames)))
    });
    respond_frames(&gate, run, None, stream::once(ready(first)).chain(rest.flatten()), permit)
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
