//! Calls of a model under a budget.

use super::Budget;
use crate::{
    ChatModel, ChatRequest, Message, MessageChunk, Usage,
    metering::{estimate, meter},
};
use catena::{Chunks, Context, Result};
use futures_util::{StreamExt, stream};
use std::future::Future;

/// Calls the model under the budget of the run, if there is one.
pub(crate) async fn complete<M: ChatModel>(model: &M, request: ChatRequest, cx: &Context) -> Result<Message> {
    match cx.get::<Budget>() {
        None => meter::complete(model, request, cx).await,
        Some(budget) => {
            complete_under(budget, model.name(), request, |request| meter::complete(model, request, cx)).await
        }
    }
}

/// Calls the model for a stream under the budget of the run, if there is one.
pub(crate) fn stream<'a, M: ChatModel>(
    model: &'a M,
    request: ChatRequest,
    cx: &'a Context,
) -> Chunks<'a, MessageChunk> {
    match cx.get::<Budget>() {
        None => meter::stream(model, request, cx),
        Some(budget) => stream_under(budget, model.name(), request, move |request| meter::stream(model, request, cx)),
    }
}

pub(super) async fn complete_under<F: Future<Output = Result<Message>> + Send>(
    budget: &Budget,
    model: &str,
    request: ChatRequest,
    ask: impl FnOnce(ChatRequest) -> F + Send,
) -> Result<Message> {
    budget.check(model)?;
    let sent_tokens = estimate::input(&request);
    match ask(request).await {
        Ok(answer) => {
            let usage = answer.usage().unwrap_or_else(|| Usage::new(sent_tokens, estimate::message(&answer)));
            budget.charge(answer.model(), model, usage)?;
            Ok(answer)
        }
        Err(error) => {
            if let Some(usage) = meter::usage_of(&error) {
                // The error of the call takes precedence. The next call finds the budget exceeded.
                let _ = budget.charge(None, model, usage);
            }
            Err(error)
        }
    }
}

pub(super) fn stream_under<'a>(
    budget: &'a Budget,
    model: &'a str,
    request: ChatRequest,
    open: impl FnOnce(ChatRequest) -> Chunks<'a, MessageChunk> + Send + 'a,
) -> Chunks<'a, MessageChunk> {
    Chunks::open(async move {
        budget.check(model)?;
        let charge = StreamCharge {
            budget,
            asked: model,
            answered: None,
            sent_tokens: estimate::input(&request),
            answered_tokens: 0,
            started: false,
            reported: None,
            charged: false,
        };
        let state = Some((open(request), charge));
        Ok(Chunks::new(stream::unfold(state, |state| async move {
            let (mut chunks, mut charge) = state?;
            match chunks.next().await {
                Some(Ok(chunk)) => {
                    charge.add(&chunk);
                    Some((Ok(chunk), Some((chunks, charge))))
                }
                Some(Err(error)) => {
                    if let Some(usage) = meter::usage_of(&error) {
                        (charge.reported, charge.started) = (Some(usage), true);
                    }
                    Some((Err(error), None))
                }
                None => charge.settle().err().map(|error| (Err(error), None)),
            }
        })))
    })
}

/// The usage of a stream so far. It is charged once, when the stream ends or is dropped.
struct StreamCharge<'a> {
    budget: &'a Budget,
    asked: &'a str,
    answered: Option<String>,
    /// Estimated.
    sent_tokens: u64,
    /// Estimated.
    answered_tokens: u64,
    started: bool,
    reported: Option<Usage>,
    charged: bool,
}

impl StreamCharge<'_> {
    fn add(&mut self, chunk: &MessageChunk) {
        self.started = true;
        self.reported = chunk.usage().or(self.reported);
        if let Some(model) = chunk.model() {
            self.answered = Some(model.to_owned());
        }
        let calls = chunk.tool_calls.iter().map(|call| estimate::text(&call.arguments));
        self.answered_tokens =
            calls.fold(self.answered_tokens.saturating_add(estimate::text(&chunk.text)), u64::saturating_add);
    }

    fn settle(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.charged, true) {
            return Ok(());
        }
        let usage = self.reported.unwrap_or_else(|| Usage::new(self.sent_tokens, self.answered_tokens));
        self.budget.charge(self.answered.as_deref(), self.asked, usage)
    }
}

impl Drop for StreamCharge<'_> {
    fn drop(&mut self) {
        if self.started {
            // If the budget is exceeded, the next call fails.
            let _ = self.settle();
        }
    }
}
