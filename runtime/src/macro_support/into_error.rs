//! What a function under `#[runnable]` may return as its error.

use crate::{Error, Step, error::failure::Failure};

/// Any error that becomes an [`Error`]; with words for those that do not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a step",
    label = "this does not go into a `Box<dyn std::error::Error + Send + Sync>`",
    note = "implement `std::error::Error` for it, and make it `Send`, `Sync` and `'static`; or return `String`, `anyhow::Error`, `catena::Error` or `Box<dyn std::error::Error + Send + Sync>`"
)]
pub trait IntoStepError: Sized {
    /// As an error of a run, of the step `S`.
    fn into_error<S: Step>(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Failure>> IntoStepError for E {
    #[cold]
    fn into_error<S: Step>(self) -> Error {
        self.into().0.out_of(S::NODE.name())
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
