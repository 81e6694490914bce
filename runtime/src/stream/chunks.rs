//! The stream of a step: boxed once, signed with the step's name where it fails, never allocating per chunk.

use crate::{Assemble, Error, Result, combinators::sequence::Places, error::Segment, util::coop::Turn};
use futures_core::Stream;
use futures_util::{FutureExt, StreamExt, TryFutureExt};
use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
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

/// A chunk that somebody has read to see whether there is one, and what comes after it.
pub(super) struct PutBack<'a, T> {
    chunk: T,
    rest: Option<Boxed<'a, T>>,
}

/// A step of a sequence.
pub(crate) type StepAt<'a> = (&'a dyn Places, usize);

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
        Chunks { stream: Some(Box::pin(stream)), signature: None, put_back: None, field: None }
    }

    /// A single chunk, when the future is ready: what a step that does not stream gives.
    pub fn once(value: impl Future<Output = Result<T>> + Send + 'a) -> Self {
        Chunks::new(value.into_stream())
    }

    /// The stream that a future opens.
    pub fn open(stream: impl Future<Output = Result<Chunks<'a, T>>> + Send + 'a) -> Self {
        Chunks::new(stream.try_flatten_stream())
    }

    /// The chunks an `async` block sends, for streams that borrow what the block owns. The block runs only while
    /// somebody reads, waits after each chunk until it was taken, and sends from one place at a time.
    #[doc(hidden)]
    pub fn generate<F, Fut>(block: F) -> Self
    where
        F: FnOnce(Sender<T>) -> Fut,
        Fut: Future<Output = Result<()>> + Send + 'a,
    {
        let slot = Arc::new(Mutex::new(None));
        let block = block(Sender { slot: Arc::clone(&slot) });
        Chunks::new(Generated { block: Some(block), slot, error: None, turn: Turn::new() })
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

    /// The chunks as a sequence gets them from the step before it: their errors are none of its own.
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

type Slot<T> = Arc<Mutex<Option<T>>>;

/// Where a [generating](Chunks::generate) block puts its chunks.
pub struct Sender<T> {
    slot: Slot<T>,
}

impl<T> Sender<T> {
    /// Hand over the next chunk, and wait until the reader comes back for more.
    #[doc(hidden)]
    pub async fn send(&self, chunk: T) {
        *lock(&self.slot) = Some(chunk);
        // The reader takes the chunk at the end of this poll; the next poll goes on.
        let mut given = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut given, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }
}

impl<T: Send> Sender<T> {
    /// Hand over all chunks of a stream.
    #[doc(hidden)]
    pub async fn forward(&self, mut chunks: Chunks<'_, T>) -> Result<()> {
        while let Some(chunk) = chunks.next().await {
            self.send(chunk?).await;
        }
        Ok(())
    }
}

fn lock<T>(slot: &Mutex<Option<T>>) -> std::sync::MutexGuard<'_, Option<T>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

pin_project_lite::pin_project! {
    struct Generated<F, T> {
        // Nothing once it has ended.
        #[pin]
        block: Option<F>,
        slot: Slot<T>,
        // Where the block failed with a chunk still to be handed over: what comes after it.
        error: Option<Error>,
        turn: Turn,
    }
}

impl<F: Future<Output = Result<()>>, T> Stream for Generated<F, T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let Some(block) = this.block.as_mut().as_pin_mut() else { return Poll::Ready(this.error.take().map(Err)) };
        std::task::ready!(this.turn.poll(task));
        let polled = block.poll(task);
        if polled.is_ready() {
            this.block.set(None);
        }
        let chunk = lock(this.slot).take();
        if let Some(chunk) = chunk {
            if let Poll::Ready(Err(error)) = polled {
                *this.error = Some(error);
            }
            return Poll::Ready(Some(Ok(chunk)));
        }
        match polled {
            Poll::Pending => {
                this.turn.waited();
                Poll::Pending
            }
            Poll::Ready(Ok(())) => Poll::Ready(None),
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
        }
    }
}
