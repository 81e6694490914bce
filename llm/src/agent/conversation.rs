//! The state of a conversation.

use super::{AgentError, AgentPaused, StopReason, hook::Turn, limits::Limits, local::Local, paused::Decided};
use crate::{ChatRequest, Cost, Message, Messages, ToolCall, Usage};
use catena::Error;
use std::sync::{Mutex, PoisonError};

/// The state of one run of an agent.
pub(super) struct Conversation {
    /// The settings of the answers, and all messages so far.
    request: ChatRequest,
    /// The messages as the model sees them, if hooks have changed them.
    view: Option<Messages>,
    /// The number of messages of the input.
    pub(super) given: usize,
    /// The results of the last message's calls, in the order of the calls. `None` for calls that have not ended.
    results: Vec<Option<Message>>,
    pub(super) usage: Usage,
    /// The tokens that this run has used: those of answers that a recorder had kept, or of the run before a pause, are not
    /// used again.
    pub(super) used: Usage,
    /// The cost so far; `None` once a price is unknown.
    pub(super) cost: Option<Cost>,
    /// The cost of the answers whose price is known.
    pub(super) known_cost: Cost,
    pub(super) steps: u32,
    /// The number of answers of the wrong type.
    pub(super) attempts: u32,
    /// The text of the answer that is being streamed.
    pub(super) partial: Mutex<String>,
    /// The state of the agent that this one runs in.
    around: Option<Local>,
}

impl Conversation {
    pub(super) fn new(request: ChatRequest) -> Self {
        let (usage, cost) = (Usage::default(), Some(Cost::ZERO));
        let given = request.messages.len();
        Conversation {
            request,
            view: None,
            given,
            results: Vec::new(),
            usage,
            used: Usage::default(),
            cost,
            known_cost: Cost::ZERO,
            steps: 0,
            attempts: 0,
            partial: Mutex::default(),
            around: Local::around(),
        }
    }

    /// Restores a conversation that was paused. Returns the calls, with the decisions on them.
    pub(super) fn resumed(paused: AgentPaused) -> (Self, Vec<Decided>) {
        let messages = paused.messages().clone();
        let AgentPaused { view, options, tool_choice, given, usage, cost, known_cost, steps, attempts, calls, .. } =
            paused;
        let request = ChatRequest { messages, options, tool_choice, ..ChatRequest::default() };
        let results = vec![None; calls.len()];
        let new = Conversation::new(request);
        (Conversation { view, given, results, usage, cost, known_cost, steps, attempts, ..new }, calls)
    }

    /// Returns the state, to be stored until there are decisions on these calls.
    pub(super) fn paused(&self, calls: Vec<Decided>) -> AgentPaused {
        let mut paused = AgentPaused::new(self.request.messages.clone(), self.view.clone(), calls);
        paused.options = self.request.options.clone();
        paused.tool_choice.clone_from(&self.request.tool_choice);
        (paused.given, paused.usage, paused.cost) = (self.given, self.usage, self.cost);
        (paused.known_cost, paused.steps, paused.attempts) = (self.known_cost, self.steps, self.attempts);
        paused
    }

    pub(super) fn messages(&self) -> &Messages {
        &self.request.messages
    }

    /// Returns the calls that this run has made before it was paused.
    pub(super) fn earlier_calls(&self) -> impl Iterator<Item = &ToolCall> {
        let new = self.messages().get(self.given..).unwrap_or_default();
        new.split_last().map_or(&[][..], |(_, before)| before).iter().flat_map(Message::tool_calls)
    }

    pub(super) fn view(&self) -> Option<&Messages> {
        self.view.as_ref()
    }

    /// Sets the messages that the model sees from now on.
    pub(super) fn set_view(&mut self, messages: &Messages) {
        let seen = self.view.as_ref().unwrap_or(&self.request.messages);
        if seen != messages {
            self.view = Some(messages.clone());
        }
    }

    /// Returns the next turn.
    pub(super) fn turn(&self, instructions: Option<&str>) -> Turn {
        let ChatRequest { messages, options, tools, tool_choice } = self.request.clone();
        Turn {
            messages: self.view.clone().unwrap_or(messages),
            instructions: instructions.map(str::to_owned),
            tools,
            tool_choice,
            options,
            step: self.steps,
            new: self.request.messages.len().saturating_sub(self.given),
            usage: self.usage,
            cost: self.cost,
        }
    }

    /// Appends a message of the model, and adds its usage and cost. `is_replayed` if a recorder had kept it.
    pub(super) fn push_answer(&mut self, message: &Message, is_replayed: bool, limits: &Limits) {
        self.count(message, is_replayed, limits);
        self.results = vec![None; message.tool_calls().len()];
        self.partial.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        self.push(message.clone());
    }

    /// Adds the usage and the cost of an answer.
    pub(super) fn count(&mut self, message: &Message, is_replayed: bool, limits: &Limits) {
        let usage = message.usage().unwrap_or_default();
        self.usage += usage;
        if !is_replayed {
            self.used += usage;
        }
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
        if let Some(around) = &self.around {
            around.add(message, is_replayed);
        }
    }

    /// Stores the result of a call.
    pub(super) fn set_result(&mut self, index: usize, message: Message) {
        if let Some(place) = self.results.get_mut(index) {
            *place = Some(message);
        }
    }

    /// Returns the result of a call that has ended.
    pub(super) fn result(&self, index: usize) -> Option<&Message> {
        self.results.get(index)?.as_ref()
    }

    /// Appends a message.
    pub(super) fn push(&mut self, message: Message) {
        if let Some(view) = &mut self.view {
            view.push(message.clone());
        }
        self.request.messages.push(message);
    }

    /// Appends the results of the calls, after all of them have ended or the agent has stopped. A call without a result
    /// gets a message that says so.
    pub(super) fn push_results(&mut self) {
        let calls = self.request.messages.last().map(|message| message.tool_calls().to_vec()).unwrap_or_default();
        let results = std::mem::take(&mut self.results);
        for (call, result) in calls.into_iter().zip(results) {
            self.push(
                result
                    .unwrap_or_else(|| Message::tool(call.id, "Not done: the agent was stopped.").with_name(call.name)),
            );
        }
    }

    /// Attaches the conversation to an error.
    pub(super) fn stopped(mut self, (reason, error): (StopReason, Error)) -> Error {
        self.push_results();
        let partial = std::mem::take(self.partial.get_mut().unwrap_or_else(PoisonError::into_inner));
        if matches!(reason, StopReason::Stopped | StopReason::Time) && !partial.trim().is_empty() {
            // Text alone: a part of a call cannot be answered, and a part of a thought has no signature.
            self.push(Message::assistant(partial));
        }
        let Conversation { request, usage, steps, .. } = self;
        let source = error.clone();
        AgentError { reason, messages: request.messages, usage, steps, source }.attach_to(error)
    }
}
