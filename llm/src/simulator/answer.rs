//! What the model says, and how fast.

use std::time::Duration;

use serde_json::Value;

use super::{Fault, Status};

/// An answer: text, tool calls, the pace at which they come, and possibly a [`Fault`].
///
/// A `&str` or `String` is an answer with that text, a [`Fault`] or [`Status`] one that goes wrong.
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
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) pieces: Option<Vec<String>>,
    pub(super) chunking: Option<Chunking>,
    pub(super) latency: Option<Duration>,
    pub(super) chunk_delay: Option<Duration>,
    pub(super) finish: Option<Finish>,
    pub(super) fault: Option<Fault>,
}

impl Answer {
    /// An answer with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// An answer streamed in exactly these chunks.
    pub fn chunks<S: Into<String>>(chunks: impl IntoIterator<Item = S>) -> Self {
        let pieces: Vec<String> = chunks.into_iter().map(Into::into).collect();
        Self { text: pieces.concat(), pieces: Some(pieces), ..Self::default() }
    }

    /// Adds a tool call; the answer then finishes with [`Finish::ToolCalls`].
    pub fn tool_call(mut self, name: impl Into<String>, arguments: Value) -> Self {
        self.tool_calls.push(ToolCall { name: name.into(), arguments });
        self
    }

    /// How long the server thinks before it sends the first byte (the headers).
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = Some(latency);
        self
    }

    /// How long it waits before each chunk of a streamed answer.
    pub fn chunk_delay(mut self, delay: Duration) -> Self {
        self.chunk_delay = Some(delay);
        self
    }

    /// How a streamed answer is cut into chunks.
    pub fn chunking(mut self, chunking: Chunking) -> Self {
        self.chunking = Some(chunking);
        self
    }

    /// Why the answer ends, where it is not what follows from its contents.
    pub fn finish(mut self, finish: Finish) -> Self {
        self.finish = Some(finish);
        self
    }

    /// What goes wrong with it.
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

/// A call of a tool, as the model asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// Its arguments, a JSON object.
    pub arguments: Value,
}

/// How a text is cut into the chunks of a stream. Joined, they are the text again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chunking {
    /// By word, each with the whitespace before it, about as models do.
    #[default]
    Words,
    /// By that many characters (0 counts as 1).
    Chars(usize),
    /// In one chunk.
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

/// Why an answer ended, in the words of each provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finish {
    /// It was complete: `stop`, `end_turn`, `STOP`.
    Stop,
    /// The limit of tokens was reached: `length`, `max_tokens`, `MAX_TOKENS`.
    Length,
    /// Tools are to be called: `tool_calls`, `tool_use`, `STOP`.
    ToolCalls,
    /// It was withheld: `content_filter`, `refusal`, `SAFETY`.
    Filtered,
}
