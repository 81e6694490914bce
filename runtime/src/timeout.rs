//! A limit on the time a step may take.

use crate::{
    Chunks, Component, ComponentKind, Context, Error, ErrorKind, Node, Result, Runnable, Step, context::far,
    kept::kept_as, runnable::like,
};
use futures_core::Stream;
use futures_util::StreamExt;
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// A step that fails with [`ErrorKind::Timeout`] when it takes too long; made by [`timeout`](crate::StepExt::timeout).
/// What runs under it is dropped, and so stops.
///
/// # Streaming
/// The limit is on the whole stream, from the moment its input is complete to its last chunk.
#[derive(Clone, Copy, Debug)]
pub struct Timeout<S> {
    step: S,
    after: Duration,
}

impl<S> Timeout<S> {
    /// Limit a step.
    pub const fn new(step: S, after: Duration) -> Self {
        Timeout { step, after }
    }

    fn limit<O, F: Future<Output = Result<O>>>(&self, work: F) -> Limit<F> {
        Limit { work, after: self.after, until: None, sleep: None }
    }
}

pin_project_lite::pin_project! {
    /// Work that has to be done in time. Begins with the first poll, as an `async` block would, and not where there may be no
    /// runtime yet; and sets no timer for work that is ready.
    struct Limit<F> {
        #[pin]
        work: F,
        after: Duration,
        until: Option<Instant>,
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl<O, F: Future<Output = Result<O>>> Future for Limit<F> {
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let mut this = self.project();
        let until = *this.until.get_or_insert_with(|| far(Instant::now(), *this.after));
        if let Poll::Ready(outcome) = this.work.poll(task) {
            return Poll::Ready(outcome);
        }
        if this.sleep.is_none() {
            this.sleep.set(Some(tokio::time::sleep_until(until)));
        }
        match this.sleep.as_pin_mut().map(|sleep| sleep.poll(task)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(passed(*this.after))),
            _ => Poll::Pending,
        }
    }
}

#[cold]
fn passed(after: Duration) -> Error {
    Error::new(ErrorKind::Timeout { after }, format!("no answer within {after:?}"))
}

impl<S: Step> Step for Timeout<S> {
    const NODE: Node = Node::Timeout { after: None, node: &S::NODE };

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Timeout<S> {
    like!(In, S);

    fn component(&self) -> Component {
        Component::around(ComponentKind::Timeout, self.step.component()).with("seconds", self.after.as_secs_f64())
    }

    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        self.limit(self.step.call(input, cx))
    }

    fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        self.limit(self.step.call_ref(input, cx))
    }

    fn call_unobserved<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        self.limit(self.step.call_unobserved(input, cx))
    }

    fn call_ref_unobserved<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        self.limit(self.step.call_ref_unobserved(input, cx))
    }

    kept_as!(In, S);

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        let chunks = self.step.call_stream(input, cx);
        Chunks::new(Limited { chunks, timeout: self.after, sleep: None })
    }
}

pin_project_lite::pin_project! {
    /// Chunks that have to come in time.
    struct Limited<'a, T> {
        chunks: Chunks<'a, T>,
        timeout: Duration,
        // Begins with the first read.
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl<T: Send> Stream for Limited<'_, T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if this.sleep.is_none() {
            this.sleep.set(Some(tokio::time::sleep(*this.timeout)));
        }
        if let Poll::Ready(next) = this.chunks.poll_next_unpin(task) {
            return Poll::Ready(next);
        }
        match this.sleep.as_pin_mut().map(|sleep| sleep.poll(task)) {
            Some(Poll::Ready(())) => Poll::Ready(Some(Err(passed(*this.timeout)))),
            _ => Poll::Pending,
        }
    }
}
