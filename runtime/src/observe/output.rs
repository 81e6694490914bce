//! The output of a stream, gathered from its chunks for the event of its end.

use crate::{Assemble, reflect::registry};
use serde_json::Value;
use std::{any::TypeId, sync::Arc};

/// Clones of a step's chunks, assembled for the event of its end.
pub(crate) struct OutputRecorder<A: Assemble> {
    /// Nothing once there was a chunk that cannot be copied.
    assembler: Option<A>,
    last: Option<Arc<Value>>,
    chunks: usize,
}

impl<A: Assemble> OutputRecorder<A> {
    pub(crate) fn new(assembler: A) -> Self {
        OutputRecorder { assembler: Some(assembler), last: None, chunks: 0 }
    }

    /// The chunk as JSON.
    pub(crate) fn push(&mut self, chunk: &A::Chunk) -> Option<Arc<Value>> {
        self.chunks += 1;
        self.last = registry::json(chunk).map(Arc::new);
        match self.assembler.as_mut().and_then(|assembler| Some((assembler.known_copy(chunk)?, assembler))) {
            Some((copy, assembler)) => assembler.push(copy),
            None => self.assembler = None,
        }
        self.last.clone()
    }

    /// The whole as JSON.
    pub(crate) fn finish(self) -> Option<Arc<Value>> {
        match self.assembler {
            Some(assembler) => registry::json(&assembler.finish().ok()?).map(Arc::new),
            // One chunk that is the whole needs no putting together.
            None if self.chunks == 1 && TypeId::of::<A::Chunk>() == TypeId::of::<A::Output>() => self.last,
            None => None,
        }
    }
}
