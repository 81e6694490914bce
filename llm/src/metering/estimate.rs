//! Tokens before a provider has counted them.

use crate::{ChatRequest, Message, Part};

/// About as many as there are: a token for every four characters begun. What an image takes differs by a factor of ten
/// between models; this is in between.
pub(crate) fn text(text: &str) -> u64 {
    u64::try_from(text.chars().count().div_ceil(4)).unwrap_or(u64::MAX)
}

const IMAGE: u64 = 1000;

/// What a message brings along beside its text: its role, and marks of where it begins and ends.
const MESSAGE: u64 = 4;

pub(crate) fn message(message: &Message) -> u64 {
    let parts = message.parts().iter().map(|part| match part {
        Part::Text(words) => text(words),
        Part::ToolResult { content, .. } => text(content),
        Part::Image(_) => IMAGE,
    });
    let calls = message.tool_calls().iter().map(|call| text(&call.name).saturating_add(text(&call.raw_arguments)));
    parts.chain(calls).fold(MESSAGE, u64::saturating_add)
}

/// What is sent.
pub(crate) fn input(request: &ChatRequest) -> u64 {
    request.messages.iter().map(message).fold(0, u64::saturating_add)
}
