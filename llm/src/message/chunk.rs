//! An answer in pieces.

use super::{FinishReason, Message, Part, Role, ToolCall, Usage};
use catena::{Assemble, Gather, Result};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A piece of a streamed answer: some text, mostly. Every field may be empty.
///
/// `Display` is its text, so that a stream can be printed as it comes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessageChunk {
    /// Text that continues what came before.
    #[serde(rename = "content")]
    pub text: String,
    /// A part of another sort, or one that text may follow; it comes before this chunk's own text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// Pieces of tool calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCallChunk>,
    /// What the provider tells about the answer, mostly with the first or the last piece.
    #[serde(flatten, deserialize_with = "metadata_if_any")]
    pub metadata: Option<Box<MessageMetadata>>,
}

/// What is known of an answer apart from its content. Where several chunks tell the same, the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessageMetadata {
    /// Who speaks; the model, unless it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The speaker's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The model that answers, as the provider names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The provider's id of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why the model stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<FinishReason>,
    /// The tokens of the whole answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// Nothing, where nothing is told.
fn metadata_if_any<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Box<MessageMetadata>>, D::Error> {
    let metadata = MessageMetadata::deserialize(deserializer)?;
    Ok((metadata != MessageMetadata::default()).then(|| Box::new(metadata)))
}

/// A piece of a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ToolCallChunk {
    /// Which of the answer's tool calls it belongs to.
    pub index: usize,
    /// The call's id, with its first piece.
    pub id: Option<String>,
    /// The tool's name, with its first piece.
    pub name: Option<String>,
    /// Text that continues the arguments.
    pub arguments: String,
}

impl MessageChunk {
    /// A piece of text.
    ///
    /// ```
    /// use catena_llm::MessageChunk;
    ///
    /// assert_eq!(MessageChunk::text("Hel").to_string(), "Hel");
    /// ```
    pub fn text(text: impl Into<String>) -> Self {
        MessageChunk { text: text.into(), ..MessageChunk::default() }
    }

    /// A piece of a tool call.
    pub fn tool_call(piece: ToolCallChunk) -> Self {
        MessageChunk { tool_calls: vec![piece], ..MessageChunk::default() }
    }

    /// The tokens of the whole answer, where this chunk tells them.
    pub fn usage(&self) -> Option<Usage> {
        self.metadata.as_ref()?.usage
    }

    /// Why the model stopped, where this chunk tells it.
    pub fn finish_reason(&self) -> Option<&FinishReason> {
        self.metadata.as_ref()?.finish_reason.as_ref()
    }

    /// The model that answers, where this chunk tells it.
    pub fn model(&self) -> Option<&str> {
        self.metadata.as_ref()?.model.as_deref()
    }

    /// What it tells about the answer, to be filled.
    pub fn metadata_mut(&mut self) -> &mut MessageMetadata {
        self.metadata.get_or_insert_default()
    }
}

impl fmt::Display for MessageChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Puts [`MessageChunk`]s together to a [`Message`], and takes one apart.
///
/// ```
/// use catena::Assemble;
/// use catena_llm::{Message, MessageAssembler, MessageChunk};
///
/// let mut answer = MessageAssembler::default();
/// answer.push(MessageChunk::text("Hel"));
/// answer.push(MessageChunk::text("lo"));
/// assert_eq!(answer.finish()?, Message::assistant("Hello"));
/// # Ok::<(), catena::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MessageAssembler {
    parts: Vec<Part>,
    /// By their indices, in order.
    tool_calls: Vec<(usize, ToolCall)>,
    metadata: MessageMetadata,
}

/// More tool calls than an answer has.
const MAX_CALLS: usize = 1024;

impl Assemble for MessageAssembler {
    type Chunk = MessageChunk;
    type Output = Message;

    fn push(&mut self, chunk: MessageChunk) {
        let MessageChunk { text, part, tool_calls, metadata } = chunk;
        self.parts.extend(part);
        if !text.is_empty() {
            match self.parts.last_mut() {
                Some(Part::Text(last)) => last.push_str(&text),
                _ => self.parts.push(Part::Text(text)),
            }
        }
        for piece in tool_calls {
            // An index is what a provider says: it orders the calls, and reserves nothing.
            let at = match self.tool_calls.binary_search_by_key(&piece.index, |(index, _)| *index) {
                Ok(at) => at,
                Err(at) => {
                    self.tool_calls.insert(at, (piece.index, ToolCall::default()));
                    at
                }
            };
            let (_, call) = &mut self.tool_calls[at];
            call.id = piece.id.unwrap_or_else(|| std::mem::take(&mut call.id));
            call.name = piece.name.unwrap_or_else(|| std::mem::take(&mut call.name));
            call.raw_arguments.push_str(&piece.arguments);
        }
        if let Some(metadata) = metadata {
            self.metadata.update(*metadata);
        }
    }

    /// Never fails: that a stream is complete is checked by the model which makes it, who knows how its streams end.
    fn finish(self) -> Result<Message> {
        let mut tool_calls = Vec::new();
        for (index, call) in self.tool_calls {
            // A call that never came leaves an empty one, unless the index cannot be a count of calls.
            if index < MAX_CALLS {
                tool_calls.resize_with(index.max(tool_calls.len()), ToolCall::default);
            }
            tool_calls.push(call);
        }
        Ok(Message::from_parts(self.parts, tool_calls, self.metadata))
    }

    fn split(&self, message: Message, emit: &mut dyn FnMut(MessageChunk)) {
        for (at, part) in message.parts().iter().enumerate() {
            emit(match part {
                // Text on its own would continue a text before it.
                Part::Text(text) if at == 0 && !text.is_empty() => MessageChunk::text(text),
                part => MessageChunk { part: Some(part.clone()), ..MessageChunk::default() },
            });
        }
        for (index, call) in message.tool_calls().iter().enumerate() {
            emit(MessageChunk::tool_call(ToolCallChunk {
                index,
                id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                arguments: call.raw_arguments.clone(),
            }));
        }
        let metadata = MessageMetadata::of(&message);
        if metadata != MessageMetadata::default() {
            emit(MessageChunk { metadata: Some(Box::new(metadata)), ..MessageChunk::default() });
        }
    }

    fn duplicate(&self, chunk: &MessageChunk) -> Option<MessageChunk> {
        Some(chunk.clone())
    }

    fn duplicates(&self) -> bool {
        true
    }

    fn fork(&self) -> Option<Self> {
        Some(MessageAssembler::default())
    }
}

/// A generator takes the pieces of a message as they come, and yields such pieces.
impl Gather for MessageChunk {
    type Assembler = MessageAssembler;
}

impl MessageMetadata {
    fn of(message: &Message) -> Self {
        MessageMetadata {
            role: (*message.role() != Role::Assistant).then_some(*message.role()),
            name: message.name().map(str::to_owned),
            model: message.model().map(str::to_owned),
            id: message.id().map(str::to_owned),
            finish_reason: message.finish_reason().cloned(),
            usage: message.usage(),
        }
    }

    fn update(&mut self, later: MessageMetadata) {
        let MessageMetadata { role, name, model, id, finish_reason, usage } = later;
        self.role = role.or(self.role);
        self.name = name.or(self.name.take());
        self.model = model.or(self.model.take());
        self.id = id.or(self.id.take());
        self.finish_reason = finish_reason.or(self.finish_reason.take());
        self.usage = usage.or(self.usage);
    }
}
