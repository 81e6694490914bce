//! Answers and their pace.

use std::time::Duration;

use serde_json::Value;

use super::{Fault, Status};

/// An answer: text, tool calls, their pace, and optionally a [`Fault`].
///
/// A `&str` or `String` converts to an answer with that text, a [`Fault`] or a [`Status`] to one that fails.
///
/// ```
/// use std::time::Duration;
/// use catena_llm::simulator::{Answer, Chunking, Fault};
///
/// let slow = Answer::from("It is a kind of computer.")
///     .latency(Duration::from_millis(300))
///     .chunk_delay(Duration::from_millis(20))
///     .chunking(Chunking::Chars(8));
/// let cut = Answer::from("It is a kind of").fault(Fault::Cut { after: 2 });
/// # let _ = (slow, cut);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    pub(super) text: String,
    pub(super) thoughts: String,
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) pieces: Option<Vec<String>>,
    pub(super) chunking: Option<Chunking>,
    pub(super) latency: Option<Duration>,
    pub(super) chunk_delay: Option<Duration>,
    pub(super) finish: Option<Finish>,
    pub(super) fault: Option<Fault>,
}

impl Answer {
    /// Creates an answer with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Creates an answer that is streamed in exactly these chunks.
    pub fn chunks<S: Into<String>>(chunks: impl IntoIterator<Item = S>) -> Self {
        let pieces: Vec<String> = chunks.into_iter().map(Into::into).collect();
        Self { text: pieces.concat(), pieces: Some(pieces), ..Self::default() }
    }

    /// Sets the text of the model's thoughts, which come before the answer in each provider's form: signed for
    /// Anthropic and Gemini, as `reasoning_content` in OpenAI's protocol. Such an answer has to come back unchanged
    /// where the provider requires it.
    pub fn thoughts(mut self, text: impl Into<String>) -> Self {
        self.thoughts = text.into();
        self
    }

    /// Adds a tool call. The finish reason becomes [`Finish::ToolCalls`].
    pub fn tool_call(mut self, name: impl Into<String>, arguments: Value) -> Self {
        self.tool_calls.push(ToolCall { name: name.into(), arguments });
        self
    }

    /// Sets the delay before the first byte (of the headers).
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = Some(latency);
        self
    }

    /// Sets the delay before each chunk of a streamed answer.
    pub fn chunk_delay(mut self, delay: Duration) -> Self {
        self.chunk_delay = Some(delay);
        self
    }

    /// Sets how a streamed answer is split into chunks.
    pub fn chunking(mut self, chunking: Chunking) -> Self {
        self.chunking = Some(chunking);
        self
    }

    /// Sets the finish reason, which by default follows from the contents.
    pub fn finish(mut self, finish: Finish) -> Self {
        self.finish = Some(finish);
        self
    }

    /// Sets the fault.
    pub fn fault(mut self, fault: impl Into<Fault>) -> Self {
        self.fault = Some(fault.into());
        self
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        Self::default().fault(fault)
    }
}

impl From<Status> for Answer {
    fn from(status: Status) -> Self {
        Self::default().fault(status)
    }
}

/// A tool call of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The name of the tool.
    pub name: String,
    /// The arguments, a JSON object.
    pub arguments: Value,
}

/// The splitting of a text into the chunks of a stream. Joined, the chunks are the text again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chunking {
    /// By word, each with the white space before it, similar to models.
    #[default]
    Words,
    /// By this number of characters (0 counts as 1).
    Chars(usize),
    /// As one chunk.
    Whole,
}

impl Chunking {
    pub(super) fn split(self, text: &str) -> Vec<String> {
        let size = match self {
            Self::Words => return words(text),
            Self::Chars(size) => size.max(1),
            Self::Whole => usize::MAX,
        };
        let mut chars = text.chars().peekable();
        let mut pieces = Vec::new();
        while chars.peek().is_some() {
            pieces.push(chars.by_ref().take(size).collect());
        }
        pieces
    }
}

fn words(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut in_word = true;
    for char in text.chars() {
        let begins = char.is_whitespace() && in_word;
        in_word = !char.is_whitespace();
        match pieces.last_mut() {
            Some(piece) if !begins => piece.push(char),
            _ => pieces.push(char.into()),
        }
    }
    pieces
}

/// The reason that an answer ended, with each provider's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finish {
    /// It is complete: `stop`, `end_turn`, `STOP`.
    Stop,
    /// The limit of tokens was reached: `length`, `max_tokens`, `MAX_TOKENS`.
    Length,
    /// It has tool calls: `tool_calls`, `tool_use`, `STOP`.
    ToolCalls,
    /// It was withheld: `content_filter`, `refusal`, `SAFETY`.
    Filtered,
}
