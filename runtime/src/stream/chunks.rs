//! The stream of a step: boxed once, signed with the step's name where it fails, never allocating per chunk.

use crate::{
    Assemble, Error, Result,
    error::{Segment, path::Locate},
    util::coop::Turn,
};
use futures_core::Stream;
use futures_util::{FutureExt, StreamExt, TryFutureExt};
use std::{
    any::{Any, TypeId},
    future::Future,
    pin::{Pin, pin},
    task::{Context as Task, Poll},
};

/// The chunks of a step as they come.
///
/// A boxed stream with room for the name of the step it belongs to. Were it a plain box, a sequence would have to box
/// each step's stream a second time to put the step into the path of its errors.
///
/// Making one allocates once; polling it does not. An error is its last item: what ran for it is dropped there and then.
pub struct Chunks<'a, T> {
    /// What is to be read. Nothing once it has ended, and while there is a chunk that was put back.
    pub(super) stream: Option<Boxed<'a, T>>,
    pub(super) signature: Option<Signature<'a>>,
    pub(super) put_back: Option<PutBack<'a, T>>,
    /// The field of a parallel map that they are of, outside of what signs them.
    pub(super) field: Option<&'static str>,
}

pub(super) type Boxed<'a, T> = Pin<Box<dyn Stream<Item = Result<T>> + Send + 'a>>;

/// A chunk that was read to see whether there is one, and what comes after it.
pub(super) struct PutBack<'a, T> {
    chunk: T,
    rest: Option<Boxed<'a, T>>,
}

/// A step of a sequence.
pub(crate) type StepAt<'a> = (&'a dyn Locate, usize);

pub(super) struct Signature<'a> {
    name: Option<&'a str>,
    /// The sequence that the step is of, which knows whether another one has that name.
    place: Option<StepAt<'a>>,
    /// The sequence whose last step this sequence is, as a group of its steps.
    group: Option<StepAt<'a>>,
    /// The last step of a sequence hands its errors to the level above, which signs them again: how many levels at once.
    leaving: u32,
    /// These chunks go into a sequence, whose steps must not sign what came before it.
    entering: u32,
}

impl<'a, T: Send + 'a> Chunks<'a, T> {
    /// From any stream.
    ///
    /// ```
    /// use catena::Chunks;
    /// use futures_util::{StreamExt, stream};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let chunks = Chunks::new(stream::iter([Ok(1), Ok(2)]));
    /// assert_eq!(chunks.count().await, 2);
    /// # });
    /// ```
    pub fn new(stream: impl Stream<Item = Result<T>> + Send + 'a) -> Self {
        Chunks::boxed(Box::pin(stream))
    }

    fn boxed(stream: Boxed<'a, T>) -> Self {
        Chunks { stream: Some(stream), signature: None, put_back: None, field: None }
    }

    /// A single chunk, when the future is ready: what a step that does not stream gives.
    pub fn once(value: impl Future<Output = Result<T>> + Send + 'a) -> Self {
        Chunks::new(value.into_stream())
    }

    /// The stream that a future opens.
    pub fn open(stream: impl Future<Output = Result<Chunks<'a, T>>> + Send + 'a) -> Self {
        Chunks::new(stream.try_flatten_stream())
    }

    /// These chunks, once the first of them is there.
    #[doc(hidden)]
    pub async fn begun(mut self) -> Self {
        match self.next().await {
            None => self,
            Some(Ok(first)) => self.after(first),
            Some(Err(error)) => Chunks::new(futures_util::stream::iter([Err(error)])),
        }
    }

    /// With a chunk put back that was read from it.
    pub(crate) fn after(self, chunk: T) -> Self {
        Chunks { stream: None, put_back: Some(PutBack { chunk, rest: self.stream }), ..self }
    }

    /// The whole output that these chunks make up.
    ///
    /// # Errors
    /// The first error of the stream, or that of an assembler which misses chunks.
    pub async fn assemble<A: Assemble<Chunk = T>>(self, assembler: A) -> Result<A::Output> {
        assembled(self, assembler).await
    }

    pub(crate) fn signed(self, name: Option<&'a str>, place: Option<StepAt<'a>>, last: bool) -> Self {
        let signature = Some(Signature::new(name, place, last));
        match self.signature {
            // A branch of a map has put its field outside already.
            _ if self.field.is_some() => Chunks { signature, ..Chunks::new(self) },
            None => Chunks { signature, ..self },
            // No name to add.
            Some(inner) if name.is_none() && last && inner.leaving == 1 && inner.entering == 0 => {
                let signature = Some(Signature { leaving: 2, group: place, ..inner });
                Chunks { signature, ..self }
            }
            // A nested sequence has signed it already: the second name needs a second layer.
            Some(_) => Chunks { signature, ..Chunks::new(self) },
        }
    }

    /// These chunks as those of a field of a parallel map.
    pub(crate) fn of_field(self, field: &'static str) -> Self {
        let inner = if self.field.is_some() { Chunks::new(self) } else { self };
        Chunks { field: Some(field), ..inner }
    }

    /// The chunks as a sequence gets them from the step before it: their errors are not its own.
    pub(crate) fn entering(mut self) -> Self {
        if self.field.is_some() {
            self = Chunks::new(self);
        }
        self.signature
            .get_or_insert(Signature { name: None, place: None, group: None, leaving: 0, entering: 0 })
            .entering += 1;
        self
    }
}

impl<'a> Signature<'a> {
    pub(super) fn new(name: Option<&'a str>, place: Option<StepAt<'a>>, last: bool) -> Self {
        Signature { name, place, group: None, leaving: u32::from(last), entering: 0 }
    }

    #[cold]
    pub(super) fn sign(&self, mut error: Error) -> Error {
        let signed = error.signed();
        if signed == 0 {
            error = match (self.place, self.name) {
                (Some((sequence, at)), _) => sequence.located(error, at),
                (None, Some(name)) => error.at(Segment::Step(name.to_owned().into())),
                (None, None) => error,
            };
        }
        if let (0 | 1, Some((sequence, at))) = (signed, self.group) {
            error = sequence.located(error, at);
        }
        let signed = if self.leaving > 0 { signed.saturating_sub(self.leaving) } else { signed.max(1) };
        error.sign(signed + self.entering)
    }
}

impl<'a, T: 'static> Chunks<'a, T> {
    /// The same stream, if its chunks are of this type; else the stream as it was.
    #[allow(clippy::result_large_err)] // no error: the chunks come back as they were
    pub(crate) fn of<U: 'static>(self) -> Result<Chunks<'a, U>, Self> {
        let itself: for<'x> fn(Chunks<'x, T>) -> Chunks<'x, T> = |chunks| chunks;
        match (&itself as &dyn Any).downcast_ref::<for<'x> fn(Chunks<'x, T>) -> Chunks<'x, U>>() {
            Some(same) => Ok(same(self)),
            None => Err(self),
        }
    }

    /// The same stream for one assembler, if it is for the other and both are of one type; else the stream as it was.
    #[allow(clippy::result_large_err)] // no error: the chunks come back as they were
    pub(crate) fn alike<B: Assemble<Chunk = T>, A: Assemble>(self) -> Result<Chunks<'a, A::Chunk>, Self> {
        if TypeId::of::<B>() == TypeId::of::<A>() { self.of() } else { Err(self) }
    }
}

/// Nothing in it is pinned in place.
impl<T> Unpin for Chunks<'_, T> {}

impl<T> Chunks<'_, T> {
    /// The stream has ended, or failed with what is to be told where.
    #[cold]
    #[inline(never)]
    fn ended(&mut self, polled: &mut Poll<Option<Result<T>>>) {
        self.stream = None;
        let last = std::mem::replace(polled, Poll::Pending);
        *polled = last.map_err(|error| self.locate(error));
    }

    /// There is nothing to read for now: the chunk that was put back, or nothing at all.
    #[cold]
    #[inline(never)]
    fn put_back(&mut self) -> Poll<Option<Result<T>>> {
        Poll::Ready(self.put_back.take().map(|put_back| {
            self.stream = put_back.rest;
            Ok(put_back.chunk)
        }))
    }

    fn locate(&self, mut error: Error) -> Error {
        if let Some(signature) = &self.signature {
            error = signature.sign(error);
        }
        match self.field {
            Some(field) => error.at(Segment::Field(field.into())),
            None => error,
        }
    }
}

impl<T> Stream for Chunks<'_, T> {
    type Item = Result<T>;

    // A chunk is handed on by each of the steps behind the one that made it, so this is to cost next to nothing: one look at
    // the pointer, one at what came. The value stays where it was written. Moved once more, it would be read in larger parts
    // than it was written in, for which a processor waits until the writing is over.
    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let mut polled = match &mut self.stream {
            Some(stream) => stream.as_mut().poll_next(task),
            None => self.put_back(),
        };
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.ended(&mut polled);
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let hint = |stream: &Option<Boxed<'_, T>>| stream.as_ref().map_or((0, Some(0)), Stream::size_hint);
        match &self.put_back {
            None => hint(&self.stream),
            Some(PutBack { rest, .. }) => {
                let (least, most) = hint(rest);
                (least.saturating_add(1), most.and_then(|most| most.checked_add(1)))
            }
        }
    }
}

/// The whole output that the chunks of a stream make up.
///
/// # Errors
/// The first error of the stream, or that of an assembler which misses chunks.
pub async fn assembled<A: Assemble>(
    chunks: impl Stream<Item = Result<A::Chunk>> + Send,
    mut assembler: A,
) -> Result<A::Output> {
    let mut chunks = pin!(chunks);
    let mut turn = Turn::new();
    while let Some(chunk) = turn.next(&mut chunks).await {
        assembler.push(chunk?);
    }
    assembler.finish()
}

#[cfg(test)]
mod tests {
    use crate::Chunks;
    use futures_util::stream;

    #[test]
    fn one_type_and_two() {
        let chunks = || Chunks::new(stream::iter([Ok(1_u8)]));
        assert!(chunks().of::<u8>().is_ok() && chunks().of::<i8>().is_err());
    }
}
