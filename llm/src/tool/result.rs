use crate::{AgentError, Message, Part, StopReason, ToolCall};
use catena::{Error, ErrorKind};
use serde::Serialize;

/// How a call of a tool ended: with a message for the model in any case.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ToolResult {
    /// What was called.
    pub call: ToolCall,
    /// What the model is told: what the tool gave, or what went wrong.
    pub message: Message,
    /// What went wrong, where something did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl ToolResult {
    pub(crate) fn new(call: ToolCall, message: Message) -> Self {
        ToolResult { call, message, error: None }
    }

    /// The model is told of the error.
    pub(crate) fn failed(call: ToolCall, error: Error) -> Self {
        let message = message_for(&call, format!("Error: {}", error.message()));
        ToolResult { call, message, error: Some(error) }
    }

    /// It was not called, and the model is told this.
    pub(crate) fn not_called(call: ToolCall, text: String) -> Self {
        let message = message_for(&call, text);
        ToolResult { call, message, error: None }
    }

    /// What the model is told, as text.
    pub fn content(&self) -> &str {
        self.message.parts().first().map_or("", Part::content)
    }
}

fn message_for(call: &ToolCall, text: String) -> Message {
    Message::tool(call.id.as_str(), text).with_name(call.name.as_str())
}

/// Whether an error is about the whole run, so that telling the model makes no sense.
pub(crate) fn ends_the_run(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Cancelled | ErrorKind::Deadline => true,
        // An agent that is a tool may have gone as often as it may: that is its own affair.
        ErrorKind::Recursion { .. } => {
            error.downcast_ref::<AgentError>().is_none_or(|stopped| stopped.reason == StopReason::Failed)
        }
        _ => false,
    }
}
