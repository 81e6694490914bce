//! A chain whose input type is written down: `Question => ..`.

use crate::{
    Assemble, Chunks, Component, Context, Node, Result, Runnable, Step, Types,
    observe::instrument::{boxed, within},
    step::{
        outcome::{MapOutcome, maps_outcome, unchanged},
        runnable::Delegate,
    },
};
use futures_util::future::Either;
use serde_json::Value;
use std::future::Future;

/// A chain for one type of input. Without it, a chain whose steps take anything would leave the type of `invoke`'s
/// argument open.
pub struct Typed<In, S> {
    step: S,
    write: fn(&In) -> Option<Value>,
    tell: [fn(&mut Types); 3],
}

impl<In, S> Typed<In, S> {
    /// For inputs of this type, which are written as JSON this way, and of which this is known.
    pub const fn new(step: S, write: fn(&In) -> Option<Value>, tell: [fn(&mut Types); 3]) -> Self {
        Typed { step, write, tell }
    }
}

impl<In, S: Clone> Clone for Typed<In, S> {
    fn clone(&self) -> Self {
        Typed::new(self.step.clone(), self.write, self.tell)
    }
}

impl<In, S: Step> Step for Typed<In, S> {
    const NODE: Node = S::NODE;

    fn keys(&self, keys: &mut crate::Keys) {
        self.step.keys(keys);
    }

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In, S> Delegate for Typed<In, S> {
    type To = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<In, S, O> MapOutcome<O> for Typed<In, S> {
    unchanged!(O);
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Typed<In, S> {
    type Output = S::Output;
    type Chunk = S::Chunk;
    type Assembler = S::Assembler;

    fn assembler(&self) -> Self::Assembler {
        self.step.assembler()
    }

    fn types(&self, types: &mut Types) {
        self.step.types(types);
        self.tell.iter().for_each(|tell| tell(types));
    }

    fn component(&self) -> Component {
        self.step.component()
    }

    fn input_json(&self, input: &In) -> Option<Value> {
        (self.write)(input).or_else(|| self.step.input_json(input))
    }

    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send {
        match cx.given_if_unknown(|| (self.write)(&input)) {
            None => Either::Left(self.step.call(input, cx)),
            Some(cx) => Either::Right(boxed(move || async move { self.step.call(input, &cx).await })),
        }
    }

    fn call_ref<'a>(&'a self, input: &'a In, cx: &'a Context) -> impl Future<Output = Result<Self::Output>> + Send
    where
        In: Clone + Sync,
    {
        // An input is lent by combinators, which tell what it is; and a future that may be one of two is moved once more.
        self.step.call_ref(input, cx)
    }

    maps_outcome!(In);

    fn call_stream<'a>(&'a self, input: In, cx: &'a Context) -> Chunks<'a, Self::Chunk>
    where
        In: 'a,
    {
        within!(cx.given_if_unknown(|| (self.write)(&input)), cx => self.step.call_stream(input, cx))
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
        self.step.transform(chunks, assembler, cx)
    }
}
