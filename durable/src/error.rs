//! The errors of journals.

use catena::{Error, ErrorKind};
use std::{fmt, time::SystemTime};

/// The source of an error that is about a journal, and not of a step: `error.downcast_ref::<JournalError>()`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process runs the run.
    InUse {
        /// The id of the run.
        run: String,
        /// The process that runs it: its number and its machine.
        process: String,
    },
    /// The run was cancelled in the journal.
    Cancelled {
        /// The id of the run.
        run: String,
    },
    /// Another process has claimed the run, or it was deleted: what this process still does is not kept.
    Lost {
        /// The id of the run.
        run: String,
    },
    /// A step has another input than its record.
    InputChanged {
        /// The key of the step.
        key: String,
        /// The hash of the recorded input.
        kept: String,
        /// The hash of the input.
        given: String,
    },
    /// Two durable steps of a chain have one name.
    Duplicate {
        /// The name.
        name: String,
    },
    /// A step was called while a call of the same key was pending.
    Concurrent {
        /// The key.
        key: String,
    },
    /// A step that needs a journal was called without one.
    NoJournal {
        /// The name of the step.
        name: String,
    },
    /// A step, a pause or a scope cannot have this name, or a run this id.
    Name {
        /// The beginning of the name.
        name: String,
        /// The reason.
        why: String,
    },
    /// The input or output of a step cannot be written as JSON that its type is read from.
    Unwritable {
        /// The key of the step.
        key: String,
        /// The reason.
        why: String,
    },
    /// A record, or an answer, is not of the type that is expected now.
    Unreadable {
        /// The key of the step or pause.
        key: String,
        /// The reason.
        why: String,
    },
    /// There is no such run.
    NoRun {
        /// The id.
        run: String,
    },
    /// There is no such pause, or none that waits.
    NoPause {
        /// The id of the run.
        run: String,
        /// The name that was given.
        name: String,
        /// The keys of the pauses that wait.
        open: Vec<String>,
    },
    /// The pause has an answer.
    Answered {
        /// The key of the pause.
        key: String,
        /// The answer, as JSON.
        answer: String,
    },
    /// The answer is of another type than the pause waits for.
    AnswerType {
        /// The key of the pause.
        key: String,
        /// The type that it waits for.
        expects: String,
        /// The type that was given.
        given: String,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JournalError::InUse { run, process } => write!(
                f,
                "the run `{run}` is being run by the process {process}: wait for it by `journal.run(..).wait(..)`, or run under \
                 another id"
            ),
            JournalError::Cancelled { run } => write!(f, "the run `{run}` was cancelled in its journal"),
            JournalError::Lost { run } => write!(
                f,
                "the run `{run}` was claimed by another process, or deleted: nothing more of this one is kept"
            ),
            JournalError::InputChanged { key, kept, given } => write!(
                f,
                "the durable step `{key}` has another input than its record: {given} and not {kept}. An input must be the same \
                 in every invocation of a run; for one that may differ, `.on_change(OnChange::Rerun)` runs the step again"
            ),
            JournalError::Duplicate { name } => write!(
                f,
                "two durable steps of the chain are named `{name}`: give each a name of its own, or put one of them into a scope \
                 by `.scoped(\"..\")`"
            ),
            JournalError::Concurrent { key } => write!(
                f,
                "the durable step `{key}` is called twice at the same time: call it by `.map()` over a list, or give each call a \
                 scope by `cx.within(..)`"
            ),
            JournalError::NoJournal { name } => write!(
                f,
                "the step `{name}` ends the run until later, for which it needs a journal: \
                 `Config::new().durable(journal.run(\"..\"))`"
            ),
            JournalError::Name { name, why } => write!(f, "`{name}` cannot be a name in a journal: {why}"),
            JournalError::Unwritable { key, why } => {
                write!(f, "the durable step `{key}` has a value that cannot be kept as JSON and read again: {why}")
            }
            JournalError::Unreadable { key, why } => write!(
                f,
                "what the journal keeps of `{key}` is not of the type that is expected now: {why}; a step whose type has changed \
                 needs a new name, such as its next version"
            ),
            JournalError::NoRun { run } => write!(f, "there is no run `{run}` in the journal"),
            JournalError::NoPause { run, name, open } => {
                write!(f, "the run `{run}` has no pause `{name}` that waits for an answer: ")?;
                match open.as_slice() {
                    [] => f.write_str("it waits for none"),
                    open => write!(f, "it waits at `{}`", open.join("`, `")),
                }
            }
            JournalError::Answered { key, answer } => {
                let shown: String = answer.chars().take(100).collect();
                write!(f, "the pause `{key}` has an answer already, which stays: {shown}")
            }
            JournalError::AnswerType { key, expects, given } => {
                write!(f, "the pause `{key}` waits for an answer of the type `{expects}`, and not `{given}`")
            }
        }
    }
}

impl std::error::Error for JournalError {}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        let kind = match &error {
            JournalError::InUse { .. } => ErrorKind::Unavailable { retry_after: None },
            JournalError::Cancelled { .. } | JournalError::Lost { .. } => ErrorKind::Cancelled,
            _ => ErrorKind::BadInput,
        };
        Error::new(kind, error.to_string()).with_source(error)
    }
}

/// The source of the error of a run that waits, which is of the kind [`ErrorKind::Paused`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paused {
    /// The id of the run.
    pub run: String,
    /// The key of the pause or timer.
    pub key: String,
    /// The time that a timer waits for.
    pub until: Option<SystemTime>,
}

impl fmt::Display for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Paused { run, key, until } = self;
        match until {
            None => write!(f, "the run `{run}` is paused: it waits for an answer to `{key}`"),
            Some(_) => write!(f, "the run `{run}` is paused: it waits for the time of `{key}`"),
        }
    }
}

impl std::error::Error for Paused {}

impl From<Paused> for Error {
    fn from(paused: Paused) -> Self {
        Error::new(ErrorKind::Paused, paused.to_string()).with_source(paused)
    }
}
