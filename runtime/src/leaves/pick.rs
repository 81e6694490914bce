//! One field of the input, or a record of some of them: `.name`, `.{a, b}`.

use crate::{
    Assemble, Chunks, Closure, Context, Kind, Node, Result, Runnable, Step,
    error::failure::Failure,
    leaves::closure::reads,
    step::{
        outcome::{MapOutcome, unchanged},
        runnable::{Delegate, forward},
    },
};
use std::future::Future;

/// Moves a field, or some of them, out of its input.
///
/// # Streaming
/// Waits for its whole input. Where `chain!` knows the fields of the step before (after a parallel map, also one in another
/// chain, or into a struct that derives `Record`), it is inside a [`Projected`](crate::Projected), and the pieces of the
/// field go on as they come. So do those of a field of a field, `.a.b`, if both are fields of maps.
#[derive(Clone, Copy, Debug)]
pub struct Pick<F> {
    take: Closure<F>,
}

/// Copies a field, or some of them, out of its input: the pick at the start of a branch, to which the input is lent. The
/// other fields are not copied.
///
/// # Streaming
/// As [`Pick`].
#[derive(Clone, Copy, Debug)]
pub struct PickRef<F> {
    function: F,
}

impl<F> Pick<F> {
    pub(crate) const fn new(function: F) -> Self {
        Pick { take: Closure::new(function) }
    }
}

impl<F> PickRef<F> {
    pub(crate) const fn new(function: F) -> Self {
        PickRef { function }
    }
}

impl<F: Send + Sync> Step for Pick<F> {
    const NODE: Node = Node::leaf("", Kind::Pick);
}

impl<F: Send + Sync> Step for PickRef<F> {
    const NODE: Node = Node::leaf("", Kind::Pick);
}

impl<F> Delegate for Pick<F> {
    type To = Closure<F>;
    fn inner(&self) -> &Closure<F> {
        &self.take
    }
}

impl<F, O> MapOutcome<O> for Pick<F> {
    unchanged!(O);
}

impl<In: Send, F: Send + Sync> Runnable<In> for Pick<F>
where
    Closure<F>: Runnable<In>,
{
    forward!(In, Closure<F>);
}

impl<In: Send, O: Send + 'static, E, F> Runnable<In> for PickRef<F>
where
    F: for<'x> Fn(&'x In) -> Result<O, E> + Send + Sync,
    E: Into<Failure>,
{
    reads!(In);
}
