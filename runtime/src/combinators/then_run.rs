//! A step that says which step runs next.

use crate::{
    BoxRunnable, Chunks, Component, ComponentKind, Context, Error, Keys, Node, Result, Runnable, Step, Types, Whole,
    observe::instrument::{observed_call, observed_stream},
    step::{
        call::{Call, Started, future_of, future_of_ref, waits},
        shared_input::ShareInput,
    },
};
use serde_json::Value;

/// A step whose output is a step, which then runs on the same input; made by [`then_run`](crate::StepExt::then_run).
///
/// # Streaming
/// As the step that is chosen does. Waits for its whole input.
#[derive(Clone, Copy, Debug)]
pub struct ThenRun<S> {
    step: S,
}

impl<S> ThenRun<S> {
    pub(crate) const fn new(step: S) -> Self {
        ThenRun { step }
    }
}

impl<S: Step> Step for ThenRun<S> {
    const NODE: Node = Node::Choice(&S::NODE);

    fn name(&self) -> Option<&str> {
        self.step.name()
    }

    fn keys(&self, keys: &mut Keys) {
        self.step.keys(keys);
    }
}

impl<In, Out, S> Runnable<In> for ThenRun<S>
where
    In: ShareInput + Send,
    Out: Send + 'static,
    S: Runnable<In, Output = BoxRunnable<In, Out>>,
{
    type Output = Out;
    type Chunk = Out;
    type Assembler = Whole<Out>;

    fn assembler(&self) -> Self::Assembler {
        Whole::default()
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
    }

    fn component(&self) -> Component {
        Component::around(ComponentKind::Choice, self.step.component()).giving::<Out>()
    }

    fn input_json(&self, input: &In) -> Option<Value> {
        self.step.input_json(input)
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        if !cx.is_observed() {
            return future_of(self, input, cx).await;
        }
        observed_call!(self, &input, cx => {
            let next = self.step.call_ref(&input, cx).await?;
            next.call(input, cx).await.map_err(Error::called)
        })
    }

    fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Out>, Out> {
        waits(async move {
            let next = future_of_ref(&self.step, &input, cx).await?;
            future_of(&next, input, cx).await.map_err(Error::called)
        })
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        observed_stream!(self, In, input, cx => Chunks::generate(move |out| async move {
            let next = self.step.call_ref(&input, cx).await?;
            out.forward(next.call_stream(input, cx)).await.map_err(Error::called)
        }))
    }
}
