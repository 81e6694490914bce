//! How `chain!` types a chain: a value without content goes from step to step and carries the type between them.
//!
//! Each step is an argument of one of these functions, so that a step which does not fit is one error on the user's
//! own expression, and a closure learns its parameter's type from the step before.

use crate::{
    AsyncClosure, Closure, ConfigKey, Look, Parallel, Pick, Result, Runnable,
    adopt::{Adopt, Pairs},
    branch::{ByInput, ByKey},
    lend::Lend,
    one_of::OneOfs,
    parallel::{Form, Shape},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, marker::PhantomData};

/// A value of type `T` comes here.
pub struct Flow<T>(PhantomData<fn() -> T>);

/// The input of a chain.
pub const fn start<T>() -> Flow<T> {
    Flow(PhantomData)
}

/// The same input, for one of several branches.
pub const fn fork<T>(_: &Flow<T>) -> Flow<T> {
    Flow(PhantomData)
}

/// Any step.
///
/// `T` is `S`, by way of its chunks: where the step does not fit, these are not known, its type stays open, and the chain
/// around it is not a second error wherever it is used.
pub fn step<I, O, C, S, T>(_: Flow<I>, step: S) -> (T, Flow<O>)
where
    I: Send,
    O: Send + 'static,
    C: Given<S, By = T>,
    S: Runnable<I, Output = O, Chunk = C>,
{
    (C::by(step), Flow(PhantomData))
}

/// The chunks of a step, and the step that they are known to come from.
pub trait Given<S> {
    /// The step.
    type By;
    /// The step.
    fn by(step: S) -> Self::By;
}

impl<C, S> Given<S> for C {
    type By = S;
    fn by(step: S) -> S {
        step
    }
}

/// A closure.
pub fn closure<I, O: Send + 'static, F: Fn(I) -> Result<O>>(_: Flow<I>, function: F) -> (Closure<F>, Flow<O>) {
    (Closure::new(function), Flow(PhantomData))
}

/// A closure over a borrowed input, for any lifetime of it.
pub fn closure_of_ref<'x, T: ?Sized + 'x, O, F: for<'y> Fn(&'y T) -> Result<O>>(
    _: Flow<&'x T>,
    function: F,
) -> (Closure<F>, Flow<O>) {
    (Closure::new(function), Flow(PhantomData))
}

/// A closure that gives a future.
pub fn async_closure<I, O, F, Fut>(_: Flow<I>, function: F) -> (AsyncClosure<F>, Flow<O>)
where
    O: Send + 'static,
    F: Fn(I) -> Fut,
    Fut: Future<Output = Result<O>> + Send,
{
    (AsyncClosure::new(function), Flow(PhantomData))
}

/// A field, or some of them, copied out of a borrowed input.
pub fn look<I, O, F: Fn(&I) -> Result<O>>(_: Flow<I>, function: F) -> (Look<F>, Flow<O>) {
    (Look::new(function), Flow(PhantomData))
}

/// After a settled branch.
pub const fn settle<T>(_: Flow<T>) -> Flow<Result<T>> {
    Flow(PhantomData)
}

/// After some branches: what a map of this form over them gives.
pub fn join<M: Shape<F::Values>, F: Flows>(_: Form<M>, _: F) -> Flow<M::Record> {
    Flow(PhantomData)
}

/// A parallel map of this form, over an input that can be lent to its branches.
pub fn parallel<I: Lend, T, M>(_: Flow<I>, form: Form<M>, branches: T) -> Parallel<T, M> {
    Parallel::of(form, branches)
}

/// The function that chooses an arm, and what each arm gets.
pub fn select<I, T: OneOfs, F: Fn(I) -> T>(_: Flow<I>, function: F) -> (ByInput<F>, T::Flows) {
    (ByInput(function), T::flows())
}

/// A type whose values can come from JSON, as those of every key that chooses an arm have to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be set from JSON, so no `match config(..)` can choose by it",
    label = "a key of `{Self}`",
    note = "give it `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait Settable {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Settable for T {}

/// The key that chooses: by itself, so that one which cannot is an error on it.
pub const fn settable<K: Settable + 'static>(key: &'static ConfigKey<K>) -> &'static ConfigKey<K> {
    key
}

/// The function that chooses an arm by the value of a key.
pub fn select_by<I, K: 'static, T: OneOfs, F: Fn(I, &K) -> T>(
    _: Flow<I>,
    key: &'static ConfigKey<K>,
    choose: F,
) -> (ByKey<K, F>, T::Flows) {
    (ByKey { key, choose }, T::flows())
}

/// The rest of the arms, chosen already.
pub const fn chosen<T>() -> ByInput<fn(T) -> T> {
    ByInput(std::convert::identity)
}

/// Several arms within one: for a `match` of more than twelve.
pub fn nested<T: OneOfs>(_: Flow<T>) -> (fn(T) -> T, T::Flows) {
    (std::convert::identity, T::flows())
}

/// The end of an arm, which has to be that of the first one.
pub fn same_end<First, This: SameAs<First>>(_: &Flow<First>, _: Flow<This>) {}

/// Equality of types, with words for the case that they differ.
#[diagnostic::on_unimplemented(
    message = "this arm of the `match` ends in `{Self}`, the first one in `{First}`",
    label = "ends in `{Self}`",
    note = "all arms end in the same type: adapt one by a closure, `.. | |x| ..`"
)]
pub trait SameAs<First> {}

impl<T> SameAs<T> for T {}

/// A tuple of flows.
pub trait Flows {
    /// The tuple of what they carry.
    type Values;
}

macro_rules! flows {
    ($OneOf:ident; $($V:ident $at:tt),*) => {
        impl<$($V),*> Flows for ($(Flow<$V>,)*) {
            type Values = ($($V,)*);
        }

        impl<$($V),*> OneOfs for crate::one_of::$OneOf<$($V),*> {
            type Flows = ($(Flow<$V>,)*);
            fn flows() -> Self::Flows {
                ($(start::<$V>(),)*)
            }
        }
    };
}
crate::tuples::arities!(flows);

/// After `as Struct`, from the function that fills it.
pub fn as_struct<R, T, F: Fn(R) -> T>(_: Flow<R>, fill: F) -> (F, Flow<T>) {
    (fill, Flow(PhantomData))
}

/// The fields of any record that has them, as an anonymous one.
pub fn adopt<M: Shape<P::Values>, P: Pairs>(_: Form<M>, _: PhantomData<P>) -> (Adopt<M, P>, Flow<M::Record>) {
    (Adopt::new(), Flow(PhantomData))
}

/// A field, or some of them, moved out of the input.
pub fn pick<I, O, F: Fn(I) -> Result<O>>(_: Flow<I>, function: F) -> (Pick<F>, Flow<O>) {
    (Pick::new(function), Flow(PhantomData))
}
