//! The chain: a message is sorted while its customer is looked up; then a person is called, or an agent answers.

use crate::db::Db;
use anyhow::Context as _;
use catena::{Config, Result, prelude::*};
use catena_llm::{
    Agent, AgentAnswer, Chat, ChatModel,
    memory::{HistoryExt, HistoryStore, SESSION},
    prompt, tool, tools,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A message of a customer.
#[derive(Clone, Record, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub(crate) customer: i64,
    pub(crate) text: String,
}

/// The model reads these docs, and answers with this type.
#[derive(Clone, Record, Serialize, Deserialize, JsonSchema)]
struct Verdict {
    urgency: Urgency,
    /// The subject, in three words.
    topic: String,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
enum Urgency {
    /// Danger, or money is being lost.
    Critical,
    Normal,
}

/// The verdict if no model can sort the message.
#[runnable]
fn unsorted(_prompt: &str) -> Verdict {
    Verdict { urgency: Urgency::Normal, topic: "not sorted".into() }
}

#[runnable]
fn call_a_person(verdict: &Verdict, name: &str) -> String {
    format!("{name}, a person will call you within minutes about: {}.", verdict.topic)
}

/// Says where an order is.
#[tool]
async fn order_status(order: i64, cx: &Context) -> anyhow::Result<String> {
    cx.get::<Db>().context("the run has no database")?.order(order).await
}

/// Answers a message, in the session of the run.
#[runnable]
pub(crate) fn support_desk(
    model: Chat<impl ChatModel + Clone + 'static>,
    backup: Chat<impl ChatModel + 'static>,
    db: Db,
    history: impl HistoryStore,
) -> Result<impl Runnable<Ask, Output = String, Chunk = String>> {
    let limit = Duration::from_secs(20);
    let sort = model.clone().structured::<Verdict>().timeout(limit).retry(2).fallback(unsorted);
    let agent = Agent::new(model.timeout(limit).retry(3).fallback(backup))
        .tools(tools![order_status]?)
        .instructions("You answer customers of a shop in two sentences. Look orders up.")
        .with_config(Config::new().with(db.clone()))
        .with_history(history, &SESSION);
    Ok(chain!(Ask =>
        <
            verdict: prompt!("Sort this message of a customer: {text}") | sort,
            name: async move |ask: &Ask| db.customer(ask.customer).await?,
            text: .text,
        >
        | match .verdict.urgency {
            Urgency::Critical => call_a_person,
            Urgency::Normal => prompt!("{name} writes: {text}") | agent | |said: AgentAnswer| said.answer.text().to_owned(),
        }
    ))
}
