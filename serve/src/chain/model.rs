//! Chains that are models: they take a conversation and give an answer.

use super::{Input, Output};
use catena::{Error, ErrorKind, Result};
use catena_llm::{AsPrompt, ChatRequest, Message, Messages, Role};
use std::any::{Any, TypeId};

/// An input that a conversation can become: of chains that are offered as models.
///
/// Text is the last message of the user. [`ChatRequest`] also has the client's tools and options.
///
/// ```
/// use catena::Result;
/// use catena_llm::ChatRequest;
/// use catena_serve::ModelInput;
///
/// #[derive(serde::Deserialize)]
/// struct Ticket { body: String }
///
/// impl ModelInput for Ticket {
///     fn from_request(request: ChatRequest) -> Result<Self> {
///         Ok(Ticket { body: String::from_request(request)? })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a chain over `{Self}` is not a model: a conversation cannot become `{Self}`",
    label = "takes `{Self}`",
    note = "a model takes `Messages`, `ChatRequest`, `Message` or `String`; or implement `ModelInput` for `{Self}`"
)]
pub trait ModelInput: Input {
    /// `true` if the input has the client's tools and response format. Otherwise requests that have them are refused.
    const TOOLS: bool = false;

    /// Returns the input for a conversation.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`], if the conversation does not have what the chain needs.
    fn from_request(request: ChatRequest) -> Result<Self>;
}

impl ModelInput for ChatRequest {
    const TOOLS: bool = true;

    fn from_request(request: ChatRequest) -> Result<Self> {
        Ok(request)
    }
}

impl ModelInput for Messages {
    fn from_request(request: ChatRequest) -> Result<Self> {
        Ok(request.to_messages())
    }
}

impl ModelInput for Vec<Message> {
    fn from_request(request: ChatRequest) -> Result<Self> {
        Ok(request.to_messages().to_vec())
    }
}

impl ModelInput for Message {
    fn from_request(request: ChatRequest) -> Result<Self> {
        let last = request.messages.iter().rev().find(|message| *message.role() == Role::User);
        last.cloned().ok_or_else(|| Error::new(ErrorKind::BadInput, "the conversation has no message of the user"))
    }
}

impl ModelInput for String {
    fn from_request(request: ChatRequest) -> Result<Self> {
        Ok(Message::from_request(request)?.text().to_owned())
    }
}

/// An output that is an answer: text, or a [`Message`].
///
/// A type of your own is written as text by a last step: `.. | |verdict| verdict.to_string()`.
#[diagnostic::on_unimplemented(
    message = "a chain that gives `{Self}` is not a model",
    label = "gives `{Self}`",
    note = "a model gives `Message` or `String`: end the chain with a step that makes one of them"
)]
pub trait ModelOutput: Output + sealed::Answer {}

impl ModelOutput for String {}
impl ModelOutput for Message {}

mod sealed {
    /// The outputs that the doors for models can write.
    pub trait Answer {}
    impl Answer for String {}
    impl Answer for catena_llm::Message {}
}

/// How a conversation becomes an input.
pub(crate) struct FromChat<In> {
    pub(super) read: fn(ChatRequest) -> Result<In>,
    pub(super) tools: bool,
}

impl<In: ModelInput> FromChat<In> {
    pub(crate) fn new() -> Self {
        FromChat { read: In::from_request, tools: In::TOOLS }
    }
}

/// Returns whether an output is an answer. It is known when the chain's types are.
pub(crate) fn is_answer<Out: 'static>() -> bool {
    [TypeId::of::<String>(), TypeId::of::<Message>()].contains(&TypeId::of::<Out>())
}

/// Returns how a conversation becomes an `In`, if it can. It is known when the chain's types are.
pub(crate) fn detect<In: Send + 'static>() -> Option<FromChat<In>> {
    let input = TypeId::of::<In>();
    if input == TypeId::of::<ChatRequest>() {
        Some(known::<In, ChatRequest>())
    } else if input == TypeId::of::<Messages>() {
        Some(known::<In, Messages>())
    } else if input == TypeId::of::<Vec<Message>>() {
        Some(known::<In, Vec<Message>>())
    } else if input == TypeId::of::<Message>() {
        Some(known::<In, Message>())
    } else if input == TypeId::of::<String>() {
        Some(known::<In, String>())
    } else {
        None
    }
}

/// How a conversation becomes a `Known`, which is the type `In`.
fn known<In: 'static, Known: ModelInput>() -> FromChat<In> {
    FromChat { read: read_as::<In, Known>, tools: Known::TOOLS }
}

/// Reads a `Known`, which is the type `In`.
fn read_as<In: 'static, Known: ModelInput>(request: ChatRequest) -> Result<In> {
    let mut known = Some(Known::from_request(request)?);
    let read = (&mut known as &mut dyn Any).downcast_mut::<Option<In>>().and_then(Option::take);
    read.ok_or_else(|| Error::msg("the chain's input is of another type than was found"))
}
