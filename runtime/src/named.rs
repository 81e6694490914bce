//! A step under another name.

use crate::{
    Assemble, Chunks, Context, Node, Result, Runnable, Step,
    names::{Names, Words, name_at},
    runnable::{Inner, forward},
};
use std::{borrow::Cow, future::Future, marker::PhantomData};

/// A step under a name given at run time; made by [`named`](crate::StepExt::named). The name is what paths and graphs
/// call it. Costs nothing on a call.
#[derive(Clone, Debug)]
pub struct Named<S> {
    step: S,
    name: Cow<'static, str>,
}

/// A chain under the name of the function that builds it, which the compiler knows; made by `#[runnable]`.
pub struct Titled<S, X> {
    step: S,
    names: PhantomData<fn() -> X>,
}

impl<S> Named<S> {
    pub(crate) const fn new(step: S, name: Cow<'static, str>) -> Self {
        Named { step, name }
    }
}

impl<S, X: Names> Titled<S, X> {
    /// Under the first of the words.
    pub const fn of(_: Words<X>, step: S) -> Self {
        Titled { step, names: PhantomData }
    }
}

impl<S: Clone, X: Names> Clone for Titled<S, X> {
    fn clone(&self) -> Self {
        Titled { step: self.step.clone(), names: PhantomData }
    }
}

impl<S: Step> Step for Named<S> {
    const NODE: Node = Node::Named { name: "", node: &S::NODE };

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl<S: Step, X: Names> Step for Titled<S, X> {
    const NODE: Node = Node::Named { name: name_at::<X>(0), node: &S::NODE };
}

impl<S> Inner for Named<S> {
    type Inner = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<S, X> Inner for Titled<S, X> {
    type Inner = S;
    fn inner(&self) -> &S {
        &self.step
    }
}

impl<In: Send, S: Runnable<In>> Runnable<In> for Named<S> {
    forward!(In, S);
}

impl<In: Send, S: Runnable<In>, X: Names> Runnable<In> for Titled<S, X> {
    forward!(In, S);
}
