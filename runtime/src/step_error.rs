//! What a function under `#[runnable]` may return as its error.

use crate::Error;

/// Any error that becomes an [`Error`]; with words for those that do not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a step",
    label = "this is not a `std::error::Error` that is `Send`, `Sync` and `'static`",
    note = "return `catena::Result<..>`: `?` turns any such error into its own, and `catena::Error::msg(..)` makes one of a text"
)]
pub trait StepError: Sized {
    /// As an error of a run.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> StepError for E {
    fn into_error(self) -> Error {
        self.into()
    }
}
