//! Inputs that can be lent to several steps, or to one several times.

/// An input that a parallel map, a retry, a fallback or a race keeps and lends to its steps: `Clone`, for the steps that
/// want one of their own, and `Sync`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to several steps: it is not both `Clone` and `Sync`",
    label = "the input `{Self}` is lent here",
    note = "the branches of a parallel map, a retry and a fallback share their input: `#[derive(Clone)]`, or wrap it in an `Arc`"
)]
pub trait Lend: Clone + Sync {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Sync> Lend for T {}
