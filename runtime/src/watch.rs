//! The run of a step under observation: its events, its place among the runs around it.

use crate::{
    Assemble, Chunks, Config, Context, Error, ErrorKind, Event, EventKind, Node, Observer, Result, Run, RunId, RunKind,
    Runnable,
    chunks::Sender,
    event::{Place, Structure},
    types,
};
use futures_util::StreamExt;
use serde_json::Value;
use std::{
    any::{Any, TypeId},
    borrow::Cow,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context as Task, Poll},
};

/// Who observes, and what the next step that begins is to know of its place. In a [`Context`] only while somebody does.
#[derive(Clone)]
pub(crate) struct Watch {
    observers: Arc<[Arc<dyn Observer>]>,
    /// The run that those begun from here are part of.
    parent: Option<Arc<Run>>,
    next: Next,
}

/// What a step's run takes from the step around it; nothing, for one that is called from a user's code.
#[derive(Clone, Default)]
struct Next {
    place: Option<Place>,
    id: Option<RunId>,
    /// The name that it is given, whatever its own.
    name: Option<Cow<'static, str>>,
    /// What it is written as, where it has no name of its own.
    label: &'static str,
    input: Option<Arc<Value>>,
    /// Where its input will be found once the step before has ended, and where its output goes.
    gets: Option<Slot>,
    gives: Option<Slot>,
    /// Its output is to be an event of its own.
    streams: bool,
    /// It is part of the sequence around it: how many steps stand before it there.
    inline: Option<usize>,
}

/// A value on its way from a step to the next one, in a stream: known when the first of them ends.
type Slot = Arc<OnceLock<Arc<Value>>>;

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("observers", &self.observers.len())
            .field("parent", &self.parent)
            .finish_non_exhaustive()
    }
}

impl Watch {
    /// With what a configuration adds.
    pub(crate) fn configured(outer: Option<Watch>, config: &Config) -> Option<Watch> {
        if outer.is_none() && config.observers.is_empty() && config.listeners.is_empty() {
            return None;
        }
        let mut watch =
            outer.unwrap_or_else(|| Watch { observers: Arc::default(), parent: None, next: Next::default() });
        if !config.observers.is_empty() || !config.listeners.is_empty() {
            let listeners =
                config.listeners.iter().map(|listeners| Arc::new(listeners.for_one_run()) as Arc<dyn Observer>);
            let observers = watch.observers.iter().chain(&config.observers).cloned();
            watch.observers = observers.chain(listeners).collect();
        }
        // The name given further out is for the same step, and wins.
        watch.next.name = watch.next.name.or_else(|| config.run_name.clone());
        watch.next.id = watch.next.id.or(config.run_id);
        Some(watch)
    }

    fn tell(&self, run: &Arc<Run>, kind: EventKind) {
        let event = Event { run: Arc::clone(run), kind };
        for observer in &*self.observers {
            let told = catch_unwind(AssertUnwindSafe(|| {
                if observer.follows(run) {
                    observer.event(&event);
                }
            }));
            if told.is_err() {
                tracing::error!(event = event.event(), name = event.name(), "an observer panicked; the run goes on");
            }
        }
    }

    fn reads(&self) -> bool {
        self.observers.iter().any(Observer::reads)
    }

    fn poll_ready(&self, task: &mut Task<'_>) -> Poll<()> {
        for observer in &*self.observers {
            std::task::ready!(observer.poll_ready(task));
        }
        Poll::Ready(())
    }
}

/// What is done to the place of the next step. All of it only where somebody observes, and nothing else is computed.
impl Context {
    fn next(&self, change: impl FnOnce(&mut Next)) -> Option<Context> {
        let watch = self.watch()?;
        let mut watch = watch.clone();
        change(&mut watch.next);
        Some(self.watched(watch))
    }

    /// For the part of a step that stands in this place; what the run around it got is what it gets.
    pub(crate) fn at(&self, place: Place, label: &'static str) -> Option<Context> {
        self.next(|next| {
            next.place = Some(place);
            next.label = label;
        })
    }

    /// For a step of a sequence, from 1. What it gets is known, if it is not the first.
    pub(crate) fn at_step(&self, number: usize, label: &'static str, input: Option<&dyn Any>) -> Context {
        let reads = self.watch().is_some_and(Watch::reads);
        let before = self.steps_before();
        let child = self.next(|next| {
            next.place = Some(Place::Step(number + before));
            next.label = label;
            next.inline = None;
            if number + before > 1 {
                next.input = input.filter(|_| reads).and_then(types::json).map(Arc::new);
            }
        });
        child.unwrap_or_default()
    }

    /// For the steps of a sequence in a stream: each gets what the one before has given.
    pub(crate) fn at_steps<const N: usize>(&self, labels: [&'static str; N]) -> [Context; N] {
        let before = self.steps_before();
        let mut slot = None;
        let mut number = 0;
        labels.map(|label| {
            number += 1;
            let gives = Slot::default();
            let gets = slot.replace(Arc::clone(&gives));
            let child = self.next(|next| {
                next.place = Some(Place::Step(number + before));
                next.label = label;
                next.inline = None;
                if number + before > 1 {
                    next.input = None;
                    next.gets = gets;
                }
                // The last one gives what the sequence gives.
                if number < N {
                    next.gives = Some(gives);
                }
            });
            child.unwrap_or_default()
        })
    }

    /// For part of a sequence that is itself one.
    pub(crate) fn at_group(&self, steps_before: usize) -> Option<Context> {
        let before = steps_before + self.steps_before();
        self.next(|next| next.inline = Some(before))
    }

    /// Whether the sequence that is called is part of the one around it.
    pub(crate) fn is_inline(&self) -> bool {
        self.watch().is_some_and(|watch| watch.next.inline.is_some())
    }

    fn steps_before(&self) -> usize {
        self.watch().and_then(|watch| watch.next.inline).unwrap_or(0)
    }

    /// For a step that goes by another name.
    pub(crate) fn named(&self, name: impl FnOnce() -> Cow<'static, str>) -> Option<Context> {
        self.next(|next| {
            next.name.get_or_insert_with(name);
        })
    }

    /// For a step whose input only the one that calls it can write.
    pub(crate) fn given(&self, input: impl FnOnce() -> Option<Value>) -> Option<Context> {
        self.watch().filter(|watch| watch.reads())?;
        let input = input().map(Arc::new);
        self.next(|next| next.input = input)
    }

    /// For a step alone in its place, which is written as this.
    pub(crate) fn labelled(&self, label: &'static str) -> Option<Context> {
        self.next(|next| {
            if !label.is_empty() {
                next.label = label;
            }
        })
    }

    /// For a step that is asked for a stream and calls itself for it.
    pub(crate) fn streaming(&self) -> Option<Context> {
        self.next(|next| next.streams = true)
    }

    /// For a step over a part of what the run around it got.
    pub(crate) fn part(&self, place: Place) -> Option<Context> {
        self.next(|next| {
            next.place = Some(place);
            next.input = None;
        })
    }

    /// Send an event of the step's own to whoever observes: `on_custom_event`, with a name and data that `serde` can
    /// write. Costs nothing where nobody does.
    ///
    /// ```
    /// use catena::prelude::*;
    ///
    /// #[runnable]
    /// fn index(pages: Vec<String>, cx: &Context) -> usize {
    ///     for (number, page) in pages.iter().enumerate() {
    ///         cx.emit("indexed", || (number, page.len()));
    ///     }
    ///     pages.len()
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// assert_eq!(index.invoke(vec!["one".to_owned()]).await?, 1);
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn emit<T: serde::Serialize>(&self, name: impl Into<Cow<'static, str>>, data: impl FnOnce() -> T) {
        let Some(watch) = self.watch() else { return };
        let Some(run) = &watch.parent else { return };
        let data = serde_json::to_value(data()).unwrap_or_default();
        watch.tell(run, EventKind::Custom { name: name.into(), data: Arc::new(data) });
    }

    /// The run that the step is in, where somebody observes.
    pub fn run(&self) -> Option<&Run> {
        self.watch().and_then(|watch| watch.parent.as_deref())
    }
}

/// The run of one step: nothing, where nobody observes.
///
/// A step that is written by hand, without `#[runnable]`, is part of what is observed by beginning its run:
///
/// ```ignore
/// let run = Running::begin(self, &input, cx);
/// let cx = run.context(cx);
/// run.drive(async move { .. }).await
/// ```
pub struct Running {
    open: Option<Box<Open>>,
}

struct Open {
    run: Arc<Run>,
    /// For what runs inside it.
    inside: Context,
    input: Option<Arc<Value>>,
    reads: bool,
    streams: bool,
    over: AtomicBool,
    gets: Option<Slot>,
    gives: Option<Slot>,
    span: Option<tracing::Span>,
}

impl Running {
    /// The step begins.
    #[inline]
    pub fn begin<In: Send, R: Runnable<In>>(step: &R, input: &In, cx: &Context) -> Self {
        match cx.watch() {
            None => Running { open: None },
            Some(watch) => Running { open: Some(Box::new(Open::begin(step, Some(input), cx, watch))) },
        }
    }

    /// The call of a step that calls nothing itself but in [`call_unobserved`](Runnable::call_unobserved): that, in the
    /// step's run where somebody observes.
    #[doc(hidden)]
    pub async fn call<'a, In: Send, R: Runnable<In>>(step: &'a R, input: In, cx: &'a Context) -> Result<R::Output> {
        let Some(watch) = cx.watch() else { return step.call_unobserved(input, cx).await };
        Box::pin(async move {
            let open = Open::begin(step, Some(&input), cx, watch);
            open.drive(step.call_unobserved(input, &open.inside)).await
        })
        .await
    }

    /// The same for an input that is lent.
    #[doc(hidden)]
    pub async fn call_ref<'a, In: Clone + Send + Sync, R: Runnable<In>>(
        step: &'a R,
        input: &'a In,
        cx: &'a Context,
    ) -> Result<R::Output> {
        let Some(watch) = cx.watch() else { return step.call_ref_unobserved(input, cx).await };
        Box::pin(async move {
            let open = Open::begin(step, Some(input), cx, watch);
            open.drive(step.call_ref_unobserved(input, &open.inside)).await
        })
        .await
    }

    /// The step begins, and its input comes in pieces.
    #[doc(hidden)]
    pub fn begin_stream<In: Send, R: Runnable<In>>(step: &R, cx: &Context) -> Self {
        match cx.watch() {
            None => Running { open: None },
            Some(watch) => Running { open: Some(Box::new(Open::begin::<In, R>(step, None, cx, watch))) },
        }
    }

    /// The step has no run of its own.
    pub(crate) const fn none() -> Self {
        Running { open: None }
    }

    /// The context for what is done in the step.
    #[inline]
    pub fn context<'a>(&'a self, outer: &'a Context) -> &'a Context {
        match &self.open {
            None => outer,
            Some(open) => &open.inside,
        }
    }

    /// Do it, and tell how it ended.
    #[inline]
    pub fn drive<O: 'static, F: Future<Output = Result<O>>>(&self, work: F) -> impl Future<Output = Result<O>> {
        Driven { open: self.open.as_deref(), work, outcome: None }
    }

    /// Hand on the step's chunks, and tell of each.
    #[doc(hidden)]
    pub async fn forward<A: Assemble>(
        &self,
        mut chunks: Chunks<'_, A::Chunk>,
        assembler: A,
        out: &Sender<A::Chunk>,
    ) -> Result<()> {
        let Some(open) = self.open.as_deref() else { return out.forward(chunks).await };
        let mut whole = open.reads.then(|| Copies::new(assembler));
        loop {
            std::future::poll_fn(|task| open.poll_ready(task)).await;
            let chunk = match &open.span {
                None => chunks.next().await,
                Some(span) => {
                    std::future::poll_fn(|task| {
                        let _inside = span.enter();
                        chunks.poll_next_unpin(task)
                    })
                    .await
                }
            };
            match chunk {
                Some(Ok(chunk)) => {
                    let json = whole.as_mut().and_then(|whole| whole.push(&chunk));
                    open.tell(EventKind::Stream { chunk: json });
                    out.send(chunk).await;
                }
                Some(Err(error)) => {
                    open.fail(&error);
                    return Err(error);
                }
                None => {
                    open.end(whole.and_then(Copies::finish));
                    std::future::poll_fn(|task| open.poll_ready(task)).await;
                    return Ok(());
                }
            }
        }
    }
}

/// Copies of a step's chunks, put together for the event of its end.
struct Copies<A: Assemble> {
    /// Nothing once there was a chunk that cannot be copied.
    assembler: Option<A>,
    last: Option<Arc<Value>>,
    chunks: usize,
}

impl<A: Assemble> Copies<A> {
    fn new(assembler: A) -> Self {
        Copies { assembler: Some(assembler), last: None, chunks: 0 }
    }

    /// The chunk as JSON.
    fn push(&mut self, chunk: &A::Chunk) -> Option<Arc<Value>> {
        self.chunks += 1;
        self.last = types::json(chunk).map(Arc::new);
        match self.assembler.as_mut().and_then(|assembler| Some((assembler.known_copy(chunk)?, assembler))) {
            Some((copy, assembler)) => assembler.push(copy),
            None => self.assembler = None,
        }
        self.last.clone()
    }

    /// The whole as JSON.
    fn finish(self) -> Option<Arc<Value>> {
        match self.assembler {
            Some(assembler) => types::json(&assembler.finish().ok()?).map(Arc::new),
            // One chunk that is the whole needs no putting together.
            None if self.chunks == 1 && TypeId::of::<A::Chunk>() == TypeId::of::<A::Output>() => self.last,
            None => None,
        }
    }
}

impl Open {
    #[cold]
    fn begin<In: Send, R: Runnable<In>>(step: &R, input: Option<&In>, cx: &Context, watch: &Watch) -> Open {
        let next = &watch.next;
        if next.place.is_none() {
            // Called by somebody who knows nothing of it: the types that go through it are not known yet.
            types::learn(|types| step.types(types));
        }
        let (kind, own_tags) = match R::NODE {
            Node::Step(leaf) => (leaf.kind.into(), leaf.tags),
            _ => (RunKind::Chain, &[][..]),
        };
        let run = Arc::new(Run {
            id: next.id.unwrap_or_else(RunId::random),
            name: next.name.clone().unwrap_or_else(|| own_name(step, next.label)),
            kind,
            parent: watch.parent.clone(),
            place: next.place.unwrap_or(Place::Free),
            structure: Structure(const { &R::NODE }),
            own_tags,
            tags: cx.shared_tags(),
            metadata: cx.shared_metadata(),
        });
        let reads = watch.observers.iter().any(|observer| observer.reads() && observer.follows(&run));
        let input = match (&next.input, input) {
            _ if !reads => None,
            (Some(known), _) => Some(Arc::clone(known)),
            (None, Some(input)) => {
                step.input_json(input).map(Arc::new).or_else(|| next.gets.as_ref().and_then(|slot| slot.get().cloned()))
            }
            (None, None) => None,
        };
        let span = watch.observers.iter().find_map(|observer| observer.span(&run));
        let inside = Watch {
            observers: Arc::clone(&watch.observers),
            parent: Some(Arc::clone(&run)),
            next: Next { input: input.clone(), ..Next::default() },
        };
        let open = Open {
            inside: cx.watched(inside),
            reads,
            streams: next.streams && kind.streams(),
            over: AtomicBool::new(false),
            gets: next.gets.clone(),
            gives: next.gives.clone(),
            span,
            run,
            input,
        };
        open.tell(EventKind::Start { input: open.input.clone() });
        open
    }

    fn drive<O: 'static, F: Future<Output = Result<O>>>(&self, work: F) -> impl Future<Output = Result<O>> {
        Driven { open: Some(self), work, outcome: None }
    }

    fn watch(&self) -> &Watch {
        self.inside.watch().expect("a run is open only where somebody observes")
    }

    fn tell(&self, kind: EventKind) {
        self.watch().tell(&self.run, kind);
    }

    fn poll_ready(&self, task: &mut Task<'_>) -> Poll<()> {
        self.watch().poll_ready(task)
    }

    fn end(&self, output: Option<Arc<Value>>) {
        self.over.store(true, Relaxed);
        if let (Some(slot), Some(output)) = (&self.gives, &output) {
            let _ = slot.set(Arc::clone(output));
        }
        self.tell(EventKind::End { input: self.known_input(), output });
    }

    fn fail(&self, error: &Error) {
        self.over.store(true, Relaxed);
        self.tell(EventKind::Error { input: self.known_input(), error: error.clone() });
    }

    fn known_input(&self) -> Option<Arc<Value>> {
        self.input.clone().or_else(|| self.gets.as_ref()?.get().cloned())
    }
}

/// A run that is dropped on the way was stopped, by whoever dropped it.
impl Drop for Open {
    fn drop(&mut self) {
        if !self.over.load(Relaxed) {
            let error = if std::thread::panicking() {
                Error::new(ErrorKind::Panic, "the step panicked")
            } else {
                Error::new(ErrorKind::Cancelled, "the step was stopped before its end")
            };
            self.fail(&error);
        }
    }
}

/// The step's own name, else what it is written as, else what it is.
fn own_name<In: Send, R: Runnable<In>>(step: &R, label: &'static str) -> Cow<'static, str> {
    if !matches!(R::NODE, Node::Step(_) | Node::Retry(_) | Node::Choice(_) | Node::Opaque) {
        return R::NODE.title();
    }
    match (R::NODE.name(), step.name()) {
        (Some(name), Some(own)) if name == own => name.into(),
        (_, Some(own)) => own.to_owned().into(),
        (Some(name), None) => name.into(),
        (None, None) if !label.is_empty() => label.into(),
        (None, None) => R::NODE.title(),
    }
}

pin_project_lite::pin_project! {
    /// Work inside a run, with the run's end behind it.
    struct Driven<'a, O, F> {
        open: Option<&'a Open>,
        #[pin]
        work: F,
        // Kept back until the observers let the run go on.
        outcome: Option<Result<O>>,
    }
}

impl<O: 'static, F: Future<Output = Result<O>>> Future for Driven<'_, O, F> {
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        match self.open {
            None => self.project().work.poll(task),
            Some(open) => self.poll_observed(open, task),
        }
    }
}

impl<O: 'static, F: Future<Output = Result<O>>> Driven<'_, O, F> {
    #[cold]
    fn poll_observed(self: Pin<&mut Self>, open: &Open, task: &mut Task<'_>) -> Poll<Result<O>> {
        let this = self.project();
        std::task::ready!(open.poll_ready(task));
        if this.outcome.is_none() {
            let _inside = open.span.as_ref().map(tracing::Span::enter);
            let outcome = std::task::ready!(this.work.poll(task));
            match &outcome {
                Ok(output) => {
                    let output = if open.reads { types::json(output).map(Arc::new) } else { None };
                    if open.streams {
                        open.tell(EventKind::Stream { chunk: output.clone() });
                    }
                    open.end(output);
                }
                Err(error) => open.fail(error),
            }
            *this.outcome = Some(outcome);
        }
        std::task::ready!(open.poll_ready(task));
        Poll::Ready(this.outcome.take().expect("a future is not polled after its end"))
    }
}

impl<'a, T: Send + 'static> Chunks<'a, T> {
    /// The stream of a step that is written by hand, with the step's run around it where somebody observes. `open`
    /// makes the stream, of the step, its input and the context for what it calls itself.
    ///
    /// ```
    /// use catena::{Chunks, Concat, Runnable, prelude::*};
    /// use futures_util::stream;
    ///
    /// struct Letters;
    ///
    /// #[runnable]
    /// impl Runnable<String> for Letters {
    ///     type Output = String;
    ///     type Chunk = String;
    ///     type Assembler = Concat;
    ///     fn assembler(&self) -> Concat { Concat::default() }
    ///     async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> { Ok(input) }
    ///     fn call_stream<'a>(&'a self, input: String, cx: &'a Context) -> Chunks<'a, String> {
    ///         Chunks::observed(self, input, cx, |_, input, _| {
    ///             let letters: Vec<_> = input.chars().map(|letter| Ok(letter.to_string())).collect();
    ///             Chunks::new(stream::iter(letters))
    ///         })
    ///     }
    /// }
    /// ```
    pub fn observed<In, R, F>(step: &'a R, input: In, cx: &'a Context, open: F) -> Self
    where
        In: Send + 'a,
        R: Runnable<In, Chunk = T>,
        F: for<'b> FnOnce(&'b R, &In, &'b Context) -> Chunks<'b, T> + Send + 'a,
    {
        if !cx.is_observed() {
            return open(step, &input, cx);
        }
        Chunks::generate(move |out| async move {
            let run = Running::begin(step, &input, cx);
            let chunks = open(step, &input, run.context(cx));
            drop(input);
            run.forward(chunks, step.assembler(), &out).await
        })
    }
}

/// The call of a combinator under observation, in its run. Boxed, so that the future of a call which nobody observes does
/// not grow, nor the types that the compiler has to look through.
macro_rules! observed_call {
    ($step:expr, $looked_at:expr, $cx:ident => $body:expr) => {
        Box::pin(async move {
            let run = $crate::Running::begin($step, $looked_at, $cx);
            let $cx = run.context($cx);
            run.drive(async move { $body }).await
        })
        .await
    };
}
pub(crate) use observed_call;

/// The chunks of a step under observation, with its run around them; else just the chunks.
macro_rules! observed_stream {
    ($step:expr, $In:ty, $input:ident, $cx:ident => $chunks:expr) => {{
        if $cx.is_observed() {
            return $crate::Chunks::generate(move |out| async move {
                let run = $crate::Running::begin($step, &$input, $cx);
                let $cx = run.context($cx);
                let chunks = $chunks;
                run.forward(chunks, $crate::Runnable::<$In>::assembler($step), &out).await
            });
        }
        $chunks
    }};
}
pub(crate) use observed_stream;

/// Chunks that are made in a context of their own, if there is one.
macro_rules! within {
    ($child:expr, $cx:ident => $chunks:expr) => {
        match $child {
            None => $chunks,
            Some(child) => $crate::Chunks::generate(move |out| async move {
                let $cx = &child;
                out.forward($chunks).await
            }),
        }
    };
}
pub(crate) use within;

/// The chunks of a step that takes pieces, under observation with its run around it; else just the chunks. The run begins
/// with the first piece, not before the step that gives it.
macro_rules! observed_transform {
    ($step:expr, $In:ty, $chunks:ident, $cx:ident => $made:expr) => {{
        if $cx.is_observed() {
            return $crate::Chunks::generate(move |out| async move {
                let $chunks = $chunks.begun().await;
                let run = $crate::Running::begin_stream::<$In, _>($step, $cx);
                let $cx = run.context($cx);
                let made = $made;
                run.forward(made, $crate::Runnable::<$In>::assembler($step), &out).await
            });
        }
        $made
    }};
}
pub(crate) use observed_transform;
