//! How `chain!` types closures.

use crate::{
    AsyncClosure, Closure, ReadingClosure, Result,
    macro_support::{infer::Flow, into_error::IntoStepError},
};
use std::{
    future::Future,
    marker::PhantomData,
    mem::{needs_drop, size_of},
    ops::Deref,
    sync::Arc,
};

/// What a closure gives.
#[diagnostic::on_unimplemented(
    message = "a step's output goes on to other threads, which `{Self}` cannot",
    label = "this closure gives `{Self}`, which is not `Send`",
    note = "give something that is `Send`: an `Arc` in place of an `Rc`, a `Mutex` in place of a `RefCell`"
)]
pub trait Sendable: Sized {
    /// A closure.
    fn closure<I, A, E, F>(_: Flow<I, A>, function: F) -> (F::Step, Flow<Self>)
    where
        F: Fn(I) -> Result<Self, E> + Shareable<Closure<F>>,
        E: IntoStepError,
    {
        (F::step(Closure::new(function)), Flow::new())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Sendable for T {}

/// A closure whose captures threads can share. Where they cannot, the type of the step stays open, so that the chain
/// around it is no second error.
#[diagnostic::on_unimplemented(
    message = "this closure has captured something that threads cannot share",
    label = "it has captured something that is not both `Send` and `Sync`",
    note = "capture an `Arc` in place of an `Rc`, a `Mutex` or an atomic in place of a `RefCell` or a `Cell`"
)]
pub trait Shareable<S> {
    /// `S` itself.
    type Step;

    /// The step itself.
    fn step(step: S) -> Self::Step;
}

#[diagnostic::do_not_recommend]
impl<F: Send + Sync, S> Shareable<S> for F {
    type Step = S;

    fn step(step: S) -> S {
        step
    }
}

/// A closure over a borrowed input, for any lifetime of it.
pub fn closure_of_ref<'x, T: ?Sized + 'x, A, O, E: IntoStepError, F: for<'y> Fn(&'y T) -> Result<O, E>>(
    _: Flow<&'x T, A>,
    function: F,
) -> (Closure<F>, Flow<O>) {
    (Closure::new(function), Flow::new())
}

/// The flow before a closure whose parameter is declared as a reference.
pub struct Reading<I, A>(PhantomData<fn() -> (I, A)>);

impl<I, A> Clone for Reading<I, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, A> Copy for Reading<I, A> {}

impl<I, A> Reading<I, A> {
    /// Of this flow.
    pub const fn of(_: &Flow<I, A>) -> Self {
        Reading(PhantomData)
    }
}

impl<'x, T: ?Sized, A> Reading<&'x T, A> {
    /// The input is a reference, which the closure takes as it is.
    pub fn closure<O, E: IntoStepError, F: Fn(&'x T) -> Result<O, E>>(&self, function: F) -> (Closure<F>, Flow<O>) {
        (Closure::new(function), Flow::new())
    }

    /// An async closure, which learns here what it takes.
    pub fn async_fn<O, E, F: AsyncFn(&'x T) -> Result<O, E>>(&self, function: F) -> F {
        function
    }

    /// The input, as the closure takes it.
    pub fn lend(self, input: &&'x T) -> &'x T {
        input
    }
}

/// The input is a value, which the closure reads.
pub trait ReadsValue<I> {
    /// An async closure, which learns here what it takes.
    fn async_fn<O, E, F: for<'y> AsyncFn(&'y I) -> Result<O, E>>(&self, function: F) -> F {
        function
    }

    /// The input, as the closure takes it.
    fn lend(self, input: &I) -> &I
    where
        Self: Sized,
    {
        input
    }

    /// The step.
    fn closure<O, E: IntoStepError, F: for<'y> Fn(&'y I) -> Result<O, E>>(
        &self,
        function: F,
    ) -> (ReadingClosure<F>, Flow<O>);
}

impl<I, A> ReadsValue<I> for Reading<I, A> {
    fn closure<O, E: IntoStepError, F: for<'y> Fn(&'y I) -> Result<O, E>>(
        &self,
        function: F,
    ) -> (ReadingClosure<F>, Flow<O>) {
        (ReadingClosure::new(function), Flow::new())
    }
}

/// An async closure, which learns here what it takes.
pub fn async_fn<I, A, O, E, F>(_: &Flow<I, A>, function: F) -> F
where
    F: AsyncFn(I) -> Result<O, E>,
{
    function
}

/// An async closure that its calls share: the future of a call may live longer than a borrow of the closure.
pub enum Shared<'f, F> {
    /// The closure has captured nothing.
    Nothing(&'f F),
    /// The closure has captured something, which is shared by counting.
    Counted(Arc<F>),
}

impl<'f, F: 'f> Shared<'f, F> {
    /// Shares a closure.
    pub fn new(function: F) -> Self {
        // A box of nothing allocates nothing, so that nothing leaks.
        if size_of::<F>() == 0 && !needs_drop::<F>() {
            Shared::Nothing(Box::leak(Box::new(function)))
        } else {
            Shared::Counted(Arc::new(function))
        }
    }
}

impl<F> Clone for Shared<'_, F> {
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Shared::Nothing(function) => Shared::Nothing(function),
            Shared::Counted(function) => Shared::Counted(Arc::clone(function)),
        }
    }
}

impl<F> Deref for Shared<'_, F> {
    type Target = F;
    #[inline]
    fn deref(&self) -> &F {
        match self {
            Shared::Nothing(function) => function,
            Shared::Counted(function) => function,
        }
    }
}

/// A closure that gives a future.
pub fn async_closure<I, A, O, E, F, Fut>(_: Flow<I, A>, function: F) -> (AsyncClosure<F>, Flow<O>)
where
    O: Send + 'static,
    E: IntoStepError,
    F: Fn(I) -> Fut,
    Fut: Future<Output = Result<O, E>> + Send,
{
    (AsyncClosure::new(function), Flow::new())
}
