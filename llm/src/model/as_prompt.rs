//! The inputs of a chat model.

use crate::{ChatRequest, Message, Messages};
use std::{borrow::Cow, sync::Arc};

/// A value that a chat model takes as its input. Text becomes one message of the user.
///
/// The value is borrowed, so that branches over the same prompt and repeated attempts share it.
///
/// ```
/// use catena_llm::{AsPrompt, Message, Role};
///
/// let messages = "What is quantum computing?".to_messages();
/// assert_eq!(*messages, [Message::user("What is quantum computing?")]);
///
/// struct Ticket { subject: String, body: String }
///
/// impl AsPrompt for Ticket {
///     fn to_messages(&self) -> catena_llm::Messages {
///         [Message::system("Answer the customer."), Message::user(format!("{}\n\n{}", self.subject, self.body))].into()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a chat model cannot be asked a `{Self}`",
    label = "the model gets `{Self}`",
    note = "it takes text, a `Message` or `Messages`: put a prompt before it, or a closure that makes one of them"
)]
pub trait AsPrompt {
    /// Returns the messages to send.
    fn to_messages(&self) -> Messages;

    /// Returns the messages, with the settings that this prompt has for their answer. By default there are none.
    fn to_request(&self) -> ChatRequest {
        ChatRequest { messages: self.to_messages(), ..ChatRequest::default() }
    }
}

impl AsPrompt for str {
    fn to_messages(&self) -> Messages {
        Message::user(self).into()
    }
}

impl AsPrompt for String {
    fn to_messages(&self) -> Messages {
        self.as_str().to_messages()
    }
}

impl AsPrompt for Cow<'_, str> {
    fn to_messages(&self) -> Messages {
        (**self).to_messages()
    }
}

impl AsPrompt for Message {
    fn to_messages(&self) -> Messages {
        self.clone().into()
    }
}

impl AsPrompt for Messages {
    fn to_messages(&self) -> Messages {
        self.clone()
    }
}

impl AsPrompt for [Message] {
    fn to_messages(&self) -> Messages {
        self.into()
    }
}

impl<const N: usize> AsPrompt for [Message; N] {
    fn to_messages(&self) -> Messages {
        self.as_slice().into()
    }
}

impl AsPrompt for Vec<Message> {
    fn to_messages(&self) -> Messages {
        self.as_slice().into()
    }
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<P: AsPrompt + ?Sized> AsPrompt for $Pointer {
            fn to_messages(&self) -> Messages {
                (**self).to_messages()
            }

            fn to_request(&self) -> ChatRequest {
                (**self).to_request()
            }
        }
    )*};
}
pointer!(&P, Box<P>, Arc<P>);
