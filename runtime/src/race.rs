//! Two steps on the same input: the first success wins.

use crate::{
    Chunks, Component, ComponentKind, Context, Error, Node, Result, Runnable, Step,
    fallback::{StandIn, chunks_like},
    lend::Lend,
    limit::{Gate, gated},
    observed::{observed_call, observed_stream, within},
    runnable::{lent, like},
    sequence::locate,
    turn::give_way,
};
use futures_util::{
    StreamExt,
    future::{BoxFuture, Either},
};
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

/// The same, as far as the run's limit allows.
async fn limited<O: Send>(
    cx: &Context,
    a: impl Future<Output = Result<O>> + Send,
    b: impl Future<Output = Result<O>> + Send,
) -> Result<O> {
    match cx.limit().map(Gate::new) {
        None => first(a, b).await,
        // On the heap, so that runs without a limit need no room for it.
        Some(gate) => {
            let race: BoxFuture<'_, _> = Box::pin(async { first(gate.run(a), gate.run(b)).await });
            race.await
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
            let rival = async { self.rival.call_ref(input, other).await.map_err(|error| locate(error, &self.rival, "")) };
            limited(cx, self.step.call_ref(input, cx), rival).await
        })
    }

    async fn call_ref_unobserved<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output> {
        let rival =
            async { self.rival.call_ref_unobserved(input, cx).await.map_err(|error| locate(error, &self.rival, "")) };
        limited(cx, self.step.call_ref_unobserved(input, cx), rival).await
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        observed_stream!(self, In, input, cx => {
            let gate = cx.limit().map(Gate::new);
            let own = input.clone();
            let step = gated(gate.as_ref(), move || self.step.call_stream(own, cx));
            let rival = gated(gate.as_ref(), move || {
                let chunks = within!(cx.instead(), cx => self.rival.call_stream(input, cx));
                chunks_like(self.assembler(), chunks, self.rival.assembler())
            });
            let rival = Chunks::new(rival.map(|chunk| chunk.map_err(|error| locate(error, &self.rival, ""))));
            Chunks::open(first(begun(step), begun(rival)))
        })
    }
}
