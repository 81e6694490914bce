//! Inputs that can be lent to several steps, or to one several times.

use crate::{
    flow::Flow,
    parallel::{Form, Parallel},
    tee::Copier,
};

/// An input that a parallel map, a retry, a fallback or a race keeps and lends to its steps: `Clone`, for the steps that
/// want one of their own, and `Sync`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to several steps: it is not both `Clone` and `Sync`",
    label = "the input `{Self}` is lent here",
    note = "the branches of a parallel map, a retry and a fallback share their input: `#[derive(Clone)]`, or wrap it in an `Arc`"
)]
pub trait Lend: Clone + Sync {
    /// What keeps the input: `P` itself.
    #[doc(hidden)]
    type Keep<P>;

    #[doc(hidden)]
    fn keep<P>(keeper: P) -> Self::Keep<P>;

    /// A parallel map of this form over such inputs. Where they cannot be lent, its type stays open, and the chain around
    /// it is not a second error wherever it is used.
    #[doc(hidden)]
    fn parallel<A, T, M, P>(_: Flow<Self, A>, form: Form<M>, branches: T, copier: Option<Copier>) -> P
    where
        Self: Lend<Keep<Parallel<T, M>> = P>,
    {
        Self::keep(Parallel::of(form, branches).copying(copier))
    }
}

#[diagnostic::do_not_recommend]
impl<I: Clone + Sync> Lend for I {
    type Keep<P> = P;

    fn keep<P>(keeper: P) -> P {
        keeper
    }
}
