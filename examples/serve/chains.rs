//! The chains.

use crate::{
    excursion::{trains, weather},
    models::Models,
};
use catena::{Result, prelude::*};
use catena_llm::{
    Agent, AgentEvent, EmbeddingModel, Message, MessageChunk, Messages, Model, Reasoning, prompt,
    retrieval::{Bm25, Document, FormatDocuments, Fuse, Retrieve, VectorIndex},
    tools,
};
use futures_util::{Stream, TryStreamExt, future::ready};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A question for three models.
#[derive(Clone, Deserialize, JsonSchema, Record)]
pub(crate) struct Question {
    /// What to ask.
    text: String,
}

/// What three models say.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Comparison {
    gpt: String,
    claude: String,
    /// Empty if Gemini did not answer.
    gemini: Option<String>,
    /// How many answers are the same but for their spelling.
    agreeing: usize,
}

/// Asks three models at once. Gemini may fail.
pub(crate) fn compare(models: &Models) -> impl Runnable<Question, Output = Comparison> + use<> {
    let within = Duration::from_secs(30);
    let [gpt, claude, gemini] =
        [&models.gpt, &models.claude, &models.gemini].map(|model| model.clone().timeout(within).retry(3));
    chain!(Question =>
        prompt!(system: "Answer in one plain sentence.", user: "{text}")
        | <gpt: gpt, claude: claude, gemini?: gemini>
        | comparison
    )
}

#[runnable]
fn comparison(gpt: Message, claude: Message, gemini: Result<Message>) -> Comparison {
    let gemini = gemini.ok();
    let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let answers: Vec<String> =
        [Some(&gpt), Some(&claude), gemini.as_ref()].into_iter().flatten().map(|a| plain(a.text())).collect();
    let agreeing = answers.iter().map(|one| answers.iter().filter(|other| *other == one).count()).max().unwrap_or(0);
    let text = |answer: Message| answer.text().to_owned();
    Comparison { gpt: text(gpt), claude: text(claude), gemini: gemini.map(text), agreeing }
}

/// An answer, and the passages that it is from.
#[derive(Record, Serialize)]
pub(crate) struct Answered {
    answer: Message,
    found: Vec<Document>,
}

/// Answers from texts: looked up by words and by vectors at once.
pub(crate) fn rag(
    words: Bm25,
    vectors: VectorIndex<EmbeddingModel>,
    model: &Model,
) -> impl Runnable<String, Output = Answered> + use<> {
    let model = model.clone().timeout(Duration::from_secs(30)).retry(3);
    chain!(String =>
        <
            found: <words: Retrieve::new(words).top(8), vectors: Retrieve::new(vectors).top(8)> | Fuse::by_rank().same_by_content().top(3),
            question: _,
        >
        | <
            answer: <context: .found | FormatDocuments, question: .question>
                | prompt!(system: "Answer in one or two sentences, from these passages alone.\n\n{context}", user: "{question}")
                | model,
            found: .found,
        > as Answered
    )
}

/// What an agent says, as it says it.
#[runnable]
fn said(events: impl Stream<Item = Result<AgentEvent>> + Send) -> impl Stream<Item = Result<MessageChunk>> + Send {
    events.try_filter_map(|event| {
        ready(Ok(match event {
            AgentEvent::Text(text) => Some(MessageChunk::text(text)),
            AgentEvent::Reasoning(text) => Some(MessageChunk::reasoning(Reasoning::new(text))),
            _ => None,
        }))
    })
}

/// Plans an excursion. It takes a conversation and gives a message, so that it is a model for OpenAI's clients.
pub(crate) fn agent(model: &Model) -> Result<impl Runnable<Messages, Output = Message> + use<>> {
    let agent = Agent::new(model.clone().timeout(Duration::from_secs(30)).retry(3))
        .tools(tools![weather, trains]?)
        .instructions("You plan excursions from Zurich. Look everything up before you answer.")
        .max_steps(8)
        .time_limit(Duration::from_mins(2));
    Ok(chain!(Messages => agent | said))
}
