//! The chunks of a run, as JSON.

use catena::Result;
use futures_util::stream::BoxStream;

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

/// A chunk.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    pub(crate) json: String,
}
