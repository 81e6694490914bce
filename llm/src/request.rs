use crate::{AsPrompt, Messages, Options};

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
}
