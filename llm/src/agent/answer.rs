use crate::{Cost, Message, Messages, Usage};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
    ser::SerializeStruct,
};
use serde_json::Value;

/// The output of an [`Agent`](crate::Agent).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AgentAnswer<T = Message> {
    /// The model's last message, or the value of the [requested type](crate::Agent::answering).
    pub answer: T,
    /// The conversation, to be continued: the input, the messages of the model, the tool calls and their results.
    pub messages: Messages,
    /// The tokens of all calls of the model, as far as they were reported.
    pub usage: Usage,
    /// The cost of these tokens, if all prices are known.
    pub cost: Option<Cost>,
    /// The number of calls of the model.
    pub steps: u32,
    /// The conversation as the model saw it, if hooks have changed it.
    pub(super) view: Option<Messages>,
    /// The answer as JSON.
    pub(super) json: Value,
    /// The number of messages of the input.
    pub(super) given: usize,
}

impl<T> AgentAnswer<T> {
    /// Returns the messages that the agent added to its input. A [history](crate::memory) stores them, because it has the
    /// others.
    ///
    /// ```
    /// use catena::Config;
    /// use catena_llm::{Agent, Chat, ChatModel, memory::{HistoryExt, InMemoryHistory, SESSION}};
    ///
    /// # fn example(model: Chat<impl ChatModel>) {
    /// let agent = Agent::new(model).with_history(InMemoryHistory::new(), &SESSION);
    /// # }
    /// ```
    pub fn new_messages(&self) -> &[Message] {
        self.messages.get(self.given..).unwrap_or_default()
    }

    /// Returns the conversation as the model saw it last. It is shorter than [`messages`](Self::messages) if a hook has
    /// [summarised](crate::hooks::Summarize) a part. Continue it, instead of the whole, to keep the summary.
    pub fn model_messages(&self) -> &Messages {
        self.view.as_ref().unwrap_or(&self.messages)
    }

    /// Returns the conversation with a further message of the user: the input of the next turn.
    pub fn reply(&self, text: impl Into<String>) -> Messages {
        let mut messages = self.messages.clone();
        messages.push(Message::user(text));
        messages
    }
}

/// Serializes the answer as the model wrote it, for any `T`.
impl<T> Serialize for AgentAnswer<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("AgentAnswer", 6 + usize::from(self.view.is_some()))?;
        out.serialize_field("answer", &self.json)?;
        out.serialize_field("messages", &self.messages)?;
        out.serialize_field("usage", &self.usage)?;
        out.serialize_field("cost", &self.cost)?;
        out.serialize_field("steps", &self.steps)?;
        out.serialize_field("given", &self.given)?;
        match &self.view {
            None => out.skip_field("view")?,
            Some(view) => out.serialize_field("view", view)?,
        }
        out.end()
    }
}

/// Reads the answer as the model wrote it. Without the field `given`, none of the messages is a new one.
impl<'de, T: DeserializeOwned> Deserialize<'de> for AgentAnswer<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            answer: Value,
            messages: Messages,
            #[serde(default)]
            usage: Usage,
            #[serde(default)]
            cost: Option<Cost>,
            #[serde(default)]
            steps: u32,
            given: Option<usize>,
            view: Option<Messages>,
        }
        let Wire { answer: json, messages, usage, cost, steps, given, view } = Wire::deserialize(deserializer)?;
        let answer = T::deserialize(&json).map_err(D::Error::custom)?;
        let given = given.unwrap_or(messages.len());
        Ok(AgentAnswer { answer, messages, usage, cost, steps, view, json, given })
    }
}
