//! A step of which a run can set something.

use crate::{
    Assemble, Chunks, Component, ComponentKind, ConfigKey, Context, Keys, Node, Result, Runnable, Step,
    step::{
        call::{Call, Started, future_of, future_of_ref, waits},
        runnable::like,
    },
};
use serde::{Serialize, de::DeserializeOwned};

/// A step that is made again with the value of a key, in runs that set it; made by
/// [`configurable`](crate::StepExt::configurable). Where none is set, it costs one branch.
///
/// # Streaming
/// As the step does; with whichever value.
#[derive(Debug)]
pub struct Configurable<S, T: 'static, F> {
    step: S,
    key: &'static ConfigKey<T>,
    make: F,
}

impl<S, T, F> Configurable<S, T, F> {
    pub(crate) const fn new(step: S, key: &'static ConfigKey<T>, make: F) -> Self {
        Configurable { step, key, make }
    }
}

impl<S: Clone, T, F: Clone> Clone for Configurable<S, T, F> {
    fn clone(&self) -> Self {
        Configurable { step: self.step.clone(), key: self.key, make: self.make.clone() }
    }
}

impl<S, T, F> Step for Configurable<S, T, F>
where
    S: Step,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Fn(&S, &T) -> S + Send + Sync,
{
    const NODE: Node = S::NODE;

    fn name(&self) -> Option<&str> {
        self.step.name()
    }

    fn keys(&self, keys: &mut Keys) {
        keys.add(self.key);
        self.step.keys(keys);
    }
}

impl<In, S, T, F> Runnable<In> for Configurable<S, T, F>
where
    In: Send,
    S: Runnable<In>,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Fn(&S, &T) -> S + Send + Sync,
{
    like!(In, S);

    fn component(&self) -> Component {
        let inner = Component::around(ComponentKind::Configurable, self.step.component());
        inner.with("key", self.key.id()).with("default", self.key.default_json())
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        match cx.set_value(self.key) {
            None => self.step.call(input, cx).await,
            Some(value) => (self.make)(&self.step, value).call(input, cx).await,
        }
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output>
    where
        In: Clone + Sync,
    {
        match cx.set_value(self.key) {
            None => self.step.call_ref(input, cx).await,
            Some(value) => (self.make)(&self.step, value).call_ref(input, cx).await,
        }
    }

    fn start<'a>(&'a self, input: In, cx: &'a Context) -> Started<impl Call<'a, Self, Self::Output>, Self::Output> {
        waits(async move {
            match cx.set_value(self.key) {
                None => future_of(&self.step, input, cx).await,
                Some(value) => future_of(&(self.make)(&self.step, value), input, cx).await,
            }
        })
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        In: Clone + Sync,
    {
        waits(async move {
            match cx.set_value(self.key) {
                None => future_of_ref(&self.step, input, cx).await,
                Some(value) => future_of_ref(&(self.make)(&self.step, value), input, cx).await,
            }
        })
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        match cx.set_value(self.key) {
            None => self.step.call_stream(input, cx),
            Some(value) => Chunks::generate(move |out| async move {
                let step = (self.make)(&self.step, value);
                out.forward(step.call_stream(input, cx)).await
            }),
        }
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
        match cx.set_value(self.key) {
            None => self.step.transform(chunks, assembler, cx),
            Some(value) => Chunks::generate(move |out| async move {
                let step = (self.make)(&self.step, value);
                out.forward(step.transform(chunks, assembler, cx)).await
            }),
        }
    }
}
