//! The output of a run as a message, and its chunks as chunks of one.

use crate::chain::{Piece, PieceKind};
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

/// Reads a chunk as the chunks of a message.
pub(super) fn chunks(piece: &Piece) -> Result<Vec<MessageChunk>> {
    match piece.kind {
        PieceKind::MessageChunk => Ok(vec![serde_json::from_str(&piece.json)?]),
        PieceKind::Whole => {
            let mut chunks = Vec::new();
            MessageAssembler::default().split(message(&piece.json)?, &mut |chunk| chunks.push(chunk));
            Ok(chunks)
        }
        PieceKind::Other => {
            let text: Value = serde_json::from_str(&piece.json)?;
            let text =
                text.as_str().ok_or_else(|| Error::msg("a chunk of the answer is neither text nor of a message"))?;
            Ok(vec![MessageChunk::text(text)])
        }
    }
}
