//! A call whose input is kept for the step that reads it, or is given away to one that wants its own: which of the two the
//! compiler knows, and leaves out the other.

use crate::{Runnable, outcome::ended};
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

/// Whether an input is read where it is kept.
pub(crate) trait Reads {
    const READS: bool;
}

/// By this step.
pub(crate) struct By<S, In>(PhantomData<fn(S, In)>);

impl<In: Send, S: Runnable<In>> Reads for By<S, In> {
    const READS: bool = S::LENDS;
}

/// By one of two.
impl<A: Reads, B: Reads> Reads for (A, B) {
    const READS: bool = A::READS || B::READS;
}

pin_project_lite::pin_project! {
    #[project = At]
    enum State<L, G> {
        Lent { #[pin] call: L },
        Given { #[pin] call: G },
    }
}

pin_project_lite::pin_project! {
    struct Kept<R, L, G> {
        #[pin]
        state: State<L, G>,
        reads: PhantomData<fn(R)>,
    }
}

/// The call with an input that is lent where somebody reads it, else with one that is given.
pub(crate) fn kept<R: Reads, In, L, G>(
    input: In,
    lent: impl FnOnce(In) -> L,
    given: impl FnOnce(In) -> G,
) -> impl Future<Output = L::Output>
where
    L: Future,
    G: Future<Output = L::Output>,
{
    let state = if R::READS { State::Lent { call: lent(input) } } else { State::Given { call: given(input) } };
    Kept::<R, _, _> { state, reads: PhantomData }
}

impl<R: Reads, L: Future, G: Future<Output = L::Output>> Future for Kept<R, L, G> {
    type Output = L::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<L::Output> {
        match self.project().state.project() {
            At::Lent { call } if R::READS => call.poll(task),
            At::Given { call } if !R::READS => call.poll(task),
            _ => ended(),
        }
    }
}
