//! Tool calls whose arguments were cut off by the limit of tokens.

use crate::{FinishReason, Message, MessageAssembler, MessageChunk};
use catena::{Assemble, Chunks, Error, ErrorKind, Result};
use futures_util::{StreamExt, stream};

/// Returns an error if the limit of tokens cut off the arguments of a tool call.
pub(crate) fn check(answer: Message) -> Result<Message> {
    if answer.finish_reason() != Some(&FinishReason::Length) {
        return Ok(answer);
    }
    match answer.tool_calls().iter().find(|call| call.arguments::<serde_json::Value>().is_err()) {
        None => Ok(answer),
        Some(call) => Err(Error::new(
            ErrorKind::Parse { raw: call.raw_arguments.clone() },
            format!(
                "the answer reached its limit of tokens amid the arguments of the tool `{}`: raise `max_tokens`",
                call.name
            ),
        )),
    }
}

/// Checks a stream like [`check`]; the error replaces the last chunk.
pub(crate) fn watch(chunks: Chunks<'_, MessageChunk>) -> Chunks<'_, MessageChunk> {
    let seen = MessageAssembler::default();
    Chunks::new(stream::unfold((chunks, seen), |(mut chunks, mut seen)| async move {
        let chunk = match chunks.next().await? {
            Ok(chunk) => chunk,
            Err(error) => return Some((Err(error), (chunks, seen))),
        };
        // Only the tool calls are kept, because the text may be long.
        let calls = MessageChunk { tool_calls: chunk.tool_calls.clone(), ..MessageChunk::default() };
        seen.push(calls);
        if chunk.finish_reason() != Some(&FinishReason::Length) {
            return Some((Ok(chunk), (chunks, seen)));
        }
        let calls = std::mem::take(&mut seen).finish();
        let checked = calls.and_then(|calls| check(calls.with_finish_reason(FinishReason::Length)));
        Some((checked.map(|_| chunk), (chunks, seen)))
    }))
}
