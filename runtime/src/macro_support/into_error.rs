//! What a function under `#[runnable]` may return as its error.

use crate::{Error, Step};

/// Any error that becomes an [`Error`]; with words for those that do not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a step",
    label = "this is not a `std::error::Error` that is `Send`, `Sync` and `'static`",
    note = "return `catena::Result<..>`: `?` turns any such error into its own, and `catena::Error::msg(..)` makes one of a text"
)]
pub trait StepError: Sized {
    /// As an error of a run, of the step `S`.
    fn into_error<S: Step>(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> StepError for E {
    #[cold]
    fn into_error<S: Step>(self) -> Error {
        self.into().out_of(S::NODE.name())
    }
}

/// The error of a step that is written by hand.
#[cold]
pub fn out_of<S: Step>(step: &S, error: Error) -> Error {
    match (step.name(), S::NODE.name()) {
        (Some(name), Some(known)) if name == known => error.out_of(Some(known)),
        (name, _) => error.out_of(name.map(str::to_owned)),
    }
}
