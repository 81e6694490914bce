//! Closures written in a chain: `|x| ..`, sync and async.

use crate::{
    Context, Kind, Node, Result, Runnable, Step,
    error::failure::Failure,
    step::{
        call::{Call, Started, ready, waits},
        outcome::mapped_future,
        runnable::whole,
    },
};
use std::future::Future;

/// A closure as a step. `chain!` makes it of `|x| expr`, with the value wrapped in `Ok` and `?` at hand.
///
/// # Streaming
/// Waits for its whole input.
#[derive(Clone, Copy, Debug)]
pub struct Closure<F> {
    function: F,
}

/// An async closure as a step. `chain!` makes it of `|x| async { .. }`, or of a body with an `.await` in it.
///
/// # Streaming
/// Waits for its whole input.
#[derive(Clone, Copy, Debug)]
pub struct AsyncClosure<F> {
    function: F,
}

/// A closure that reads its input, as a step. `chain!` makes it of `|x: &Type| ..`. An input that is lent to it, as to the
/// branches of a map, is not cloned.
///
/// # Streaming
/// Waits for its whole input.
#[derive(Clone, Copy, Debug)]
pub struct ReadingClosure<F> {
    function: F,
}

impl<F> Closure<F> {
    /// From a function that may fail, with an error of any type.
    pub const fn new(function: F) -> Self {
        Closure { function }
    }
}

impl<F> AsyncClosure<F> {
    /// From a function that gives a future.
    pub const fn new(function: F) -> Self {
        AsyncClosure { function }
    }
}

impl<F> ReadingClosure<F> {
    /// Creates a step from a function that takes a reference and may fail, with an error of any type.
    pub const fn new(function: F) -> Self {
        ReadingClosure { function }
    }
}

impl<F: Send + Sync> Step for ReadingClosure<F> {
    const NODE: Node = Node::leaf("", Kind::Closure);
}

impl<F: Send + Sync> Step for Closure<F> {
    const NODE: Node = Node::leaf("", Kind::Closure);
}

impl<F: Send + Sync> Step for AsyncClosure<F> {
    const NODE: Node = Node::leaf("", Kind::Closure);
}

impl<In: Send, O: Send + 'static, E, F> Runnable<In> for Closure<F>
where
    F: Fn(In) -> Result<O, E> + Send + Sync,
    E: Into<Failure>,
{
    type Output = O;
    whole!(In);

    #[inline]
    fn start<'a>(&'a self, input: In, _cx: &'a Context) -> Started<impl Call<'a, Self, O>, O> {
        ready((self.function)(input).map_err(|error| error.into().0))
    }
}

impl<In: Send, O: Send + 'static, E, F, Fut> Runnable<In> for AsyncClosure<F>
where
    F: Fn(In) -> Fut + Send + Sync,
    Fut: Future<Output = Result<O, E>> + Send,
    E: Into<Failure> + Send,
{
    type Output = O;
    whole!(In);

    fn start<'a>(&'a self, input: In, _cx: &'a Context) -> Started<impl Call<'a, Self, O>, O> {
        waits(mapped_future((self.function)(input), |outcome: Result<O, E>| outcome.map_err(|error| error.into().0)))
    }
}

/// Of a step whose function only reads the input.
macro_rules! reads {
    ($In:ty) => {
        type Output = O;
        $crate::step::runnable::whole!($In);

        #[inline]
        fn start<'a>(
            &'a self,
            input: $In,
            _cx: &'a $crate::Context,
        ) -> $crate::step::call::Started<impl $crate::step::call::Call<'a, Self, O>, O> {
            $crate::step::call::ready((self.function)(&input).map_err(|error| error.into().0))
        }

        #[inline]
        fn start_ref<'a>(
            &'a self,
            input: &'a $In,
            _cx: &'a $crate::Context,
        ) -> $crate::step::call::Started<impl $crate::step::call::Call<'a, Self, O>, O>
        where
            $In: Clone + Sync,
        {
            $crate::step::call::ready((self.function)(input).map_err(|error| error.into().0))
        }

        fn call_ref<'a>(
            &'a self,
            input: &'a $In,
            cx: &'a $crate::Context,
        ) -> impl Future<Output = $crate::Result<O>> + Send
        where
            $In: Clone + Sync,
        {
            $crate::Running::call_ref(self, input, cx)
        }
    };
}
pub(crate) use reads;

impl<In: Send, O: Send + 'static, E, F> Runnable<In> for ReadingClosure<F>
where
    F: for<'x> Fn(&'x In) -> Result<O, E> + Send + Sync,
    E: Into<Failure>,
{
    reads!(In);
}
