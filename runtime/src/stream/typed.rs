//! Streams from step to step with their types, so that a chunk goes through several steps in one call.

use super::chunks::{Chunks, Signature, StepAt};
use crate::{Error, Result, error::Segment};
use futures_core::Stream;
use std::{
    pin::Pin,
    task::{Context as Task, Poll},
};

/// A stream of chunks that a step hands on to the next one: behind a pointer, as [`Chunks`] are, or of a type of its own.
///
/// Behind a pointer, each step is a call that the compiler cannot look into, and long chains of them are more ways back than a
/// processor keeps. With their types, steps become one function. As types grow with each step, a sequence puts a pointer in
/// between every few of them.
pub trait Piped<'a, T>: Stream<Item = Result<T>> + Send + Sized + 'a {
    /// The same stream, whose errors have one place more in their path.
    type Located: Piped<'a, T>;

    /// With the name of the step it is of; of the last one in a sequence, errors go up to the level above.
    fn signed(self, name: Option<&'a str>, place: Option<StepAt<'a>>, last: bool) -> Self::Located;

    /// With the field of a parallel map that it is of.
    fn of_field(self, field: &'static str) -> Self::Located;

    /// Behind a pointer. Allocates, if it is not there yet.
    fn chunks(self) -> Chunks<'a, T>;
}

impl<'a, T: Send + 'a> Piped<'a, T> for Chunks<'a, T> {
    type Located = Self;

    fn signed(self, name: Option<&'a str>, place: Option<StepAt<'a>>, last: bool) -> Self {
        Chunks::signed(self, name, place, last)
    }

    fn of_field(self, field: &'static str) -> Self {
        Chunks::of_field(self, field)
    }

    fn chunks(self) -> Self {
        self
    }
}

pin_project_lite::pin_project! {
    /// A stream whose errors have a place in their path. An error is its last item.
    pub struct Located<'a, S> {
        // Nothing once it has ended: what ran for it is dropped there and then.
        #[pin]
        stream: Option<S>,
        place: Place<'a>,
    }
}

enum Place<'a> {
    Step(Signature<'a>),
    Field(&'static str),
}

impl Place<'_> {
    fn locate(&self, error: Error) -> Error {
        match self {
            Place::Step(signature) => signature.sign(error),
            Place::Field(field) => error.at(Segment::Field((*field).into())),
        }
    }
}

impl<'a, S> Located<'a, S> {
    pub(crate) fn of_step(stream: S, name: Option<&'a str>, place: Option<StepAt<'a>>, last: bool) -> Self {
        Located { stream: Some(stream), place: Place::Step(Signature::new(name, place, last)) }
    }

    pub(crate) fn of_field(stream: S, field: &'static str) -> Self {
        Located { stream: Some(stream), place: Place::Field(field) }
    }

    /// The stream has failed, and so ends.
    #[cold]
    #[inline(never)]
    fn failed(mut self: Pin<&mut Self>, error: Error) -> Error {
        self.as_mut().project().stream.set(None);
        self.place.locate(error)
    }
}

impl<T, S: Stream<Item = Result<T>>> Stream for Located<'_, S> {
    type Item = Result<T>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = self.as_mut().project().stream.as_pin_mut() else { return Poll::Ready(None) };
        match stream.poll_next(task) {
            Poll::Ready(Some(Ok(chunk))) => Poll::Ready(Some(Ok(chunk))),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(self.failed(error)))),
            Poll::Ready(None) => {
                self.project().stream.set(None);
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<'a, T: Send + 'a, S: Stream<Item = Result<T>> + Send + 'a> Piped<'a, T> for Located<'a, S> {
    type Located = Located<'a, Self>;

    fn signed(self, name: Option<&'a str>, place: Option<StepAt<'a>>, last: bool) -> Self::Located {
        Located::of_step(self, name, place, last)
    }

    fn of_field(self, field: &'static str) -> Self::Located {
        Located::of_field(self, field)
    }

    fn chunks(self) -> Chunks<'a, T> {
        let stream = self.stream.map(|stream| Box::pin(stream) as _);
        let (signature, field) = match self.place {
            Place::Step(signature) => (Some(signature), None),
            Place::Field(field) => (None, Some(field)),
        };
        Chunks { stream, signature, put_back: None, field }
    }
}
