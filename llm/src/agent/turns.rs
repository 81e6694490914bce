//! The loop of an agent.

use super::{
    Agent, AgentAnswer, AgentEvent, Approval, StopReason,
    answering::{AnswerFormat, FINAL_ANSWER, answer_result},
    conversation::Conversation,
    recorded,
};
use crate::{ChatRequest, Message, MessageChunk, Part, ToolCall, ToolChoice, ToolResult};
use catena::{__private::Sender, Assemble, Context, Error, ErrorKind, Recorder, Result, Runnable, Segment};
use futures_util::StreamExt;
use serde_json::Value;
use std::sync::Arc;

/// The receiver of events; `None` if the agent is not streamed.
pub(super) type Events<'a, T> = Option<&'a Sender<AgentEvent<T>>>;

/// The reason and the error of an agent without an answer.
type Stop = (StopReason, Error);

fn failed(error: Error) -> Stop {
    (StopReason::Failed, error)
}

async fn emit<T>(events: Events<'_, T>, event: impl FnOnce() -> AgentEvent<T>) {
    if let Some(events) = events {
        events.send(event()).await;
    }
}

/// Calls the model, and forwards its text as it arrives.
async fn stream_model<M, T>(
    model: &M,
    request: ChatRequest,
    cx: &Context,
    events: &Sender<AgentEvent<T>>,
) -> Result<Message>
where
    M: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>,
    T: Send,
{
    let mut chunks = model.call_stream(request, cx);
    let mut message = model.assembler();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        match &chunk.part {
            Some(Part::Text(text)) if !text.is_empty() => events.send(AgentEvent::Text(text.clone())).await,
            Some(Part::Reasoning(thought)) if !thought.text.is_empty() => {
                events.send(AgentEvent::Reasoning(thought.text.clone())).await;
            }
            _ => {}
        }
        if !chunk.text.is_empty() {
            events.send(AgentEvent::Text(chunk.text.clone())).await;
        }
        message.push(chunk);
    }
    message.finish()
}

impl<S, A> Agent<S, A>
where
    S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>,
    A: AnswerFormat,
{
    /// Runs the agent to its answer, or to an error that has the conversation.
    pub(super) async fn run(
        &self,
        request: ChatRequest,
        cx: &Context,
        events: Events<'_, A::Answer>,
    ) -> Result<AgentAnswer<A::Answer>> {
        let cx = cx.deeper("agent")?;
        if self.finish.definition().is_some() && self.tools.find(FINAL_ANSWER).is_some() {
            let message = format!("`{FINAL_ANSWER}` is the name of the tool for typed answers: rename your tool");
            return Err(Error::new(ErrorKind::BadInput, message));
        }
        let mut conversation = Conversation::new(request);
        let work = self.turns(&mut conversation, &cx, events);
        let outcome = match self.limits.time {
            None => work.await,
            Some(after) => tokio::time::timeout(after, work).await.unwrap_or_else(|_| {
                let message = format!("the agent had no answer within its limit of {after:?}");
                Err((StopReason::Time, Error::new(ErrorKind::Timeout { after }, message).with_retryable(false)))
            }),
        };
        outcome.map_err(|stop| conversation.stopped(stop))
    }

    async fn turns(
        &self,
        conversation: &mut Conversation,
        cx: &Context,
        events: Events<'_, A::Answer>,
    ) -> Result<AgentAnswer<A::Answer>, Stop> {
        loop {
            self.check_limits(conversation)?;
            conversation.steps += 1;
            // The calls of each turn have a place of their own.
            let cx = &cx.within(Segment::Index(usize::try_from(conversation.steps).unwrap_or(usize::MAX)));
            let message = self.ask(conversation, cx, events).await.map_err(failed)?;
            conversation.push_answer(&message, &self.limits);
            let found = if message.tool_calls().is_empty() {
                self.answer(conversation, &message)?
            } else {
                self.calls(conversation, &message, cx, events).await?
            };
            if let Some((answer, json)) = found {
                let (messages, usage, cost) = (conversation.messages().clone(), conversation.usage, conversation.cost);
                let (steps, given) = (conversation.steps, conversation.given);
                return Ok(AgentAnswer { answer, messages, usage, cost, steps, json, given });
            }
            if conversation.attempts >= self.limits.attempts.max(1) {
                return Err(self.no_answer(conversation, &message));
            }
        }
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

    /// Calls the model with the conversation.
    async fn ask(&self, conversation: &Conversation, cx: &Context, events: Events<'_, A::Answer>) -> Result<Message> {
        let mut request = conversation.request(self.instructions.as_deref());
        if !self.tools.is_empty() {
            request.tools = Arc::clone(self.tools.definitions());
        }
        if let Some(answer) = self.finish.definition() {
            request.tools = request.tools.iter().chain([answer]).cloned().collect();
            request.tool_choice.get_or_insert(ToolChoice::Required);
        }
        let child = cx.labelled("model");
        let cx = child.as_ref().unwrap_or(cx);
        let keeper = cx.get::<Recorder>().map(|recorder| (recorder, request.clone()));
        let ask = async {
            match events {
                None => self.model.call(request, cx).await,
                Some(events) => stream_model(&self.model, request, cx, events).await,
            }
        };
        let message = match keeper {
            None => ask.await,
            Some((recorder, request)) => recorded::answer(recorder, &request, cx, events, ask).await,
        };
        message.map_err(|error| {
            let name = self.model.name().filter(|name| !name.is_empty()).unwrap_or("model");
            error.at(Segment::Step(name.to_owned().into()))
        })
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

    /// Makes the tool calls of a message. Returns the answer, if one of them is the answer.
    async fn calls(
        &self,
        conversation: &mut Conversation,
        message: &Message,
        cx: &Context,
        events: Events<'_, A::Answer>,
    ) -> Result<Option<(A::Answer, Value)>, Stop> {
        let mut found = None;
        let (mut places, mut calls) = (Vec::new(), Vec::new());
        for (index, call) in message.tool_calls().iter().enumerate() {
            if let Some(refused) = self.tools.refused(index, call) {
                conversation.set_result(index, refused.message.clone());
                emit(events, || AgentEvent::ToolResult(refused)).await;
                continue;
            }
            if self.finish.definition().is_some() && call.name == FINAL_ANSWER {
                let wrong = match self.finish.of_call(call) {
                    Ok(answer) => {
                        found = Some(answer);
                        None
                    }
                    Err(why) => {
                        conversation.attempts += 1;
                        Some(why)
                    }
                };
                conversation.set_result(index, answer_result(call, wrong.as_deref()).message);
                continue;
            }
            let approved = match self.approve.ask(call).await.map_err(failed)? {
                Approval::Call => call.clone(),
                Approval::Change(changed) => ToolCall { id: call.id.clone(), ..changed },
                Approval::Refuse(why) => {
                    let result = ToolResult::not_called(call.clone(), format!("Refused: {why}"));
                    conversation.set_result(index, result.message.clone());
                    emit(events, || AgentEvent::ToolResult(result)).await;
                    continue;
                }
            };
            emit(events, || AgentEvent::ToolCall(approved.clone())).await;
            places.push(index);
            calls.push(approved);
        }
        if !calls.is_empty() {
            let all = self.tools.dispatch();
            let mut results = all.call_stream(calls, cx);
            while let Some(result) = results.next().await {
                let (at, result) = result.map_err(failed)?;
                conversation.set_result(places[at], result.message.clone());
                emit(events, || AgentEvent::ToolResult(result)).await;
            }
        }
        conversation.push_results();
        Ok(found)
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
