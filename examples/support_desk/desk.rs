//! The chain: sorts a message and looks the customer up, at once; then a person is called, or an agent answers.

use crate::db::Db;
use catena::{Error, Result, prelude::*};
use catena_llm::{
    Agent, AgentAnswer, Chat, ChatModel,
    memory::{HistoryExt, HistoryStore, SESSION},
    prompt, tool_fn, tools,
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

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Urgency {
    /// Danger, or money is being lost.
    Critical,
    Normal,
}

/// The model is given these docs, and answers with this type.
#[derive(Clone, Record, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Verdict {
    pub(crate) urgency: Urgency,
    /// The subject, in three words.
    pub(crate) topic: String,
}

/// The arguments of a tool.
#[derive(Deserialize, JsonSchema)]
struct OrderStatus {
    /// The number of the order.
    order: i64,
}

/// The verdict if no model can sort the message: it waits its turn.
#[runnable]
fn unsorted(_prompt: &str) -> Verdict {
    Verdict { urgency: Urgency::Normal, topic: "not sorted".into() }
}

#[runnable]
fn call_a_person(verdict: &Verdict, name: &str) -> String {
    format!("{name}, a person will call you within minutes about: {}.", verdict.topic)
}

/// Answers a customer, in the session of the run.
#[runnable]
pub(crate) fn support_desk<M, B>(
    model: Chat<M>,
    backup: Chat<B>,
    db: Db,
    history: impl HistoryStore + 'static,
) -> Result<impl Runnable<Ask, Output = String> + 'static>
where
    M: ChatModel + Clone + 'static,
    B: ChatModel + 'static,
{
    let limit = Duration::from_secs(20);
    let orders = db.clone();
    let order_status = tool_fn("order_status", "Says where an order is.", move |OrderStatus { order }| {
        let orders = orders.clone();
        async move { orders.order(order).await.map_err(Error::other) }
    });
    let agent = Agent::new(model.clone().timeout(limit).retry(3).fallback(backup))
        .tools(tools![order_status]?)
        .instructions("You answer customers of a shop in two sentences. Look orders up.")
        .max_steps(5)
        .with_history(history, &SESSION);
    let sort = model.structured::<Verdict>().timeout(limit).retry(2).fallback(unsorted);

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
