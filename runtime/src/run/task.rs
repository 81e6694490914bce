//! Tasks, and work on threads that may block, in the `tracing` span of their caller.

use crate::{
    Error, ErrorKind, Result,
    host::{self, JoinError, JoinHandle},
};
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
};
use tracing::{Dispatch, Instrument, Span, dispatcher, instrument::Instrumented};

/// A task that ends with its handle.
pub(crate) struct Owned<T>(JoinHandle<T>);

impl<T: Send + 'static> Owned<T> {
    pub(crate) fn spawn(work: impl Future<Output = T> + Send + 'static) -> Self {
        let Surroundings { span, dispatch } = Surroundings::current();
        Owned(host::spawn(Within { work: work.instrument(span), dispatch }))
    }

    /// On the threads for work that blocks. Such work cannot be stopped once it runs; its result is then dropped.
    pub(crate) fn spawn_blocking(work: impl FnOnce() -> T + Send + 'static) -> Self {
        let Surroundings { span, dispatch } = Surroundings::current();
        Owned(host::spawn_blocking(move || within(dispatch.as_ref(), || span.in_scope(work))))
    }
}

/// The current span, for work on another thread. Without a current span, it is two empty options.
struct Surroundings {
    span: Span,
    /// The subscriber of the span, which may be that of the caller's thread alone.
    dispatch: Option<Dispatch>,
}

impl Surroundings {
    fn current() -> Self {
        let span = Span::current();
        let dispatch = span.with_subscriber(|(_, dispatch)| dispatch.clone());
        Surroundings { span, dispatch }
    }
}

fn within<T>(dispatch: Option<&Dispatch>, work: impl FnOnce() -> T) -> T {
    match dispatch {
        Some(dispatch) => dispatcher::with_default(dispatch, work),
        None => work(),
    }
}

pin_project_lite::pin_project! {
    /// Work in a task, in its caller's span.
    struct Within<F> {
        #[pin]
        work: Instrumented<F>,
        dispatch: Option<Dispatch>,
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        let this = self.project();
        within(this.dispatch.as_ref(), || this.work.poll(task))
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T> Future for Owned<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<T>> {
        Pin::new(&mut self.0).poll(task).map_err(ended)
    }
}

#[cold]
fn ended(error: JoinError) -> Error {
    if error.is_panic() {
        return Error::panicked("the task", &*error.into_panic());
    }
    Error::new(ErrorKind::Cancelled, "the task was stopped with its runtime")
}
