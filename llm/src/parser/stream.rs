//! The stream of a parser.

use super::{AsText, OutputParser, Reader, error::failed, thoughts::Thoughts};
use crate::{Message, MessageChunk};
use catena::{Assemble, BoxAssembler, Chunks, Concat, Error, Result, Whole};
use futures_util::{Stream, StreamExt};
use std::{
    any::{Any, TypeId},
    collections::VecDeque,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

/// Returns the stream of what a parser reads from these chunks.
pub(super) fn read<'a, P, Up>(format: &'a P, chunks: Chunks<'a, Up::Chunk>, assembler: Up) -> Chunks<'a, ChunkOf<P>>
where
    P: OutputParser,
    Up: Assemble,
    Up::Output: AsText,
{
    if let Err(error) = format.check() {
        return Chunks::new(futures_util::stream::iter([Err(error)]));
    }
    Chunks::new(ParsedStream {
        chunks: Some(chunks),
        // Chunks that are not text are assembled first.
        assembler: (!gives_text::<Up>()).then_some(assembler),
        reader: format.reader(),
        thoughts: if P::READS_THOUGHTS { Thoughts::default() } else { Thoughts::new() },
        text: String::new(),
        parsed: VecDeque::new(),
        error: None,
    })
}

/// The chunks of a format's reader.
pub(super) type ChunkOf<P> = <<P as OutputParser>::Reader as Reader>::Chunk;

/// Returns whether the chunks are text, which is known by the type of their assembler.
pub(super) fn gives_text<Up: Assemble>() -> bool {
    let assembler = TypeId::of::<Up>();
    let message = TypeId::of::<Up::Output>() == TypeId::of::<Message>();
    (message && TypeId::of::<Up::Chunk>() == TypeId::of::<MessageChunk>())
        || assembler == TypeId::of::<Concat>()
        || assembler == TypeId::of::<Whole<String>>()
        || assembler == TypeId::of::<BoxAssembler<String, String>>()
}

/// Appends the text of a chunk.
pub(super) fn add_text(chunk: &dyn Any, text: &mut String) {
    if let Some(chunk) = chunk.downcast_ref::<MessageChunk>() {
        if let Some(part) = &chunk.part {
            text.push_str(part.text());
        }
        text.push_str(&chunk.text);
    } else if let Some(chunk) = chunk.downcast_ref::<String>() {
        text.push_str(chunk);
    }
}

struct ParsedStream<'a, Up: Assemble, R: Reader> {
    /// The input; `None` once it has ended.
    chunks: Option<Chunks<'a, Up::Chunk>>,
    assembler: Option<Up>,
    reader: R,
    thoughts: Thoughts,
    /// The text of the last chunk.
    text: String,
    parsed: VecDeque<R::Chunk>,
    error: Option<Error>,
}

/// No field is pinned structurally.
impl<Up: Assemble, R: Reader> Unpin for ParsedStream<'_, Up, R> {}

impl<Up, R> ParsedStream<'_, Up, R>
where
    Up: Assemble,
    Up::Output: AsText,
    R: Reader,
{
    fn take(&mut self, chunk: Up::Chunk) -> Result<()> {
        if let Some(assembler) = &mut self.assembler {
            assembler.push(chunk);
            return Ok(());
        }
        self.text.clear();
        add_text(&chunk, &mut self.text);
        if self.text.is_empty() {
            return Ok(());
        }
        let text = self.thoughts.push(&self.text);
        if text.is_empty() {
            return Ok(());
        }
        self.reader.push(&text, &mut |chunk| self.parsed.push_back(chunk)).map_err(failed)
    }

    fn finish(&mut self) -> Result<()> {
        let emit = &mut |chunk| self.parsed.push_back(chunk);
        if let Some(assembler) = self.assembler.take() {
            let text = assembler.finish()?;
            self.reader.push(&self.thoughts.push(text.as_text()), emit).map_err(failed)?;
        }
        let held = self.thoughts.finish();
        if !held.is_empty() {
            self.reader.push(&held, emit).map_err(failed)?;
        }
        self.reader.finish(emit).map_err(failed)
    }
}

impl<Up, R> Stream for ParsedStream<'_, Up, R>
where
    Up: Assemble,
    Up::Output: AsText,
    R: Reader,
{
    type Item = Result<R::Chunk>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(chunk) = this.parsed.pop_front() {
                return Poll::Ready(Some(Ok(chunk)));
            }
            if let Some(error) = this.error.take() {
                return Poll::Ready(Some(Err(error)));
            }
            let Some(chunks) = &mut this.chunks else { return Poll::Ready(None) };
            let outcome = match ready!(chunks.poll_next_unpin(task)) {
                Some(Ok(chunk)) => this.take(chunk),
                Some(Err(error)) => Err(error),
                None => {
                    this.chunks = None;
                    this.finish()
                }
            };
            if let Err(error) = outcome {
                // Nothing more is read. Parsed chunks are yielded before the error.
                this.chunks = None;
                this.error = Some(error);
            }
        }
    }
}
