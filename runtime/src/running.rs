//! The run of a step under observation: its events, from its start to its end.

use crate::{
    Assemble, Chunks, Context, Error, ErrorKind, EventKind, Node, Result, Run, RunId, RunKind, Runnable,
    chunks::Sender,
    copies::Copies,
    event::{Place, Structure},
    frame::{Frame, State, Told},
    types,
    watch::{Next, Slot, Watch},
};
use futures_util::{StreamExt, future::Either};
use serde_json::Value;
use std::{
    borrow::Cow,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as Task, Poll},
};

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
    reads: bool,
    streams: bool,
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
    // That it is `Send` is said, not left to be found out: the compiler would look through all of it again for each step.
    #[doc(hidden)]
    #[inline]
    pub fn call<'a, In: Send, R: Runnable<In>>(
        step: &'a R,
        input: In,
        cx: &'a Context,
    ) -> impl Future<Output = Result<R::Output>> + Send {
        match cx.watch() {
            None => Either::Left(step.call_unobserved(input, cx)),
            Some(watch) => Either::Right(Box::pin(async move {
                let open = Open::begin(step, Some(&input), cx, watch);
                open.drive(step.call_unobserved(input, &open.inside)).await
            })),
        }
    }

    /// The same for an input that is lent.
    #[doc(hidden)]
    #[inline]
    pub fn call_ref<'a, In: Clone + Send + Sync, R: Runnable<In>>(
        step: &'a R,
        input: &'a In,
        cx: &'a Context,
    ) -> impl Future<Output = Result<R::Output>> + Send {
        match cx.watch() {
            None => Either::Left(step.call_ref_unobserved(input, cx)),
            Some(watch) => Either::Right(Box::pin(async move {
                let open = Open::begin(step, Some(input), cx, watch);
                open.drive(step.call_ref_unobserved(input, &open.inside)).await
            })),
        }
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

impl Open {
    #[cold]
    fn begin<In: Send, R: Runnable<In>>(step: &R, input: Option<&In>, cx: &Context, watch: &Watch) -> Open {
        let next = &watch.next;
        if next.place.is_none() {
            // Called by somebody who knows nothing of it: the types that go through it are not known yet.
            types::learn_of(step);
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
            state: State::within(watch.frame.as_ref()),
        });
        let frame = Frame::Run(Arc::clone(&run)).opened();
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
        let gets = next.gets.clone();
        frame.start(Told { observers: Arc::clone(&watch.observers), input: input.clone(), gets });
        let inside = Watch {
            observers: Arc::clone(&watch.observers),
            parent: Some(Arc::clone(&run)),
            frame: Some(frame),
            next: Next { input, ..Next::default() },
        };
        Open {
            inside: cx.watched(inside),
            reads,
            streams: next.streams && kind.streams(),
            gives: next.gives.clone(),
            span,
            run,
        }
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
        if let (Some(slot), Some(output)) = (&self.gives, &output) {
            let _ = slot.set(Arc::clone(output));
        }
        self.over(|input| EventKind::End { input, output });
    }

    fn fail(&self, error: &Error) {
        self.over(|input| EventKind::Error { input, error: error.clone() });
    }

    /// Tells the end, after that of all that is open in it. Nothing if it was told already.
    fn over(&self, kind: impl FnOnce(Option<Arc<Value>>) -> EventKind) {
        Frame::Run(Arc::clone(&self.run)).end(kind);
    }
}

/// A run that is dropped on the way was stopped, by whoever dropped it.
impl Drop for Open {
    fn drop(&mut self) {
        self.over(|input| {
            let error = if std::thread::panicking() {
                Error::new(ErrorKind::Panic, "the step panicked")
            } else {
                Error::new(ErrorKind::Cancelled, "the step was stopped before its end")
            };
            EventKind::Error { input, error }
        });
    }
}

/// The step's own name, else what it is written as, else what it is.
fn own_name<In: Send, R: Runnable<In>>(step: &R, label: &'static str) -> Cow<'static, str> {
    if !matches!(R::NODE, Node::Step(_) | Node::Retry { .. } | Node::Choice(_) | Node::Opaque) {
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
