use super::{
    connection::Connection,
    error::with_usage,
    finish_reason::finish_reason,
    frames::{Frames, Seen},
    openai_compat::{self, ToolCallDelta},
    request, response, usage,
};
use crate::{ChatRequest, MessageChunk, ToolCallChunk};
use catena::{Chunks, Error, Result};
use futures_util::{StreamExt, stream};
use genai::chat::{ChatStream, ChatStreamEvent, StreamEnd, ToolCall};
use serde_json::Value;
use std::sync::Arc;

/// Returns the answer as a stream. The request is sent when the stream is first polled.
pub(super) fn open(connection: &Connection, request: ChatRequest) -> Chunks<'_, MessageChunk> {
    let start = State::Start(request);
    Chunks::new(stream::unfold(start, move |state| async move {
        let mut answer = match state {
            State::Start(request) => match Answer::begin(connection, &request).await {
                Ok(answer) => answer,
                Err(error) => return Some((Err(error), State::Over)),
            },
            State::Open(answer) => answer,
            State::Over => return None,
        };
        match answer.next().await {
            Ok((chunk, false)) => Some((Ok(chunk), State::Open(answer))),
            Ok((chunk, true)) => Some((Ok(chunk), State::Over)),
            Err(error) => Some((Err(error), State::Over)),
        }
    }))
}

enum State<'a> {
    Start(ChatRequest),
    Open(Answer<'a>),
    Over,
}

/// A tool call whose arguments may be incomplete.
struct OpenCall {
    id: String,
    /// The server's index of the call.
    number: Option<Value>,
    /// The length of the arguments that were yielded.
    sent_len: usize,
}

/// An open stream, with the state that decides whether it is complete when it ends.
struct Answer<'a> {
    connection: &'a Connection,
    events: ChatStream,
    frames: Arc<Frames>,
    /// The tool calls so far.
    calls: Vec<OpenCall>,
    /// Whether the model and the id were yielded.
    has_sent_metadata: bool,
    /// Whether any text was received.
    has_text: bool,
}

impl<'a> Answer<'a> {
    async fn begin(connection: &'a Connection, request: &ChatRequest) -> Result<Self> {
        let (request, options) = request::prepare(connection, request)?;
        let frames = Arc::new(Frames::default());
        let options = options.with_raw_frame_sink_arc(frames.clone());
        let response = connection.client.exec_chat_stream(connection.target.clone(), request, Some(&options)).await;
        let events = response.map_err(|error| connection.errors.answer(error))?.stream;
        Ok(Answer { connection, events, frames, calls: Vec::new(), has_sent_metadata: false, has_text: false })
    }

    /// Returns the next chunk, and whether it is the last one.
    async fn next(&mut self) -> Result<(MessageChunk, bool)> {
        loop {
            let mut chunk = match self.events.next().await {
                Some(Ok(ChatStreamEvent::Chunk(piece))) if !piece.content.is_empty() => {
                    self.has_text |= !piece.content.trim().is_empty();
                    MessageChunk::text(piece.content)
                }
                // In OpenAI's protocol they are parsed from the raw events.
                Some(Ok(ChatStreamEvent::ToolCallChunk(piece))) if !self.connection.kind.is_openai() => {
                    MessageChunk::tool_call(self.tool_call(piece.tool_call))
                }
                Some(Ok(ChatStreamEvent::End(end))) => return Ok((self.end(end)?, true)),
                // Starts, heartbeats and reasoning.
                Some(Ok(_)) => MessageChunk::default(),
                Some(Err(error)) => {
                    let seen = self.frames.seen();
                    return Err(with_usage(self.connection.errors.stream(error, &seen.last), seen.usage()));
                }
                None => return Ok((self.end(self.end_without_event()?)?, true)),
            };
            self.take_calls(&mut chunk)?;
            if chunk == MessageChunk::default() {
                continue;
            }
            self.add_metadata(&mut chunk);
            return Ok((chunk, false));
        }
    }

    /// Adds the model and the id to the first chunk.
    fn add_metadata(&mut self, chunk: &mut MessageChunk) {
        if !std::mem::replace(&mut self.has_sent_metadata, true) {
            let mut seen = self.frames.seen();
            let Seen { model, id, .. } = &mut *seen;
            if model.is_some() || id.is_some() {
                let metadata = chunk.metadata_mut();
                metadata.model = model.take();
                metadata.id = id.take();
            }
        }
    }

    /// Returns the new part of a tool call. The client repeats each call with all its arguments so far.
    fn tool_call(&mut self, call: ToolCall) -> ToolCallChunk {
        let arguments = match call.fn_arguments {
            // A call begins before its arguments.
            Value::Null => String::new(),
            value => response::arguments(value),
        };
        let index = self.calls.iter().position(|open| open.id == call.call_id);
        let begins = index.is_none();
        let index = index.unwrap_or_else(|| {
            self.calls.push(OpenCall { id: call.call_id.clone(), number: None, sent_len: 0 });
            self.calls.len() - 1
        });
        let known = &mut self.calls[index].sent_len;
        let new = arguments.get(*known..).unwrap_or_default().to_owned();
        *known = arguments.len();
        ToolCallChunk {
            index,
            id: begins.then_some(call.call_id),
            name: begins.then_some(call.fn_name),
            arguments: new,
            state: None,
        }
    }

    /// Adds the chunks of tool calls in OpenAI's protocol. Some servers omit the index of a call, or send 0 for all of
    /// them.
    fn take_calls(&mut self, chunk: &mut MessageChunk) -> Result<()> {
        if !self.connection.kind.is_openai() {
            return Ok(());
        }
        let deltas = {
            let mut seen = self.frames.seen();
            if let Some(why) = seen.unread.take() {
                return Err(with_usage(self.connection.errors.broken_event(&why, &seen.last), seen.usage()));
            }
            std::mem::take(&mut seen.calls)
        };
        for delta in deltas {
            let arguments = delta.arguments();
            let id = delta.id();
            let ToolCallDelta { index: number, function, .. } = delta;
            let name = function.name.filter(|name| !name.is_empty());
            // Whether the chunk may continue this call.
            let fits = |open: &OpenCall| match (&id, &number) {
                (Some(id), _) => open.id == *id,
                (None, Some(_)) => open.number == number,
                (None, None) => name.is_none(),
            };
            if let Some(index) = self.calls.iter().rposition(fits) {
                self.calls[index].sent_len += arguments.len();
                chunk.tool_calls.push(ToolCallChunk { index, arguments, ..ToolCallChunk::default() });
            } else {
                let index = self.calls.len();
                let id = id.unwrap_or_else(|| openai_compat::generated_id(index));
                self.calls.push(OpenCall { id: id.clone(), number, sent_len: arguments.len() });
                chunk.tool_calls.push(ToolCallChunk { index, id: Some(id), name, arguments, state: None });
            }
        }
        Ok(())
    }

    /// Returns the last chunk, if the answer is complete.
    fn end(&mut self, end: StreamEnd) -> Result<MessageChunk> {
        let mut chunk = MessageChunk::default();
        self.take_calls(&mut chunk)?;
        let finish = end.captured_stop_reason.map(|reason| finish_reason(reason, !self.calls.is_empty()));
        // A compatible server may end the stream without a reason.
        if finish.is_none() && !self.connection.kind.is_lenient() {
            return Err(self.early());
        }
        if !self.has_text && self.calls.is_empty() {
            let (seen, usage) = (self.frames.seen(), end.captured_usage.as_ref().and_then(usage::from_client));
            let error = if seen.refusal.is_empty() {
                self.connection.errors.empty(finish.as_ref(), &seen.last)
            } else {
                self.connection.errors.refused(&seen.refusal, &seen.refusal)
            };
            return Err(with_usage(error, usage.or_else(|| seen.usage())));
        }
        // A call of a tool without parameters has no arguments in a stream, and an empty object in a whole answer.
        let bare = self.calls.iter().enumerate().filter(|(_, open)| open.sent_len == 0);
        chunk.tool_calls.extend(bare.map(|(index, _)| ToolCallChunk {
            index,
            arguments: "{}".to_owned(),
            ..ToolCallChunk::default()
        }));
        let metadata = chunk.metadata_mut();
        metadata.finish_reason = finish;
        metadata.usage =
            end.captured_usage.as_ref().and_then(usage::from_client).or_else(|| self.frames.seen().usage());
        self.add_metadata(&mut chunk);
        Ok(chunk)
    }

    /// Returns the end of a stream without a final event. If there was a finish reason, the answer is complete; many
    /// servers omit the event.
    #[cold]
    fn end_without_event(&self) -> Result<StreamEnd> {
        let finish = self.frames.seen().finish.take();
        match finish {
            Some(word) => Ok(StreamEnd { captured_stop_reason: Some(word.into()), ..StreamEnd::default() }),
            None => Err(self.early()),
        }
    }

    #[cold]
    fn early(&self) -> Error {
        let seen = self.frames.seen();
        match (seen.events, seen.blocks) {
            (0, blocks) => self.connection.errors.no_stream(blocks == 0),
            _ => with_usage(self.connection.errors.early_end(), seen.usage()),
        }
    }
}
