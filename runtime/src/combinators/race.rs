//! Two steps on the same input: the first success wins.

use crate::{
    Chunks, Component, ComponentKind, Context, Error, Node, Result, Runnable, Step,
    combinators::fallback::{StandIn, chunks_like},
    observe::instrument::{boxed, observed_call, observed_stream, within},
    run::concurrency::{Gate, gated, in_place},
    step::{
        locate::locate,
        runnable::{lent, like},
        shared_input::ShareInput,
    },
    util::coop::give_way,
};
use futures_util::{
    StreamExt, TryFutureExt,
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

pin_project_lite::pin_project! {
    /// The first success of two futures, or the error of `a` with that of `b` attached.
    ///
    /// The output is a parameter, not only what the futures say that they give: a nested race would prove that twice
    /// for each level above it, and the time to compile would double.
    struct First<A, B, O> {
        #[pin]
        a: A,
        #[pin]
        b: B,
        // Whether `b` is polled first. If the future that is polled first uses up the budget of the task, the other
        // one comes first the next time: else it would never progress beside one that is always ready.
        turned: bool,
        failed: Option<Either<Error, Error>>,
        output: PhantomData<fn() -> O>,
    }
}

impl<A, B, O> First<A, B, O> {
    const fn new(a: A, b: B) -> Self {
        First { a, b, turned: false, failed: None, output: PhantomData }
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
        for of_b in [*this.turned, !*this.turned] {
            // One that has failed is not polled again.
            let over = match this.failed {
                Some(Either::Left(_)) => !of_b,
                Some(Either::Right(_)) => of_b,
                None => false,
            };
            if over {
                continue;
            }
            let polled = if of_b { this.b.as_mut().poll(task) } else { this.a.as_mut().poll(task) };
            match polled {
                Poll::Ready(Ok(output)) => return Poll::Ready(Ok(output)),
                Poll::Ready(Err(error)) => match this.failed.take() {
                    Some(Either::Left(first) | Either::Right(first)) => {
                        let (error, other) = if of_b { (first, error) } else { (error, first) };
                        return Poll::Ready(Err(error.with_others([other])));
                    }
                    None => *this.failed = Some(if of_b { Either::Right(error) } else { Either::Left(error) }),
                },
                Poll::Pending if !has_budget_remaining() => {
                    *this.turned = !of_b;
                    give_way(task);
                    break;
                }
                Poll::Pending => {}
            }
        }
        Poll::Pending
    }
}

pin_project_lite::pin_project! {
    /// The calls of a race: at once, or each when the limit of the run has a place for it.
    #[project = RacedProjection]
    enum Raced<'a, F, O> {
        Free { #[pin] work: F },
        // Boxed, so that runs without a limit need no room for it.
        Placed { work: BoxFuture<'a, Result<O>> },
    }
}

impl<F: Future<Output = Result<O>>, O> Future for Raced<'_, F, O> {
    type Output = Result<O>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        match self.project() {
            RacedProjection::Free { work } => work.poll(task),
            RacedProjection::Placed { work } => work.as_mut().poll(task),
        }
    }
}

/// The first success of two calls, each in a place of its own under the run's limit.
macro_rules! first_of {
    ($race:ident, $call:ident, $input:ident, $cx:ident, $other:ident) => {{
        let (step, rival) = (&$race.step, &$race.rival);
        match Gate::of($cx) {
            None => {
                let other = rival.$call($input, $other).map_err(|error| locate(error, rival, ""));
                Raced::Free { work: First::new(step.$call($input, $cx), other) }
            }
            Some(gate) => Raced::Placed {
                work: boxed(move || async move {
                    let (one, two) = ($cx.in_own_place(), $other.in_own_place());
                    let other = in_place(Some(&gate), || rival.$call($input, &two));
                    let other = other.map_err(|error| locate(error, rival, ""));
                    First::new(in_place(Some(&gate), || step.$call($input, &one)), other).await
                }),
            },
        }
    }};
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
            return self.call_ref_unobserved(input, cx).await;
        }
        observed_call!(self, input, cx => {
            let child = cx.instead();
            let other = child.as_ref().unwrap_or(cx);
            first_of!(self, call_ref, input, cx, other).await
        })
    }

    fn call_ref_unobserved<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Self::Output>> + Send {
        first_of!(self, call_ref_unobserved, input, cx, cx)
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
            let rival = Chunks::new(rival.map(|chunk| chunk.map_err(|error| locate(error, &self.rival, ""))));
            Chunks::open(First::new(begun(step), begun(rival)))
        })
    }
}
