//! Chunks of a streamed answer.

use super::{FinishReason, Item, Message, Part, ProviderState, Reasoning, Role, TokenLogprob, ToolCall, Usage};
use catena::{Assemble, Gather, Result};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A chunk of a streamed answer, in most cases some text. Every field may be empty.
///
/// `Display` writes its text, so that a stream can be printed as it arrives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessageChunk {
    /// The text that continues the preceding chunks.
    #[serde(rename = "content")]
    pub text: String,
    /// A part that is not text, or a text part that does not continue the preceding one. It precedes this chunk's own
    /// text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// Chunks of tool calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCallChunk>,
    /// The metadata that the provider sends about the answer, in most cases with the first or the last chunk.
    #[serde(flatten, deserialize_with = "metadata_if_any")]
    pub metadata: Option<Box<MessageMetadata>>,
}

/// The metadata of an answer. If several chunks set the same field, the last value wins. Log probabilities are
/// concatenated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessageMetadata {
    /// The role of the author. Defaults to the model's role, [`Role::Assistant`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The name of the author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The model that answered, by the provider's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The provider's id of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The reason that the model stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<FinishReason>,
    /// The tokens of the whole answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The log probabilities of the tokens that follow those of the preceding chunks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logprobs: Vec<TokenLogprob>,
    /// `true` if the text of all preceding chunks was thoughts, which the answer has ended without having begun them. The assembler
    /// makes it [`Part::Reasoning`].
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub thoughts_before: bool,
}

/// Deserializes the metadata of a chunk: `None` if no field is present.
fn metadata_if_any<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Box<MessageMetadata>>, D::Error> {
    let metadata = MessageMetadata::deserialize(deserializer)?;
    Ok((metadata != MessageMetadata::default()).then(|| Box::new(metadata)))
}

/// A chunk of a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ToolCallChunk {
    /// The position of the call among the tool calls of the answer.
    pub index: usize,
    /// The id of the call. Set in the call's first chunk.
    pub id: Option<String>,
    /// The name of the tool. Set in the call's first chunk.
    pub name: Option<String>,
    /// The text that continues the arguments.
    pub arguments: String,
    /// The state that the provider wants back with the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<ProviderState>,
}

impl MessageChunk {
    /// Creates a chunk of text.
    ///
    /// ```
    /// use catena_llm::MessageChunk;
    ///
    /// assert_eq!(MessageChunk::text("Hel").to_string(), "Hel");
    /// ```
    pub fn text(text: impl Into<String>) -> Self {
        MessageChunk { text: text.into(), ..MessageChunk::default() }
    }

    /// Creates a chunk of a part that is not text, or of a text that does not continue the preceding one.
    pub fn part(part: Part) -> Self {
        MessageChunk { part: Some(part), ..MessageChunk::default() }
    }

    /// Creates a chunk of reasoning.
    pub fn reasoning(reasoning: Reasoning) -> Self {
        MessageChunk::part(Part::Reasoning(reasoning))
    }

    /// Creates the last chunk of an answer, unless there is nothing to say.
    #[cfg(feature = "providers")]
    pub(crate) fn last(finish_reason: Option<FinishReason>, usage: Option<Usage>) -> Option<Self> {
        let metadata = MessageMetadata { finish_reason, usage, ..MessageMetadata::default() };
        (metadata != MessageMetadata::default())
            .then(|| MessageChunk { metadata: Some(Box::new(metadata)), ..MessageChunk::default() })
    }

    /// Creates a chunk of a tool call.
    pub fn tool_call(piece: ToolCallChunk) -> Self {
        MessageChunk { tool_calls: vec![piece], ..MessageChunk::default() }
    }

    /// Returns the tokens of the whole answer, if this chunk has them.
    pub fn usage(&self) -> Option<Usage> {
        self.metadata.as_ref()?.usage
    }

    /// Returns the reason that the model stopped, if this chunk has it.
    pub fn finish_reason(&self) -> Option<&FinishReason> {
        self.metadata.as_ref()?.finish_reason.as_ref()
    }

    /// Returns the model that answered, if this chunk has it.
    pub fn model(&self) -> Option<&str> {
        self.metadata.as_ref()?.model.as_deref()
    }

    /// Returns a mutable reference to the metadata, which is created if there is none.
    pub fn metadata_mut(&mut self) -> &mut MessageMetadata {
        self.metadata.get_or_insert_default()
    }
}

impl fmt::Display for MessageChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An assembler that joins [`MessageChunk`]s into a [`Message`], and splits a message into chunks.
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
    /// The tool calls, sorted by index.
    tool_calls: Vec<OpenCall>,
    metadata: MessageMetadata,
}

/// A tool call that may be incomplete.
#[derive(Debug)]
struct OpenCall {
    index: usize,
    /// The number of parts before the call.
    place: usize,
    call: ToolCall,
}

/// An upper bound of the number of tool calls in an answer.
const MAX_CALLS: usize = 1024;

impl Assemble for MessageAssembler {
    type Chunk = MessageChunk;
    type Output = Message;

    fn push(&mut self, chunk: MessageChunk) {
        let MessageChunk { text, part, tool_calls, metadata } = chunk;
        if metadata.as_ref().is_some_and(|metadata| metadata.thoughts_before) {
            self.rethink();
        }
        match (part, self.parts.last_mut()) {
            (Some(Part::Reasoning(next)), Some(Part::Reasoning(last))) if last.state.is_none() => {
                last.text.push_str(&next.text);
                last.state = next.state;
            }
            (part, _) => self.parts.extend(part),
        }
        if !text.is_empty() {
            match self.parts.last_mut() {
                Some(Part::Text(last)) => last.push_str(&text),
                _ => self.parts.push(Part::Text(text)),
            }
        }
        for piece in tool_calls {
            // The index comes from the provider. It orders the calls, and is never used to reserve memory.
            let at = match self.tool_calls.binary_search_by_key(&piece.index, |open| open.index) {
                Ok(at) => at,
                Err(at) => {
                    let place = self.parts.len();
                    self.tool_calls.insert(at, OpenCall { index: piece.index, place, call: ToolCall::default() });
                    at
                }
            };
            let call = &mut self.tool_calls[at].call;
            call.id = piece.id.unwrap_or_else(|| std::mem::take(&mut call.id));
            call.name = piece.name.unwrap_or_else(|| std::mem::take(&mut call.name));
            call.raw_arguments.push_str(&piece.arguments);
            call.state = piece.state.or(call.state.take());
        }
        if let Some(metadata) = metadata {
            self.metadata.update(*metadata);
        }
    }

    /// Never fails. The model that creates a stream checks that it is complete, because only the model knows how its
    /// streams end.
    fn finish(self) -> Result<Message> {
        Ok(self.message())
    }

    fn split(&self, message: Message, emit: &mut dyn FnMut(MessageChunk)) {
        for (at, item) in message.items().enumerate() {
            emit(match item {
                // A text chunk would continue a preceding text.
                Item::Part(Part::Text(text)) if at == 0 && !text.is_empty() => MessageChunk::text(text),
                Item::Part(part) => MessageChunk::part(part.clone()),
                Item::Call(index, call) => MessageChunk::tool_call(ToolCallChunk {
                    index,
                    id: Some(call.id.clone()),
                    name: Some(call.name.clone()),
                    arguments: call.raw_arguments.clone(),
                    state: call.state.clone(),
                }),
            });
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

impl MessageAssembler {
    /// Makes the text so far reasoning.
    #[cold]
    fn rethink(&mut self) {
        for part in &mut self.parts {
            if let Part::Text(text) = part {
                *part = Part::Reasoning(Reasoning::new(std::mem::take(text)));
            }
        }
    }

    /// Returns the message of the chunks so far.
    fn message(self) -> Message {
        let mut tool_calls: Vec<ToolCall> = Vec::new();
        let mut places = Vec::new();
        for OpenCall { index, place, call } in self.tool_calls {
            // A missing index results in an empty call, unless the index is too large to count calls.
            if index < MAX_CALLS {
                tool_calls.resize_with(index.max(tool_calls.len()), ToolCall::default);
                places.resize(tool_calls.len(), place);
            }
            tool_calls.push(call);
            places.push(place);
        }
        Message::from_parts(self.parts, tool_calls, places, self.metadata)
    }
}

/// Joins the chunks of an answer.
///
/// ```
/// use catena_llm::{Message, MessageChunk};
///
/// let answer: Message = ["Hel", "lo"].map(MessageChunk::text).into_iter().collect();
/// assert_eq!(answer, Message::assistant("Hello"));
/// ```
impl FromIterator<MessageChunk> for Message {
    fn from_iter<I: IntoIterator<Item = MessageChunk>>(chunks: I) -> Self {
        let mut assembler = MessageAssembler::default();
        for chunk in chunks {
            assembler.push(chunk);
        }
        assembler.message()
    }
}

/// A generator can take and yield the chunks of a message.
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
            logprobs: message.logprobs().to_vec(),
            thoughts_before: false,
        }
    }

    /// Sets the fields that `later` has, and appends its log probabilities.
    pub(crate) fn update(&mut self, later: MessageMetadata) {
        // The assembler has seen whether thoughts came before.
        let MessageMetadata { role, name, model, id, finish_reason, usage, logprobs, thoughts_before: _ } = later;
        self.role = role.or(self.role);
        self.name = name.or(self.name.take());
        self.model = model.or(self.model.take());
        self.id = id.or(self.id.take());
        self.finish_reason = finish_reason.or(self.finish_reason.take());
        self.usage = usage.or(self.usage);
        self.logprobs.extend(logprobs);
    }
}
