//! The state of a conversation.

use super::{AgentError, StopReason, limits::Limits};
use crate::{ChatRequest, Cost, Message, Messages, Usage};
use catena::Error;

/// The state of one run of an agent.
pub(super) struct Conversation {
    /// The settings of the answers, and the messages so far.
    request: ChatRequest,
    /// The number of messages of the input.
    pub(super) given: usize,
    /// The results of the last message's calls, in the order of the calls. `None` for calls that have not ended.
    results: Vec<Option<Message>>,
    pub(super) usage: Usage,
    /// The cost so far; `None` once a price is unknown.
    pub(super) cost: Option<Cost>,
    /// The cost of the answers whose price is known.
    pub(super) known_cost: Cost,
    pub(super) steps: u32,
    /// The number of answers of the wrong type.
    pub(super) attempts: u32,
}

impl Conversation {
    pub(super) fn new(request: ChatRequest) -> Self {
        let (usage, cost) = (Usage::default(), Some(Cost::ZERO));
        let given = request.messages.len();
        Conversation { request, given, results: Vec::new(), usage, cost, known_cost: Cost::ZERO, steps: 0, attempts: 0 }
    }

    pub(super) fn messages(&self) -> &Messages {
        &self.request.messages
    }

    /// Returns the next request to the model.
    pub(super) fn request(&self, instructions: Option<&str>) -> ChatRequest {
        let mut request = self.request.clone();
        if let Some(text) = instructions {
            let messages = std::iter::once(Message::system(text)).chain(request.messages.iter().cloned());
            request.messages = messages.collect();
        }
        request
    }

    /// Appends a message of the model, and adds its usage and cost.
    pub(super) fn push_answer(&mut self, message: &Message, limits: &Limits) {
        self.usage += message.usage().unwrap_or_default();
        let cost = limits.prices.cost_of(message);
        if let (None, Some(_), Some(limit)) = (cost, self.cost, limits.cost)
            && !limits.is_strict
        {
            let model = message.model().unwrap_or("the model");
            tracing::warn!(
                target: "catena_llm::agent",
                model,
                "the usage or the price of {model} is not known, so the limit of {limit} does not cover it"
            );
        }
        self.known_cost += cost.unwrap_or_default();
        self.cost = self.cost.zip(cost).map(|(sum, cost)| sum + cost);
        self.results = vec![None; message.tool_calls().len()];
        self.request.messages.push(message.clone());
    }

    /// Stores the result of a call.
    pub(super) fn set_result(&mut self, index: usize, message: Message) {
        if let Some(place) = self.results.get_mut(index) {
            *place = Some(message);
        }
    }

    /// Appends a message.
    pub(super) fn push(&mut self, message: Message) {
        self.request.messages.push(message);
    }

    /// Appends the results of the calls, after all of them have ended or the agent has stopped. A call without a result
    /// gets a message that says so.
    pub(super) fn push_results(&mut self) {
        let calls = self.request.messages.last().map(|message| message.tool_calls().to_vec()).unwrap_or_default();
        let results = std::mem::take(&mut self.results);
        self.request.messages.extend(calls.into_iter().zip(results).map(|(call, result)| {
            result.unwrap_or_else(|| Message::tool(call.id, "Not done: the agent was stopped.").with_name(call.name))
        }));
    }

    /// Attaches the conversation to an error.
    pub(super) fn stopped(mut self, (reason, error): (StopReason, Error)) -> Error {
        self.push_results();
        let Conversation { request, usage, steps, .. } = self;
        let source = error.clone();
        AgentError { reason, messages: request.messages, usage, steps, source }.attach_to(error)
    }
}
