//! A limit on the time a step may take.

use crate::{Chunks, Context, Error, ErrorKind, Node, Result, Runnable, Step, runnable::like};
use futures_util::StreamExt;
use std::{future::Future, time::Duration};
use tokio::time::Instant;

/// A step that fails with [`ErrorKind::Timeout`] when it takes too long; made by [`timeout`](crate::StepExt::timeout).
/// What runs under it is dropped, and so stops.
///
/// # Streaming
/// The limit is on the whole stream, from the moment its input is complete to its last chunk.
#[derive(Clone, Copy, Debug)]
pub struct Timeout<S> {
    step: S,
    after: Duration,
}

impl<S> Timeout<S> {
    /// Limit a step.
    pub const fn new(step: S, after: Duration) -> Self {
        Timeout { step, after }
    }

    #[cold]
    fn passed(&self) -> Error {
        Error::new(ErrorKind::Timeout { after: self.after }, format!("no answer within {:?}", self.after))
    }

    async fn limit<O>(&self, work: impl Future<Output = Result<O>>) -> Result<O> {
        match tokio::time::timeout(self.after, work).await {
            Ok(output) => output,
            Err(_) => Err(self.passed()),
        }
    }
}

impl<S: Step> Step for Timeout<S> {
    const NODE: Node = Node::Timeout(&S::NODE);

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Timeout<S> {
    like!(In, S);

    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        self.limit(self.step.call(input, cx))
    }

    fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        self.limit(self.step.call_ref(input, cx))
    }

    fn call_unobserved<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        self.limit(self.step.call_unobserved(input, cx))
    }

    fn call_ref_unobserved<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        self.limit(self.step.call_ref_unobserved(input, cx))
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        Chunks::generate(move |out| async move {
            let end = Instant::now().checked_add(self.after);
            let mut chunks = self.step.call_stream(input, cx);
            loop {
                let next = match end {
                    Some(end) => tokio::time::timeout_at(end, chunks.next()).await.map_err(|_| self.passed())?,
                    None => chunks.next().await,
                };
                match next {
                    Some(chunk) => out.send(chunk?).await,
                    None => return Ok(()),
                }
            }
        })
    }
}
