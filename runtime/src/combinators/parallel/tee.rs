//! One stream for several readers.

use crate::{Assemble, Chunks, Error, Result, reflect::copier::Copier};
use futures_core::Stream;
use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context as Task, Poll, Waker},
};

/// The readers of a stream, one for each branch of a map, in step: a chunk is read from the source when every reader has
/// room for it, and each has room for one. So the slowest reader sets the pace, and a reader that is gone sets none.
///
/// An error of the source is none of the branches': they never see it, and [`Guarded`] gives it in their place.
pub(crate) struct Tee<'a, Up: Assemble, const N: usize>(Arc<Mutex<Shared<'a, Up, N>>>);

struct Shared<'a, Up: Assemble, const N: usize> {
    /// Nothing once it has ended, in whichever way.
    source: Option<Chunks<'a, Up::Chunk>>,
    error: Option<Error>,
    failed: bool,
    assembler: Up,
    copier: Option<Copier>,
    readers: [Place<Up::Chunk>; N],
}

struct Place<T> {
    /// A chunk that others have read already.
    chunk: Option<T>,
    gone: bool,
    waker: Option<Waker>,
}

/// One of the readers.
struct Reader<'a, Up: Assemble, const N: usize> {
    tee: Arc<Mutex<Shared<'a, Up, N>>>,
    at: usize,
}

/// A stream made from the readers, which ends with the source's error.
pub(crate) struct Guarded<'a, Up: Assemble, S, const N: usize> {
    tee: Tee<'a, Up, N>,
    stream: S,
}

impl<'a, Up: Assemble, const N: usize> Tee<'a, Up, N> {
    /// Nothing where the chunks cannot be copied; then the chunks and their assembler come back.
    #[allow(clippy::result_large_err)] // no error: the chunks come back as they were
    pub(crate) fn new(
        source: Chunks<'a, Up::Chunk>,
        assembler: Up,
        copier: Option<Copier>,
    ) -> std::result::Result<Self, (Chunks<'a, Up::Chunk>, Up)> {
        let copier = copier.filter(Copier::is_for::<Up::Chunk>);
        let possible = N < 2 || copier.is_some() || assembler.duplicates();
        if !possible || assembler.fork().is_none() {
            return Err((source, assembler));
        }
        let readers = std::array::from_fn(|_| Place { chunk: None, gone: false, waker: None });
        let shared = Shared { source: Some(source), error: None, failed: false, assembler, copier, readers };
        Ok(Tee(Arc::new(Mutex::new(shared))))
    }

    /// The chunks for one branch, and its assembler for them.
    pub(crate) fn reader(&self, at: usize) -> Result<(Chunks<'a, Up::Chunk>, Up)> {
        let assembler = lock(&self.0).assembler.fork().ok_or_else(|| Error::msg("an assembler stopped forking"))?;
        Ok((Chunks::new(Reader { tee: Arc::clone(&self.0), at }), assembler))
    }

    pub(crate) fn guard<S>(self, stream: S) -> Guarded<'a, Up, S, N> {
        Guarded { tee: self, stream }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<Up: Assemble, const N: usize> Shared<'_, Up, N> {
    fn copy(&self, chunk: &Up::Chunk) -> Option<Up::Chunk> {
        match self.copier {
            Some(copier) => copier.copy(chunk),
            None => self.assembler.duplicate(chunk),
        }
    }

    /// Whoever waits for this one.
    fn wake_others(&mut self, at: usize) {
        for (_, reader) in self.readers.iter_mut().enumerate().filter(|(index, _)| *index != at) {
            if let Some(waker) = reader.waker.take() {
                waker.wake();
            }
        }
    }

    fn fail(&mut self, error: Error) {
        self.source = None;
        self.error = Some(error);
        self.failed = true;
    }

    fn poll(&mut self, at: usize, task: &mut Task<'_>) -> Poll<Option<Result<Up::Chunk>>> {
        if let Some(chunk) = self.readers[at].chunk.take() {
            self.wake_others(at);
            return Poll::Ready(Some(Ok(chunk)));
        }
        let waits = self.failed || self.readers.iter().any(|reader| reader.chunk.is_some());
        let polled = match &mut self.source {
            _ if waits => Poll::Pending,
            None => return Poll::Ready(None),
            Some(source) => Pin::new(source).poll_next(task),
        };
        match polled {
            Poll::Pending => {
                let waker = &mut self.readers[at].waker;
                if !waker.as_ref().is_some_and(|waker| waker.will_wake(task.waker())) {
                    *waker = Some(task.waker().clone());
                }
                Poll::Pending
            }
            Poll::Ready(None) => {
                self.source = None;
                self.wake_others(at);
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => {
                self.fail(error);
                Poll::Pending
            }
            Poll::Ready(Some(Ok(chunk))) => {
                for other in 0..self.readers.len() {
                    if other == at || self.readers[other].gone {
                        continue;
                    }
                    let Some(copy) = self.copy(&chunk) else {
                        self.fail(Error::msg("an assembler that duplicates its chunks did not duplicate this one"));
                        return Poll::Pending;
                    };
                    self.readers[other].chunk = Some(copy);
                }
                self.wake_others(at);
                Poll::Ready(Some(Ok(chunk)))
            }
        }
    }
}

impl<Up: Assemble, const N: usize> Stream for Reader<'_, Up, N> {
    type Item = Result<Up::Chunk>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        lock(&self.tee).poll(self.at, task)
    }
}

impl<Up: Assemble, const N: usize> Drop for Reader<'_, Up, N> {
    fn drop(&mut self) {
        let mut shared = lock(&self.tee);
        let reader = &mut shared.readers[self.at];
        reader.gone = true;
        let unread = reader.chunk.take();
        // The one that the source would have woken may be this one.
        shared.wake_others(self.at);
        let source = if shared.readers.iter().all(|reader| reader.gone) { shared.source.take() } else { None };
        drop(shared);
        drop((unread, source));
    }
}

impl<T, Up: Assemble, S: Stream<Item = Result<T>> + Unpin, const N: usize> Stream for Guarded<'_, Up, S, N> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        match Pin::new(&mut self.stream).poll_next(task) {
            Poll::Ready(Some(item)) => Poll::Ready(Some(item)),
            // Whatever polls the source is polled here.
            polled => match lock(&self.tee.0).error.take() {
                Some(error) => Poll::Ready(Some(Err(error))),
                None => polled,
            },
        }
    }
}
