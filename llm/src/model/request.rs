use crate::{AsPrompt, Messages, Options, ToolChoice, ToolDefinition, Tools};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a [`ChatModel`](crate::ChatModel) is asked: messages, and how to answer them. A clone copies little.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ChatRequest {
    /// The conversation so far.
    pub messages: Messages,
    /// Settings of the answer.
    pub options: Options,
    /// The tools it may ask for.
    pub tools: Arc<[ToolDefinition]>,
    /// Whether it asks for tools; where nothing is said, if it wants to.
    pub tool_choice: Option<ToolChoice>,
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
        ChatRequest { messages: prompt.to_messages(), ..ChatRequest::default() }
    }

    /// With these settings.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// All that is asked, for what compares requests or stores them. What is asked without it here would be answered from a
    /// cache with an answer to something else: hence no `..`.
    pub(crate) fn to_json(&self) -> Value {
        let ChatRequest { messages, options, tools, tool_choice } = self;
        json!({ "messages": messages, "options": options, "tools": tools.as_ref(), "tool_choice": tool_choice })
    }

    /// With these tools to ask for.
    pub fn with_tools(mut self, tools: &Tools) -> Self {
        self.tools = Arc::clone(tools.definitions());
        self
    }

    /// Say whether tools are asked for.
    pub fn with_tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tool_choice = Some(choice);
        self
    }
}

/// A request is a prompt that says more than messages: what it sets counts more than what the model has been set up with.
impl AsPrompt for ChatRequest {
    fn to_messages(&self) -> Messages {
        self.messages.clone()
    }

    fn to_request(&self) -> ChatRequest {
        self.clone()
    }
}
