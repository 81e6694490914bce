use crate::{AgentError, Message, Part, StopReason, ToolCall};
use catena::{Error, ErrorKind};
use serde::Serialize;

/// The outcome of a tool call, which always has a message for the model.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ToolResult {
    /// The call.
    pub call: ToolCall,
    /// The message for the model: the output of the tool, or the error.
    pub message: Message,
    /// The error, if the call failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl ToolResult {
    /// Creates the result of a call with this message, which has the role of a tool and the id of the call.
    pub fn new(call: ToolCall, message: Message) -> Self {
        ToolResult { call, message, error: None }
    }

    /// Creates the result of a call with this text for the model, for hooks that answer in place of a tool.
    pub fn of_text(call: ToolCall, text: impl Into<String>) -> Self {
        ToolResult::not_called(call, text.into())
    }

    /// Creates the result of a failed call. The message for the model has the error.
    pub fn failed(call: ToolCall, error: Error) -> Self {
        let message = message_for(&call, format!("Error: {}", error.message()));
        ToolResult { call, message, error: Some(error) }
    }

    /// Creates the result of a call that was not made, with this text for the model.
    pub(crate) fn not_called(call: ToolCall, text: String) -> Self {
        let message = message_for(&call, text);
        ToolResult { call, message, error: None }
    }

    /// Returns the error of a call that waits, inside of it, for a person's answer.
    pub(crate) fn paused(&self) -> Option<&Error> {
        self.error.as_ref().filter(|error| *error.kind() == ErrorKind::Paused)
    }

    /// Returns the text for the model.
    pub fn content(&self) -> &str {
        self.message.parts().first().map_or("", Part::content)
    }
}

fn message_for(call: &ToolCall, text: String) -> Message {
    Message::tool(call.id.as_str(), text).with_name(call.name.as_str())
}

/// Returns whether an error concerns the whole run, so that passing it to the model is pointless.
pub(crate) fn ends_the_run(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Cancelled | ErrorKind::Deadline | ErrorKind::Paused => true,
        // An agent used as a tool may reach its own limit of steps; that does not concern this run.
        ErrorKind::Recursion { .. } => {
            error.downcast_ref::<AgentError>().is_none_or(|stopped| stopped.reason == StopReason::Failed)
        }
        _ => false,
    }
}
