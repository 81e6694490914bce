//! Tool calls whose arguments were cut off by the limit of tokens.

use crate::{FinishReason, Message, MessageChunk, ToolCall};
use catena::{Error, ErrorKind, Result};
use std::collections::BTreeMap;

/// Returns an error if the limit of tokens cut off the arguments of a tool call.
pub(crate) fn check(answer: Message) -> Result<Message> {
    if answer.finish_reason() == Some(&FinishReason::Length) {
        check_calls(answer.tool_calls())?;
    }
    Ok(answer)
}

fn check_calls<'a>(calls: impl IntoIterator<Item = &'a ToolCall>) -> Result<()> {
    match calls.into_iter().find(|call| call.arguments::<serde_json::Value>().is_err()) {
        None => Ok(()),
        Some(call) => Err(Error::new(
            ErrorKind::Parse { raw: call.raw_arguments.clone() },
            format!(
                "the answer reached its limit of tokens amid the arguments of the tool `{}`: raise `max_tokens`",
                call.name
            ),
        )),
    }
}

/// A check of a stream like [`check`].
#[derive(Default)]
pub(crate) struct Watch {
    /// The tool calls so far, by index. The text is not kept, because it may be long.
    calls: BTreeMap<usize, ToolCall>,
}

impl Watch {
    /// Checks the next chunk. An error replaces it.
    pub(crate) fn check(&mut self, chunk: &MessageChunk) -> Result<()> {
        for piece in &chunk.tool_calls {
            let call = self.calls.entry(piece.index).or_default();
            if let Some(name) = &piece.name {
                call.name.clone_from(name);
            }
            call.raw_arguments.push_str(&piece.arguments);
        }
        if chunk.finish_reason() == Some(&FinishReason::Length) {
            check_calls(self.calls.values())?;
        }
        Ok(())
    }
}
