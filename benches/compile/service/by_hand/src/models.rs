//! The models, and how they are asked.

use catena::{Context, Error, ErrorKind, Result};
use catena_llm::{
    ChatModel, ChatRequest, FinishReason, Message, MessageChunk, Model, ProviderModel, anthropic, gemini, openai,
};
use futures_util::StreamExt;
use std::{future::Future, time::Duration};
use tokio::{sync::mpsc::Sender, time::timeout};
use tracing::Instrument;

/// How long an answer may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);
const ATTEMPTS: u32 = 3;

/// The models of three providers.
pub(crate) struct Models {
    /// Answers most questions.
    pub(crate) gpt: ProviderModel,
    /// Stands in for it.
    pub(crate) claude: ProviderModel,
    /// Gives a third opinion.
    pub(crate) gemini: ProviderModel,
    /// The delay before the second attempt.
    pub(crate) retry_after: Duration,
}

impl Models {
    pub(crate) fn new([gpt, claude, gemini]: [Model; 3], retry_after: Duration) -> Self {
        let [gpt, claude, gemini] = [gpt, claude, gemini].map(|model| model.model().clone());
        Models { gpt, claude, gemini, retry_after }
    }

    /// The real ones, with the keys of the environment.
    pub(crate) fn from_environment() -> Result<Self> {
        let models = [
            openai("gpt-4o-mini").build()?,
            anthropic("claude-sonnet-4-5").build()?,
            gemini("gemini-2.5-flash").build()?,
        ];
        Ok(Models::new(models, Duration::from_millis(200)))
    }

    /// Asks the first model up to three times, then the second.
    pub(crate) async fn careful(&self, request: ChatRequest) -> Result<Message> {
        match self.retried(&self.gpt, &request, TIME_LIMIT).await {
            Ok(answer) => Ok(answer),
            Err(error) => {
                tracing::warn!(%error, "another model is asked");
                ask(&self.claude, request, TIME_LIMIT).await
            }
        }
    }

    /// Asks a model up to three times.
    pub(crate) async fn retried(
        &self,
        model: &ProviderModel,
        request: &ChatRequest,
        limit: Duration,
    ) -> Result<Message> {
        let mut attempt = 1;
        loop {
            match ask(model, request.clone(), limit).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.before_next(&mut attempt, error).await?,
            }
        }
    }

    /// Hands on the pieces of an answer. Until there is a first one, it tries again, and asks the second model in the end.
    pub(crate) async fn careful_stream(
        &self,
        request: ChatRequest,
        out: &Sender<Result<MessageChunk>>,
    ) -> Result<String> {
        let mut attempt = 1;
        loop {
            let mut begun = false;
            match in_time(TIME_LIMIT, hand_on(&self.gpt, request.clone(), out, &mut begun)).await {
                Ok(text) => return Ok(text),
                Err(error) if begun => return Err(error),
                Err(error) => {
                    if self.before_next(&mut attempt, error).await.is_err() {
                        return in_time(TIME_LIMIT, hand_on(&self.claude, request, out, &mut begun)).await;
                    }
                }
            }
        }
    }

    /// Waits before the next attempt, if there is one.
    async fn before_next(&self, attempt: &mut u32, error: Error) -> Result<()> {
        if *attempt == ATTEMPTS || !error.is_retryable() {
            return Err(error);
        }
        let delay = self.retry_after * 2_u32.pow(*attempt - 1);
        tokio::time::sleep(error.retry_after().unwrap_or_default().max(delay)).await;
        *attempt += 1;
        Ok(())
    }
}

/// Asks a model once.
pub(crate) async fn ask(model: &ProviderModel, request: ChatRequest, limit: Duration) -> Result<Message> {
    let cx = Context::new();
    let span = tracing::info_span!("model", name = model.name());
    let answer = in_time(limit, model.complete(request, &cx).instrument(span)).await?;
    match answer.finish_reason() {
        Some(FinishReason::Length) if !answer.tool_calls().is_empty() => {
            Err(Error::msg("the call of a tool was cut off"))
        }
        _ => Ok(answer),
    }
}

async fn hand_on(
    model: &ProviderModel,
    request: ChatRequest,
    out: &Sender<Result<MessageChunk>>,
    begun: &mut bool,
) -> Result<String> {
    let cx = Context::new();
    let mut chunks = model.stream(request, &cx);
    let mut text = String::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        *begun = true;
        text.push_str(&chunk.text);
        if out.send(Ok(chunk)).await.is_err() {
            return Err(Error::new(ErrorKind::Cancelled, "the client has left"));
        }
    }
    Ok(text)
}

async fn in_time<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = || Error::new(ErrorKind::Timeout { after: limit }, format!("no answer within {limit:?}"));
    timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
}
