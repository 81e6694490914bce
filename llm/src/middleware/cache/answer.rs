use crate::{Message, MessageAssembler, MessageChunk, Usage};
use catena::{Assemble, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// An answer in a [`CacheStore`](super::CacheStore), as its chunks. It serializes as JSON. A clone copies a pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct CachedAnswer(Arc<[MessageChunk]>);

impl CachedAnswer {
    pub(super) fn of_message(message: Message) -> Self {
        let mut chunks = Vec::new();
        MessageAssembler::default().split(message, &mut |chunk| chunks.push(chunk));
        CachedAnswer(chunks.into())
    }

    pub(super) fn of_chunks(chunks: Vec<MessageChunk>) -> Self {
        CachedAnswer(chunks.into())
    }

    /// Returns the chunks as they were received. Their usage is that of the original answer.
    pub fn chunks(&self) -> &[MessageChunk] {
        &self.0
    }

    /// Returns the answer, with a usage of zero.
    pub(super) fn message(&self) -> Result<Message> {
        let mut assembler = MessageAssembler::default();
        self.0.iter().cloned().for_each(|chunk| assembler.push(chunk));
        Ok(assembler.finish()?.with_usage(Usage::default()))
    }

    /// Returns the chunks. The last one has a usage of zero.
    pub(super) fn replay(self) -> impl Iterator<Item = MessageChunk> + Send {
        let last = self.0.len().saturating_sub(1);
        let none = self.0.is_empty().then(MessageChunk::default);
        let chunks = (0..self.0.len()).map(move |at| self.0[at].clone()).chain(none);
        chunks.enumerate().map(move |(at, mut chunk)| {
            if at == last {
                chunk.metadata_mut().usage = Some(Usage::default());
            } else if let Some(metadata) = &mut chunk.metadata {
                metadata.usage = None;
            }
            chunk
        })
    }
}

impl Serialize for CachedAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

impl<'de> Deserialize<'de> for CachedAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(CachedAnswer::of_chunks)
    }
}
