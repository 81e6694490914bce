use super::{File, Image, ProviderState, Reasoning};
use serde::{Deserialize, Serialize};

/// A part of a [`Message`](crate::Message)'s content. Later versions may add others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
#[non_exhaustive]
pub enum Part {
    /// Text.
    Text(String),
    /// The result of a tool.
    ToolResult {
        /// The id of the answered [`ToolCall`](crate::ToolCall).
        call_id: String,
        /// The result, as text for the model.
        content: String,
    },
    /// An image. In the message of a tool it belongs to the result before it.
    Image(Image),
    /// A file, such as a PDF or a recording. In the message of a tool it belongs to the result before it.
    File(File),
    /// The thoughts of the model. In a stream, a part without a [state](Reasoning::state) is continued by the next one.
    Reasoning(Reasoning),
    /// Something that only its provider understands. It is sent back in its place. A signature of a text follows the
    /// text.
    Opaque(ProviderState),
}

impl Part {
    /// Returns the text, or an empty string if this is not a text part.
    pub fn text(&self) -> &str {
        match self {
            Part::Text(text) => text,
            _ => "",
        }
    }

    /// Returns the text or the result of a tool, or an empty string for other parts.
    pub fn content(&self) -> &str {
        match self {
            Part::Text(text) => text,
            Part::ToolResult { content, .. } => content,
            _ => "",
        }
    }
}

/// The JSON form: `{"type": "text", "text": ".."}`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Wire {
    Text { text: String },
    ToolResult { call_id: String, content: String },
    Image(Image),
    File(File),
    Reasoning(Reasoning),
    Opaque(ProviderState),
}

impl From<Wire> for Part {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Text { text } => Part::Text(text),
            Wire::ToolResult { call_id, content } => Part::ToolResult { call_id, content },
            Wire::Image(image) => Part::Image(image),
            Wire::File(file) => Part::File(file),
            Wire::Reasoning(reasoning) => Part::Reasoning(reasoning),
            Wire::Opaque(state) => Part::Opaque(state),
        }
    }
}

impl From<Part> for Wire {
    fn from(part: Part) -> Self {
        match part {
            Part::Text(text) => Wire::Text { text },
            Part::ToolResult { call_id, content } => Wire::ToolResult { call_id, content },
            Part::Image(image) => Wire::Image(image),
            Part::File(file) => Wire::File(file),
            Part::Reasoning(reasoning) => Wire::Reasoning(reasoning),
            Part::Opaque(state) => Wire::Opaque(state),
        }
    }
}
