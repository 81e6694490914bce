//! The outcome of a part of a chain in a run.

use std::fmt::Write as _;

/// The outcome of a part of a chain in a run, which is drawn on it.
///
/// ```
/// use catena_graph::{Outcome, Status};
///
/// let outcome = Outcome::new(Status::Failed).took("1.2 s").attempts(3).note("812 tokens").error("429 Too Many Requests");
/// assert_eq!(outcome.summary(), "failed · 1.2 s · 3 attempts");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The status.
    pub status: Status,
    /// The time, as text.
    pub duration: Option<String>,
    /// The number of attempts.
    pub attempts: Option<u32>,
    /// Further details, a line each: tokens, cost.
    pub notes: Vec<String>,
    /// The error.
    pub error: Option<String>,
}

impl Outcome {
    /// Creates an outcome with this status.
    pub fn new(status: Status) -> Self {
        Outcome { status, duration: None, attempts: None, notes: Vec::new(), error: None }
    }

    /// Sets the time.
    pub fn took(mut self, duration: impl Into<String>) -> Self {
        self.duration = Some(duration.into());
        self
    }

    /// Sets the number of attempts.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Adds a line.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the error.
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }

    /// Returns the status, the time and the attempts in one line.
    pub fn summary(&self) -> String {
        let mut line = self.status.word().to_owned();
        if let Some(duration) = &self.duration {
            line.push_str(" · ");
            line.push_str(duration);
        }
        if let Some(attempts) = self.attempts.filter(|&attempts| attempts > 1) {
            let _ = write!(line, " · {attempts} attempts");
        }
        line
    }
}

/// The status of a part of a run.
///
/// ```
/// use catena_graph::Status;
///
/// assert_eq!((Status::Failed.word(), Status::Failed.mark()), ("failed", '✗'));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It is running.
    Running,
    /// It ended with a value.
    Ok,
    /// It ended with an error.
    Failed,
    /// It was stopped.
    Cancelled,
    /// It did not run, because another arm ran or an earlier step failed.
    Skipped,
}

impl Status {
    /// Returns the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Running => "running",
            Status::Ok => "ok",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Skipped => "skipped",
        }
    }

    /// Returns a character for it, which is distinct without colour.
    pub const fn mark(self) -> char {
        match self {
            Status::Running => '…',
            Status::Ok => '✓',
            Status::Failed => '✗',
            Status::Cancelled => '⊘',
            Status::Skipped => '–',
        }
    }
}
