//! A branch under its field name.

use crate::{
    Assemble, Chunks, Component, ComponentKind, Context, Error, Node, Result, Runnable, Step,
    error::Segment,
    observe::{event::Position, instrument::within},
    step::{
        outcome::{MapOutcome, maps_outcome},
        runnable::{Delegate, like},
    },
    stream::typed::Piped,
    util::labels::{Labels, LabelsOf, name_at},
};
use std::marker::PhantomData;

/// A branch of a parallel map under its field name, which enters the path of its errors: `<claude>`.
pub struct NamedBranch<S, X, const AT: usize> {
    step: S,
    names: PhantomData<fn() -> X>,
}

impl<S, X: Labels, const AT: usize> NamedBranch<S, X, AT> {
    /// Under the name at `AT`.
    pub const fn at(_: LabelsOf<X>, step: S) -> Self {
        NamedBranch { step, names: PhantomData }
    }

    #[inline]
    fn child(cx: &Context) -> Option<Context> {
        let name = name_at::<X>(AT);
        cx.at(Position::Field(name), name)
    }

    #[cold]
    fn locate(error: Error) -> Error {
        error.at(Segment::Field(name_at::<X>(AT).into()))
    }
}

impl<S: Clone, X: Labels, const AT: usize> Clone for NamedBranch<S, X, AT> {
    fn clone(&self) -> Self {
        NamedBranch { step: self.step.clone(), names: PhantomData }
    }
}

impl<S: Step, X: Labels, const AT: usize> Step for NamedBranch<S, X, AT> {
    const NODE: Node = Node::Field { name: name_at::<X>(AT), node: &S::NODE };

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }
}

impl<S, X, const AT: usize> Delegate for NamedBranch<S, X, AT> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<S, X: Labels, const AT: usize, O> MapOutcome<O> for NamedBranch<S, X, AT> {
    type Mapped = O;

    #[inline]
    fn map_outcome(&self, outcome: Result<O>) -> Result<O> {
        outcome.map_err(Self::locate)
    }
}

impl<In: Send, S: Runnable<In>, X: Labels, const AT: usize> Runnable<In> for NamedBranch<S, X, AT> {
    like!(In, S);

    fn component(&self) -> Component {
        Component::around(ComponentKind::Field, self.step.component()).called(name_at::<X>(AT))
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        let child = Self::child(cx);
        self.step.call(input, child.as_ref().unwrap_or(cx)).await.map_err(Self::locate)
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output>
    where
        In: Clone + Sync,
    {
        let child = Self::child(cx);
        self.step.call_ref(input, child.as_ref().unwrap_or(cx)).await.map_err(Self::locate)
    }

    maps_outcome!(In);

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        let chunks = within!(Self::child(cx), cx => self.step.call_stream(input, cx));
        chunks.of_field(name_at::<X>(AT))
    }

    fn transform<'a, A>(
        &'a self,
        chunks: Chunks<'a, A::Chunk>,
        assembler: A,
        cx: &'a Context,
    ) -> Chunks<'a, Self::Chunk>
    where
        A: Assemble<Output = In>,
        In: 'a,
    {
        let chunks = within!(Self::child(cx), cx => self.step.transform(chunks, assembler, cx));
        chunks.of_field(name_at::<X>(AT))
    }
    fn stream_unobserved<'a>(&'a self, input: In, cx: &'a Context) -> impl Piped<'a, Self::Chunk>
    where
        In: 'a,
    {
        self.step.stream_unobserved(input, cx).of_field(name_at::<X>(AT))
    }
}
