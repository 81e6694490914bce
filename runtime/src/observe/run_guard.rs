//! The run of a step under observation: its events, from its start to its end.

use crate::{
    Assemble, Chunks, Context, Error, ErrorKind, EventKind, Node, Result, Run, RunKind, Runnable,
    observe::{
        event::{Position, RunIdentity, Structure},
        learn::learn_of,
        output::OutputRecorder,
        run_scope::{Frame, State, Told},
        trace_context::{NextSpan, Own, TraceContext},
    },
    reflect::registry,
    step::call::{future_of, future_of_ref},
    stream::generate::Sender,
};
use futures_util::{StreamExt, future::Either};
use serde_json::Value;
use std::{
    any::Any,
    borrow::Cow,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context as Task, Poll},
};

/// The run of one step: nothing, if there are no observers.
///
/// A step that is written by hand, without `#[runnable]`, is part of what is observed by beginning its run:
///
/// ```ignore
/// let run = Running::begin(self, &input, cx);
/// let cx = run.context(cx);
/// run.drive(async move { .. }).await
/// ```
pub struct Running {
    open: Option<Open>,
}

/// What the run of a step hands on to the steps that it calls, as their known input.
#[derive(Clone, Copy)]
enum Hands {
    /// Its own input: what a combinator gives its parts.
    Input,
    /// Nothing: what a user's code gives the steps that it calls is known to these steps alone.
    Nothing,
}

/// A run that has begun. It ends when it is dropped, if it has not before.
struct Open {
    /// For what runs inside it. All that is known of the run is there.
    inside: Context,
}

/// A step whose run begins, without its type: how a run begins is compiled once.
trait Observed {
    fn name(&self) -> Option<&str>;
    fn input_json(&self) -> Option<Value>;
    fn learn(&self);
}

/// A step and its input, if that is known already.
struct Beginning<'a, In, R> {
    step: &'a R,
    input: Option<&'a In>,
}

impl<In: Send, R: Runnable<In>> Observed for Beginning<'_, In, R> {
    fn name(&self) -> Option<&str> {
        self.step.name()
    }

    fn input_json(&self) -> Option<Value> {
        self.step.input_json(self.input?)
    }

    fn learn(&self) {
        learn_of(self.step);
    }
}

impl Running {
    /// Begins the run of a step. Steps that it calls write their own inputs.
    #[inline]
    pub fn begin<In: Send, R: Runnable<In>>(step: &R, input: &In, cx: &Context) -> Self {
        Self::open(step, Some(input), Hands::Nothing, cx)
    }

    /// Begins the run of a combinator, whose parts get its own input unless the context of a part says otherwise.
    #[inline]
    pub(crate) fn around<In: Send, R: Runnable<In>>(step: &R, input: &In, cx: &Context) -> Self {
        Self::open(step, Some(input), Hands::Input, cx)
    }

    /// Begins the run of a wrapper that stands for the step inside it, whose structure is `node`.
    #[inline]
    pub(crate) fn instead_of<In: Send, R: Runnable<In>>(
        node: &'static Node,
        step: &R,
        input: &In,
        cx: &Context,
    ) -> Self {
        Running { open: Open::begin(&Beginning { step, input: Some(input) }, node, Hands::Input, cx) }
    }

    /// Begins the run of a combinator whose run is that of the structure `node`. There is no input yet if it comes in chunks.
    pub(crate) fn as_node<In: Send, R: Runnable<In>>(
        node: &'static Node,
        step: &R,
        input: Option<&In>,
        cx: &Context,
    ) -> Self {
        Running { open: Open::begin(&Beginning { step, input }, node, Hands::Input, cx) }
    }

    /// Begins the run of a combinator whose input comes in chunks.
    pub(crate) fn around_stream<In: Send, R: Runnable<In>>(step: &R, cx: &Context) -> Self {
        Self::open::<In, R>(step, None, Hands::Input, cx)
    }

    #[inline]
    fn open<In: Send, R: Runnable<In>>(step: &R, input: Option<&In>, hands: Hands, cx: &Context) -> Self {
        if !cx.is_observed() {
            return Running::none();
        }
        Running { open: Open::begin(&Beginning { step, input }, const { &R::NODE }, hands, cx) }
    }

    /// The call of a step that defines what it does by [`start`](Runnable::start): that, in the step's run if there are observers.
    // That it is `Send` is said, not left to be found out: the compiler would look through all of it again for each step.
    #[doc(hidden)]
    #[inline]
    pub fn call<'a, In: Send, R: Runnable<In>>(
        step: &'a R,
        input: In,
        cx: &'a Context,
    ) -> impl Future<Output = Result<R::Output>> + Send {
        if unopened(cx).is_none() {
            return Either::Left(future_of(step, input, cx));
        }
        Either::Right(Box::pin(async move {
            let guard = Self::open(step, Some(&input), Hands::Nothing, cx);
            let outcome = guard.drive(future_of(step, input, guard.context(cx))).await;
            guard.leave_room(cx);
            outcome
        }))
    }

    /// The same for an input that is lent.
    #[doc(hidden)]
    #[inline]
    pub fn call_ref<'a, In: Clone + Send + Sync, R: Runnable<In>>(
        step: &'a R,
        input: &'a In,
        cx: &'a Context,
    ) -> impl Future<Output = Result<R::Output>> + Send {
        if unopened(cx).is_none() {
            return Either::Left(future_of_ref(step, input, cx));
        }
        Either::Right(Box::pin(async move {
            let guard = Self::open(step, Some(input), Hands::Nothing, cx);
            let outcome = guard.drive(future_of_ref(step, input, guard.context(cx))).await;
            guard.leave_room(cx);
            outcome
        }))
    }

    /// Begins the run of a step whose input comes in chunks.
    #[doc(hidden)]
    pub fn begin_stream<In: Send, R: Runnable<In>>(step: &R, cx: &Context) -> Self {
        Self::open::<In, R>(step, None, Hands::Nothing, cx)
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
        Instrumented { open: self.open.as_ref(), work, outcome: None }
    }

    /// Leaves the room of a run that has ended to the next one that begins in this context.
    fn leave_room(self, cx: &Context) {
        if let (Some(open), Some(outer)) = (self.open, cx.trace()) {
            open.leave_room(outer);
        }
    }

    /// Hands on the step's chunks, and emits an event for each.
    #[doc(hidden)]
    pub async fn forward<A: Assemble>(
        &self,
        mut chunks: Chunks<'_, A::Chunk>,
        assembler: A,
        out: &Sender<A::Chunk>,
    ) -> Result<()> {
        let Some(open) = self.open.as_ref() else { return out.forward(chunks).await };
        let mut whole = open.trace().own.reads.then(|| OutputRecorder::new(assembler));
        loop {
            std::future::poll_fn(|task| open.poll_ready(task)).await;
            let chunk = match &open.trace().own.span {
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
                    open.end(whole.and_then(OutputRecorder::finish));
                    std::future::poll_fn(|task| open.poll_ready(task)).await;
                    return Ok(());
                }
            }
        }
    }
}

/// What observes, unless the run of the step is open already.
#[inline]
fn unopened(cx: &Context) -> Option<&TraceContext> {
    cx.trace().filter(|trace| !trace.next.open)
}

impl Open {
    /// Begins a run, if there are observers and the run of the step is not open already.
    #[cold]
    fn begin(step: &dyn Observed, node: &'static Node, hands: Hands, cx: &Context) -> Option<Open> {
        let trace = unopened(cx)?;
        let next = &trace.next;
        let (kind, own_tags) = match node {
            Node::Step(leaf) => (leaf.kind.into(), leaf.tags),
            _ => (RunKind::Chain, &[][..]),
        };
        let run = Run {
            id: RunIdentity::new(next.id),
            name: name_of_run(node, step.name(), next),
            kind,
            parent: trace.parent.clone(),
            place: next.place.unwrap_or(Position::Free),
            structure: Structure(node),
            own_tags,
            tags: cx.shared_tags(),
            metadata: cx.shared_metadata(),
            state: State::within(trace.frame()),
        };
        // The room of the run before, if no observer has kept that.
        let mut room = trace.own.take_spare();
        let left = room.as_mut().and_then(Arc::get_mut).and_then(|room| room.parent.take());
        let run = in_room(left, run);
        let frame = Frame::Run(Arc::clone(&run)).opened();
        let reads = trace.reads_run(&run);
        // A step whose caller knows nothing of it, and a step inside one of a user's own that registers no types for it.
        if next.place.is_none() || (reads && matches!(node, Node::Step(_))) {
            step.learn();
        }
        let own = || step.input_json().map(Arc::new);
        let known = || next.input.clone().or_else(|| next.input_slot.as_ref()?.get().cloned());
        let input = match kind {
            _ if !reads => None,
            // These write it in a form of their own, whatever it is made of: a text is one message.
            RunKind::ChatModel | RunKind::Tool | RunKind::Retriever => own().or_else(known),
            _ => known().or_else(own),
        };
        let own = Own {
            reads,
            streams: next.streams && kind.streams(),
            output_slot: next.output_slot.clone(),
            span: trace.span(&run),
            spare: Mutex::default(),
        };
        let input_slot = next.input_slot.clone();
        frame.start(Told { observers: trace.observers.clone(), input: input.clone(), input_slot });
        let inside = TraceContext {
            observers: trace.observers.clone(),
            parent: Some(run),
            task: None,
            next: NextSpan {
                input: match hands {
                    Hands::Input => input,
                    Hands::Nothing => None,
                },
                ..names_inside(node, next)
            },
            own,
        };
        Some(Open { inside: cx.traced_in(in_room(room, inside)) })
    }

    /// The observers and the run. There are none once the room is left to another run.
    fn trace(&self) -> &TraceContext {
        self.inside.trace().expect("a run is open only if there are observers")
    }

    fn tell(&self, kind: EventKind) {
        let trace = self.trace();
        if let Some(run) = &trace.parent {
            trace.tell(run, kind);
        }
    }

    fn poll_ready(&self, task: &mut Task<'_>) -> Poll<()> {
        self.trace().poll_ready(task)
    }

    /// Emits the end, as the step's outcome says.
    fn over_with(&self, outcome: Result<&dyn Any, &Error>) {
        let own = &self.trace().own;
        match outcome {
            Ok(output) => {
                let output = if own.reads { registry::json(output).map(Arc::new) } else { None };
                if own.streams {
                    self.tell(EventKind::Stream { chunk: output.clone() });
                }
                self.end(output);
            }
            Err(error) => self.fail(error),
        }
    }

    fn end(&self, output: Option<Arc<Value>>) {
        if let (Some(slot), Some(output)) = (&self.trace().own.output_slot, &output) {
            let _ = slot.set(Arc::clone(output));
        }
        self.over(|input| EventKind::End { input, output });
    }

    fn fail(&self, error: &Error) {
        self.over(|input| EventKind::Error { input, error: error.clone() });
    }

    /// Emits the end, after that of all that is open in it. Does nothing if the run has ended already.
    fn over(&self, kind: impl FnOnce(Option<Arc<Value>>) -> EventKind) {
        if let Some(run) = self.inside.trace().and_then(|trace| trace.parent.as_ref()) {
            Frame::Run(Arc::clone(run)).end(kind);
        }
    }

    /// Leaves its room to the next run that begins where this one began, unless something still uses it.
    fn leave_room(mut self, outer: &TraceContext) {
        let Some(mut room) = self.inside.take_room() else { return };
        if let Some(left) = Arc::get_mut(&mut room) {
            (left.next, left.own) = (NextSpan::default(), Own::default());
            outer.own.keep_spare(room);
        }
    }
}

/// Puts a value where one was that is no longer needed, if nothing else uses that, or else in a room of its own.
fn in_room<T>(room: Option<Arc<T>>, value: T) -> Arc<T> {
    if let Some(mut room) = room
        && let Some(place) = Arc::get_mut(&mut room)
    {
        *place = value;
        return room;
    }
    Arc::new(value)
}

/// A run that is dropped on the way was stopped, by what dropped it.
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

/// What a run is called, by the rule of [`Step::name`](crate::Step::name).
fn name_of_run(node: &'static Node, own: Option<&str>, next: &NextSpan) -> Cow<'static, str> {
    if let Some(given) = &next.name {
        return given.clone();
    }
    match node {
        Node::Step(_) | Node::Retry { .. } | Node::Choice(_) | Node::Opaque => {
            name_of_step(node, own, next).unwrap_or_else(|| node.title())
        }
        // One name for the map and its items.
        Node::Map(inner) if inner.is_one_step() => {
            format!("map<{}>", name_of_step(inner, own, next).unwrap_or_else(|| inner.title())).into()
        }
        node => node.title(),
    }
}

fn name_of_step(node: &'static Node, own: Option<&str>, next: &NextSpan) -> Option<Cow<'static, str>> {
    match (node.name(), own.filter(|own| !own.is_empty())) {
        (Some(known), own) if own.is_none_or(|own| own == known) => Some(known.into()),
        (_, Some(own)) => Some(own.to_owned().into()),
        (_, None) if !next.label.is_empty() => Some(next.label.into()),
        (_, None) => next.around.clone(),
    }
}

/// What a run that adds to a step hands on to it: the name and the word that are given to both.
fn names_inside(node: &Node, next: &NextSpan) -> NextSpan {
    match node {
        Node::Retry { .. } | Node::Fallback(_) | Node::Race(_) | Node::Map(_) => NextSpan {
            label: next.label,
            around: next.name.clone().or_else(|| next.around.clone()),
            ..NextSpan::default()
        },
        _ => NextSpan::default(),
    }
}

pin_project_lite::pin_project! {
    /// Work inside a run, with the run's end behind it.
    struct Instrumented<'a, O, F> {
        open: Option<&'a Open>,
        #[pin]
        work: F,
        // Kept back until the observers let the run go on.
        outcome: Option<Result<O>>,
    }
}

impl<O: 'static, F: Future<Output = Result<O>>> Future for Instrumented<'_, O, F> {
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        match self.open {
            None => self.project().work.poll(task),
            Some(open) => self.poll_observed(open, task),
        }
    }
}

impl<O: 'static, F: Future<Output = Result<O>>> Instrumented<'_, O, F> {
    #[cold]
    fn poll_observed(self: Pin<&mut Self>, open: &Open, task: &mut Task<'_>) -> Poll<Result<O>> {
        let this = self.project();
        poll_observed(open, this.work, this.outcome, task)
    }
}

/// Polls work inside a run, whatever the work is: this is compiled once for all steps with the same output.
fn poll_observed<O: 'static>(
    open: &Open,
    work: Pin<&mut dyn Future<Output = Result<O>>>,
    kept: &mut Option<Result<O>>,
    task: &mut Task<'_>,
) -> Poll<Result<O>> {
    std::task::ready!(open.poll_ready(task));
    let outcome = if let Some(outcome) = kept.take() {
        outcome
    } else {
        let _inside = open.trace().own.span.as_ref().map(tracing::Span::enter);
        let outcome = std::task::ready!(work.poll(task));
        open.over_with(outcome.as_ref().map(|output| output as &dyn Any));
        outcome
    };
    if open.poll_ready(task).is_pending() {
        *kept = Some(outcome);
        return Poll::Pending;
    }
    Poll::Ready(outcome)
}
