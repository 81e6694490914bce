//! Chunks back into the whole: what `stream` yields assembles into exactly what `call` returns.

use crate::{Error, Result};

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
    /// Take the next piece.
    fn push(&mut self, chunk: Self::Chunk);
    /// The whole, or an error where pieces are missing.
    ///
    /// # Errors
    /// When the stream ended before it could make an output.
    fn finish(self) -> Result<Self::Output>;
    /// Cut a whole value into chunks, for a step that has to stand in for a streaming one.
    fn split(&self, output: Self::Output, emit: &mut dyn FnMut(Self::Chunk));
    /// A copy of a chunk, where its type can be copied.
    fn duplicate(&self, _chunk: &Self::Chunk) -> Option<Self::Chunk> {
        None
    }
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

    fn push(&mut self, chunk: T) {
        self.0 = Some(chunk);
    }

    fn finish(self) -> Result<T> {
        self.0.ok_or_else(|| Error::msg("the stream of a step ended without a value"))
    }

    fn split(&self, output: T, emit: &mut dyn FnMut(T)) {
        emit(output);
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
}
