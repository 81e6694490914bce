//! The output of a run as a message, and its chunks as chunks of one.

use crate::chain::Piece;
use catena::{Assemble, Error, Result};
use catena_llm::{Message, MessageAssembler, MessageChunk};
use serde_json::Value;

/// Reads an output: text, or a message.
pub(super) fn message(json: &str) -> Result<Message> {
    match serde_json::from_str(json)? {
        Value::String(text) => Ok(Message::assistant(text)),
        message => Ok(serde_json::from_value(message)?),
    }
}

/// Returns a chunk as the chunks of a message.
pub(super) fn chunks(piece: Piece) -> Result<Vec<MessageChunk>> {
    match piece {
        Piece::Message(chunk) => Ok(vec![chunk]),
        Piece::Text(text) | Piece::Json(Value::String(text)) => Ok(vec![MessageChunk::text(text)]),
        Piece::Whole(json) => {
            let mut chunks = Vec::new();
            MessageAssembler::default().split(message(&json)?, &mut |chunk| chunks.push(chunk));
            Ok(chunks)
        }
        Piece::Json(_) => Err(Error::msg("a chunk of the answer is neither text nor of a message")),
    }
}
