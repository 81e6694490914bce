//! The tool calls of one answer.

use super::{
    Agent, AgentEvent, Approval, StopReason,
    answering::{AnswerFormat, FINAL_ANSWER, answer_result},
    ask::{Events, emit},
    conversation::Conversation,
    hook::AroundCalls,
    paused::Decided,
    turns::{Stop, failed},
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
        events: Events<'_, A::Answer>,
    ) -> Result<Option<(A::Answer, Value)>, Stop> {
        let decided = self.decide(conversation, tools, message, decided, cx).await?;
        let mut found = None;
        let (mut places, mut calls) = (Vec::new(), Vec::new());
        for (index, Decided { call, decision }) in decided.into_iter().enumerate() {
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
        if !calls.is_empty() {
            let around = (!self.hooks.is_empty()).then(|| {
                Arc::new(AroundCalls { hooks: self.hooks.clone(), step: conversation.steps }) as Arc<dyn Around>
            });
            let all = tools.dispatch(around);
            let mut results = all.call_stream(calls, cx);
            while let Some(result) = results.next().await {
                let (at, result) = result.map_err(failed)?;
                if let Some(index) = places.get(at) {
                    conversation.set_result(*index, result.message.clone());
                }
                emit(events, || AgentEvent::ToolResult(result)).await;
            }
        }
        conversation.push_results();
        Ok(found)
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
            calls.map(|call| Decided { call, decision: None }).collect()
        });
        let mut waits = false;
        // The pause of a run whose journal keeps the questions.
        let mut kept = None;
        for (index, Decided { call, decision }) in calls.iter_mut().enumerate() {
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
            waits |= decision.is_none();
        }
        if !waits {
            return Ok(calls);
        }
        if let Some(error) = kept {
            return Err((StopReason::Paused, error));
        }
        let paused = conversation.paused(calls);
        Err((StopReason::Paused, Error::new(ErrorKind::Paused, paused.to_string()).with_source(paused)))
    }
}

/// Returns the decision that a person gave in the journal of a durable run. `None` if the run has none.
async fn waited(index: usize, call: &ToolCall, cx: &Context) -> Result<Option<Approval>> {
    let Some(recorder) = cx.get::<Recorder>() else { return Ok(None) };
    // Ids are the provider's: an odd one is no name.
    let is_name = call.id.len() <= 100 && !call.id.chars().any(char::is_control);
    let name = if is_name { format!("approval:{}", call.id) } else { format!("approval:{index}") };
    recorder.wait(&name, call, cx).await
}
