use super::{BoxError, Error, original::inline_record};

/// The error type of closures in `chain!`, and of what macros put around functions. `?` turns an error of any type into
/// it, which it cannot into [`Error`]: that is a [`std::error::Error`] itself.
///
/// It is not named in code. What is called gets an [`Error`].
#[doc(hidden)]
pub struct Failure(pub(crate) Error);

impl<E: Into<BoxError> + 'static> From<E> for Failure {
    #[cold]
    fn from(error: E) -> Self {
        Failure(inline_record(error))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}
