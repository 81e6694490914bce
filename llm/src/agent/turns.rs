//! The loop of an agent.

use super::{
    Agent, AgentAnswer, AgentEvent, StopReason,
    answering::{AnswerFormat, FINAL_ANSWER},
    ask::{Asked, Events, emit},
    conversation::Conversation,
    hook::{CallModel, Ending, NextModel},
    input::{Begin, Start},
    local::Local,
    paused::Decided,
    steering::{Steering, Taken},
};
use crate::{ChatRequest, Message, MessageChunk, Part, ToolChoice, Tools, telemetry::Telemetry};
use catena::{Context, Error, ErrorKind, Result, Runnable, Segment};
use futures_util::future::{Either, pending, select};
use serde_json::Value;
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The reason and the error of an agent without an answer.
pub(super) type Stop = (StopReason, Error);

pub(super) fn failed(error: Error) -> Stop {
    (StopReason::Failed, error)
}

/// The surroundings of a run.
pub(super) struct Run<'a, T> {
    /// The tools of the agent and of its hooks.
    tools: Tools,
    steering: Option<Taken>,
    /// Counts the agents and hooks inside.
    pub(super) local: Local,
    cx: &'a Context,
    pub(super) events: Events<'a, T>,
}

impl<S, A> Agent<S, A>
where
    S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>,
    A: AnswerFormat,
{
    /// Runs the agent to its answer, or to an error that has the conversation.
    pub(super) async fn run(
        &self,
        Begin(start): Begin,
        cx: &Context,
        events: Events<'_, A::Answer>,
    ) -> Result<AgentAnswer<A::Answer>> {
        let cx = cx.deeper("agent")?;
        let tools = self.hooks.with_tools(&self.tools)?;
        if self.is_typed() && tools.find(FINAL_ANSWER).is_some() {
            let message = format!("`{FINAL_ANSWER}` is the name of the tool for typed answers: rename your tool");
            return Err(Error::new(ErrorKind::BadInput, message));
        }
        let (mut conversation, decided) = match start {
            Start::New(request) => (Conversation::new(*request), None),
            Start::Resumed(paused) => {
                paused.check()?;
                let (conversation, decided) = Conversation::resumed(*paused);
                (conversation, Some(decided))
            }
        };
        let steering = cx.get::<Steering>().and_then(Steering::take);
        let ended = decided.iter().flatten().filter(|call| call.result.is_some()).map(|call| &call.call);
        let local = Local::new(conversation.earlier_calls().chain(ended));
        let run = Run { tools, steering, local: local.clone(), cx: &cx, events };
        let outcome = {
            let work = pin!(local.scope(self.turns(&mut conversation, decided, &run)));
            let stopped = pin!(async {
                match &run.steering {
                    Some(steering) => steering.stopped().await,
                    None => pending().await,
                }
            });
            let work = async {
                match select(stopped, work).await {
                    Either::Left(((), _)) => {
                        Err((StopReason::Stopped, Error::new(ErrorKind::Cancelled, "the agent was stopped")))
                    }
                    Either::Right((outcome, _)) => outcome,
                }
            };
            match self.limits.time {
                None => work.await,
                Some(after) => tokio::time::timeout(after, work).await.unwrap_or_else(|_| {
                    let message = format!("the agent had no answer within its limit of {after:?}");
                    Err((StopReason::Time, Error::new(ErrorKind::Timeout { after }, message).with_retryable(false)))
                }),
            }
        };
        // Paid for, answer or not.
        self.count_inner(&mut conversation, &run);
        Telemetry::record_agent(&cx, self.model.name(), conversation.used);
        outcome.map_err(|stop| conversation.stopped(stop))
    }

    async fn turns(
        &self,
        conversation: &mut Conversation,
        mut decided: Option<Vec<Decided>>,
        run: &Run<'_, A::Answer>,
    ) -> Result<AgentAnswer<A::Answer>, Stop> {
        loop {
            if decided.is_none() {
                self.read_steering(conversation, run).await;
                self.check_limits(conversation)?;
            }
            let tools = run.tools.listed().await.map_err(failed)?;
            // An agent that was paused has its message already.
            let resumed = decided.is_some();
            // The calls of each turn have a place of their own.
            let turn = conversation.steps + u32::from(!resumed);
            let cx = &run.cx.within(Segment::Index(usize::try_from(turn).unwrap_or(usize::MAX)));
            let last = conversation.messages().last().filter(|_| resumed).cloned();
            let message = match last {
                Some(message) => message,
                None => self.ask(conversation, &tools, run, cx).await.map_err(failed)?,
            };
            let found = if is_paused(&message) {
                None
            } else if message.tool_calls().is_empty() {
                self.answer(conversation, &message)?
            } else {
                let decided = decided.take();
                self.calls(conversation, &tools, &message, decided, cx, run).await?
            };
            self.count_inner(conversation, run);
            if let Some((answer, json)) = found {
                if run.steering.as_ref().is_some_and(Taken::has_unread)
                    || self.asks_again(conversation, &message, run).await?
                {
                    continue;
                }
                let (messages, usage, cost) = (conversation.messages().clone(), conversation.usage, conversation.cost);
                let (steps, given, view) = (conversation.steps, conversation.given, conversation.view().cloned());
                return Ok(AgentAnswer { answer, messages, usage, cost, steps, view, json, given });
            }
            if conversation.attempts >= self.limits.attempts.max(1) {
                return Err(self.no_answer(conversation, &message));
            }
        }
    }

    /// Adds the messages that came while the agent ran.
    async fn read_steering(&self, conversation: &mut Conversation, run: &Run<'_, A::Answer>) {
        for message in run.steering.iter().flat_map(Taken::unread) {
            emit(run.events, || AgentEvent::Message(message.clone())).await;
            conversation.push(message);
        }
    }

    /// Runs the hooks for the end. Returns whether one of them asks the model again.
    async fn asks_again(
        &self,
        conversation: &mut Conversation,
        message: &Message,
        run: &Run<'_, A::Answer>,
    ) -> Result<bool, Stop> {
        if self.hooks.is_empty() {
            return Ok(false);
        }
        let ending = Ending { messages: conversation.messages().clone(), answer: message.clone(), again: None };
        let ending = self.hooks.at_end(ending, run.cx).await.map_err(failed)?;
        self.count_inner(conversation, run);
        let again = ending.again.map(Message::user);
        Ok(again.map(|message| conversation.push(message)).is_some())
    }

    /// Checks that the model may be called again.
    fn check_limits(&self, conversation: &Conversation) -> Result<(), Stop> {
        let limit = self.limits.steps;
        if conversation.steps >= limit {
            let message = format!(
                "the agent asked its model {limit} times and has no answer: raise `max_steps`, or is it in a loop?"
            );
            return Err((StopReason::Steps, Error::new(ErrorKind::Recursion { limit }, message).with_recoverable()));
        }
        let Some(limit) = self.limits.cost else { return Ok(()) };
        let is_known = conversation.cost.is_some() || !self.limits.is_strict;
        match is_known.then_some(conversation.known_cost) {
            Some(cost) if cost < limit || conversation.steps == 0 => Ok(()),
            Some(cost) => {
                let message = format!("the agent has cost {cost} and has no answer: its limit is {limit}");
                Err((StopReason::Cost, Error::new(ErrorKind::Step, message).with_retryable(false)))
            }
            None => {
                let last = conversation.messages().iter().rev().find_map(Message::model).unwrap_or("the model");
                let message =
                    format!("the limit of cost cannot be enforced: the usage or the price of `{last}` is not known");
                Err(failed(Error::new(ErrorKind::BadInput, message)))
            }
        }
    }

    /// Calls the model with the conversation, and adds its message.
    async fn ask(
        &self,
        conversation: &mut Conversation,
        tools: &Tools,
        run: &Run<'_, A::Answer>,
        cx: &Context,
    ) -> Result<Message> {
        conversation.steps += 1;
        let mut turn = conversation.turn(self.instructions.as_deref());
        if !tools.is_empty() {
            turn.tools = Arc::clone(tools.definitions());
        }
        if !self.hooks.is_empty() {
            turn = self.hooks.before_model(turn, cx).await?;
            conversation.set_view(&turn.messages);
            self.count_inner(conversation, run);
        }
        if let Some(answer) = self.finish.definition() {
            turn.tools = turn.tools.iter().chain([answer]).cloned().collect();
            turn.tool_choice.get_or_insert(ToolChoice::Required);
        }
        let child = cx.labelled("model");
        let asked = Asked {
            model: &self.model,
            finish: &self.finish,
            events: run.events,
            partial: &conversation.partial,
            streamed: AtomicBool::new(false),
            replayed: AtomicBool::new(false),
        };
        let cx = child.as_ref().unwrap_or(cx);
        let message = if self.hooks.is_empty() {
            asked.call_model(turn, cx).await?
        } else {
            let message = NextModel { hooks: self.hooks.all(), model: &asked, cx }.call(turn).await?;
            self.hooks.after_model(message, cx).await?
        };
        conversation.push_answer(&message, asked.replayed.load(Ordering::Acquire), &self.limits);
        self.count_inner(conversation, run);
        Ok(message)
    }

    /// Returns the answer in a message without tool calls. `None` if the model has to try again.
    fn answer(&self, conversation: &mut Conversation, message: &Message) -> Result<Option<(A::Answer, Value)>, Stop> {
        if message.parts().iter().all(|part| matches!(part, Part::Text(text) if text.trim().is_empty())) {
            let kind = ErrorKind::Parse { raw: message.text().to_owned() };
            return Err(failed(Error::new(kind, "the model's answer is empty: it has no text and calls no tool")));
        }
        match self.finish.of_text(message) {
            Ok(found) => Ok(Some(found)),
            Err(why) => {
                conversation.attempts += 1;
                conversation.push(Message::user(why));
                Ok(None)
            }
        }
    }

    /// Returns the error of a model that has used up its attempts to answer.
    #[cold]
    fn no_answer(&self, conversation: &Conversation, message: &Message) -> Stop {
        let call = message.tool_calls().iter().find(|call| call.name == FINAL_ANSWER);
        let raw = call.map_or_else(|| message.text().to_owned(), |call| call.raw_arguments.clone());
        let why = call.and_then(|call| self.finish.of_call(call).err()).unwrap_or_else(|| "it is a text".to_owned());
        let message = format!("no answer of the type asked for after {} attempts: {why}", conversation.attempts);
        (StopReason::Answer, Error::new(ErrorKind::Parse { raw }, message))
    }
}

/// Returns whether the provider paused the turn, as Anthropic does amid long work of its own tools. It goes on if the
/// message is sent back as it came.
fn is_paused(message: &Message) -> bool {
    let reason = message.finish_reason().map(crate::FinishReason::as_str);
    reason == Some("pause_turn") && message.tool_calls().is_empty()
}
