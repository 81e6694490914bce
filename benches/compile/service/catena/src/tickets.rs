//! A customer's letter, read as a ticket, and handled by its topic.

use crate::{app::App, failure::Failure, models::Models};
use axum::{Json, extract::State};
use catena::prelude::*;
use catena_llm::{parser, prompt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// What a letter is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Ticket {
    topic: Topic,
    /// The number of the order, if the letter has one.
    order: Option<u32>,
    /// What the customer wants, in one sentence.
    wish: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Topic {
    Delivery,
    Refund,
    Product,
    Other,
}

#[derive(Serialize)]
pub(crate) struct Handled {
    ticket: Ticket,
    answer: String,
}

#[derive(Deserialize)]
pub(crate) struct Letter {
    text: String,
}

pub(crate) fn chain(models: &Models) -> impl Runnable<String, Output = Handled> + use<> {
    let Models { gpt, claude, .. } = models;
    let read = gpt.clone().structured::<Ticket>().fix_with(claude.clone().timeout(Duration::from_secs(20)));
    let handle = chain!(Ticket =>
        match {
            Ticket { topic: Topic::Delivery, order: Some(order), .. } => delivery,
            Ticket { topic: Topic::Refund, wish, .. } =>
                prompt!("Refuse this politely, and offer a voucher: {}") | models.careful() | parser::text(),
            Ticket { topic: Topic::Product, wish, .. } =>
                prompt!(system: "You know all products of the shop.", user: "{}") | models.careful() | parser::text(),
            _ => |_| "A colleague will answer you tomorrow.".to_owned(),
        }
    );
    chain!(String =>
        prompt!(system: "Read this letter to a shop.", user: "{}")
        | read.timeout(Duration::from_mins(1))
        | <ticket: _, answer: handle> as Handled
    )
}

#[runnable]
fn delivery(order: u32) -> String {
    format!("Order {order} will be with you in {} days.", 1 + order % 3)
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Json(Letter { text }): Json<Letter>,
) -> Result<Json<Handled>, Failure> {
    Ok(Json(app.handle.invoke_with(text, app.run("ticket")).await?))
}
