use crate::{ChatRequest, Cost, Message, Messages, Options, Role, ToolChoice, ToolDefinition, Usage, metering};
use std::sync::Arc;

/// A conversation before the model is called.
///
/// Changes of the messages last for the run: the next turn begins with them. They are what the model sees, while
/// [`AgentAnswer::messages`](crate::AgentAnswer::messages) is the whole conversation. Changes of all other fields are for
/// this turn alone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Turn {
    /// The conversation so far, without the instructions.
    pub messages: Messages,
    /// The system prompt.
    pub instructions: Option<String>,
    /// The tools that the model is offered.
    pub tools: Arc<[ToolDefinition]>,
    /// Which of them it may or must call. If unset, the model decides.
    pub tool_choice: Option<ToolChoice>,
    /// The settings of the answer.
    pub options: Options,
    pub(in crate::agent) step: u32,
    pub(in crate::agent) new: usize,
    pub(in crate::agent) usage: Usage,
    pub(in crate::agent) cost: Option<Cost>,
}

impl Turn {
    /// Returns the number of this call of the model, from 1.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Returns the tokens of the calls before this one.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Returns the cost of the calls before this one, if all prices are known.
    pub fn cost(&self) -> Option<Cost> {
        self.cost
    }

    /// Returns the text of the user's last message, or an empty string.
    pub fn question(&self) -> &str {
        self.messages.iter().rev().find(|message| *message.role() == Role::User).map_or("", Message::text)
    }

    /// Returns the messages that this run has added.
    pub fn new_messages(&self) -> &[Message] {
        self.messages.get(self.messages.len().saturating_sub(self.new)..).unwrap_or_default()
    }

    /// Estimates the tokens of the messages, at one per four characters.
    pub fn estimated_tokens(&self) -> u64 {
        self.messages.iter().map(metering::estimate_message).fold(0, u64::saturating_add)
    }

    /// Returns the request to the model.
    pub fn into_request(self) -> ChatRequest {
        let Turn { messages, instructions, tools, tool_choice, options, .. } = self;
        let messages = match instructions {
            None => messages,
            Some(text) => std::iter::once(Message::system(text)).chain(messages).collect(),
        };
        ChatRequest { messages, options, tools, tool_choice }
    }
}
