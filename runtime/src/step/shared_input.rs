//! Inputs that can be lent to several steps, or to one several times.

use crate::{
    combinators::parallel::{Form, Parallel},
    macro_support::infer::Flow,
    reflect::copier::Copier,
};

/// An input that a parallel map, a retry, a fallback or a race keeps and lends to its steps: `Clone`, for the steps that
/// want one of their own, and `Sync`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to several steps: it is not both `Clone` and `Sync`",
    label = "the input `{Self}` is lent here",
    note = "the branches of a parallel map, a retry and a fallback share their input: `#[derive(Clone)]`, or wrap it in an `Arc`"
)]
pub trait ShareInput: Clone + Sync {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Sync> ShareInput for T {}

/// The input of a parallel map, as `chain!` finds it out: the same as `ShareInput`, but that nothing follows from it which could
/// be a second error. `K` is whether it can be lent: where it cannot, there is no implementation, the type of the map stays
/// open, and the chain around it is no second error wherever it is used.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to the branches of this map: it is not both `Clone` and `Sync`",
    label = "the input `{Self}` is lent here",
    note = "the branches share their input: `#[derive(Clone)]`, or wrap it in an `Arc`"
)]
pub trait Lent<K>: Sized {
    /// `P` itself.
    type Keep<P>;

    /// `P` itself.
    fn keep<P>(keeper: P) -> Self::Keep<P>;

    /// A parallel map of this form.
    fn parallel<A, T, M, P>(_: K, _: Flow<Self, A>, form: Form<M>, branches: T, copier: Option<Copier>) -> P
    where
        Self: Lent<K, Keep<Parallel<T, M>> = P>,
    {
        Self::keep(Parallel::of(form, branches).copying(copier))
    }
}

/// It can be lent.
pub struct Lendable;

/// It cannot.
pub struct NotLendable;

#[diagnostic::do_not_recommend]
impl<I> Lent<Lendable> for I {
    type Keep<P> = P;

    fn keep<P>(keeper: P) -> P {
        keeper
    }
}
