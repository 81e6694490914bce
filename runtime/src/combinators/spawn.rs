//! A step in a task of its own.

use crate::{
    Chunks, Component, ComponentKind, Context, Error, ErrorKind, Node, Result, Runnable, Step,
    run::blocking::marked,
    step::{call_map::called, runnable::like},
};
use futures_util::StreamExt;
use std::{
    any::Any,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as Task, Poll},
};
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinHandle},
};
use tokio_util::sync::CancellationToken;
use tracing::{Dispatch, Instrument, Span, dispatcher, instrument::Instrumented};

/// A step that runs in its own tokio task, so that it can use another core; made by
/// [`spawned`](crate::StepExt::spawned).
///
/// The task does not outlive the call: dropping the call stops it at its next `.await`. The runtime takes it away a moment
/// later, so that next to the tasks that lost a race there may be one more run than `max_concurrency` allows. A panic in it becomes an error
/// of kind [`ErrorKind::Panic`].
///
/// To observers, the runs in the task end with the call: what is still open when the call is dropped ends there and then, as
/// cancelled, and nothing that the task still does becomes an event afterwards. The `tracing` span that is current where the step is called
/// is current in the task, with its subscriber.
///
/// # Streaming
/// As the step does; the task is at most one chunk ahead of the reader. Waits for its whole input.
#[derive(Debug)]
pub struct Spawned<S> {
    step: Arc<S>,
}

impl<S> Spawned<S> {
    pub(crate) fn new(step: S) -> Self {
        Spawned { step: Arc::new(step) }
    }
}

impl<S> Clone for Spawned<S> {
    fn clone(&self) -> Self {
        Spawned { step: Arc::clone(&self.step) }
    }
}

/// A task that ends with its handle.
pub(crate) struct Owned<T>(JoinHandle<T>);

impl<T: Send + 'static> Owned<T> {
    pub(crate) fn spawn(work: impl Future<Output = T> + Send + 'static) -> Self {
        let Surroundings { span, dispatch } = Surroundings::current();
        Owned(tokio::spawn(Within { work: work.instrument(span), dispatch }))
    }

    /// On the threads for work that blocks. Such work cannot be stopped once it runs; its result is then dropped.
    pub(crate) fn spawn_blocking(work: impl FnOnce() -> T + Send + 'static) -> Self {
        let Surroundings { span, dispatch } = Surroundings::current();
        Owned(tokio::task::spawn_blocking(move || within(dispatch.as_ref(), || span.in_scope(work))))
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

/// Work that blocks, off the async threads, in the `tracing` span of its caller.
///
/// # Errors
/// Where it panics, [`ErrorKind::Panic`].
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let dropped = CancellationToken::new();
    let _dropped = dropped.clone().drop_guard();
    Owned::spawn_blocking(move || marked(dropped, work)).await
}

#[cold]
fn ended(error: JoinError) -> Error {
    if error.is_panic() {
        let said = error.into_panic();
        return Error::new(ErrorKind::Panic, format!("the task panicked: {}", panic_text(&*said)));
    }
    Error::new(ErrorKind::Cancelled, "the task was stopped with its runtime")
}

fn panic_text(said: &(dyn Any + Send)) -> &str {
    said.downcast_ref::<&str>().copied().or_else(|| said.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}

impl<S: Step> Step for Spawned<S> {
    const NODE: Node = Node::Spawned(&S::NODE);

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In: Send + 'static, S: Runnable<In> + 'static> Runnable<In> for Spawned<S> {
    like!(In, S);

    fn component(&self) -> Component {
        Component::around(ComponentKind::Spawned, self.step.component())
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        let step = Arc::clone(&self.step);
        let (cx, _open) = cx.in_task();
        Owned::spawn(async move { called(&*step, input, &cx).await }).await?
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        let step = Arc::clone(&self.step);
        Chunks::generate(move |out| async move {
            let (cx, _open) = cx.in_task();
            let (sender, mut receiver) = mpsc::channel(1);
            let task = Owned::spawn(async move {
                let mut chunks = step.call_stream(input, &cx);
                // The next chunk is made only when there is room for it.
                while let Ok(room) = sender.reserve().await {
                    match chunks.next().await {
                        Some(chunk) => room.send(chunk),
                        None => break,
                    }
                }
            });
            while let Some(chunk) = receiver.recv().await {
                out.send(chunk?).await;
            }
            // The channel closes when the task ends, in whichever way.
            task.await
        })
    }
}
