//! What was said so far.

use super::{AgentError, StopReason, limits::Limits};
use crate::{ChatRequest, Cost, Message, Messages, Usage};
use catena::Error;

/// The state of one run of an agent.
pub(super) struct Conversation {
    /// How to answer, and the messages so far.
    request: ChatRequest,
    /// What the calls of the last message gave, in the order asked, as far as they have ended.
    results: Vec<Option<Message>>,
    pub(super) usage: Usage,
    /// While all prices are known.
    pub(super) cost: Option<Cost>,
    pub(super) steps: u32,
    /// Answers of the wrong type.
    pub(super) attempts: u32,
}

impl Conversation {
    pub(super) fn new(request: ChatRequest) -> Self {
        let (usage, cost) = (Usage::default(), Some(Cost::ZERO));
        Conversation { request, results: Vec::new(), usage, cost, steps: 0, attempts: 0 }
    }

    pub(super) fn messages(&self) -> &Messages {
        &self.request.messages
    }

    /// What the model is asked next.
    pub(super) fn request(&self, instructions: Option<&str>) -> ChatRequest {
        let mut request = self.request.clone();
        if let Some(text) = instructions {
            let messages = std::iter::once(Message::system(text)).chain(request.messages.iter().cloned());
            request.messages = messages.collect();
        }
        request
    }

    /// The model said this.
    pub(super) fn push_answer(&mut self, message: &Message, limits: &Limits) {
        self.usage += message.usage().unwrap_or_default();
        self.cost = self.cost.zip(limits.prices.cost_of(message)).map(|(sum, cost)| sum + cost);
        self.results = vec![None; message.tool_calls().len()];
        self.request.messages.push(message.clone());
    }

    /// One of its calls gave this.
    pub(super) fn set_result(&mut self, index: usize, message: Message) {
        if let Some(place) = self.results.get_mut(index) {
            *place = Some(message);
        }
    }

    /// Somebody said this.
    pub(super) fn push(&mut self, message: Message) {
        self.request.messages.push(message);
    }

    /// All calls have ended; those that have not are said to.
    pub(super) fn push_results(&mut self) {
        let calls = self.request.messages.last().map(|message| message.tool_calls().to_vec()).unwrap_or_default();
        let results = std::mem::take(&mut self.results);
        self.request.messages.extend(calls.into_iter().zip(results).map(|(call, result)| {
            result.unwrap_or_else(|| Message::tool(call.id, "Not done: the agent was stopped.").with_name(call.name))
        }));
    }

    /// An error, with all this in it.
    pub(super) fn stopped(mut self, (reason, error): (StopReason, Error)) -> Error {
        self.push_results();
        let Conversation { request, usage, steps, .. } = self;
        let source = error.clone().into_std();
        AgentError { reason, messages: request.messages, usage, steps, source }.attach_to(error)
    }
}
