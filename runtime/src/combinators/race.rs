//! Two steps on the same input: the first success wins.

use crate::{
    Chunks, Component, ComponentKind, Context, Error, Node, Result, Runnable, Step,
    combinators::fallback::{StandIn, chunks_like},
    observe::instrument::{boxed, observed_call, observed_stream, within},
    run::concurrency::{Gate, gated, in_place},
    step::{
        locate::locate,
        runnable::{lent, like},
        shared_input::Lend,
    },
    util::coop::give_way,
};
use futures_util::{StreamExt, TryFutureExt, future::Either};
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
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

/// The first success of the two, or the first one's error with the second one's attached.
async fn first<O>(a: impl Future<Output = Result<O>> + Send, b: impl Future<Output = Result<O>> + Send) -> Result<O> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let both = |a: Error, b: Error| a.with_others([b]);
    // The one that is polled first. If it uses up the budget of the task, the other one comes first the next time: else it would
    // never come to anything beside one that is always ready.
    let mut turned = false;
    let first = poll_fn(|task| {
        for of_b in [turned, !turned] {
            let polled =
                if of_b { b.as_mut().poll(task).map(Either::Right) } else { a.as_mut().poll(task).map(Either::Left) };
            if polled.is_ready() {
                return polled;
            }
            if !has_budget_remaining() {
                turned = !of_b;
                give_way(task);
                break;
            }
        }
        Poll::Pending
    });
    match first.await {
        Either::Left(Ok(output)) | Either::Right(Ok(output)) => Ok(output),
        Either::Left(Err(error)) => b.await.map_err(|other| both(error, other)),
        Either::Right(Err(other)) => a.await.map_err(|error| both(error, other)),
    }
}

/// The first success of two calls, each in a place of its own under the run's limit.
macro_rules! first_of {
    ($race:ident, $call:ident, $input:ident, $cx:ident, $other:ident) => {{
        let (step, rival) = (&$race.step, &$race.rival);
        match Gate::of($cx) {
            None => {
                let other = rival.$call($input, $other).map_err(|error| locate(error, rival, ""));
                Either::Left(first(step.$call($input, $cx), other))
            }
            // On the heap, so that runs without a limit need no room for it.
            Some(gate) => Either::Right(boxed(move || async move {
                let (one, two) = ($cx.in_own_place(), $other.in_own_place());
                let other = in_place(Some(&gate), || rival.$call($input, &two));
                let other = other.map_err(|error| locate(error, rival, ""));
                first(in_place(Some(&gate), || step.$call($input, &one)), other).await
            })),
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

impl<In, S, B> Runnable<In> for Race<S, B>
where
    In: Lend + Send,
    S: Runnable<In>,
    B: StandIn<In, S::Output>,
{
    like!(In, S);

    fn component(&self) -> Component {
        Component::made_of(ComponentKind::Race, [self.step.component(), self.rival.component()]).giving::<S::Output>()
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
            Chunks::open(first(begun(step), begun(rival)))
        })
    }
}
