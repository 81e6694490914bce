//! Asking a model under a budget.

use super::Budget;
use crate::{ChatModel, ChatRequest, Message, MessageChunk, Usage, estimate};
use catena::{Chunks, Context, Result};
use futures_util::{StreamExt, stream};

/// Ask under the run's budget, if it has one.
pub(crate) async fn complete<M: ChatModel>(model: &M, request: ChatRequest, cx: &Context) -> Result<Message> {
    match cx.get::<Budget>() {
        None => model.complete(request, cx).await,
        Some(budget) => complete_under(budget, model, request, cx).await,
    }
}

/// The same, streamed.
pub(crate) fn stream<'a, M: ChatModel>(
    model: &'a M,
    request: ChatRequest,
    cx: &'a Context,
) -> Chunks<'a, MessageChunk> {
    match cx.get::<Budget>() {
        None => model.stream(request, cx),
        Some(budget) => stream_under(budget, model, request, cx),
    }
}

pub(super) async fn complete_under<M: ChatModel>(
    budget: &Budget,
    model: &M,
    request: ChatRequest,
    cx: &Context,
) -> Result<Message> {
    budget.check(model.name())?;
    let sent = estimate::input(&request);
    let answer = model.complete(request, cx).await?;
    let usage = answer.usage().unwrap_or_else(|| Usage::new(sent, estimate::message(&answer)));
    budget.charge(answer.model(), model.name(), usage)?;
    Ok(answer)
}

pub(super) fn stream_under<'a, M: ChatModel>(
    budget: &'a Budget,
    model: &'a M,
    request: ChatRequest,
    cx: &'a Context,
) -> Chunks<'a, MessageChunk> {
    Chunks::open(async move {
        budget.check(model.name())?;
        let tab = Tab {
            budget,
            asked: model.name(),
            answered: None,
            sent: estimate::input(&request),
            said: 0,
            came: false,
            told: None,
            paid: false,
        };
        let state = Some((model.stream(request, cx), tab));
        Ok(Chunks::new(stream::unfold(state, |state| async move {
            let (mut chunks, mut tab) = state?;
            match chunks.next().await {
                Some(Ok(chunk)) => {
                    tab.note(&chunk);
                    Some((Ok(chunk), Some((chunks, tab))))
                }
                Some(Err(error)) => Some((Err(error), None)),
                None => tab.pay().err().map(|error| (Err(error), None)),
            }
        })))
    })
}

/// What a stream has taken so far. It is charged once, at its end or wherever it is dropped.
struct Tab<'a> {
    budget: &'a Budget,
    asked: &'a str,
    answered: Option<String>,
    /// Estimated.
    sent: u64,
    /// Estimated.
    said: u64,
    came: bool,
    told: Option<Usage>,
    paid: bool,
}

impl Tab<'_> {
    fn note(&mut self, chunk: &MessageChunk) {
        self.came = true;
        self.told = chunk.usage().or(self.told);
        if let Some(model) = chunk.model() {
            self.answered = Some(model.to_owned());
        }
        let calls = chunk.tool_calls.iter().map(|call| estimate::text(&call.arguments));
        self.said = calls.fold(self.said.saturating_add(estimate::text(&chunk.text)), u64::saturating_add);
    }

    fn pay(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.paid, true) {
            return Ok(());
        }
        let usage = self.told.unwrap_or_else(|| Usage::new(self.sent, self.said));
        self.budget.charge(self.answered.as_deref(), self.asked, usage)
    }
}

impl Drop for Tab<'_> {
    fn drop(&mut self) {
        if self.came {
            // Over the limit or not: the next one who asks finds out.
            let _ = self.pay();
        }
    }
}
