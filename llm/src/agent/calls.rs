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
use catena::{Context, Error, ErrorKind, Result, Runnable};
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
        let decided = self.decide(conversation, tools, message, decided).await?;
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
    ) -> Result<Vec<Decided>, Stop> {
        let resumed = decided.is_some();
        let mut calls = decided.unwrap_or_else(|| {
            let calls = message.tool_calls().iter().cloned();
            calls.map(|call| Decided { call, decision: None }).collect()
        });
        let mut waits = false;
        for (index, Decided { call, decision }) in calls.iter_mut().enumerate() {
            if tools.refused(index, call).is_some() || self.is_answer(call) {
                *decision = Some(Approval::Call);
            } else if decision.is_none() && !resumed {
                let approval = self.approve.ask(call).await.map_err(failed)?;
                *decision = Some(approval).filter(|approval| *approval != Approval::Pause);
            }
            waits |= decision.is_none();
        }
        if !waits {
            return Ok(calls);
        }
        let paused = conversation.paused(calls);
        let error = Error::new(ErrorKind::Step, paused.to_string()).with_retryable(false).with_source(paused);
        Err((StopReason::Paused, error))
    }
}
