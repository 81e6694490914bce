//! A step in a task of its own.

use crate::{
    Chunks, Component, ComponentKind, Context, Node, Result, Runnable, Step,
    run::task::Owned,
    step::{call::called, runnable::like},
};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A step that runs in its own tokio task, so that it can use another core; made by
/// [`spawned`](crate::StepExt::spawned).
///
/// The task does not outlive the call: dropping the call stops it at its next `.await`. The runtime takes it away a moment
/// later, so that next to the tasks that lost a race there may be one more run than `max_concurrency` allows. A panic in it becomes an error
/// of kind [`ErrorKind::Panic`](crate::ErrorKind::Panic).
///
/// To observers, the runs in the task end with the call: what is still open when the call is dropped ends there and then, as
/// cancelled, and nothing that the task still does becomes an event afterwards. The `tracing` span that is current where the step is called
/// is current in the task, with its subscriber.
///
/// # Streaming
/// As the step does; the task is at most one chunk ahead of the reader. Waits for its whole input.
#[derive(Debug)]
pub struct Spawned<S> {
    step: Arc<S>,
}

impl<S> Spawned<S> {
    pub(crate) fn new(step: S) -> Self {
        Spawned { step: Arc::new(step) }
    }
}

impl<S> Clone for Spawned<S> {
    fn clone(&self) -> Self {
        Spawned { step: Arc::clone(&self.step) }
    }
}

impl<S: Step> Step for Spawned<S> {
    const NODE: Node = Node::Spawned(&S::NODE);

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In: Send + 'static, S: Runnable<In> + 'static> Runnable<In> for Spawned<S> {
    like!(In, S);

    fn component(&self) -> Component {
        Component::around(ComponentKind::Spawned, self.step.component())
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        let step = Arc::clone(&self.step);
        let (cx, _open) = cx.in_task();
        Owned::spawn(async move { called(&*step, input, &cx).await }).await?
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        let step = Arc::clone(&self.step);
        Chunks::generate(move |out| async move {
            let (cx, _open) = cx.in_task();
            let (sender, mut receiver) = mpsc::channel(1);
            let task = Owned::spawn(async move {
                let mut chunks = step.call_stream(input, &cx);
                // The next chunk is made only when there is room for it.
                while let Ok(room) = sender.reserve().await {
                    match chunks.next().await {
                        Some(chunk) => room.send(chunk),
                        None => break,
                    }
                }
            });
            while let Some(chunk) = receiver.recv().await {
                out.send(chunk?).await;
            }
            // The channel closes when the task ends, in whichever way.
            task.await
        })
    }
}
