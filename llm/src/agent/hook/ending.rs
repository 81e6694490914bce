use crate::{Message, Messages};

/// A conversation whose last message of the model is the answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ending {
    pub(in crate::agent) messages: Messages,
    pub(in crate::agent) answer: Message,
    pub(in crate::agent) again: Option<String>,
}

impl Ending {
    /// Returns the conversation, with the answer.
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Returns the message that is the answer, or that has the call with the typed answer.
    pub fn answer(&self) -> &Message {
        &self.answer
    }

    /// Refuses the answer: the model is asked again, after this message of the user. The limits of the agent apply.
    pub fn ask_again(mut self, text: impl Into<String>) -> Self {
        self.again = Some(text.into());
        self
    }
}
