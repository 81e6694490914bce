//! The place where a step that threads cannot share is reported.

/// A type of steps that threads share; with words for the types that they cannot.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a step: threads share a step",
    label = "this is not both `Send` and `Sync`",
    note = "keep an `Arc` in place of an `Rc`, a `Mutex` or an atomic in place of a `RefCell` or a `Cell`"
)]
pub trait SharedStep: Send + Sync {}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync> SharedStep for S {}
