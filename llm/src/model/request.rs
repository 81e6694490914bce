use crate::{AsPrompt, Messages, Options, ToolChoice, ToolDefinition, Tools};
use serde_json::{Value, json};
use std::sync::Arc;

/// The input of a [`ChatModel`](crate::ChatModel): messages, and the settings of their answer. A clone copies the
/// options and some pointers.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ChatRequest {
    /// The conversation so far.
    pub messages: Messages,
    /// The settings of the answer.
    pub options: Options,
    /// The tools that the model may ask for.
    pub tools: Arc<[ToolDefinition]>,
    /// Which tools the model may or must call. If unset, the model decides.
    pub tool_choice: Option<ToolChoice>,
}

impl ChatRequest {
    /// Creates a request for this prompt, without settings.
    ///
    /// ```
    /// use catena_llm::{ChatRequest, Options};
    ///
    /// let request = ChatRequest::new("What is quantum computing?").with_options(Options::new().temperature(0.0));
    /// assert_eq!(request.messages.len(), 1);
    /// ```
    pub fn new(prompt: impl AsPrompt) -> Self {
        ChatRequest { messages: prompt.to_messages(), ..ChatRequest::default() }
    }

    /// Sets the options.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Returns the whole request as JSON, to compare requests or to store them. The pattern has no `..`: a field that
    /// was missing here would let a cache answer a different request.
    pub(crate) fn to_json(&self) -> Value {
        let ChatRequest { messages, options, tools, tool_choice } = self;
        json!({ "messages": messages, "options": options, "tools": tools.as_ref(), "tool_choice": tool_choice })
    }

    /// Sets the tools that the model may ask for.
    pub fn with_tools(mut self, tools: &Tools) -> Self {
        self.tools = Arc::clone(tools.definitions());
        self
    }

    /// Sets which tools the model may or must call.
    pub fn with_tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tool_choice = Some(choice);
        self
    }
}

/// A request is a prompt with settings. They take precedence over the settings of the model.
impl AsPrompt for ChatRequest {
    fn to_messages(&self) -> Messages {
        self.messages.clone()
    }

    fn to_request(&self) -> ChatRequest {
        self.clone()
    }
}
