use super::{Budget, charge};
use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk, model::same_as};
use catena::{Chunks, Context, Details, Result};

/// A model with a budget of its own; created by [`Chat::budgeted`]. A clone shares the budget.
#[derive(Clone, Debug)]
pub struct Budgeted<M> {
    model: M,
    budget: Budget,
}

impl<M: ChatModel> Chat<M> {
    /// Limits the cost of this model across all runs. The budget of a run applies as well. Several models can share a
    /// budget.
    ///
    /// ```
    /// use catena::RunnableExt;
    /// use catena_llm::{budget::Budget, testing::Scripted};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let day = Budget::tokens(20);
    /// let chat = Scripted::answers(["Good morning", "Good evening"]).chat().budgeted(&day);
    /// chat.invoke("Hello").await?;
    /// let error = chat.invoke("Hello, and a long question that takes tokens.").await.unwrap_err();
    /// assert!(error.message().starts_with("the budget of 20 tokens is exceeded"), "{error}");
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn budgeted(self, budget: impl Into<Budget>) -> Chat<Budgeted<M>> {
        self.map_model(|model| Budgeted { model, budget: budget.into() })
    }
}

impl<M: ChatModel> ChatModel for Budgeted<M> {
    same_as!(self, self.model);

    fn details(&self, details: &mut Details) {
        self.model.details(details);
        if let Some(cost) = self.budget.cost {
            details.set("budget", cost.to_string());
        }
        if let Some(tokens) = self.budget.tokens {
            details.set("budget_tokens", tokens);
        }
    }

    async fn complete(&self, request: ChatRequest, cx: &Context) -> Result<Message> {
        let ask = |request| self.model.complete(request, cx);
        charge::complete_under(&self.budget, self.model.name(), request, ask).await
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        charge::stream_under(&self.budget, self.model.name(), request, move |request| self.model.stream(request, cx))
    }
}
