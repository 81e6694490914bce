use crate::{Cost, Message, Messages, Usage};
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

/// What an [`Agent`](crate::Agent) gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AgentAnswer<T = Message> {
    /// The model's last message, or the value [asked for](crate::Agent::answering).
    pub answer: T,
    /// The conversation to go on with: what was asked, what the model said, the calls of tools and their results.
    pub messages: Messages,
    /// The tokens of all calls of the model, as far as they were told.
    pub usage: Usage,
    /// What they cost, where all prices are known.
    pub cost: Option<Cost>,
    /// How often the model was asked.
    pub steps: u32,
    /// The answer as JSON.
    pub(super) json: Value,
}

impl<T> AgentAnswer<T> {
    /// The conversation, and what the user says next: the input of the next turn.
    pub fn reply(&self, text: impl Into<String>) -> Messages {
        let mut messages = self.messages.clone();
        messages.push(Message::user(text));
        messages
    }
}

/// Whatever `T` is: the answer as the model gave it.
impl<T> Serialize for AgentAnswer<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("AgentAnswer", 5)?;
        out.serialize_field("answer", &self.json)?;
        out.serialize_field("messages", &self.messages)?;
        out.serialize_field("usage", &self.usage)?;
        out.serialize_field("cost", &self.cost)?;
        out.serialize_field("steps", &self.steps)?;
        out.end()
    }
}
