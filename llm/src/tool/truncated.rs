//! Arguments of tools that the limit of tokens cut off.

use crate::{FinishReason, Message, MessageAssembler, MessageChunk};
use catena::{Assemble, Chunks, Error, ErrorKind, Result};
use futures_util::{StreamExt, stream};

/// An answer that is cut amid the arguments of a tool is none.
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

/// The same of a stream: its last chunk is the error instead.
pub(crate) fn watch(chunks: Chunks<'_, MessageChunk>) -> Chunks<'_, MessageChunk> {
    let seen = MessageAssembler::default();
    Chunks::new(stream::unfold((chunks, seen), |(mut chunks, mut seen)| async move {
        let chunk = match chunks.next().await? {
            Ok(chunk) => chunk,
            Err(error) => return Some((Err(error), (chunks, seen))),
        };
        // Of the tools only: the text may be long.
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
