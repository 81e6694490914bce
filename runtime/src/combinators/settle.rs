//! A failure as a value: the fields written `name?: ..`.

use crate::{
    Assemble, Chunks, Component, ComponentKind, Context, ErrorKind, Node, Result, Runnable, Step, Types,
    reflect::{registry, type_name},
    step::{
        outcome::{MapOutcome, maps_outcome},
        runnable::Delegate,
    },
};
use futures_util::StreamExt;
use serde_json::{Value, json};

/// A step whose failure is its output: a `Result`, which does not stop the other branches.
///
/// ```
/// use catena::prelude::*;
///
/// #[runnable]
/// fn parse(text: &str) -> catena::Result<u32> { Ok(text.parse()?) }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let chain = chain!(String => <number?: parse, text: _>);
/// let found = chain.invoke("seven".into()).await?;
/// assert!(found.number.is_err());
/// assert_eq!(found.text, "seven");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Streaming
/// As the step does. Its chunks are `Result`s: good ones as they come, and where it fails, the error as the last one. A
/// failure of the step before is not settled, as in a call.
#[derive(Clone, Copy, Debug)]
pub struct Settled<S> {
    step: S,
}

impl<S> Settled<S> {
    /// Settle a step.
    pub const fn new(step: S) -> Self {
        Settled { step }
    }
}

/// The outcome as a value. A pause is none: the run waits, and the step has not failed.
#[inline]
fn settled<T>(outcome: Result<T>) -> Result<Result<T>> {
    match outcome {
        Err(error) if *error.kind() == ErrorKind::Paused => Err(error),
        outcome => Ok(outcome),
    }
}

impl<S: Step> Step for Settled<S> {
    const NODE: Node = Node::Settled(&S::NODE);

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<S> Delegate for Settled<S> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<S, O> MapOutcome<O> for Settled<S> {
    type Mapped = Result<O>;

    #[inline]
    fn map_outcome(&self, outcome: Result<O>) -> Result<Result<O>> {
        settled(outcome)
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Settled<S> {
    type Output = Result<S::Output>;
    type Chunk = Result<S::Chunk>;
    type Assembler = SettledAssembler<S::Assembler>;

    fn assembler(&self) -> Self::Assembler {
        SettledAssembler { chunks: Ok(self.step.assembler()) }
    }

    async fn call<'a>(&'a self, input: In, cx: &'a Context) -> Result<Self::Output> {
        settled(self.step.call(input, cx).await)
    }

    async fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> Result<Self::Output>
    where
        In: Clone + Sync,
    {
        settled(self.step.call_ref(input, cx).await)
    }

    maps_outcome!(In);

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        Chunks::new(self.step.call_stream(input, cx).map(settled))
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
        // A failure of the step before is none of this one's: it is signed.
        Chunks::new(self.step.transform(chunks.entering(), assembler, cx).map(|chunk| match chunk {
            Err(error) if error.signed() > 0 => {
                let signed = error.signed() - 1;
                Err(error.sign(signed))
            }
            chunk => settled(chunk),
        }))
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
        types.name::<Result<S::Output>>(|| Some(format!("Result<{}>", type_name::of::<S::Output>())));
        write_result::<S::Output>(types);
        write_result::<S::Chunk>(types);
    }

    fn component(&self) -> Component {
        Component::around(ComponentKind::Settled, self.step.component()).giving::<Self::Output>()
    }

    fn input_json(&self, input: &In) -> Option<Value> {
        self.step.input_json(input)
    }
}

/// A failure as `{"error": ..}`, a value as itself.
fn write_result<T: 'static>(types: &mut Types) {
    types.write::<Result<T>>(|any| match any.downcast_ref::<Result<T>>()? {
        Ok(value) => registry::json(value),
        Err(error) => Some(json!({ "error": error })),
    });
}

/// Assembles until the first error, which then is the output.
pub struct SettledAssembler<A: Assemble> {
    chunks: Result<A>,
}

impl<A: Assemble + Default> Default for SettledAssembler<A> {
    fn default() -> Self {
        SettledAssembler { chunks: Ok(A::default()) }
    }
}

impl<A: Assemble> Assemble for SettledAssembler<A> {
    type Chunk = Result<A::Chunk>;
    type Output = Result<A::Output>;

    fn push(&mut self, chunk: Self::Chunk) {
        match (&mut self.chunks, chunk) {
            (Ok(assembler), Ok(chunk)) => assembler.push(chunk),
            (chunks @ Ok(_), Err(error)) => *chunks = Err(error),
            (Err(_), _) => {}
        }
    }

    fn finish(self) -> Result<Self::Output> {
        Ok(self.chunks.and_then(A::finish))
    }

    fn split(&self, output: Self::Output, emit: &mut dyn FnMut(Self::Chunk)) {
        match (output, &self.chunks) {
            (Ok(output), Ok(assembler)) => assembler.split(output, &mut |chunk| emit(Ok(chunk))),
            (Err(error), _) => emit(Err(error)),
            (Ok(_), Err(error)) => emit(Err(error.clone())),
        }
    }

    fn duplicate(&self, chunk: &Self::Chunk) -> Option<Self::Chunk> {
        match (chunk, &self.chunks) {
            (Ok(chunk), Ok(assembler)) => assembler.duplicate(chunk).map(Ok),
            (Ok(_), Err(_)) => None,
            (Err(error), _) => Some(Err(error.clone())),
        }
    }

    fn duplicates(&self) -> bool {
        self.chunks.as_ref().is_ok_and(A::duplicates)
    }

    fn known_copy(&self, chunk: &Self::Chunk) -> Option<Self::Chunk> {
        match (chunk, &self.chunks) {
            (Ok(chunk), Ok(assembler)) => assembler.known_copy(chunk).map(Ok),
            (Ok(_), Err(_)) => None,
            (Err(error), _) => Some(Err(error.clone())),
        }
    }

    fn fork(&self) -> Option<Self> {
        let chunks = self.chunks.as_ref().ok().and_then(A::fork)?;
        Some(SettledAssembler { chunks: Ok(chunks) })
    }
}
