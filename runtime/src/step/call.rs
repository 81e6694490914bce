//! Calls inside of others. A future that is awaited keeps its step and the context; where futures are nested, as those of
//! combinators are, each of them would. So one that is inside of another keeps neither, and gets both when it is polled.

use crate::{Context, Error, Result, Runnable, step::runnable::Delegate};
use futures_util::future::Either;
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

/// The call of a step of type `S`. It is polled with the step and the context that it was made with.
pub trait Inside<'a, S, O> {
    /// As a future is.
    fn poll_inside(self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>>;
}

impl<'a, S, O, A: Inside<'a, S, O>, B: Inside<'a, S, O>> Inside<'a, S, O> for Either<A, B> {
    #[inline]
    fn poll_inside(self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
        match self.as_pin_mut() {
            Either::Left(call) => call.poll_inside(step, cx, task),
            Either::Right(call) => call.poll_inside(step, cx, task),
        }
    }
}

pin_project_lite::pin_project! {
    /// A call by a future that keeps all it needs.
    pub(crate) struct Detached<F> {
        #[pin]
        work: F,
    }
}

impl<F> Detached<F> {
    pub(crate) const fn new(work: F) -> Self {
        Detached { work }
    }
}

impl<'a, S, O, F: Future<Output = Result<O>>> Inside<'a, S, O> for Detached<F> {
    #[inline]
    fn poll_inside(self: Pin<&mut Self>, _step: &'a S, _cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
        self.project().work.poll(task)
    }
}

pin_project_lite::pin_project! {
    struct MapErr<C, L> {
        #[pin]
        call: C,
        locate: L,
    }
}

/// The call of a wrapper that does what its step does, but for errors, which learn that they went through it.
pub(crate) fn located<'a, W, C, L, O>(call: C, locate: L) -> impl Inside<'a, W, O>
where
    W: Delegate,
    C: Inside<'a, W::To, O>,
    L: Fn(&W, Error) -> Error,
{
    MapErr { call, locate }
}

impl<'a, W, C, L, O> Inside<'a, W, O> for MapErr<C, L>
where
    W: Delegate,
    C: Inside<'a, W::To, O>,
    L: Fn(&W, Error) -> Error,
{
    #[inline]
    fn poll_inside(self: Pin<&mut Self>, step: &'a W, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<O>> {
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
    pub(crate) struct CallFuture<'a, S, C, O> {
        step: &'a S,
        cx: &'a Context,
        #[pin]
        call: C,
        output: PhantomData<fn() -> O>,
    }
}

impl<'a, S, O, C: Inside<'a, S, O>> CallFuture<'a, S, C, O> {
    pub(crate) const fn new(step: &'a S, cx: &'a Context, call: C) -> Self {
        CallFuture { step, cx, call, output: PhantomData }
    }
}

impl<'a, S, O, C: Inside<'a, S, O>> Future for CallFuture<'a, S, C, O> {
    type Output = Result<O>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.call.poll_inside(this.step, this.cx, task)
    }
}

/// How a call is begun.
///
/// [`beginning`] makes functions, whose types name the step and its input. The type of a closure would name its output as well, which is
/// the call: types would be named twice at each level if calls are nested.
pub(crate) trait Begin<'a, S, In> {
    type Call;
    fn begin(&self, step: &'a S, input: In, cx: &'a Context) -> Self::Call;
}

impl<'a, S: 'a, In, C, F: Fn(&'a S, In, &'a Context) -> C> Begin<'a, S, In> for F {
    type Call = C;

    #[inline]
    fn begin(&self, step: &'a S, input: In, cx: &'a Context) -> C {
        self(step, input, cx)
    }
}

/// Begins calls of a step.
pub(crate) fn beginning<'a, S: Runnable<In> + 'a, In: Send>()
-> impl Begin<'a, S, In, Call = impl Inside<'a, S, S::Output> + Send + use<'a, S, In>> + Send + use<'a, S, In> {
    <S as Runnable<In>>::call_inside
}

/// `call_unobserved` of a step that has a `call_inside`.
macro_rules! outside {
    ($In:ty) => {
        fn call_unobserved<'a>(
            &'a self,
            input: $In,
            cx: &'a $crate::Context,
        ) -> impl Future<Output = $crate::Result<Self::Output>> + Send {
            $crate::step::call::CallFuture::new(self, cx, self.call_inside(input, cx))
        }
    };
}

/// The same of one that has `call_ref_inside`, too.
macro_rules! outside_both {
    ($In:ty) => {
        $crate::step::call::outside!($In);

        fn call_ref_unobserved<'a>(
            &'a self,
            input: &'a $In,
            cx: &'a $crate::Context,
        ) -> impl Future<Output = $crate::Result<Self::Output>> + Send
        where
            $In: Clone + Sync,
        {
            $crate::step::call::CallFuture::new(self, cx, self.call_ref_inside(input, cx))
        }
    };
}

/// All of a wrapper's calls without observers, with the place of errors.
macro_rules! through {
    ($In:ty, $locate:expr) => {
        $crate::step::call::outside_both!($In);

        fn call_inside<'a>(
            &'a self,
            input: $In,
            cx: &'a $crate::Context,
        ) -> impl $crate::step::call::Inside<'a, Self, Self::Output> + Send {
            $crate::step::call::located(self.step.call_inside(input, cx), $locate)
        }

        fn call_ref_inside<'a>(
            &'a self,
            input: &'a $In,
            cx: &'a $crate::Context,
        ) -> impl $crate::step::call::Inside<'a, Self, Self::Output> + Send
        where
            $In: Clone + Sync,
        {
            $crate::step::call::located(self.step.call_ref_inside(input, cx), $locate)
        }
    };
}
pub(crate) use {outside, outside_both, through};
