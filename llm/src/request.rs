use crate::{AsPrompt, Messages, Options};
use serde_json::{Value, json};

/// What a [`ChatModel`](crate::ChatModel) is asked: messages, and how to answer them. A clone copies little.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ChatRequest {
    /// The conversation so far.
    pub messages: Messages,
    /// Settings of the answer.
    pub options: Options,
}

impl ChatRequest {
    /// Ask this, with nothing set.
    ///
    /// ```
    /// use catena_llm::{ChatRequest, Options};
    ///
    /// let request = ChatRequest::new("What is quantum computing?").with_options(Options::new().temperature(0.0));
    /// assert_eq!(request.messages.len(), 1);
    /// ```
    pub fn new(prompt: impl AsPrompt) -> Self {
        ChatRequest { messages: prompt.to_messages(), options: Options::default() }
    }

    /// With these settings.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// All that is asked, for what compares requests or stores them. What is asked without it here would be answered from a
    /// cache with an answer to something else: hence no `..`.
    pub(crate) fn to_json(&self) -> Value {
        let ChatRequest { messages, options } = self;
        json!({ "messages": messages, "options": options })
    }
}
