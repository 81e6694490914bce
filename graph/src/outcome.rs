//! What became of a part of a chain in a run.

use std::fmt::Write as _;

/// What became of a part of a chain in a run, drawn on top of it.
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
    /// How it ended.
    pub status: Status,
    /// How long it took, as it is to be read.
    pub duration: Option<String>,
    /// How often it was tried.
    pub attempts: Option<u32>,
    /// What else there is to say, a line each: tokens, cost.
    pub notes: Vec<String>,
    /// What went wrong.
    pub error: Option<String>,
}

impl Outcome {
    /// An outcome of which no more is known.
    pub fn new(status: Status) -> Self {
        Outcome { status, duration: None, attempts: None, notes: Vec::new(), error: None }
    }

    /// Sets how long it took.
    pub fn took(mut self, duration: impl Into<String>) -> Self {
        self.duration = Some(duration.into());
        self
    }

    /// Sets how often it was tried.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Adds a line.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets what went wrong.
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }

    /// Status, time and attempts in one line.
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

/// How a part of a run ended.
///
/// ```
/// use catena_graph::Status;
///
/// assert_eq!((Status::Failed.word(), Status::Failed.mark()), ("failed", '✗'));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It has not ended yet.
    Running,
    /// With a value.
    Ok,
    /// With an error.
    Failed,
    /// It was stopped.
    Cancelled,
    /// It did not run: another arm was taken, an earlier step failed.
    Skipped,
}

impl Status {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Running => "running",
            Status::Ok => "ok",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Skipped => "skipped",
        }
    }

    /// A character for it, which tells it without colour.
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
