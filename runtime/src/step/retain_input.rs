//! Calls that give their input back where they fail, for those who then try again.

use crate::{
    Context, Error, Runnable,
    step::{call::Inside, call_map::ended, shared_input::ShareInput},
};
use std::{
    future::Future,
    pin::Pin,
    task::{Context as Task, Poll},
};

/// What the call of a step gives, or its error and its input.
type Outcome<O, In> = std::result::Result<O, (Error, In)>;

/// The call of a step of type `S`, polled as `Inside` is.
pub trait RetainInput<'a, S, In, O>: Send {
    /// As a future is.
    fn poll_kept(self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Poll<Outcome<O, In>>;
}

pin_project_lite::pin_project! {
    struct Beside<C, In> {
        #[pin]
        call: C,
        input: Option<In>,
    }
}

/// An input that is kept beside the call.
pub(crate) fn beside<'a, S, In, C, O>(call: C, input: In) -> impl RetainInput<'a, S, In, O>
where
    In: Send,
    C: Inside<'a, S, O> + Send,
{
    Beside { call, input: Some(input) }
}

impl<'a, S, In: Send, O, C: Inside<'a, S, O> + Send> RetainInput<'a, S, In, O> for Beside<C, In> {
    #[inline]
    fn poll_kept(self: Pin<&mut Self>, step: &'a S, cx: &'a Context, task: &mut Task<'_>) -> Poll<Outcome<O, In>> {
        let this = self.project();
        this.call.poll_inside(step, cx, task).map_err(|error| (error, this.input.take().unwrap_or_else(|| ended())))
    }
}

pin_project_lite::pin_project! {
    /// An input that the call itself keeps, as it reads it.
    struct Within<F> {
        #[pin]
        work: F,
    }
}

impl<F> Within<F> {
    const fn new(work: F) -> Self {
        Within { work }
    }
}

impl<'a, S, In, O, F: Future<Output = Outcome<O, In>> + Send> RetainInput<'a, S, In, O> for Within<F> {
    #[inline]
    fn poll_kept(self: Pin<&mut Self>, _step: &'a S, _cx: &'a Context, task: &mut Task<'_>) -> Poll<Outcome<O, In>> {
        self.project().work.poll(task)
    }
}

/// The two ways to keep an input, of which a step [chooses](Runnable::kept) one by its type, so that there is no room for the
/// other.
pub trait Keep<'a> {
    /// What is called.
    type Step;
    /// What it takes.
    type Input;
    /// What it gives.
    type Output;
    /// It reads the input where that is kept.
    fn lent(self) -> impl RetainInput<'a, Self::Step, Self::Input, Self::Output>;
    /// It wants one of its own.
    fn given(self) -> impl RetainInput<'a, Self::Step, Self::Input, Self::Output>;
}

struct Call<'a, R, In> {
    step: &'a R,
    input: In,
    cx: &'a Context,
}

/// The call of this step, whose input comes back where it fails.
pub(crate) fn kept<'a, In: ShareInput + Send, R: Runnable<In>>(
    step: &'a R,
    input: In,
    cx: &'a Context,
) -> impl RetainInput<'a, R, In, R::Output> {
    R::kept(Call { step, input, cx })
}

impl<'a, In: ShareInput + Send, R: Runnable<In>> Keep<'a> for Call<'a, R, In> {
    type Step = R;
    type Input = In;
    type Output = R::Output;

    fn lent(self) -> impl RetainInput<'a, R, In, R::Output> {
        let Call { step, input, cx } = self;
        Within::new(async move { step.call_ref_unobserved(&input, cx).await.map_err(|error| (error, input)) })
    }

    fn given(self) -> impl RetainInput<'a, R, In, R::Output> {
        let Call { step, input, cx } = self;
        beside(step.call_inside(input.clone(), cx), input)
    }
}

/// Of a step that wants an input of its own.
macro_rules! clones {
    () => {
        const BORROWS_INPUT: bool = false;

        fn kept<'a, K: $crate::step::retain_input::Keep<'a>>(
            keep: K,
        ) -> impl $crate::step::retain_input::RetainInput<'a, K::Step, K::Input, K::Output> {
            keep.given()
        }
    };
}

/// Of a step that keeps its input as another one does.
macro_rules! kept_as {
    ($In:ty, $Step:ty) => {
        const BORROWS_INPUT: bool = <$Step as $crate::Runnable<$In>>::BORROWS_INPUT;

        fn kept<'a, Keeping: $crate::step::retain_input::Keep<'a>>(
            keep: Keeping,
        ) -> impl $crate::step::retain_input::RetainInput<'a, Keeping::Step, Keeping::Input, Keeping::Output> {
            <$Step as $crate::Runnable<$In>>::kept(keep)
        }
    };
}
pub(crate) use {clones, kept_as};
