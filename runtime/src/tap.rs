//! A look at a step's output in passing.

use crate::{Assemble, Chunks, Context, Node, Result, Runnable, Step, runnable::like};
use futures_util::stream;

/// A step whose output is shown to a function before it goes on; made by [`tap`](crate::StepExt::tap).
///
/// # Streaming
/// The function looks at whole outputs, so a stream waits here until its output is complete, and goes on with it.
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

impl<In: Send, S: Runnable<In>, F> Runnable<In> for Tap<S, F>
where
    F: Fn(&S::Output) + Send + Sync,
{
    like!(In, S);

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        self.step.call(input, cx).await.inspect(|output| (self.look)(output))
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output>
    where
        In: Clone + Sync,
    {
        self.step.call_ref(input, cx).await.inspect(|output| (self.look)(output))
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        Chunks::open(async move { Ok(whole_as_chunks(self.assembler(), self.call(input, cx).await?)) })
    }
}

/// A whole output as the chunks that this assembler would make it of.
#[allow(clippy::needless_pass_by_value)]
pub(crate) fn whole_as_chunks<'a, A: Assemble>(assembler: A, output: A::Output) -> Chunks<'a, A::Chunk> {
    let mut chunks = Vec::new();
    assembler.split(output, &mut |chunk| chunks.push(Ok(chunk)));
    Chunks::new(stream::iter(chunks))
}
