//! The chunks of a run.

use catena::{Error, Result};
use catena_llm::MessageChunk;
use futures_util::stream::BoxStream;
use serde_json::Value;
use std::any::Any;

/// The chunks of one run.
pub(crate) type Pieces = BoxStream<'static, Result<Piece>>;

/// The kind of a chain's chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// The output itself, as the only chunk.
    Whole,
    /// Chunks of a message.
    MessageChunk,
    /// Chunks of another type: texts, items, fields of a record.
    Other,
}

/// A chunk. The two types that models stream stay as they are, so that a door writes them once.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// The output itself, as JSON.
    Whole(String),
    Message(MessageChunk),
    Text(String),
    /// A chunk of another type.
    Json(Value),
}

impl Piece {
    /// Makes a chunk of a value.
    pub(super) fn of<T: 'static>(value: T) -> Result<Self> {
        let mut value = Some(value);
        let any: &mut dyn Any = &mut value;
        if let Some(text) = any.downcast_mut::<Option<String>>().and_then(Option::take) {
            return Ok(Piece::Text(text));
        }
        if let Some(chunk) = any.downcast_mut::<Option<MessageChunk>>().and_then(Option::take) {
            return Ok(Piece::Message(chunk));
        }
        let json = value.as_ref().and_then(catena::Types::json);
        json.map(Piece::Json).ok_or_else(|| Error::msg("a chunk cannot be written as JSON"))
    }

    /// Writes the chunk as JSON.
    pub(crate) fn into_json(self) -> Result<String> {
        Ok(match self {
            Piece::Whole(json) => json,
            Piece::Message(chunk) => serde_json::to_string(&chunk)?,
            Piece::Text(text) => serde_json::to_string(&text)?,
            Piece::Json(value) => value.to_string(),
        })
    }
}
