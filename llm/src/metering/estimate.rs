//! Estimates of tokens that no provider has counted.

use crate::{ChatRequest, File, Message, Part};

/// Estimates the tokens of a text at one per four characters, rounded up. The tokens of an image differ between models
/// by a factor of ten; the estimate is in between.
pub(crate) fn text(text: &str) -> u64 {
    u64::try_from(text.chars().count().div_ceil(4)).unwrap_or(u64::MAX)
}

const IMAGE: u64 = 1000;

/// Estimates the tokens of a file by its size: text at one per four bytes, audio at one per 500 and other types, such
/// as PDF, at one per 25. A file without bytes counts as much as two images.
fn file(file: &File) -> u64 {
    let Some(data) = file.as_bytes() else { return 2 * IMAGE };
    let bytes_per_token = match () {
        () if file.is_text() => 4,
        () if file.is_audio() => 500,
        () => 25,
    };
    u64::try_from(data.len().div_ceil(bytes_per_token)).unwrap_or(u64::MAX)
}

/// The tokens of a message besides its text: its role, and the marks of its beginning and end.
const MESSAGE: u64 = 4;

pub(crate) fn message(message: &Message) -> u64 {
    let parts = message.parts().iter().map(|part| match part {
        Part::Text(words) => text(words),
        Part::ToolResult { content, .. } => text(content),
        Part::Image(_) => IMAGE,
        Part::File(file) => self::file(file),
        Part::Reasoning(reasoning) => text(&reasoning.text),
        Part::Opaque(_) => 0,
    });
    let calls = message.tool_calls().iter().map(|call| text(&call.name).saturating_add(text(&call.raw_arguments)));
    parts.chain(calls).fold(MESSAGE, u64::saturating_add)
}

/// Estimates the tokens of a request.
pub(crate) fn input(request: &ChatRequest) -> u64 {
    request.messages.iter().map(message).fold(0, u64::saturating_add)
}
