use std::time::Duration;

/// The kind of failure of an [`Error`](crate::Error).
///
/// New kinds may come: match with a `_` arm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A step took longer than its own timeout.
    Timeout {
        /// The limit it had.
        after: Duration,
    },
    /// The run's deadline has passed.
    Deadline,
    /// The run was cancelled.
    Cancelled,
    /// The provider refused because of too many requests (HTTP 429).
    RateLimited {
        /// The time that it asked to wait.
        retry_after: Option<Duration>,
    },
    /// The provider or a resource did not work: connection refused, HTTP 5xx, a stream that was cut.
    Unavailable {
        /// The time that it asked to wait.
        retry_after: Option<Duration>,
    },
    /// The input or a setting is wrong; the same call will fail again.
    BadInput,
    /// An answer could not be read.
    Parse {
        /// The answer as it came.
        raw: String,
    },
    /// A key is missing or was refused (HTTP 401, 403).
    Auth,
    /// A chain ran through itself more often than the recursion limit allows.
    Recursion {
        /// The limit.
        limit: u32,
    },
    /// The run waits for an answer or a time. Its state is kept, and it goes on when it is invoked again.
    ///
    /// No retry, fallback or settled field takes it for a failure. See the crate `catena-durable`.
    Paused,
    /// A spawned or blocking step panicked.
    Panic,
    /// A step's own error.
    Step,
}

impl ErrorKind {
    /// Returns `true` if the same call may succeed later; see [`Error::is_retryable`](crate::Error::is_retryable).
    pub fn is_retryable(&self) -> bool {
        match self {
            ErrorKind::Timeout { .. }
            | ErrorKind::RateLimited { .. }
            | ErrorKind::Unavailable { .. }
            | ErrorKind::Parse { .. }
            | ErrorKind::Step => true,
            ErrorKind::Deadline
            | ErrorKind::Cancelled
            | ErrorKind::BadInput
            | ErrorKind::Auth
            | ErrorKind::Recursion { .. }
            | ErrorKind::Paused
            | ErrorKind::Panic => false,
        }
    }

    /// Returns a short stable name, as used in JSON: `rate_limited`.
    pub fn name(&self) -> &'static str {
        match self {
            ErrorKind::Timeout { .. } => "timeout",
            ErrorKind::Deadline => "deadline",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::RateLimited { .. } => "rate_limited",
            ErrorKind::Unavailable { .. } => "unavailable",
            ErrorKind::BadInput => "bad_input",
            ErrorKind::Parse { .. } => "parse",
            ErrorKind::Auth => "auth",
            ErrorKind::Recursion { .. } => "recursion",
            ErrorKind::Paused => "paused",
            ErrorKind::Panic => "panic",
            ErrorKind::Step => "step",
        }
    }
}
