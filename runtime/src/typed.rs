//! A chain whose input type is written down: `Question => ..`.

use crate::{
    Assemble, Chunks, Context, Node, Result, Runnable, Step,
    runnable::{Inner, forward},
};
use std::{future::Future, marker::PhantomData};

/// A chain for one type of input. Without it, a chain whose steps take anything would leave the type of `invoke`'s
/// argument open.
pub struct Typed<In, S> {
    step: S,
    input: PhantomData<fn(In)>,
}

impl<In, S> Typed<In, S> {
    /// For inputs of this type.
    pub const fn new(step: S) -> Self {
        Typed { step, input: PhantomData }
    }
}

impl<In, S: Clone> Clone for Typed<In, S> {
    fn clone(&self) -> Self {
        Typed::new(self.step.clone())
    }
}

impl<In, S: Step> Step for Typed<In, S> {
    const NODE: Node = S::NODE;

    fn name(&self) -> Option<&str> {
        self.step.name()
    }
}

impl<In, S> Inner for Typed<In, S> {
    type Inner = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Typed<In, S> {
    forward!(In, S);
}
