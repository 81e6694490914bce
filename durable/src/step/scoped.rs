//! A part of a chain whose keys have a scope.

use crate::run::names::{self, Named};
use catena::{
    __private::{Call, Started, waits},
    Assemble, Chunks, Component, Context, Details, Keys, Node, Result, Runnable, Segment, Step, Types,
};
use serde_json::Value;
use std::borrow::Cow;

/// A part of a chain whose durable steps are in a scope; created by [`scoped`](crate::DurableExt::scoped).
#[derive(Clone, Debug)]
pub struct Scoped<S> {
    step: S,
    scope: Cow<'static, str>,
}

impl<S> Scoped<S> {
    pub(super) const fn new(step: S, scope: Cow<'static, str>) -> Self {
        Scoped { step, scope }
    }

    fn within(&self, cx: &Context) -> Context {
        cx.within(Segment::Step(self.scope.clone()))
    }
}

impl<S: Step> Step for Scoped<S> {
    const NODE: Node = S::NODE;

    fn name(&self) -> Option<&str> {
        self.step.name()
    }

    fn keys(&self, keys: &mut Keys) {
        self.step.keys(keys);
    }

    fn details(&self, details: &mut Details) {
        self.step.details(details);
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Scoped<S> {
    type Output = S::Output;
    type Chunk = S::Chunk;
    type Assembler = S::Assembler;

    fn assembler(&self) -> Self::Assembler {
        self.step.assembler()
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
    }

    fn component(&self) -> Component {
        let mut component = self.step.component();
        names::add(&mut component, Named::Scope(&self.scope));
        component
    }

    fn input_json(&self, input: &In) -> Option<Value> {
        self.step.input_json(input)
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        self.step.call(input, &self.within(cx)).await
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output>
    where
        In: Clone + Sync,
    {
        self.step.call_ref(input, &self.within(cx)).await
    }

    fn start_ref<'a>(
        &'a self,
        input: &'a In,
        cx: &'a Context,
    ) -> Started<impl Call<'a, Self, Self::Output>, Self::Output>
    where
        In: Clone + Sync,
    {
        waits(self.call_ref(input, cx))
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        Chunks::generate(move |out| async move {
            let inside = self.within(cx);
            out.forward(self.step.call_stream(input, &inside)).await
        })
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
        Chunks::generate(move |out| async move {
            let inside = self.within(cx);
            out.forward(self.step.transform(chunks, assembler, &inside)).await
        })
    }
}
