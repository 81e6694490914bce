//! The error of an agent without an answer.

use crate::{Messages, Usage};
use catena::Error;
use std::fmt;

/// The state of an [`Agent`](crate::Agent) that failed. It is a source of the agent's [`Error`], so that nothing is
/// lost.
///
/// ```
/// # use catena::RunnableExt;
/// # use catena_llm::{Agent, AgentError, Chat, ChatModel};
/// # async fn example(agent: Agent<Chat<impl ChatModel>>) {
/// if let Err(error) = agent.invoke("Sort out my calendar.").await
///     && let Some(stopped) = error.downcast_ref::<AgentError>()
/// {
///     println!("{error}; so far:\n{}", stopped.messages);
///     // It can continue with more steps: `agent.max_steps(50).invoke(stopped.messages.clone())`
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AgentError {
    /// The reason.
    pub reason: StopReason,
    /// The conversation so far, which can be continued. Calls that were not made, or had not ended, have messages that
    /// say so.
    pub messages: Messages,
    /// The tokens so far.
    pub usage: Usage,
    /// The number of calls of the model.
    pub steps: u32,
    /// The error itself, with its own source.
    pub(super) source: Error,
}

/// The reason that an agent stopped without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// It reached the maximum number of calls of the model.
    Steps,
    /// It reached the maximum duration.
    Time,
    /// It reached the maximum cost.
    Cost,
    /// The model did not answer with the requested type, after the maximum number of attempts.
    Answer,
    /// It waits for decisions on tool calls; the error has an [`AgentPaused`](crate::AgentPaused).
    Paused,
    /// It was stopped by its [`Steering`](crate::Steering).
    Stopped,
    /// A step failed.
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
    /// Adds the state to an error. The kind, message and path of the error are unchanged, and its sources follow this
    /// one.
    pub(super) fn attach_to(self, error: Error) -> Error {
        error.with_source(self)
    }
}
