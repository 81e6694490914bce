//! The future of a call: of the first attempt, and of those after it behind a pointer, so that a call that succeeds at once is no
//! larger and no slower than its step.

use crate::{Error, Result};
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

pin_project_lite::pin_project! {
    #[project = At]
    enum State<F, G> {
        First { #[pin] call: F },
        Again { calls: Pin<Box<G>> },
    }
}

pin_project_lite::pin_project! {
    struct Attempt<F, G, A> {
        #[pin]
        state: State<F, G>,
        again: A,
    }
}

/// The first attempt, and what is done after its failure.
pub(super) fn attempt<O, F, G, A>(call: F, again: A) -> impl Future<Output = Result<O>>
where
    F: Future<Output = Result<O>>,
    G: Future<Output = Result<O>>,
    A: FnMut(Error) -> G,
{
    Attempt { state: State::First { call }, again }
}

impl<O, F, G, A> Future for Attempt<F, G, A>
where
    F: Future<Output = Result<O>>,
    G: Future<Output = Result<O>>,
    A: FnMut(Error) -> G,
{
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<O>> {
        let mut this = self.project();
        if let At::First { call } = this.state.as_mut().project() {
            match ready!(call.poll(task)) {
                Ok(output) => return Poll::Ready(Ok(output)),
                Err(error) => this.state.set(failed(error, this.again)),
            }
        }
        match this.state.project() {
            At::Again { calls } => go_on(calls.as_mut(), task),
            At::First { .. } => Poll::Pending,
        }
    }
}

/// Out of the way of calls that succeed at once.
#[cold]
#[inline(never)]
fn go_on<G: Future>(calls: Pin<&mut G>, task: &mut Task<'_>) -> Poll<G::Output> {
    calls.poll(task)
}

#[cold]
fn failed<F, G>(error: Error, again: &mut impl FnMut(Error) -> G) -> State<F, G> {
    State::Again { calls: Box::pin(again(error)) }
}
