//! A run as a stream of events.

use crate::observe::event_queue::Queue;
use crate::{Config, Error, Event, Observer, Result, Run, RunId, RunKind, Runnable, run::root::drain};
use futures_core::Stream;
use futures_util::future::BoxFuture;
use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context as Task, Poll},
};

/// So many events are given in a row before the run itself is polled: other tasks of it could keep the reader busy for ever,
/// and its time limits are looked at when it is polled.
const IN_A_ROW: u8 = 32;

/// The events of a run in order; created by [`events`](crate::RunnableExt::events), and by
/// [`events_owned`](crate::RunnableExt::events_owned) for responses of servers.
///
/// The run proceeds only while the stream is read: each step waits until the queue has space before its next chunk or its end. If
/// the reader is slow, the queue has at most [`capacity`](Events::capacity) events, and one for each running step. Events from
/// [`Context::emit`](crate::Context::emit) may exceed the capacity, because `emit` is synchronous and cannot wait: a step that
/// emits a thousand events between two `.await`s adds a thousand. Steps in other tasks and on other threads write into the same
/// queue and wake the reader. No event is lost, and none follows the end of the run. Dropping the stream stops the run.
///
/// If the run fails, the last event is `on_chain_error` of the outermost step. The last item of the stream is the error.
///
/// ```
/// use catena::{RunKind, prelude::*};
/// use futures_util::TryStreamExt;
///
/// #[runnable]
/// fn words(text: &str) -> usize { text.split_whitespace().count() }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let chain = chain!(String => words | |n| n * 2);
/// let mut events = chain.events("to be".to_owned()).include_names(["words"]);
/// while let Some(event) = events.try_next().await? {
///     println!("{} {} {:?}", event.event(), event.name(), event.output());
/// }
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
pub struct Events<'a> {
    start: Option<Box<Start<'a>>>,
    config: Config,
    filter: Filter,
    capacity: usize,
    /// Once the run has begun.
    queue: Option<Arc<Queue<Event>>>,
    /// The number of events returned since the run was polled.
    given: u8,
    run: Option<BoxFuture<'a, Result<()>>>,
    /// The run's own error, once its events are delivered.
    error: Option<Error>,
}

/// Begins the run, with these settings.
type Start<'a> = dyn FnOnce(Config) -> BoxFuture<'a, Result<()>> + Send + 'a;

/// A filter of events: those that an inclusion names (all, without an inclusion), except those that an exclusion names.
#[derive(Clone, Debug, Default)]
struct Filter {
    include: Option<Named>,
    exclude: Named,
}

#[derive(Clone, Debug, Default)]
struct Named {
    steps: Vec<String>,
    kinds: Vec<RunKind>,
    tags: Vec<String>,
}

impl Named {
    fn name(&self, run: &Run) -> bool {
        self.kinds.contains(&run.kind())
            || self.steps.iter().any(|name| name == run.name())
            || self.tags.iter().any(|tag| run.has_tag(tag))
    }
}

impl Filter {
    fn wants(&self, run: &Run) -> bool {
        self.include.as_ref().is_none_or(|include| include.name(run)) && !self.exclude.name(run)
    }
}

/// The observer at the other end of the queue.
struct Feed {
    queue: Arc<Queue<Event>>,
    filter: Filter,
}

impl Observer for Feed {
    fn event(&self, event: &Event) {
        self.queue.push(event.clone());
    }

    fn follows(&self, run: &Run) -> bool {
        self.filter.wants(run)
    }

    fn poll_ready(&self, task: &mut Task<'_>) -> Poll<()> {
        self.queue.poll_room(task)
    }
}

impl<'a> Events<'a> {
    pub(crate) fn new<In: Send + 'a, R: Runnable<In>>(step: &'a R, input: In) -> Self {
        Events::begun_by(move |config| Box::pin(drain(step, input, config)))
    }

    fn begun_by(start: impl FnOnce(Config) -> BoxFuture<'a, Result<()>> + Send + 'a) -> Self {
        Events {
            start: Some(Box::new(start)),
            config: Config::new(),
            filter: Filter::default(),
            capacity: 64,
            queue: None,
            given: 0,
            run: None,
            error: None,
        }
    }

    /// Sets the settings of the run.
    pub fn with(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the number of unread events after which the run waits; at least 1. The default is 64.
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events.max(1);
        self
    }

    /// Includes the events of steps with these names. Several inclusions are united. An empty inclusion delivers nothing.
    pub fn include_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.include().steps.extend(names.into_iter().map(Into::into));
        self
    }

    /// Includes the events of these kinds of steps.
    pub fn include_kinds(mut self, kinds: impl IntoIterator<Item = RunKind>) -> Self {
        self.include().kinds.extend(kinds);
        self
    }

    /// Includes the events of steps with one of these tags.
    pub fn include_tags<N: Into<String>>(mut self, tags: impl IntoIterator<Item = N>) -> Self {
        self.include().tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Excludes the events of steps with these names.
    pub fn exclude_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.filter.exclude.steps.extend(names.into_iter().map(Into::into));
        self
    }

    /// Excludes the events of these kinds of steps.
    pub fn exclude_kinds(mut self, kinds: impl IntoIterator<Item = RunKind>) -> Self {
        self.filter.exclude.kinds.extend(kinds);
        self
    }

    /// Excludes the events of steps with one of these tags.
    pub fn exclude_tags<N: Into<String>>(mut self, tags: impl IntoIterator<Item = N>) -> Self {
        self.filter.exclude.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    fn include(&mut self) -> &mut Named {
        self.filter.include.get_or_insert_default()
    }

    /// Returns the identity of the run.
    pub fn run_id(&mut self) -> RunId {
        *self.config.run_id.get_or_insert_with(RunId::random)
    }

    /// The queue of the run, which begins if it has not.
    fn begun(&mut self) -> Arc<Queue<Event>> {
        if let Some(queue) = &self.queue {
            return Arc::clone(queue);
        }
        let queue = Arc::new(Queue::new(self.capacity));
        self.queue = Some(Arc::clone(&queue));
        if let Some(start) = self.start.take() {
            let feed = Feed { queue: Arc::clone(&queue), filter: self.filter.clone() };
            self.run = Some(start(std::mem::take(&mut self.config).observe(feed)));
        }
        queue
    }
}

impl Events<'static> {
    /// The events of a run that keeps its step.
    pub(crate) fn owned<In: Send + 'static, R: Runnable<In> + 'static>(step: Arc<R>, input: In) -> Self {
        Events::begun_by(move |config| Box::pin(async move { drain(&*step, input, config).await }))
    }
}

impl Stream for Events<'_> {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let queue = this.begun();
        loop {
            if (this.given < IN_A_ROW || this.run.is_none())
                && let Some(event) = queue.pop()
            {
                this.given = this.given.saturating_add(1);
                return Poll::Ready(Some(Ok(event)));
            }
            this.given = 0;
            let Some(run) = &mut this.run else { return Poll::Ready(this.error.take().map(Err)) };
            match run.as_mut().poll(task) {
                Poll::Ready(outcome) => {
                    this.run = None;
                    this.error = outcome.err();
                    queue.close();
                }
                Poll::Pending => return queue.poll_pop(task).map(|event| Some(Ok(event))),
            }
        }
    }
}

/// Writers in other tasks and on other threads must not wait forever.
impl Drop for Events<'_> {
    fn drop(&mut self) {
        self.run = None;
        if let Some(queue) = &self.queue {
            queue.close();
        }
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("filter", &self.filter).field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
