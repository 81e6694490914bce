//! Outputs that a history can keep.

use crate::{AgentAnswer, AgentEvent, FinishReason, Message, MessageChunk, Messages};
use std::any::Any;

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

    /// Returns `true` if this chunk completes the answer that it is a part of. By default, a [`MessageChunk`] with a finish
    /// reason does.
    #[doc(hidden)]
    fn is_completed_by(chunk: &dyn Any) -> bool
    where
        Self: Sized,
    {
        // Calls of tools are no end: an answer may follow in the same stream.
        let reason = chunk.downcast_ref::<MessageChunk>().and_then(MessageChunk::finish_reason);
        reason.is_some_and(|reason| *reason != FinishReason::ToolCalls)
    }
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

impl<T: 'static> AsAnswer for AgentAnswer<T> {
    fn to_answer(&self) -> Messages {
        self.new_messages().into()
    }

    fn is_completed_by(chunk: &dyn Any) -> bool {
        matches!(chunk.downcast_ref::<AgentEvent<T>>(), Some(AgentEvent::Answer(_)))
    }
}

impl<A: AsAnswer + ?Sized> AsAnswer for &A {
    fn to_answer(&self) -> Messages {
        (**self).to_answer()
    }
}
