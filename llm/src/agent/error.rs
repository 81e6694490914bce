//! An agent that did not come to an answer.

use crate::{Messages, Usage};
use catena::{Error, StdError};
use std::fmt;

/// What an [`Agent`](crate::Agent) had done until it failed, in the [`Error`]: nothing is lost.
///
/// ```
/// # use catena::RunnableExt;
/// # use catena_llm::{Agent, AgentError, Chat, ChatModel};
/// # async fn example(agent: Agent<Chat<impl ChatModel>>) {
/// if let Err(error) = agent.invoke("Sort out my calendar.").await
///     && let Some(stopped) = error.downcast_ref::<AgentError>()
/// {
///     println!("{error}; so far:\n{}", stopped.messages);
///     // With more steps, it can go on from there: `agent.max_steps(50).invoke(stopped.messages.clone())`
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AgentError {
    /// Why.
    pub reason: StopReason,
    /// The conversation so far, one that can be gone on with: calls that were not made, or had not ended, have messages that
    /// say so.
    pub messages: Messages,
    /// The tokens so far.
    pub usage: Usage,
    /// How often the model was asked.
    pub steps: u32,
    /// The error itself, with its own source.
    pub(super) source: StdError,
}

/// Why an agent stopped before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// It asked the model as often as it may.
    Steps,
    /// It took as long as it may.
    Time,
    /// It cost what it may.
    Cost,
    /// The model's answer was not of the type asked for, as often as it may be.
    Answer,
    /// Something failed.
    Failed,
}

impl fmt::Display for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the agent stopped after {} calls of the model", self.steps)
    }
}

impl std::error::Error for AgentError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl AgentError {
    /// The error, with what was done until then. Its kind, message and path stay, and its sources are behind this one.
    pub(super) fn attach_to(self, error: Error) -> Error {
        error.with_source(self)
    }
}
