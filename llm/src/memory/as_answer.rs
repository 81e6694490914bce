//! Outputs that a history can keep.

use crate::{AgentAnswer, Message, Messages};

/// An output that can be stored as the answer of a turn. Text becomes one message of the assistant. Of an agent's answer
/// the messages are stored that the agent [added](AgentAnswer::new_messages).
///
/// ```
/// use catena_llm::{Message, Messages, memory::AsAnswer};
///
/// struct Verdict { guilty: bool }
///
/// impl AsAnswer for Verdict {
///     fn to_answer(&self) -> Messages {
///         Message::assistant(if self.guilty { "Guilty." } else { "Not guilty." }).into()
///     }
/// }
/// assert_eq!(Verdict { guilty: false }.to_answer(), "Not guilty.".to_answer());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as an answer",
    label = "the step with a history gives `{Self}`",
    note = "text, a `Message` and `Messages` can; implement `AsAnswer` for other types"
)]
pub trait AsAnswer {
    /// Returns the messages to store.
    fn to_answer(&self) -> Messages;
}

impl AsAnswer for str {
    fn to_answer(&self) -> Messages {
        Message::assistant(self).into()
    }
}

impl AsAnswer for String {
    fn to_answer(&self) -> Messages {
        self.as_str().to_answer()
    }
}

impl AsAnswer for Message {
    fn to_answer(&self) -> Messages {
        self.clone().into()
    }
}

impl AsAnswer for Messages {
    fn to_answer(&self) -> Messages {
        self.clone()
    }
}

impl AsAnswer for Vec<Message> {
    fn to_answer(&self) -> Messages {
        self.as_slice().into()
    }
}

impl<T> AsAnswer for AgentAnswer<T> {
    fn to_answer(&self) -> Messages {
        self.new_messages().into()
    }
}

impl<A: AsAnswer + ?Sized> AsAnswer for &A {
    fn to_answer(&self) -> Messages {
        (**self).to_answer()
    }
}
