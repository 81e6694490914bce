//! Chunks back into the whole: what `stream` yields assembles into exactly what `call` returns.

use crate::{
    Error, Result,
    reflect::{copier::Copier, registry},
};
use futures_core::Stream;
use futures_util::stream;
use std::any::Any;

/// Puts a step's chunks together, and takes its output apart again.
///
/// Pushing the chunks of `split(output)` and finishing gives `output` back.
///
/// A step makes its assemblers itself ([`Runnable::assembler`](crate::Runnable::assembler)): they may hold what the step was
/// set up with, which a `Default` could not.
///
/// ```
/// use catena::{Assemble, Concat};
///
/// let mut text = Concat::default();
/// text.push("Hel".to_owned());
/// text.push("lo".to_owned());
/// assert_eq!(text.finish()?, "Hello");
/// # Ok::<(), catena::Error>(())
/// ```
pub trait Assemble: Send + Sized + 'static {
    /// A piece.
    type Chunk: Send + 'static;
    /// The whole.
    type Output: Send + 'static;
    /// Whether there is but one chunk, the whole itself.
    const WHOLE: bool = false;
    /// Take the next piece.
    fn push(&mut self, chunk: Self::Chunk);
    /// The whole, or an error where pieces are missing.
    ///
    /// # Errors
    /// When the stream ended before it could make an output.
    fn finish(self) -> Result<Self::Output>;
    /// Cut a whole value into chunks, for a step that has to stand in for a streaming one.
    fn split(&self, output: Self::Output, emit: &mut dyn FnMut(Self::Chunk));
    /// A copy of a chunk, where its type can be copied: of every chunk, or of none.
    fn duplicate(&self, _chunk: &Self::Chunk) -> Option<Self::Chunk> {
        None
    }
    /// Whether [`duplicate`](Self::duplicate) gives copies, asked before there is a chunk.
    fn duplicates(&self) -> bool {
        false
    }
    /// With a way to copy chunks, for an assembler of chunks that may be `Clone` or not.
    #[doc(hidden)]
    fn copying(self, _copier: Option<Copier>) -> Self {
        self
    }
    /// A copy of a chunk, by whatever is known of its type: for those who observe.
    #[doc(hidden)]
    fn known_copy(&self, chunk: &Self::Chunk) -> Option<Self::Chunk> {
        self.duplicate(chunk)
    }
    /// A copy of a part of a chunk into `copy`, an `Option` of its type: of the chunk of the branch on this path of maps in
    /// maps.
    #[doc(hidden)]
    fn copy_part(&self, _path: &[usize], part: &dyn Any, copy: &mut dyn Any, by: By) {
        if let (Some(chunk), Some(copy)) = (part.downcast_ref(), copy.downcast_mut()) {
            *copy = match by {
                By::Assembler => self.duplicate(chunk),
                By::Knowledge => self.known_copy(chunk),
            };
        }
    }
    /// Another assembler for the same stream, with nothing in it, where one can be made: each branch of a parallel map
    /// gets its own, and waits for the whole where there is none.
    fn fork(&self) -> Option<Self> {
        None
    }
}

/// How the parts of a chunk are copied.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// As their assemblers [duplicate](Assemble::duplicate) them.
    Assembler,
    /// By whatever is known of their types.
    Knowledge,
}

/// One chunk that is the whole value: for steps that give their output at once.
pub struct Whole<T>(Option<T>);

impl<T> Default for Whole<T> {
    fn default() -> Self {
        Whole(None)
    }
}

impl<T: Send + 'static> Assemble for Whole<T> {
    type Chunk = T;
    type Output = T;
    const WHOLE: bool = true;

    fn push(&mut self, chunk: T) {
        self.0 = Some(chunk);
    }

    fn finish(self) -> Result<T> {
        self.0.ok_or_else(|| Error::msg("the stream of a step ended without a value"))
    }

    fn split(&self, output: T, emit: &mut dyn FnMut(T)) {
        emit(output);
    }

    fn known_copy(&self, chunk: &T) -> Option<T> {
        registry::copy(chunk)
    }

    fn fork(&self) -> Option<Self> {
        Some(Whole(None))
    }
}

/// Text, piece by piece.
#[derive(Default)]
pub struct Concat(String);

impl Assemble for Concat {
    type Chunk = String;
    type Output = String;

    fn push(&mut self, chunk: String) {
        if self.0.is_empty() {
            self.0 = chunk;
        } else {
            self.0.push_str(&chunk);
        }
    }

    fn finish(self) -> Result<String> {
        Ok(self.0)
    }

    fn split(&self, output: String, emit: &mut dyn FnMut(String)) {
        emit(output);
    }

    fn duplicate(&self, chunk: &String) -> Option<String> {
        Some(chunk.clone())
    }

    fn duplicates(&self) -> bool {
        true
    }

    fn fork(&self) -> Option<Self> {
        Some(Concat::default())
    }
}

/// An output as the chunks that its assembler would make it of, without a box; the first of them without a list, because
/// mostly it is the only one.
pub(crate) fn pieces<A: Assemble>(
    assembler: &A,
    output: A::Output,
) -> impl Stream<Item = Result<A::Chunk>> + Send + Unpin + use<A> {
    let (mut first, mut rest) = (None, Vec::new());
    assembler.split(output, &mut |chunk| match first {
        None => first = Some(chunk),
        Some(_) => rest.push(chunk),
    });
    stream::iter(first.into_iter().chain(rest).map(Ok))
}
