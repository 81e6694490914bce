//! What becomes of the outcome of a call: futures around it that keep no state of their own, as an `async` block would, and so
//! cost nothing where the call is ready.

use crate::{Context, Error, Result, Runnable};
use futures_util::future::Either;
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
};

pin_project_lite::pin_project! {
    struct Mapped<F, M> {
        #[pin]
        work: F,
        map: M,
    }
}

/// Work, and what is made of its outcome.
pub fn mapped<F, O, M>(work: F, map: M) -> impl Future<Output = O>
where
    F: Future,
    M: Fn(F::Output) -> O,
{
    Mapped { work, map }
}

impl<F: Future, O, M: Fn(F::Output) -> O> Future for Mapped<F, M> {
    type Output = O;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<O> {
        let this = self.project();
        this.work.poll(task).map(this.map)
    }
}

/// The call of a step in a context that may be observed: with room for what is done then only where it is done.
pub(crate) fn called<'a, In: Send, R: Runnable<In>>(
    step: &'a R,
    input: In,
    cx: &'a Context,
) -> impl Future<Output = Result<R::Output>> + Send {
    if cx.is_observed() {
        Either::Left(Box::pin(step.call(input, cx)))
    } else {
        Either::Right(step.call_unobserved(input, cx))
    }
}

/// The call of a step that never waits, when it is polled.
pub fn immediate<'a, In: Send, R: Runnable<In>>(
    step: &'a R,
    input: In,
    cx: &'a Context,
) -> impl Future<Output = Result<R::Output>> + Send {
    futures_util::future::lazy(move |_| step.immediate(input, cx))
}

/// The same with an input that is lent.
pub fn immediate_ref<'a, In: Clone + Send + Sync, R: Runnable<In>>(
    step: &'a R,
    input: &'a In,
    cx: &'a Context,
) -> impl Future<Output = Result<R::Output>> + Send {
    futures_util::future::lazy(move |_| step.immediate_ref(input, cx))
}

/// What a step says that waits, and is asked for its outcome at once.
#[cold]
pub(crate) fn waits() -> Error {
    Error::msg("this step has to be waited for")
}

/// A future is polled that has given its outcome.
#[cold]
#[track_caller]
pub(crate) fn ended() -> ! {
    panic!("a call is polled after its end")
}
