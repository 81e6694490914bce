//! A look at a step's output in passing.

use crate::{
    Assemble, Chunks, Component, Context, Node, Result, Runnable, Step,
    step::{
        outcome::{MapOutcome, maps_outcome},
        runnable::{Delegate, like},
    },
};
use futures_core::Stream;
use futures_util::stream;
use std::{any::Any, pin::Pin, task::Poll};

/// A step whose output is shown to a function before it goes on; made by [`tap`](crate::StepExt::tap).
///
/// # Streaming
/// The chunks go through as they come. Where they can be copied ([`Assemble::duplicate`]: text, messages), the function sees
/// the whole output, once, when the stream ends; it sees nothing of a stream that fails or is dropped. Where they cannot,
/// the stream waits here until its output is complete, and goes on with it.
#[derive(Clone, Copy, Debug)]
pub struct Tap<S, F> {
    step: S,
    look: F,
}

impl<S, F> Tap<S, F> {
    pub(crate) const fn new(step: S, look: F) -> Self {
        Tap { step, look }
    }
}

impl<S: Step, F: Send + Sync> Step for Tap<S, F> {
    const NODE: Node = S::NODE;

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<S, F> Delegate for Tap<S, F> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<S, F: Fn(&O), O> MapOutcome<O> for Tap<S, F> {
    type Mapped = O;

    #[inline]
    fn map_outcome(&self, outcome: Result<O>) -> Result<O> {
        outcome.inspect(&self.look)
    }
}

impl<In: Send, S: Runnable<In>, F> Runnable<In> for Tap<S, F>
where
    F: Fn(&S::Output) + Send + Sync,
{
    like!(In, S);

    fn component(&self) -> Component {
        self.step.component()
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        self.step.call(input, cx).await.inspect(|output| (self.look)(output))
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output>
    where
        In: Clone + Sync,
    {
        self.step.call_ref(input, cx).await.inspect(|output| (self.look)(output))
    }

    maps_outcome!(In);

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        let copy = self.assembler();
        if copy.duplicates() || S::Assembler::WHOLE {
            return self.watched(self.step.call_stream(input, cx), copy);
        }
        Chunks::open(async move { Ok(whole_as_chunks(self.assembler(), self.call(input, cx).await?)) })
    }

    fn transform<'a, Up>(
        &'a self,
        chunks: Chunks<'a, Up::Chunk>,
        assembler: Up,
        cx: &'a Context,
    ) -> Chunks<'a, Self::Chunk>
    where
        Up: Assemble<Output = In>,
        In: 'a,
    {
        let copy = self.assembler();
        if copy.duplicates() || S::Assembler::WHOLE {
            return self.watched(self.step.transform(chunks, assembler, cx), copy);
        }
        let chunks = self.step.transform(chunks, assembler, cx);
        Chunks::open(async move {
            let output = chunks.assemble(self.assembler()).await?;
            (self.look)(&output);
            Ok(whole_as_chunks(copy, output))
        })
    }
}

impl<S, F> Tap<S, F> {
    /// The chunks, and a copy of each for the function.
    fn watched<'a, A: Assemble>(&'a self, mut chunks: Chunks<'a, A::Chunk>, copy: A) -> Chunks<'a, A::Chunk>
    where
        F: Fn(&A::Output) + Send + Sync,
    {
        let (mut copy, look) = (Some(copy), &self.look);
        Chunks::new(stream::poll_fn(move |task| {
            let polled = Pin::new(&mut chunks).poll_next(task);
            match &polled {
                Poll::Ready(Some(Ok(chunk))) => {
                    if A::WHOLE {
                        (chunk as &dyn Any).downcast_ref().into_iter().for_each(look);
                        copy = None;
                    } else if let Some(copy) = &mut copy
                        && let Some(chunk) = copy.duplicate(chunk)
                    {
                        copy.push(chunk);
                    }
                }
                Poll::Ready(Some(Err(_))) => copy = None,
                Poll::Ready(None) => {
                    if let Some(copy) = copy.take()
                        && let Ok(output) = copy.finish()
                    {
                        look(&output);
                    }
                }
                Poll::Pending => {}
            }
            polled
        }))
    }
}

/// A whole output as the chunks that this assembler would make it of.
#[allow(clippy::needless_pass_by_value)]
pub(crate) fn whole_as_chunks<'a, A: Assemble>(assembler: A, output: A::Output) -> Chunks<'a, A::Chunk> {
    let mut chunks = Vec::new();
    assembler.split(output, &mut |chunk| chunks.push(Ok(chunk)));
    Chunks::new(stream::iter(chunks))
}
