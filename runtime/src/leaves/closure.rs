//! Closures written in a chain: `|x| ..`, sync and async.

use crate::{
    Context, Kind, Node, Result, Runnable, Running, Step,
    step::{
        retain_input::clones,
        runnable::{never_waits, whole},
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

impl<F> Closure<F> {
    /// From a function that may fail.
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

impl<F: Send + Sync> Step for Closure<F> {
    const NODE: Node = Node::leaf("", Kind::Closure);
}

impl<F: Send + Sync> Step for AsyncClosure<F> {
    const NODE: Node = Node::leaf("", Kind::Closure);
}

impl<In: Send, O: Send + 'static, F> Runnable<In> for Closure<F>
where
    F: Fn(In) -> Result<O> + Send + Sync,
{
    type Output = O;
    whole!(In);

    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<O>> + Send {
        Running::call(self, input, cx)
    }

    never_waits!(In);
    clones!();

    #[inline]
    fn immediate(&self, input: In, _cx: &Context) -> Result<O> {
        (self.function)(input)
    }
}

impl<In: Send, O: Send + 'static, F, Fut> Runnable<In> for AsyncClosure<F>
where
    F: Fn(In) -> Fut + Send + Sync,
    Fut: Future<Output = Result<O>> + Send,
{
    type Output = O;
    whole!(In);

    fn call<'a>(&'a self, input: In, cx: &'a Context) -> impl Future<Output = Result<O>> + Send {
        Running::call(self, input, cx)
    }

    clones!();

    // An `async` block: the closure may do work before it gives its future, which is not to be done before the call is polled.
    async fn call_unobserved<'a>(&'a self, input: In, _cx: &'a Context) -> Result<O> {
        (self.function)(input).await
    }
}
