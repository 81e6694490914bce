//! An agent that looks up orders and prices.

use crate::{app::App, failure::Failure, models::Models};
use axum::{Json, extract::State};
use catena::prelude::*;
use catena_llm::{Agent, AgentAnswer, Role, tool, tools};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

#[derive(Deserialize)]
pub(crate) struct Question {
    question: String,
}

#[derive(Serialize)]
pub(crate) struct Answer {
    answer: String,
    steps: u32,
    calls: usize,
}

#[derive(Serialize)]
pub(crate) struct Order {
    order: u32,
    status: &'static str,
}

/// Where an order is.
#[tool(timeout = "2s", idempotent)]
async fn order_status(
    /// The number of the order.
    order: u32,
) -> catena::Result<Order> {
    match order {
        0 => Err(catena::Error::msg("there is no order 0")),
        order if order % 2 == 0 => Ok(Order { order, status: "shipped" }),
        order => Ok(Order { order, status: "packed" }),
    }
}

/// What it costs to send a parcel, in cents.
#[tool(idempotent)]
fn postage(
    /// The country, by its English name.
    country: &str,
    /// Its weight; one kilogram, if it is left out.
    kilograms: Option<u32>,
) -> u32 {
    let base = if country == "Switzerland" { 700 } else { 1900 };
    base + 150 * kilograms.unwrap_or(1)
}

pub(crate) fn agent(models: &Models) -> catena::Result<impl Runnable<String, Output = AgentAnswer> + use<>> {
    Ok(Agent::new(models.careful())
        .tools(tools![order_status, postage]?)
        .instructions("You work at the help desk of a shop. Look everything up before you answer.")
        .max_steps(5)
        .time_limit(Duration::from_mins(1)))
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Json(Question { question }): Json<Question>,
) -> Result<Json<Answer>, Failure> {
    let found = app.assistant.invoke_with(question, app.run("assistant")).await?;
    let calls = found.messages.iter().filter(|message| *message.role() == Role::Tool).count();
    Ok(Json(Answer { answer: found.answer.text().to_owned(), steps: found.steps, calls }))
}
