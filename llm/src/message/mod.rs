//! Messages: the input and output of a chat model, in memory, independent of any provider's wire format.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Message`] |
//! | `messages` | [`Messages`], a conversation |
//! | `role`, `part`, `image`, `file`, `reasoning`, `tool_call` | the parts of a message |
//! | `provider_state` | what a provider wants back with a part |
//! | `finish_reason`, `usage`, `logprob` | what a provider reports with an answer |
//! | `chunk` | [`MessageChunk`], the item of a streamed answer, and its assembler |
//! | `recorded` | a stream whose answer is kept once it is complete |
//! | `json` | the JSON form of a message |

mod chunk;
mod file;
mod finish_reason;
mod image;
mod json;
mod logprob;
mod messages;
mod part;
mod provider_state;
mod reasoning;
mod recorded;
mod role;
mod tool_call;
mod usage;

pub use chunk::{MessageAssembler, MessageChunk, MessageMetadata, ToolCallChunk};
pub use file::File;
pub use finish_reason::FinishReason;
pub use image::Image;
pub use logprob::TokenLogprob;
pub use messages::Messages;
pub use part::Part;
pub use provider_state::ProviderState;
pub use reasoning::Reasoning;
pub(crate) use recorded::recorded;
pub use role::Role;
pub use tool_call::ToolCall;
pub use usage::Usage;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// A message of a conversation: its role, its content, and for an answer of a model the metadata of the answer.
///
/// A clone copies a pointer. `Display` writes the [text](Message::text).
///
/// ```
/// use catena_llm::{Message, Role};
///
/// let question = Message::user("What is quantum computing?");
/// assert_eq!(question.role(), &Role::User);
/// assert_eq!(format!("{question}"), "What is quantum computing?");
/// ```
///
/// In JSON a message that consists of text is `{"role": "user", "content": "What is quantum computing?"}`. Other
/// content is a list of parts. Fields without a value are omitted.
///
/// ```
/// # use catena_llm::Message;
/// let message: Message = serde_json::from_str(r#"{"role": "assistant", "content": "Hi", "model": "gpt-4o"}"#)?;
/// assert_eq!(message.model(), Some("gpt-4o"));
/// assert_eq!(serde_json::to_string(&message)?, r#"{"role":"assistant","content":"Hi","model":"gpt-4o"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Message(Arc<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    role: Role,
    parts: Vec<Part>,
    name: Option<String>,
    tool_calls: Vec<ToolCall>,
    /// The number of parts before each tool call.
    places: Vec<usize>,
    model: Option<String>,
    id: Option<String>,
    finish_reason: Option<FinishReason>,
    usage: Option<Usage>,
    logprobs: Vec<TokenLogprob>,
    joined: Joined,
}

impl Message {
    /// Creates a message without content. The `with_..` methods add content.
    pub fn new(role: Role) -> Self {
        Message(Arc::new(Inner {
            role,
            parts: Vec::new(),
            name: None,
            tool_calls: Vec::new(),
            places: Vec::new(),
            model: None,
            id: None,
            finish_reason: None,
            usage: None,
            logprobs: Vec::new(),
            joined: Joined::default(),
        }))
    }

    /// Creates a message with instructions for the model.
    pub fn system(text: impl Into<String>) -> Self {
        Message::new(Role::System).with_part(Part::Text(text.into()))
    }

    /// Creates a message of the user.
    pub fn user(text: impl Into<String>) -> Self {
        Message::new(Role::User).with_part(Part::Text(text.into()))
    }

    /// Creates a message of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Message::new(Role::Assistant).with_part(Part::Text(text.into()))
    }

    /// Creates a message with the result of the tool call that has this id.
    pub fn tool(call_id: impl Into<String>, content: impl Into<String>) -> Self {
        let part = Part::ToolResult { call_id: call_id.into(), content: content.into() };
        Message::new(Role::Tool).with_part(part)
    }

    /// Returns the role of the author.
    pub fn role(&self) -> &Role {
        &self.0.role
    }

    /// Returns the parts of the content.
    pub fn parts(&self) -> &[Part] {
        &self.0.parts
    }

    /// Returns the texts of all parts, concatenated.
    pub fn text(&self) -> &str {
        match &*self.0.parts {
            [] => "",
            [Part::Text(text)] => text,
            parts => self.0.joined.0.get_or_init(|| parts.iter().map(Part::text).collect()),
        }
    }

    /// Returns the name of the author, which distinguishes authors with the same role.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Returns the tool calls that the model asks for.
    pub fn tool_calls(&self) -> &[ToolCall] {
        &self.0.tool_calls
    }

    /// Returns what the model thought, concatenated, as far as the provider shows it.
    pub fn reasoning(&self) -> String {
        let thoughts = self.parts().iter().filter_map(|part| match part {
            Part::Reasoning(reasoning) => Some(&*reasoning.text),
            _ => None,
        });
        thoughts.collect()
    }

    /// Returns the parts and the tool calls in the order of the answer.
    pub(crate) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let Inner { parts, tool_calls, places, .. } = &*self.0;
        let mut calls = tool_calls.iter().zip(places).enumerate().peekable();
        let mut parts = parts.iter().enumerate().peekable();
        std::iter::from_fn(move || {
            let next = parts.peek().map_or(usize::MAX, |(at, _)| *at);
            match calls.next_if(|(_, (_, place))| **place <= next) {
                Some((index, (call, _))) => Some(Item::Call(index, call)),
                None => parts.next().map(|(_, part)| Item::Part(part)),
            }
        })
    }

    /// Returns the model that answered, by the provider's name for it.
    pub fn model(&self) -> Option<&str> {
        self.0.model.as_deref()
    }

    /// Returns the provider's id of the answer.
    pub fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// Returns the reason that the model stopped.
    pub fn finish_reason(&self) -> Option<&FinishReason> {
        self.0.finish_reason.as_ref()
    }

    /// Returns the tokens of the answer, if the provider reported them.
    pub fn usage(&self) -> Option<Usage> {
        self.0.usage
    }

    /// Returns the log probabilities of the answer's tokens, if they were [asked for](crate::Options::logprobs).
    pub fn logprobs(&self) -> &[TokenLogprob] {
        &self.0.logprobs
    }

    /// Adds a part to the content.
    pub fn with_part(mut self, part: Part) -> Self {
        self.inner().parts.push(part);
        self
    }

    /// Replaces texts and the texts of tools' results. `change` returns `None` for a text that stays.
    pub(crate) fn map_texts(mut self, change: &dyn Fn(&str) -> Option<String>) -> Self {
        let changed = |part: &Part| match part {
            Part::Text(text) => change(text),
            Part::ToolResult { content, .. } => change(content),
            _ => None,
        };
        let texts: Vec<Option<String>> = self.parts().iter().map(changed).collect();
        if texts.iter().all(Option::is_none) {
            return self;
        }
        for (part, text) in self.inner().parts.iter_mut().zip(texts) {
            if let (Part::Text(old) | Part::ToolResult { content: old, .. }, Some(text)) = (part, text) {
                *old = text;
            }
        }
        self
    }

    /// Adds an image after the existing parts.
    pub fn with_image(self, image: Image) -> Self {
        self.with_part(Part::Image(image))
    }

    /// Adds a file after the existing parts.
    pub fn with_file(self, file: File) -> Self {
        self.with_part(Part::File(file))
    }

    /// Sets the name of the author.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.inner().name = Some(name.into());
        self
    }

    /// Adds a tool call.
    pub fn with_tool_call(mut self, call: ToolCall) -> Self {
        let inner = self.inner();
        inner.tool_calls.push(call);
        inner.places.push(inner.parts.len());
        self
    }

    /// Sets the model that answered.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.inner().model = Some(model.into());
        self
    }

    /// Sets the provider's id of the answer.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.inner().id = Some(id.into());
        self
    }

    /// Sets the reason that the model stopped.
    pub fn with_finish_reason(mut self, reason: FinishReason) -> Self {
        self.inner().finish_reason = Some(reason);
        self
    }

    /// Sets the log probabilities of the answer's tokens.
    pub fn with_logprobs(mut self, logprobs: impl Into<Vec<TokenLogprob>>) -> Self {
        self.inner().logprobs = logprobs.into();
        self
    }

    /// Sets the tokens of the answer.
    pub fn with_usage(mut self, usage: Usage) -> Self {
        self.inner().usage = Some(usage);
        self
    }

    /// Creates a message from the assembled chunks of a stream.
    pub(crate) fn from_parts(
        parts: Vec<Part>,
        tool_calls: Vec<ToolCall>,
        places: Vec<usize>,
        metadata: MessageMetadata,
    ) -> Self {
        let MessageMetadata { role, name, model, id, finish_reason, usage, logprobs, thoughts_before: _ } = metadata;
        let role = role.unwrap_or(Role::Assistant);
        let joined = Joined::default();
        Message(Arc::new(Inner {
            role,
            parts,
            name,
            tool_calls,
            places,
            model,
            id,
            finish_reason,
            usage,
            logprobs,
            joined,
        }))
    }

    fn inner(&mut self) -> &mut Inner {
        let inner = Arc::make_mut(&mut self.0);
        inner.joined = Joined::default();
        inner
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { role, parts, name, tool_calls, places: _, model, id, finish_reason, usage, logprobs, joined: _ } =
            &*self.0;
        let mut out = f.debug_struct("Message");
        out.field("role", role);
        match &**parts {
            [Part::Text(text)] => out.field("text", text),
            parts => out.field("parts", &parts),
        };
        let options: [(&str, Option<&dyn fmt::Debug>); 5] = [
            ("name", name.as_ref().map(|v| v as _)),
            ("model", model.as_ref().map(|v| v as _)),
            ("id", id.as_ref().map(|v| v as _)),
            ("finish_reason", finish_reason.as_ref().map(|v| v as _)),
            ("usage", usage.as_ref().map(|v| v as _)),
        ];
        if !tool_calls.is_empty() {
            out.field("tool_calls", tool_calls);
        }
        if !logprobs.is_empty() {
            out.field("logprobs", logprobs);
        }
        for (name, value) in options {
            if let Some(value) = value {
                out.field(name, value);
            }
        }
        out.finish()
    }
}

/// A part or a tool call of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Item<'a> {
    Part(&'a Part),
    /// A call, with its index among the calls.
    Call(usize, &'a ToolCall),
}

/// The concatenated text of several parts, computed on first use. Not compared, and not cloned.
#[derive(Default)]
struct Joined(OnceLock<String>);

impl Clone for Joined {
    fn clone(&self) -> Self {
        Joined::default()
    }
}

impl PartialEq for Joined {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
