//! Calls that give their input back where they fail, for those who then try again.

use crate::{Context, Error, Runnable, inside::Inside, lend::Lend, outcome::ended};
use futures_util::future::Either;
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
};

/// What the call of a step gives, or its error and its input.
type Outcome<O, In> = std::result::Result<O, (Error, In)>;

/// The call of a step of type `S`, polled as [`Inside`] is.
pub trait Kept<'a, S>: Send {
    /// What the step takes.
    type Input;
    /// What it gives.
    type Output;
    /// As a future is.
    fn poll_kept(
        self: Pin<&mut Self>,
        step: &'a S,
        cx: &'a Context,
        task: &mut Task<'_>,
    ) -> Poll<Outcome<Self::Output, Self::Input>>;
}

pin_project_lite::pin_project! {
    struct Beside<C, In> {
        #[pin]
        call: C,
        input: Option<In>,
    }
}

/// An input that is kept beside the call.
pub(crate) fn beside<'a, S, In, C>(call: C, input: In) -> impl Kept<'a, S, Input = In, Output = C::Output>
where
    In: Send,
    C: Inside<'a, S> + Send,
{
    Beside { call, input: Some(input) }
}

/// Beside the call of a step that wants one of its own.
#[inline]
pub fn cloned<'a, In: Lend + Send, R: Runnable<In>>(
    step: &'a R,
    input: In,
    cx: &'a Context,
) -> impl Kept<'a, R, Input = In, Output = R::Output> {
    beside(step.call_inside(input.clone(), cx), input)
}

impl<'a, S, In: Send, C: Inside<'a, S> + Send> Kept<'a, S> for Beside<C, In> {
    type Input = In;
    type Output = C::Output;

    #[inline]
    fn poll_kept(
        self: Pin<&mut Self>,
        step: &'a S,
        cx: &'a Context,
        task: &mut Task<'_>,
    ) -> Poll<Outcome<C::Output, In>> {
        let this = self.project();
        this.call.poll_inside(step, cx, task).map_err(|error| (error, this.input.take().unwrap_or_else(|| ended())))
    }
}

pin_project_lite::pin_project! {
    /// An input that the call itself keeps, as it reads it.
    pub(crate) struct Within<F> {
        #[pin]
        work: F,
    }
}

impl<F> Within<F> {
    pub(crate) const fn new(work: F) -> Self {
        Within { work }
    }
}

impl<'a, S, In, O, F: Future<Output = Outcome<O, In>> + Send> Kept<'a, S> for Within<F> {
    type Input = In;
    type Output = O;

    #[inline]
    fn poll_kept(self: Pin<&mut Self>, _step: &'a S, _cx: &'a Context, task: &mut Task<'_>) -> Poll<Outcome<O, In>> {
        self.project().work.poll(task)
    }
}

impl<'a, S, A, B> Kept<'a, S> for Either<A, B>
where
    A: Kept<'a, S>,
    B: Kept<'a, S, Input = A::Input, Output = A::Output>,
{
    type Input = A::Input;
    type Output = A::Output;

    #[inline]
    fn poll_kept(
        self: Pin<&mut Self>,
        step: &'a S,
        cx: &'a Context,
        task: &mut Task<'_>,
    ) -> Poll<Outcome<A::Output, A::Input>> {
        match self.as_pin_mut() {
            Either::Left(call) => call.poll_kept(step, cx, task),
            Either::Right(call) => call.poll_kept(step, cx, task),
        }
    }
}

/// For a step that wants an input of its own.
macro_rules! clones {
    ($In:ty) => {
        const LENDS: bool = false;

        fn call_kept<'a>(
            &'a self,
            input: $In,
            cx: &'a $crate::Context,
        ) -> impl $crate::kept::Kept<'a, Self, Input = $In, Output = Self::Output>
        where
            $In: Clone + Sync,
        {
            $crate::kept::cloned(self, input, cx)
        }
    };
}
pub(crate) use clones;
