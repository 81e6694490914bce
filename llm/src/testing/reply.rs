use crate::{FinishReason, Message, MessageAssembler, MessageChunk, ToolCall, ToolCallChunk, Usage};
use catena::{Assemble, Error};
use serde_json::Value;
use std::time::Duration;

/// The reply of a [`Scripted`](super::Scripted) model: an answer with its delays, or an error.
///
/// A text or a [`Message`] converts to an answer, an [`Error`] to a failure.
///
/// ```
/// use catena_llm::{Usage, testing::Reply};
/// use serde_json::json;
/// use std::time::Duration;
///
/// let slow = Reply::from("It is a kind of computer.").delay(Duration::from_secs(2)).usage(Usage::new(12, 6));
/// let tools = Reply::tool_call("weather", json!({ "city": "Oslo" })).and_tool_call("weather", json!({ "city": "Rome" }));
/// let cut = Reply::from("It is a").then_fail(catena::Error::msg("the line went dead"));
/// # let _ = (slow, tools, cut);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Reply {
    message: Option<Message>,
    texts: Option<Vec<String>>,
    chunk_size: Option<usize>,
    delay: Duration,
    chunk_delay: Duration,
    error: Option<Error>,
}

impl Reply {
    /// Creates an answer with this text.
    pub fn text(text: impl Into<String>) -> Self {
        Message::assistant(text).into()
    }

    /// Creates an answer that calls a tool. The id of the call is `call_1`, that of the next call in the same answer
    /// `call_2`. If the ids must differ between answers, use a [`Message`] with calls.
    pub fn tool_call(name: impl Into<String>, arguments: Value) -> Self {
        Reply::from(Message::new(crate::Role::Assistant)).and_tool_call(name, arguments)
    }

    /// Creates an answer that is streamed in exactly these chunks of text.
    pub fn chunks<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
        Reply { texts: Some(texts.clone()), ..Reply::text(texts.concat()) }
    }

    /// Adds a tool call.
    #[allow(clippy::needless_pass_by_value, reason = "`json!({ .. })` is written there")]
    pub fn and_tool_call(self, name: impl Into<String>, arguments: Value) -> Self {
        self.map(|message| {
            let id = format!("call_{}", message.tool_calls().len() + 1);
            let message = message.with_tool_call(ToolCall::new(id, name, arguments.to_string()));
            message.with_finish_reason(FinishReason::ToolCalls)
        })
    }

    /// Sets the tokens of the answer. By default the answer reports none.
    pub fn usage(self, usage: Usage) -> Self {
        self.map(|message| message.with_usage(usage))
    }

    /// Sets the reason that the model stopped.
    pub fn finish_reason(self, reason: FinishReason) -> Self {
        self.map(|message| message.with_finish_reason(reason))
    }

    /// Sets the delay before the answer, on tokio's clock.
    pub fn delay(self, delay: Duration) -> Self {
        Reply { delay, ..self }
    }

    /// Sets the delay before each chunk of a stream, on tokio's clock. A whole answer takes the sum of these delays.
    pub fn chunk_delay(self, delay: Duration) -> Self {
        Reply { chunk_delay: delay, ..self }
    }

    /// Sets the size of the chunks of a stream in characters, for texts and for arguments of tool calls; 0 counts as 1.
    /// By default a text is streamed word by word, and arguments in two halves.
    pub fn chunk_size(self, characters: usize) -> Self {
        Reply { chunk_size: Some(characters.max(1)), ..self }
    }

    /// Fails after the answer. A stream fails after its chunks, without a reason that the model stopped.
    pub fn then_fail(self, error: Error) -> Self {
        Reply { error: Some(error), ..self }
    }

    fn map(mut self, change: impl FnOnce(Message) -> Message) -> Self {
        self.message = Some(change(self.message.unwrap_or_else(|| Message::new(crate::Role::Assistant))));
        self
    }

    /// Sets the name of the model, and [`FinishReason::Stop`], if they are unset.
    pub(super) fn complete(self, model: &str) -> Self {
        if self.message.is_none() {
            return self;
        }
        self.map(|mut message| {
            if message.model().is_none() {
                message = message.with_model(model);
            }
            if message.finish_reason().is_none() {
                message = message.with_finish_reason(FinishReason::Stop);
            }
            message
        })
    }

    /// Returns the duration of a whole answer.
    pub(super) fn time(&self) -> Duration {
        let chunks = if self.chunk_delay.is_zero() { 0 } else { self.message_chunks().len() };
        self.delay + self.chunk_delay.saturating_mul(u32::try_from(chunks).unwrap_or(u32::MAX))
    }

    pub(super) fn first_delay(&self) -> Duration {
        self.delay
    }

    pub(super) fn each_delay(&self) -> Duration {
        self.chunk_delay
    }

    /// Returns the whole answer.
    pub(super) fn outcome(self) -> Result<Message, Error> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.message.unwrap_or_else(|| Message::assistant(""))),
        }
    }

    pub(super) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Returns the chunks of the stream.
    pub(super) fn message_chunks(&self) -> Vec<MessageChunk> {
        let Some(message) = &self.message else { return Vec::new() };
        let mut chunks = Vec::new();
        MessageAssembler::default().split(message.clone(), &mut |chunk| match self.cut(&chunk) {
            Some(cut) => chunks.extend(cut),
            // A stream that breaks off has no metadata.
            None if self.error.is_some() && chunk.metadata.is_some() => {}
            None => chunks.push(chunk),
        });
        chunks
    }

    /// Splits a chunk into smaller ones, if that is possible.
    fn cut(&self, chunk: &MessageChunk) -> Option<Vec<MessageChunk>> {
        if !chunk.text.is_empty() {
            let texts = match (&self.texts, self.chunk_size) {
                (Some(texts), _) => texts.clone(),
                (None, Some(size)) => characters(&chunk.text, size),
                (None, None) => words(&chunk.text),
            };
            return Some(texts.into_iter().map(MessageChunk::text).collect());
        }
        let [call] = &*chunk.tool_calls else { return None };
        let half = call.arguments.chars().count().div_ceil(2).max(1);
        let parts = characters(&call.arguments, self.chunk_size.unwrap_or(half));
        let head = ToolCallChunk { arguments: String::new(), ..call.clone() };
        let tail = parts.into_iter().map(|arguments| ToolCallChunk {
            index: call.index,
            arguments,
            ..ToolCallChunk::default()
        });
        Some([head].into_iter().chain(tail).map(MessageChunk::tool_call).collect())
    }
}

/// Returns the words, each with the white space before it.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_word = true;
    for c in text.chars() {
        let begins = c.is_whitespace() && in_word;
        in_word = !c.is_whitespace();
        match words.last_mut() {
            Some(word) if !begins => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    words
}

fn characters(text: &str, size: usize) -> Vec<String> {
    text.chars().collect::<Vec<_>>().chunks(size).map(|piece| piece.iter().collect()).collect()
}

impl From<Message> for Reply {
    fn from(message: Message) -> Self {
        Reply { message: Some(message), ..Reply::default() }
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Reply::text(text)
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Reply::text(text)
    }
}

impl From<Error> for Reply {
    fn from(error: Error) -> Self {
        Reply { error: Some(error), ..Reply::default() }
    }
}

impl From<Result<Message, Error>> for Reply {
    fn from(outcome: Result<Message, Error>) -> Self {
        outcome.map_or_else(Reply::from, Reply::from)
    }
}
