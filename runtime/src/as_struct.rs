//! A parallel map into a struct of the user's: `<..> as Answers`.

use crate::{Assemble, Chunks, Context, Node, Result, Runnable, Step};

/// A parallel map whose record is turned into another struct by a function, and back for streams.
#[derive(Clone, Copy, Debug)]
pub struct AsStruct<S, F, B> {
    step: S,
    into: F,
    back: B,
}

impl<S, F, B> AsStruct<S, F, B> {
    /// From the two functions that `chain!` writes, field by field.
    pub const fn new(step: S, into: F, back: B) -> Self {
        AsStruct { step, into, back }
    }
}

impl<S: Step, F: Send + Sync, B: Send + Sync> Step for AsStruct<S, F, B> {
    const NODE: Node = S::NODE;

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In, S, F, B, T> Runnable<In> for AsStruct<S, F, B>
where
    In: Send,
    S: Runnable<In>,
    T: Send + 'static,
    F: Fn(S::Output) -> T + Clone + Send + Sync + 'static,
    B: Fn(T) -> S::Output + Clone + Send + Sync + 'static,
{
    type Output = T;
    type Chunk = S::Chunk;
    type Assembler = StructAssembler<S::Assembler, F, B>;

    fn assembler(&self) -> Self::Assembler {
        StructAssembler { fields: self.step.assembler(), into: self.into.clone(), back: self.back.clone() }
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<T> {
        self.step.call(input, cx).await.map(&self.into)
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<T>
    where
        In: Clone + Sync,
    {
        self.step.call_ref(input, cx).await.map(&self.into)
    }

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        self.step.call_stream(input, cx)
    }

    fn transform<'a, A>(&'a self, chunks: Chunks<'a, A::Chunk>, assembler: A, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        A: Assemble<Output = In>,
        In: 'a,
    {
        self.step.transform(chunks, assembler, cx)
    }
}

/// Assembles the record, then fills the struct.
pub struct StructAssembler<A, F, B> {
    fields: A,
    into: F,
    back: B,
}

impl<A, F, B, T> Assemble for StructAssembler<A, F, B>
where
    A: Assemble,
    T: Send + 'static,
    F: Fn(A::Output) -> T + Send + 'static,
    B: Fn(T) -> A::Output + Send + 'static,
{
    type Chunk = A::Chunk;
    type Output = T;

    fn push(&mut self, chunk: A::Chunk) {
        self.fields.push(chunk);
    }

    fn finish(self) -> Result<T> {
        self.fields.finish().map(self.into)
    }

    fn split(&self, output: T, emit: &mut dyn FnMut(A::Chunk)) {
        self.fields.split((self.back)(output), emit);
    }
}
