use super::Image;
use serde::{Deserialize, Serialize};

/// A part of a [`Message`](crate::Message)'s content. Later versions may add others, such as audio.
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
    /// An image.
    Image(Image),
}

impl Part {
    /// Returns the text, or an empty string if this is not a text part.
    pub fn text(&self) -> &str {
        match self {
            Part::Text(text) => text,
            Part::ToolResult { .. } | Part::Image(_) => "",
        }
    }

    /// Returns the text or the result of a tool, or an empty string for an image.
    pub fn content(&self) -> &str {
        match self {
            Part::Text(text) => text,
            Part::ToolResult { content, .. } => content,
            Part::Image(_) => "",
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
}

impl From<Wire> for Part {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Text { text } => Part::Text(text),
            Wire::ToolResult { call_id, content } => Part::ToolResult { call_id, content },
            Wire::Image(image) => Part::Image(image),
        }
    }
}

impl From<Part> for Wire {
    fn from(part: Part) -> Self {
        match part {
            Part::Text(text) => Wire::Text { text },
            Part::ToolResult { call_id, content } => Wire::ToolResult { call_id, content },
            Part::Image(image) => Wire::Image(image),
        }
    }
}
