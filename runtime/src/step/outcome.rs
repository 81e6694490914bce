//! What a wrapper makes of the outcome of its step.

use crate::{
    Context, Result,
    step::{
        call::{Call, Started},
        runnable::Delegate,
    },
};
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

/// A wrapper that changes the outcome of its step, or tells its error where it was.
pub(crate) trait MapOutcome<O>: Delegate {
    /// What the wrapper gives.
    type Mapped;

    /// Returns its outcome, of that of its step.
    fn map_outcome(&self, outcome: Result<O>) -> Result<Self::Mapped>;
}

pin_project_lite::pin_project! {
    struct Mapped<C, O> {
        #[pin]
        call: C,
        output: PhantomData<fn() -> O>,
    }
}

/// Returns the call of a wrapper, of that of its step.
#[inline]
pub(crate) fn mapped<'a, W, C, O>(
    wrapper: &'a W,
    started: Started<C, O>,
) -> Started<impl Call<'a, W, W::Mapped> + use<'a, W, C, O>, W::Mapped>
where
    W: MapOutcome<O>,
    C: Call<'a, W::To, O>,
{
    match started {
        Started::Ready(outcome) => Started::Ready(wrapper.map_outcome(outcome)),
        Started::Waiting(call) => Started::Waiting(Mapped { call, output: PhantomData }),
    }
}

impl<'a, W, C, O> Call<'a, W, W::Mapped> for Mapped<C, O>
where
    W: MapOutcome<O>,
    C: Call<'a, W::To, O>,
{
    const NEVER: bool = C::NEVER;

    #[inline]
    fn poll(self: Pin<&mut Self>, wrapper: &'a W, cx: &'a Context, task: &mut Task<'_>) -> Poll<Result<W::Mapped>> {
        self.project().call.poll(wrapper.inner(), cx, task).map(|outcome| wrapper.map_outcome(outcome))
    }
}

/// The outcome of a wrapper that gives what its step gives.
macro_rules! unchanged {
    ($O:ty) => {
        type Mapped = $O;

        #[inline]
        fn map_outcome(&self, outcome: $crate::Result<$O>) -> $crate::Result<$O> {
            outcome
        }
    };
}
pub(crate) use unchanged;

/// The calls of a wrapper that changes the outcome of its step.
macro_rules! maps_outcome {
    ($In:ty) => {
        #[inline]
        fn start<'a>(
            &'a self,
            input: $In,
            cx: &'a $crate::Context,
        ) -> $crate::step::call::Started<impl $crate::step::call::Call<'a, Self, Self::Output>, Self::Output> {
            $crate::step::outcome::mapped(self, self.inner().start(input, cx))
        }

        #[inline]
        fn start_ref<'a>(
            &'a self,
            input: &'a $In,
            cx: &'a $crate::Context,
        ) -> $crate::step::call::Started<impl $crate::step::call::Call<'a, Self, Self::Output>, Self::Output>
        where
            $In: Clone + Sync,
        {
            $crate::step::outcome::mapped(self, self.inner().start_ref(input, cx))
        }
    };
}
pub(crate) use maps_outcome;

pin_project_lite::pin_project! {
    struct MappedFuture<F, M> {
        #[pin]
        work: F,
        map: M,
    }
}

/// Returns the future of what is made of the output of another. It keeps no state of its own, as an `async` block would.
pub fn mapped_future<F, O, M>(work: F, map: M) -> impl Future<Output = O>
where
    F: Future,
    M: Fn(F::Output) -> O,
{
    MappedFuture { work, map }
}

impl<F: Future, O, M: Fn(F::Output) -> O> Future for MappedFuture<F, M> {
    type Output = O;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<O> {
        let this = self.project();
        this.work.poll(task).map(this.map)
    }
}
