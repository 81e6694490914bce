//! The states of runs, their steps and their pauses.

use crate::{record::usage::Usage, store::Wait};
use serde_json::Value;
use std::{
    fmt,
    time::{Duration, SystemTime},
};

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunState {
    /// A process runs it.
    Running,
    /// Its process ended without an outcome: it was killed, or the call was dropped. The next invocation goes on.
    Interrupted,
    /// It waits for an answer or a time.
    Paused,
    /// It has an output.
    Completed,
    /// It has failed. The next invocation goes on after the steps that finished.
    Failed,
    /// It was cancelled by [`Journal::cancel`](crate::Journal::cancel). It is not run any more.
    Cancelled,
}

impl RunState {
    /// Returns the name, as it is stored: `paused`.
    pub const fn name(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Interrupted => "interrupted",
            RunState::Paused => "paused",
            RunState::Completed => "completed",
            RunState::Failed => "failed",
            RunState::Cancelled => "cancelled",
        }
    }

    /// The state that was stored, of a run that a process runs or not.
    pub(crate) fn of(stored: &str, is_run: bool) -> Self {
        match stored {
            _ if is_run => RunState::Running,
            "paused" => RunState::Paused,
            "completed" => RunState::Completed,
            "failed" => RunState::Failed,
            "cancelled" => RunState::Cancelled,
            _ => RunState::Interrupted,
        }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A run in a journal.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunInfo {
    /// The id.
    pub id: String,
    /// The state.
    pub state: RunState,
    /// The process that runs it, or was the last to do so: its number and its machine.
    pub process: String,
    /// The hash of the chain that it was last run with; empty if that is not known.
    pub chain: String,
    /// The error of the last invocation, if it failed or paused.
    pub error: Option<String>,
    /// The time of the first invocation.
    pub created: SystemTime,
    /// The time of the last invocation's beginning or end.
    pub changed: SystemTime,
    /// The number of steps that have finished.
    pub steps: usize,
}

/// All that is known of a run, without inputs and outputs.
///
/// `Display` draws it: which step was done when, and by which process.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunDetails {
    /// The run.
    pub info: RunInfo,
    /// The steps that have finished, in the order in which they did first.
    pub steps: Vec<StepInfo>,
    /// The pauses and timers.
    pub waits: Vec<WaitInfo>,
    /// The keys of finished steps that the chain of the last invocation does not have any more.
    pub gone: Vec<String>,
}

impl RunDetails {
    /// Returns the tokens that the models in all finished steps used.
    pub fn usage(&self) -> Usage {
        let mut sum = Usage::default();
        self.steps.iter().for_each(|step| sum.add(&step.usage));
        sum
    }
}

/// A step that has finished.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StepInfo {
    /// The key: the name, after the items and scopes that the step is in: `[3].extract/1`.
    pub key: String,
    /// The tokens that its models used.
    pub usage: Usage,
    /// The hash of the chain that ran it.
    pub chain: String,
    /// The process that ran it: its number and its machine.
    pub process: String,
    /// The time at which it began.
    pub started: SystemTime,
    /// The time at which it finished.
    pub finished: SystemTime,
    /// The size of its record.
    pub bytes: usize,
    /// `true` if its outcome is an error.
    pub failed: bool,
}

/// A pause or a timer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WaitInfo {
    /// The key: the name, after the items and scopes that it is in.
    pub key: String,
    /// The type of the answer that a pause waits for; empty for a timer.
    pub expects: String,
    /// The input of the pause, for the one who answers.
    pub input: Value,
    /// The time at which the run came to it.
    pub since: SystemTime,
    /// The time that a timer waits for.
    pub until: Option<SystemTime>,
    /// The answer.
    pub answer: Option<Value>,
    /// The time of the answer.
    pub answered: Option<SystemTime>,
}

impl From<Wait> for WaitInfo {
    fn from(wait: Wait) -> Self {
        WaitInfo {
            key: wait.key,
            expects: wait.expects,
            input: serde_json::from_str(&wait.input).unwrap_or_default(),
            since: time(wait.since),
            until: wait.until.map(time),
            answer: wait.answer.and_then(|json| serde_json::from_str(&json).ok()),
            answered: wait.answered.map(time),
        }
    }
}

/// The time that is so many milliseconds after 1970.
pub(crate) fn time(millis: i64) -> SystemTime {
    let distance = Duration::from_millis(millis.unsigned_abs());
    let time = if millis < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The milliseconds of a time after 1970.
pub(crate) fn millis(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
    }
}
