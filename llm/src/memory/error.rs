use crate::Messages;
use std::fmt;

/// The turn that was answered but could not be stored, so that it is not lost: the source of the error that says so.
///
/// ```
/// use catena_llm::memory::HistoryError;
///
/// fn rescue(error: &catena::Error) -> Option<String> {
///     let lost: &HistoryError = error.downcast_ref()?;
///     Some(lost.messages.to_string())
/// }
/// # let _ = rescue;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HistoryError {
    /// Whose.
    pub session: String,
    /// The input and the answer.
    pub messages: Messages,
    /// Why.
    pub cause: catena::Error,
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the turn was answered but not stored: {}", self.cause)
    }
}

impl std::error::Error for HistoryError {}

impl HistoryError {
    /// The error of the step, of the kind of its cause. Trying again would ask the model again, so it is not retryable.
    #[cold]
    pub(super) fn error(session: String, messages: Messages, cause: catena::Error) -> catena::Error {
        let not_stored = HistoryError { session, messages, cause };
        catena::Error::from_source(not_stored.cause.kind().clone(), not_stored).with_retryable(false)
    }
}
