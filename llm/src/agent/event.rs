//! The stream of an agent.

use super::AgentAnswer;
use crate::{Message, Role, ToolCall, ToolCallChunk, ToolResult, parser::Partial};
use catena::{Assemble, Error, ErrorKind, Result};
use serde::Serialize;

/// An event of an [`Agent`](crate::Agent).
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AgentEvent<T = Message> {
    /// The model wrote text, before a tool call or as its answer.
    Text(String),
    /// The model thought, as far as the provider shows it.
    Reasoning(String),
    /// The model wrote a part of a tool call: its name at first, then its arguments as they arrive.
    ToolCallChunk(ToolCallChunk),
    /// The typed answer so far, each time it has grown. A later one replaces it, for the model may have to try again.
    #[serde(bound(serialize = ""))]
    Partial(Partial<T>),
    /// A message was added while the agent ran, by its [`Steering`](crate::Steering).
    Message(Message),
    /// A tool call is about to be made.
    ToolCall(ToolCall),
    /// A tool call has ended, or was refused.
    ToolResult(ToolResult),
    /// The agent has answered. This is the last event.
    #[serde(bound(serialize = ""))]
    Answer(AgentAnswer<T>),
}

/// An assembler of the [events](AgentEvent) of an agent. It returns the [`AgentAnswer`] of the last one.
#[derive(Debug)]
pub struct AgentAssembler<T = Message>(Option<AgentAnswer<T>>);

impl<T> Default for AgentAssembler<T> {
    fn default() -> Self {
        AgentAssembler(None)
    }
}

impl<T: Clone + Send + 'static> Assemble for AgentAssembler<T> {
    type Chunk = AgentEvent<T>;
    type Output = AgentAnswer<T>;

    fn push(&mut self, event: AgentEvent<T>) {
        if let AgentEvent::Answer(answer) = event {
            self.0 = Some(answer);
        }
    }

    fn finish(self) -> Result<AgentAnswer<T>> {
        self.0.ok_or_else(|| {
            Error::new(ErrorKind::Unavailable { retry_after: None }, "the events of an agent ended without its answer")
        })
    }

    fn split(&self, answer: AgentAnswer<T>, emit: &mut dyn FnMut(AgentEvent<T>)) {
        let last = answer.messages.last().filter(|message| *message.role() == Role::Assistant);
        if let Some(message) = last.filter(|message| !message.text().is_empty()) {
            emit(AgentEvent::Text(message.text().to_owned()));
        }
        emit(AgentEvent::Answer(answer));
    }

    fn duplicate(&self, event: &AgentEvent<T>) -> Option<AgentEvent<T>> {
        Some(event.clone())
    }

    fn duplicates(&self) -> bool {
        true
    }

    fn fork(&self) -> Option<Self> {
        Some(AgentAssembler::default())
    }
}
