//! The run of a step under observation: its events, from its start to its end.

use crate::{
    Assemble, Chunks, Context, Error, ErrorKind, EventKind, Node, Result, Run, RunId, RunKind, Runnable,
    observe::{
        event::{Place, Structure},
        learn::learn_of,
        output::Copies,
        run_scope::{Frame, State, Told},
        trace_context::{Next, Slot, Watch},
    },
    reflect::registry,
    stream::generate::Sender,
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
    open: Option<Box<Open>>,
}

/// What the run of a step hands on to the steps that it calls, as their known input.
#[derive(Clone, Copy)]
enum Hands {
    /// Its own input: what a combinator gives its parts.
    Input,
    /// Nothing: what a user's code gives the steps that it calls is known to these steps alone.
    Nothing,
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
        let open = |watch| Box::new(Open::begin(step, node, Some(input), Hands::Input, cx, watch));
        Running { open: unopened(cx).map(open) }
    }

    /// Begins the run of a combinator whose run is that of the structure `node`. There is no input yet if it comes in chunks.
    pub(crate) fn as_node<In: Send, R: Runnable<In>>(
        node: &'static Node,
        step: &R,
        input: Option<&In>,
        cx: &Context,
    ) -> Self {
        let open = |watch| Box::new(Open::begin(step, node, input, Hands::Input, cx, watch));
        Running { open: unopened(cx).map(open) }
    }

    /// Begins the run of a combinator whose input comes in chunks.
    pub(crate) fn around_stream<In: Send, R: Runnable<In>>(step: &R, cx: &Context) -> Self {
        Self::open::<In, R>(step, None, Hands::Input, cx)
    }

    #[inline]
    fn open<In: Send, R: Runnable<In>>(step: &R, input: Option<&In>, hands: Hands, cx: &Context) -> Self {
        let node = const { &R::NODE };
        Running { open: unopened(cx).map(|watch| Box::new(Open::begin(step, node, input, hands, cx, watch))) }
    }

    /// The call of a step that calls nothing itself but in [`call_unobserved`](Runnable::call_unobserved): that, in the
    /// step's run if there are observers.
    // That it is `Send` is said, not left to be found out: the compiler would look through all of it again for each step.
    #[doc(hidden)]
    #[inline]
    pub fn call<'a, In: Send, R: Runnable<In>>(
        step: &'a R,
        input: In,
        cx: &'a Context,
    ) -> impl Future<Output = Result<R::Output>> + Send {
        match unopened(cx) {
            None => Either::Left(step.call_unobserved(input, cx)),
            Some(watch) => Either::Right(Box::pin(async move {
                let open = Open::begin(step, const { &R::NODE }, Some(&input), Hands::Nothing, cx, watch);
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
        match unopened(cx) {
            None => Either::Left(step.call_ref_unobserved(input, cx)),
            Some(watch) => Either::Right(Box::pin(async move {
                let open = Open::begin(step, const { &R::NODE }, Some(input), Hands::Nothing, cx, watch);
                open.drive(step.call_ref_unobserved(input, &open.inside)).await
            })),
        }
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
        Driven { open: self.open.as_deref(), work, outcome: None }
    }

    /// Hands on the step's chunks, and emits an event for each.
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

/// What observes, unless the run of the step is open already.
#[inline]
fn unopened(cx: &Context) -> Option<&Watch> {
    cx.watch().filter(|watch| !watch.next.open)
}

impl Open {
    #[cold]
    fn begin<In: Send, R: Runnable<In>>(
        step: &R,
        node: &'static Node,
        input: Option<&In>,
        hands: Hands,
        cx: &Context,
        watch: &Watch,
    ) -> Open {
        let next = &watch.next;
        let (kind, own_tags) = match node {
            Node::Step(leaf) => (leaf.kind.into(), leaf.tags),
            _ => (RunKind::Chain, &[][..]),
        };
        let run = Arc::new(Run {
            id: next.id.unwrap_or_else(RunId::random),
            name: name_of_run(node, step.name(), next),
            kind,
            parent: watch.parent.clone(),
            place: next.place.unwrap_or(Place::Free),
            structure: Structure(node),
            own_tags,
            tags: cx.shared_tags(),
            metadata: cx.shared_metadata(),
            state: State::within(watch.frame.as_ref()),
        });
        let frame = Frame::Run(Arc::clone(&run)).opened();
        let reads = watch.reads_run(&run);
        // A step whose caller knows nothing of it, and a step inside one of a user's own that registers no types for it.
        if next.place.is_none() || (reads && matches!(node, Node::Step(_))) {
            learn_of(step);
        }
        let own = || input.and_then(|input| step.input_json(input)).map(Arc::new);
        let known = || next.input.clone().or_else(|| next.gets.as_ref()?.get().cloned());
        let input = match kind {
            _ if !reads => None,
            // These write it in a form of their own, whatever it is made of: a text is one message.
            RunKind::ChatModel | RunKind::Tool | RunKind::Retriever => own().or_else(known),
            _ => known().or_else(own),
        };
        let span = watch.span(&run);
        let gets = next.gets.clone();
        frame.start(Told { observers: Arc::clone(&watch.observers), input: input.clone(), gets });
        let inside = Watch {
            observers: Arc::clone(&watch.observers),
            parent: Some(Arc::clone(&run)),
            frame: Some(frame),
            next: Next {
                input: match hands {
                    Hands::Input => input,
                    Hands::Nothing => None,
                },
                ..names_inside(node, next)
            },
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

    /// Emits the end, after that of all that is open in it. Does nothing if the run has ended already.
    fn over(&self, kind: impl FnOnce(Option<Arc<Value>>) -> EventKind) {
        Frame::Run(Arc::clone(&self.run)).end(kind);
    }
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
fn name_of_run(node: &'static Node, own: Option<&str>, next: &Next) -> Cow<'static, str> {
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

fn name_of_step(node: &'static Node, own: Option<&str>, next: &Next) -> Option<Cow<'static, str>> {
    match (node.name(), own.filter(|own| !own.is_empty())) {
        (Some(known), own) if own.is_none_or(|own| own == known) => Some(known.into()),
        (_, Some(own)) => Some(own.to_owned().into()),
        (_, None) if !next.label.is_empty() => Some(next.label.into()),
        (_, None) => next.around.clone(),
    }
}

/// What a run that adds to a step hands on to it: the name and the word that are given to both.
fn names_inside(node: &Node, next: &Next) -> Next {
    match node {
        Node::Retry { .. } | Node::Fallback(_) | Node::Race(_) | Node::Map(_) => {
            Next { label: next.label, around: next.name.clone().or_else(|| next.around.clone()), ..Next::default() }
        }
        _ => Next::default(),
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
                    let output = if open.reads { registry::json(output).map(Arc::new) } else { None };
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
