//! Calls inside of others. A future that is awaited keeps its step and the context; where futures are nested, as those of
//! combinators are, each of them would. So one that is inside of another keeps neither, and is told both when it is polled.

use crate::{Context, Error, Result, runnable::Inner};
use futures_util::future::Either;
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
};

/// The call of a step of type `S`. It is polled with the step and the context that it was made with.
pub trait Inside<'a, S> {
    /// What the step gives.
    type Output;
    /// As a future is.
    fn poll_inside(
        self: Pin<&mut Self>,
        step: &'a S,
        cx: &'a Context,
        task: &mut Task<'_>,
    ) -> Poll<Result<Self::Output>>;
}

impl<'a, S, A: Inside<'a, S>, B: Inside<'a, S, Output = A::Output>> Inside<'a, S> for Either<A, B> {
    type Output = A::Output;

    #[inline]
    fn poll_inside(self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<A::Output>> {
        match self.as_pin_mut() {
            Either::Left(call) => call.poll_inside(step, cx, task),
            Either::Right(call) => call.poll_inside(step, cx, task),
        }
    }
}

pin_project_lite::pin_project! {
    /// A call by a future that keeps all it needs.
    pub(crate) struct Alone<F> {
        #[pin]
        work: F,
    }
}

impl<F> Alone<F> {
    pub(crate) const fn new(work: F) -> Self {
        Alone { work }
    }
}

impl<'a, S, O, F: Future<Output = Result<O>>> Inside<'a, S> for Alone<F> {
    type Output = O;

    #[inline]
    fn poll_inside(self: Pin<&mut Self>, _step: &'a S, _cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
        self.project().work.poll(task)
    }
}

pin_project_lite::pin_project! {
    struct Through<C, L> {
        #[pin]
        call: C,
        locate: L,
    }
}

/// The call of a wrapper that does what its step does, but for errors, which learn that they went through it.
pub(crate) fn located<'a, W, C, L>(call: C, locate: L) -> impl Inside<'a, W, Output = C::Output>
where
    W: Inner,
    C: Inside<'a, W::Inner>,
    L: Fn(&W, Error) -> Error,
{
    Through { call, locate }
}

impl<'a, W, C, L> Inside<'a, W> for Through<C, L>
where
    W: Inner,
    C: Inside<'a, W::Inner>,
    L: Fn(&W, Error) -> Error,
{
    type Output = C::Output;

    #[inline]
    fn poll_inside(self: Pin<&mut Self>, step: &'a W, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<C::Output>> {
        let this = self.project();
        match this.call.poll_inside(step.inner(), cx, task) {
            Poll::Ready(Ok(output)) => Poll::Ready(Ok(output)),
            Poll::Ready(Err(error)) => Poll::Ready(Err((this.locate)(step, error))),
            Poll::Pending => Poll::Pending,
        }
    }
}

pin_project_lite::pin_project! {
    /// The future that all of these calls are inside of.
    pub(crate) struct Outside<'a, S, C> {
        step: &'a S,
        cx: &'a Context,
        #[pin]
        call: C,
    }
}

impl<'a, S, C: Inside<'a, S>> Outside<'a, S, C> {
    pub(crate) const fn new(step: &'a S, cx: &'a Context, call: C) -> Self {
        Outside { step, cx, call }
    }
}

impl<'a, S, C: Inside<'a, S>> Future for Outside<'a, S, C> {
    type Output = Result<C::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.call.poll_inside(this.step, this.cx, task)
    }
}

/// `call_unobserved` of a step that has a `call_inside`.
macro_rules! outside {
    ($In:ty) => {
        fn call_unobserved<'a>(
            &'a self,
            input: $In,
            cx: &'a $crate::Context,
        ) -> impl Future<Output = $crate::Result<Self::Output>> + Send {
            $crate::inside::Outside::new(self, cx, self.call_inside(input, cx))
        }
    };
}

/// The same of one that has `call_ref_inside`, too.
macro_rules! outside_both {
    ($In:ty) => {
        $crate::inside::outside!($In);

        fn call_ref_unobserved<'a>(
            &'a self,
            input: &'a $In,
            cx: &'a $crate::Context,
        ) -> impl Future<Output = $crate::Result<Self::Output>> + Send
        where
            $In: Clone + Sync,
        {
            $crate::inside::Outside::new(self, cx, self.call_ref_inside(input, cx))
        }
    };
}

/// All of a wrapper's calls where nobody observes, with the place of errors.
macro_rules! through {
    ($In:ty, $locate:expr) => {
        $crate::inside::outside_both!($In);

        fn call_inside<'a>(
            &'a self,
            input: $In,
            cx: &'a $crate::Context,
        ) -> impl $crate::inside::Inside<'a, Self, Output = Self::Output> + Send {
            $crate::inside::located(self.step.call_inside(input, cx), $locate)
        }

        fn call_ref_inside<'a>(
            &'a self,
            input: &'a $In,
            cx: &'a $crate::Context,
        ) -> impl $crate::inside::Inside<'a, Self, Output = Self::Output> + Send
        where
            $In: Clone + Sync,
        {
            $crate::inside::located(self.step.call_ref_inside(input, cx), $locate)
        }
    };
}
pub(crate) use {outside, outside_both, through};
