//! Two steps on the same input: the first success wins.

use crate::{
    Chunks, Component, ComponentKind, Context, Error, Node, Result, Runnable, Step,
    combinators::fallback::{StandIn, chunks_like},
    observe::instrument::{boxed, observed_call, observed_stream, within},
    run::concurrency::{Gate, gated, in_place},
    step::{
        call::{Call, Started, future_of_ref},
        locate::locate,
        runnable::{lent, like},
        shared_input::ShareInput,
    },
    util::coop::give_way,
};
use futures_util::{
    StreamExt,
    future::{BoxFuture, Either},
};
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};
use tokio::task::coop::has_budget_remaining;

/// Two steps run at once; the first success is the output and the other is dropped. Made by
/// [`race`](crate::StepExt::race); they nest for more.
///
/// Where both fail, the error is that of the one written first, with the other [attached](Error::others).
///
/// # Streaming
/// The stream whose first chunk comes first wins. Waits for its whole input.
#[derive(Clone, Copy, Debug)]
pub struct Race<S, B> {
    step: S,
    rival: B,
}

impl<S, B> Race<S, B> {
    pub(crate) const fn new(step: S, rival: B) -> Self {
        Race { step, rival }
    }
}

/// How a race stands.
///
/// The output is a parameter of what polls it, not only what the calls say that they give: of a nested race the compiler would prove
/// that twice for each level above it, and the time to compile would double.
#[derive(Default)]
struct Standing {
    /// Whether the rival is polled first. If the one that is polled first uses up the budget of the task, the other one comes first
    /// the next time: else it would never progress beside one that is always ready.
    turned: bool,
    /// The one that has failed: the first one on the left.
    failed: Option<Either<Error, Error>>,
}

impl Standing {
    /// The first success, or the error of the first one with that of the rival attached. `poll` polls the rival, if its argument is
    /// true, or else the first one.
    #[inline]
    fn poll<O>(
        &mut self,
        task: &mut Task<'_>,
        mut poll: impl FnMut(bool, &mut Task<'_>) -> Poll<Result<O>>,
    ) -> Poll<Result<O>> {
        for rival in [self.turned, !self.turned] {
            // One that has failed is not polled again.
            let over = match self.failed {
                Some(Either::Left(_)) => !rival,
                Some(Either::Right(_)) => rival,
                None => false,
            };
            if over {
                continue;
            }
            match poll(rival, task) {
                Poll::Ready(Ok(output)) => return Poll::Ready(Ok(output)),
                Poll::Ready(Err(error)) => match self.failed.take() {
                    Some(Either::Left(first) | Either::Right(first)) => {
                        let (error, other) = if rival { (first, error) } else { (error, first) };
                        return Poll::Ready(Err(error.with_others([other])));
                    }
                    None => self.failed = Some(if rival { Either::Right(error) } else { Either::Left(error) }),
                },
                Poll::Pending if !has_budget_remaining() => {
                    self.turned = !rival;
                    give_way(task);
                    break;
                }
                Poll::Pending => {}
            }
        }
        Poll::Pending
    }
}

// Of the rival alone, without the type of the race: they are compiled once for all races that have such a rival.

/// The call of the rival.
async fn ask_rival<B: Runnable<In>, In: ShareInput + Send>(rival: &B, input: &In, cx: &Context) -> Result<B::Output> {
    future_of_ref(rival, input, cx).await.map_err(|error| located(error, rival))
}

#[cold]
fn located<B: Step>(error: Error, rival: &B) -> Error {
    locate(error, rival, "")
}

pin_project_lite::pin_project! {
    /// The first success of two futures.
    struct First<A, B, O> {
        #[pin]
        step: A,
        #[pin]
        rival: B,
        standing: Standing,
        output: PhantomData<fn() -> O>,
    }
}

impl<A, B, O> First<A, B, O> {
    fn new(step: A, rival: B) -> Self {
        First { step, rival, standing: Standing::default(), output: PhantomData }
    }
}

impl<A, B, O> Future for First<A, B, O>
where
    A: Future<Output = Result<O>>,
    B: Future<Output = Result<O>>,
{
    type Output = Result<O>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let mut this = self.project();
        this.standing.poll(
            task,
            |rival, task| {
                if rival { this.rival.as_mut().poll(task) } else { this.step.as_mut().poll(task) }
            },
        )
    }
}

pin_project_lite::pin_project! {
    /// The first success of two calls. One enum, and no struct around it: the compiler looks through each type that is nested, to a
    /// depth of 128.
    #[project = At]
    enum RaceCall<'a, C, F, O> {
        // At once. The rival is started when the first one, if it has not failed at once, has been asked.
        Free { #[pin] first: Option<C>, #[pin] rival: F, standing: Standing },
        // Each when the limit of the run has a place for it. Boxed, so that runs without a limit need no room for it.
        Placed { work: BoxFuture<'a, Result<O>> },
    }
}

impl<'a, S: 'a, B: 'a, O, C, F> Call<'a, Race<S, B>, O> for RaceCall<'a, C, F, O>
where
    C: Call<'a, S, O>,
    F: Future<Output = Result<O>> + Send,
{
    fn poll(self: Pin<&mut Self>, race: &'a Race<S, B>, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
        match self.project() {
            At::Placed { work } => work.as_mut().poll(task),
            At::Free { mut first, mut rival, standing } => {
                standing.poll(task, |of_rival, task| match first.as_mut().as_pin_mut() {
                    Some(first) if !of_rival => first.poll(&race.step, cx, task),
                    _ => rival.as_mut().poll(task),
                })
            }
        }
    }
}

/// A stream once its first chunk, or its end, is there.
async fn begun<'a, T: Send + 'a>(mut chunks: Chunks<'a, T>) -> Result<Chunks<'a, T>> {
    match chunks.next().await {
        None => Ok(chunks),
        Some(chunk) => Ok(chunks.after(chunk?)),
    }
}

impl<S: Step, B: Step> Step for Race<S, B> {
    const NODE: Node = Node::Race(&[S::NODE, B::NODE]);

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
        self.rival.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In: ShareInput + Send, S: Runnable<In>, B: StandIn<In, S::Output>> Runnable<In> for Race<S, B> {
    like!(In, S);

    fn component(&self) -> Component {
        Component::made_of(ComponentKind::Race, vec![self.step.component(), self.rival.component()])
            .giving::<S::Output>()
    }

    lent!(In);

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output> {
        if !cx.is_observed() {
            return future_of_ref(self, input, cx).await;
        }
        observed_call!(self, input, cx => {
            let child = cx.instead();
            let other = child.as_ref().unwrap_or(cx);
            let rival = async |cx| self.rival.call_ref(input, cx).await.map_err(|error| located(error, &self.rival));
            match Gate::of(cx) {
                None => First::new(self.step.call_ref(input, cx), rival(other)).await,
                Some(gate) => {
                    let (one, two) = (cx.in_own_place(), other.in_own_place());
                    let rival = in_place(Some(&gate), || rival(&two));
                    First::new(in_place(Some(&gate), || self.step.call_ref(input, &one)), rival).await
                }
            }
        })
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        if let Some(gate) = Gate::of(cx) {
            let work = boxed(move || async move {
                let (one, two) = (cx.in_own_place(), cx.in_own_place());
                let rival = in_place(Some(&gate), || ask_rival(&self.rival, input, &two));
                First::new(in_place(Some(&gate), || future_of_ref(&self.step, input, &one)), rival).await
            });
            return Started::Waiting(RaceCall::Placed { work });
        }
        let (first, failed) = match self.step.start_ref(input, cx) {
            Started::Ready(Ok(output)) => return Started::Ready(Ok(output)),
            Started::Ready(Err(error)) => (None, Some(Either::Left(error))),
            Started::Waiting(call) => (Some(call), None),
        };
        let rival = ask_rival(&self.rival, input, cx);
        Started::Waiting(RaceCall::Free { first, rival, standing: Standing { turned: false, failed } })
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        observed_stream!(self, In, input, cx => {
            let gate = Gate::of(cx);
            let own = input.clone();
            let step = gated(gate.as_ref(), move || within!(cx.placed(), cx => self.step.call_stream(own, cx)));
            let rival = gated(gate.as_ref(), move || {
                let chunks = within!(cx.instead(), cx => {
                    within!(cx.placed(), cx => self.rival.call_stream(input, cx))
                });
                chunks_like(self.assembler(), chunks, self.rival.assembler())
            });
            let rival = Chunks::new(rival.map(|chunk| chunk.map_err(|error| located(error, &self.rival))));
            Chunks::open(First::new(begun(step), begun(rival)))
        })
    }
}
