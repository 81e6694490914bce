//! The call of a step, and, where it fails, what is done then: another attempt, or that of another step.

use crate::{
    Context, Error, Result, Runnable,
    step::{
        call::{Call, Lent, Started, at_once, waits},
        runnable::Delegate,
    },
};
use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

/// Starts the call of a step that only reads its input, which comes back with the error if it fails.
#[inline]
#[allow(clippy::type_complexity)]
pub(crate) fn kept<'a, S, In>(
    step: &'a S,
    input: In,
    cx: &'a Context,
) -> Started<impl Call<'a, S, S::Output, (Error, In)> + use<'a, S, In>, S::Output, (Error, In)>
where
    S: Runnable<In>,
    In: Clone + Send + Sync,
{
    if let Some(outcome) = at_once(step, &input, cx) {
        return Started::Ready(outcome.map_err(|error| (error, input)));
    }
    let lent = Lent { step, input, cx };
    waits(async move {
        match lent.read().await {
            Ok(output) => Ok(output),
            Err(error) => Err((error, lent.input)),
        }
    })
}

pin_project_lite::pin_project! {
    /// One enum, and no struct around it: the compiler looks through each type that is nested, to a depth of 128.
    #[project = At]
    enum OrElse<C, G, T, E> {
        First { #[pin] call: C, then: T, error: PhantomData<fn(E)> },
        Recovery { #[pin] call: G },
    }
}

/// Returns this call, and after a failure what is started with its error.
#[inline]
pub(crate) fn recover<'a, W, C, G, T, O, E>(
    wrapper: &'a W,
    first: Started<C, O, E>,
    cx: &'a Context,
    then: T,
) -> Started<impl Call<'a, W, O> + use<'a, W, C, G, T, O, E>, O>
where
    W: Delegate + 'a,
    C: Call<'a, W::To, O, E>,
    G: Call<'a, W, O>,
    T: Fn(&'a W, E, &'a Context) -> Started<G, O> + Send,
{
    match first {
        Started::Ready(Ok(output)) => Started::Ready(Ok(output)),
        Started::Ready(Err(error)) => match failed(&then, wrapper, error, cx) {
            Started::Ready(outcome) => Started::Ready(outcome),
            Started::Waiting(call) => Started::Waiting(OrElse::Recovery { call }),
        },
        Started::Waiting(call) => Started::Waiting(OrElse::First { call, then, error: PhantomData::<fn(E)> }),
    }
}

impl<'a, W, C, G, T, O, E> Call<'a, W, O> for OrElse<C, G, T, E>
where
    W: Delegate + 'a,
    C: Call<'a, W::To, O, E>,
    G: Call<'a, W, O>,
    T: Fn(&'a W, E, &'a Context) -> Started<G, O> + Send,
{
    const NEVER: bool = C::NEVER && G::NEVER;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, wrapper: &'a W, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
        if let At::First { call, then, .. } = self.as_mut().project() {
            match ready!(call.poll(wrapper.inner(), cx, task)) {
                Ok(output) => return Poll::Ready(Ok(output)),
                Err(error) => match failed(then, wrapper, error, cx) {
                    Started::Ready(outcome) => return Poll::Ready(outcome),
                    Started::Waiting(call) => self.set(OrElse::Recovery { call }),
                },
            }
        }
        match self.project() {
            At::Recovery { call } => go_on(call, wrapper, cx, task),
            At::First { .. } => Poll::Pending,
        }
    }
}

// Both are out of the way of calls that succeed at once.

#[cold]
#[inline(never)]
fn failed<'a, W, E, G, O>(
    then: &impl Fn(&'a W, E, &'a Context) -> Started<G, O>,
    wrapper: &'a W,
    error: E,
    cx: &'a Context,
) -> Started<G, O> {
    then(wrapper, error, cx)
}

#[cold]
#[inline(never)]
fn go_on<'a, W, G: Call<'a, W, O>, O>(
    call: Pin<&mut G>,
    wrapper: &'a W,
    cx: &'a Context,
    task: &mut Task<'_>,
) -> Poll<Result<O>> {
    call.poll(wrapper, cx, task)
}
