use super::{BoxError, Error, original::adopt};

/// The error type of closures in `chain!`, and of what macros put around functions. `?` turns an error of any type into
/// it, which it cannot into [`Error`]: that is a [`std::error::Error`] itself.
///
/// It is not named in code. What is called gets an [`Error`].
#[doc(hidden)]
pub struct Failure(pub(crate) Error);

impl<E: Into<BoxError> + 'static> From<E> for Failure {
    #[cold]
    fn from(error: E) -> Self {
        Failure(adopt(error))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}
