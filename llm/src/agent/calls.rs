//! The tool calls of one answer.

use super::{
    Agent, AgentEvent, AgentPaused, Approval, StopReason,
    answering::{AnswerFormat, FINAL_ANSWER, answer_result},
    ask::emit,
    conversation::Conversation,
    hook::AroundCalls,
    paused::Decided,
    turns::{Run, Stop, failed},
};
use crate::{Message, ToolCall, ToolResult, Tools, tool::Around};
use catena::{Context, Error, ErrorKind, Recorder, Result, Runnable};
use futures_util::StreamExt;
use serde_json::Value;
use std::sync::Arc;

impl<S, A: AnswerFormat> Agent<S, A> {
    /// Makes the tool calls of a message. Returns the answer, if one of them is the answer. `decided` are the decisions on
    /// the calls of an agent that was paused.
    pub(super) async fn calls(
        &self,
        conversation: &mut Conversation,
        tools: &Tools,
        message: &Message,
        decided: Option<Vec<Decided>>,
        cx: &Context,
        run: &Run<'_, A::Answer>,
    ) -> Result<Option<(A::Answer, Value)>, Stop> {
        let events = run.events;
        let mut decided = self.decide(conversation, tools, message, decided, cx).await?;
        let mut found = None;
        let (mut places, mut calls) = (Vec::new(), Vec::new());
        for (index, Decided { call, decision, result, inner }) in decided.iter().cloned().enumerate() {
            if let Some(result) = result {
                // It was made before the agent was paused.
                conversation.set_result(index, result);
                continue;
            }
            if let Some(inner) = inner {
                run.local.put_paused(call.id.clone(), *inner);
            }
            if let Some(refused) = tools.refused(index, &call) {
                conversation.set_result(index, refused.message.clone());
                emit(events, || AgentEvent::ToolResult(refused)).await;
                continue;
            }
            if self.is_answer(&call) {
                let wrong = match self.finish.of_call(&call) {
                    Ok(answer) => {
                        found = Some(answer);
                        None
                    }
                    Err(why) => {
                        conversation.attempts += 1;
                        Some(why)
                    }
                };
                conversation.set_result(index, answer_result(&call, wrong.as_deref()).message);
                continue;
            }
            let approved = match decision {
                None | Some(Approval::Call | Approval::Pause) => call,
                Some(Approval::Change(changed)) => ToolCall { id: call.id, ..changed },
                Some(Approval::Refuse(why)) => {
                    let result = ToolResult::not_called(call, format!("Refused: {why}"));
                    conversation.set_result(index, result.message.clone());
                    emit(events, || AgentEvent::ToolResult(result)).await;
                    continue;
                }
            };
            emit(events, || AgentEvent::ToolCall(approved.clone())).await;
            places.push(index);
            calls.push(approved);
        }
        let mut pauses = Vec::new();
        if !calls.is_empty() {
            let around = (!self.hooks.is_empty()).then(|| {
                Arc::new(AroundCalls { hooks: self.hooks.clone(), step: conversation.steps }) as Arc<dyn Around>
            });
            let all = tools.dispatch(around);
            let mut results = all.call_stream(calls, cx);
            while let Some(result) = results.next().await {
                let (at, result) = result.map_err(failed)?;
                if let Some(index) = places.get(at) {
                    if let Some(error) = result.paused() {
                        pauses.push((*index, error.clone()));
                        continue;
                    }
                    conversation.set_result(*index, result.message.clone());
                }
                emit(events, || AgentEvent::ToolResult(result)).await;
            }
        }
        if !pauses.is_empty() {
            // The state has what they cost.
            self.count_inner(conversation, run);
            for (index, one) in decided.iter_mut().enumerate() {
                one.result = conversation.result(index).cloned();
            }
            return Err(paused_inside(conversation, decided, pauses));
        }
        conversation.push_results();
        Ok(found)
    }

    /// Counts the answers that agents and hooks inside have paid for.
    pub(super) fn count_inner(&self, conversation: &mut Conversation, run: &Run<'_, A::Answer>) {
        for (message, is_replayed) in run.local.drain() {
            conversation.count(&message, is_replayed, &self.limits);
        }
    }

    fn is_answer(&self, call: &ToolCall) -> bool {
        self.finish.definition().is_some() && call.name == FINAL_ANSWER
    }

    /// Decides on all calls before the first one is made, so that an agent that pauses has made none of them.
    async fn decide(
        &self,
        conversation: &Conversation,
        tools: &Tools,
        message: &Message,
        decided: Option<Vec<Decided>>,
        cx: &Context,
    ) -> Result<Vec<Decided>, Stop> {
        let resumed = decided.is_some();
        let mut calls = decided.unwrap_or_else(|| {
            let calls = message.tool_calls().iter().cloned();
            calls.map(Decided::new).collect()
        });
        let mut waits = false;
        // The pause of a run whose journal keeps the questions.
        let mut kept = None;
        for (index, Decided { call, decision, inner, .. }) in calls.iter_mut().enumerate() {
            if tools.refused(index, call).is_some() || self.is_answer(call) {
                *decision = Some(Approval::Call);
            } else if decision.is_none() && !resumed {
                let mut approval = self.approve.ask(call).await.map_err(failed)?;
                if approval == Approval::Pause {
                    match waited(index, call, cx).await {
                        Ok(answer) => approval = answer.unwrap_or(approval),
                        // All calls that wait are asked about before the run ends.
                        Err(error) if *error.kind() == ErrorKind::Paused => kept = Some(error),
                        Err(error) => return Err(failed(error)),
                    }
                }
                *decision = Some(approval).filter(|approval| *approval != Approval::Pause);
            }
            waits |= decision.is_none() || inner.as_ref().is_some_and(|inner| inner.waiting().next().is_some());
        }
        if !waits {
            return Ok(calls);
        }
        if let Some(error) = kept {
            return Err((StopReason::Paused, error));
        }
        Err(paused(conversation, calls))
    }
}

fn paused(conversation: &Conversation, calls: Vec<Decided>) -> Stop {
    let paused = conversation.paused(calls);
    (StopReason::Paused, Error::new(ErrorKind::Paused, paused.to_string()).with_source(paused))
}

/// Returns the pause of an agent around others that were paused.
fn paused_inside(conversation: &Conversation, mut calls: Vec<Decided>, pauses: Vec<(usize, Error)>) -> Stop {
    for (index, error) in pauses {
        // Without a state, a journal has the question, and goes on by itself.
        let Some(inner) = error.downcast_ref::<AgentPaused>() else { return (StopReason::Paused, error) };
        if let Some(call) = calls.get_mut(index) {
            call.inner = Some(Box::new(inner.clone()));
        }
    }
    paused(conversation, calls)
}

/// Returns the decision that a person gave in the journal of a durable run. `None` if the run has none.
async fn waited(index: usize, call: &ToolCall, cx: &Context) -> Result<Option<Approval>> {
    let Some(recorder) = cx.get::<Recorder>() else { return Ok(None) };
    // Ids are the provider's: an odd one is no name.
    let is_name = call.id.len() <= 100 && !call.id.chars().any(char::is_control);
    let name = if is_name { format!("approval:{}", call.id) } else { format!("approval:{index}") };
    recorder.wait(&name, call, cx).await
}
