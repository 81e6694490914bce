use crate::Messages;
use std::fmt;

/// The source of the error of a turn that was answered but could not be stored. It has the messages, so that they are
/// not lost.
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
    /// The session.
    pub session: String,
    /// The input and the answer.
    pub messages: Messages,
    /// The error of the store.
    pub cause: catena::Error,
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the turn was answered but not stored: {}", self.cause)
    }
}

impl std::error::Error for HistoryError {}

impl HistoryError {
    /// Returns the error of the step, which has the kind of its cause. It is not retryable, because a retry would call
    /// the model again.
    #[cold]
    pub(super) fn error(session: String, messages: Messages, cause: catena::Error) -> catena::Error {
        let not_stored = HistoryError { session, messages, cause };
        catena::Error::from_source(not_stored.cause.kind().clone(), not_stored).with_retryable(false)
    }
}
