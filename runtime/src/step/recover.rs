//! The call of a step, and, where it fails, what is done then: another attempt, or that of another step.

use crate::{
    Context, Error, Result,
    step::{call::Inside, retain_input::RetainInput, runnable::Delegate},
};
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

pin_project_lite::pin_project! {
    /// One enum, and no struct around it: the compiler looks through each type that is nested, to a depth of 128.
    #[project = At]
    enum OrElse<K, G, T, In> {
        First { #[pin] call: K, then: T, input: PhantomData<fn(In)> },
        Recovery { #[pin] work: G },
    }
}

/// What is done after a failure.
pub(crate) enum Recovery<O, G> {
    /// It is done.
    Done(Result<O>),
    /// It is to be waited for.
    Waits(G),
}

/// This call, and what is done with its error and its input.
pub(crate) fn recover<'a, S, K, G, T, In, O>(call: K, then: T) -> impl Inside<'a, S, O>
where
    S: Delegate + 'a,
    K: RetainInput<'a, S::To, In, O>,
    G: Future<Output = Result<O>>,
    T: Fn(&'a S, Error, In, &'a Context) -> Recovery<O, G>,
{
    OrElse::First { call, then, input: PhantomData }
}

impl<'a, S, K, G, T, In, O> Inside<'a, S, O> for OrElse<K, G, T, In>
where
    S: Delegate + 'a,
    K: RetainInput<'a, S::To, In, O>,
    G: Future<Output = Result<O>>,
    T: Fn(&'a S, Error, In, &'a Context) -> Recovery<O, G>,
{
    #[inline]
    fn poll_inside(mut self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
        let recovered = match self.as_mut().project() {
            At::First { call, .. } => match ready!(call.poll_kept(step.inner(), cx, task)) {
                Ok(output) => return Poll::Ready(Ok(output)),
                Err((error, input)) => failed(self, |then| then(step, error, input, cx), task),
            },
            At::Recovery { work } => go_on(work, task),
        };
        // Not as it is: it would be written to memory, and so would be what the first call gives, which goes where this goes.
        match recovered {
            Poll::Ready(Ok(output)) => Poll::Ready(Ok(output)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}

// Both are out of the way of calls that succeed at once.

#[cold]
#[inline(never)]
fn failed<O, K, G: Future<Output = Result<O>>, T, In>(
    mut call: Pin<&mut OrElse<K, G, T, In>>,
    recover: impl FnOnce(&T) -> Recovery<O, G>,
    task: &mut Task<'_>,
) -> Poll<Result<O>> {
    if let At::First { then, .. } = call.as_mut().project() {
        match recover(then) {
            Recovery::Done(outcome) => return Poll::Ready(outcome),
            Recovery::Waits(work) => call.set(OrElse::Recovery { work }),
        }
    }
    match call.project() {
        At::Recovery { work } => work.poll(task),
        At::First { .. } => Poll::Pending,
    }
}

#[cold]
#[inline(never)]
fn go_on<G: Future>(work: Pin<&mut G>, task: &mut Task<'_>) -> Poll<G::Output> {
    work.poll(task)
}
