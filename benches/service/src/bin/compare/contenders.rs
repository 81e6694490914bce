//! The comparison as a chain, and by hand.

use crate::{
    Models,
    timed::{Clock, Timed},
};
use catena::{Context, Result, prelude::*};
use catena_llm::{Chat, ChatModel, ChatRequest, Message, prompt};
use futures_util::{Stream, TryStreamExt, future::try_join3, stream::select_all};
use std::{future::Future, pin::pin, time::Instant};

/// Three models asked the same.
pub trait Compare {
    /// All of it.
    fn whole(&self, question: String) -> impl Future<Output = Result<String>>;
    /// Streamed to its end: when the first piece of any answer was there.
    fn first(&self, question: String) -> impl Future<Output = Result<Instant>>;
}

#[runnable]
fn merge(gpt: Message, claude: Message, gemini: Message) -> String {
    format!("{gpt}\n{claude}\n{gemini}")
}

fn timed<'a>(models: &Models, clock: &'a Clock) -> [Timed<'a>; 3] {
    [&models.gpt, &models.claude, &models.gemini].map(|model| Timed { model: model.model().clone(), clock })
}

/// To its end, and when its first piece was there.
async fn first<T>(chunks: impl Stream<Item = Result<T>>) -> Result<Instant> {
    let (mut chunks, mut first) = (pin!(chunks), None);
    while chunks.try_next().await?.is_some() {
        first.get_or_insert_with(Instant::now);
    }
    first.ok_or_else(|| catena::Error::msg("nothing was said"))
}

struct Chain<W, S> {
    whole: W,
    streamed: S,
}

pub fn chain<'a>(models: &Models, clock: &'a Clock) -> impl Compare + 'a {
    let [gpt, claude, gemini] = timed(models, clock).map(Chat::new);
    let whole = chain!(String =>
        prompt!("Answer in one sentence: {}") | <gpt: gpt, claude: claude, gemini: gemini> | merge
    );
    let [gpt, claude, gemini] = timed(models, clock).map(Chat::new);
    let streamed = chain!(String =>
        prompt!("Answer in one sentence: {}") | <gpt: gpt, claude: claude, gemini: gemini>
    );
    Chain { whole, streamed }
}

impl<W: Runnable<String, Output = String>, S: Runnable<String>> Compare for Chain<W, S> {
    async fn whole(&self, question: String) -> Result<String> {
        self.whole.invoke(question).await
    }

    async fn first(&self, question: String) -> Result<Instant> {
        first(self.streamed.stream(question)).await
    }
}

/// The models, asked by hand.
struct ByHand<'a> {
    models: [Timed<'a>; 3],
    cx: Context,
}

pub fn by_hand<'a>(models: &Models, clock: &'a Clock) -> impl Compare + 'a {
    ByHand { models: timed(models, clock), cx: Context::new() }
}

fn request(question: &str) -> ChatRequest {
    ChatRequest::new(format!("Answer in one sentence: {question}"))
}

impl Compare for ByHand<'_> {
    async fn whole(&self, question: String) -> Result<String> {
        let request = request(&question);
        let ask = |model: usize| self.models[model].complete(request.clone(), &self.cx);
        let (gpt, claude, gemini) = try_join3(ask(0), ask(1), ask(2)).await?;
        Ok(merge::function(gpt, claude, gemini))
    }

    async fn first(&self, question: String) -> Result<Instant> {
        let request = request(&question);
        first(select_all(self.models.iter().map(|model| model.stream(request.clone(), &self.cx)))).await
    }
}
